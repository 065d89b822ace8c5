"""The lesson on static pages tells the same answers and figures as the app's steps, of the same models."""

from __future__ import annotations

import pytest

from pages.ui.screens.learn import sheet
from pages.ui.screens.learn.found import Found
from tests.pages.test_learn import opened
from vae_core.cli.lesson_models import lesson_models
from vae_core.export import lesson_content
from vae_core.export.lesson_page import STEPS

TOLD = ("compress", "dream", "regions", "continuity", "tradeoff", "create")  # by Python; the others' figures are told by their scripts


@pytest.mark.slow
def test_figures_and_answers_of_the_static_lesson_are_the_apps(monkeypatch: pytest.MonkeyPatch) -> None:
    in_app: dict[str, Found] = {}
    monkeypatch.setattr(sheet, "remember", in_app.__setitem__)
    monkeypatch.setattr(lesson_content, "_SHARES", [0.1])  # the one step of the texts
    shared = lesson_content.shared(lesson_models())
    for key in TOLD:
        opened(key)
        on_page = STEPS[key](shared, lambda *_part: "")
        assert on_page.figures, key
        assert on_page.figures.items() <= in_app[key].figures.items(), key
        assert on_page.given["right"] == in_app[key].right, key
