"""The language of the menu and of the live parts: the browser's, until another is chosen; and no title of the menu is missing."""

from __future__ import annotations

import re

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.ground import language, state
from tests.conftest import ROOT
from tests.pages.live import sent
from tests.pages.steps import open_page
from vae_core.base.translation import sections


@pytest.mark.parametrize("spoken", language.LANGUAGES[1:])
def test_the_menu_has_every_title_and_every_help_in_each_language(spoken: str) -> None:
    code = "".join((ROOT / file).read_text("utf-8") for file in ("router.py", "pages/ui/screens/classroom/menu.py"))
    wanted = set(re.findall(r'in_menu\("([^"]+)"\)', code)) | set(re.findall(r'hint = "([^"]+)"', code))
    assert len(wanted) == 22
    assert set(sections("app/menu", spoken)) == wanted
    assert not re.search(r'(?<!page_)(title|help)="', code)  # none is written past the dictionary


def dictionary(page: AppTest) -> str:
    return str(sent(page, state.LEARN_MACHINE)["dictionary"])


def test_the_live_parts_speak_the_language_that_is_chosen() -> None:
    page = open_page("learn", **{state.LEARN_STEP: "Regions"})
    assert dictionary(page) == "None"
    page.segmented_control(key=state.LEARN_LANGUAGE).set_value("de").run()
    assert dictionary(page).endswith("/kit/german.js")
    assert page.session_state[state.SHARED_LANGUAGE] == "de"  # and so do those of all other pages


def test_before_a_choice_it_is_the_browsers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(language, "of_browser", lambda: "de")
    monkeypatch.setattr(state, "get", lambda key: None)
    assert language.spoken() == "de"
    assert language.in_menu("Compare") == "Vergleich"
