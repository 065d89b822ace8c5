"""The Home page: the idea, live, and a way to every other page."""

from __future__ import annotations

import re
import subprocess
import sys

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from tests.conftest import ROOT
from tests.pages.live import send, sent
from vae_core.analysis import explore
from vae_core.data import faces
from vae_core.runs import catalogue

DECK = state.HOME_DECK


def opened() -> AppTest:
    page = AppTest.from_file(str(ROOT / "router.py"), default_timeout=60).run()
    assert not page.exception
    return page


def pictures(page: AppTest) -> list[str]:
    """What is sent of each picture; its address is a hash of its content."""
    return [str(picture.proto) for picture in page.get("image")]


def test_the_deck_has_the_two_dimensions_that_say_most_and_keeps_where_they_were_moved() -> None:
    page = opened()
    deck = sent(page, DECK)
    shown = [dimension["index"] for dimension in deck["dims"]]
    model = catalogue.load("faces-beta-1").model
    posterior = explore.encode(model, faces.generate(cache.WELCOME_PICTURES, seed=1).pixels)
    information = posterior.kl().mean(axis=0)
    assert shown == np.argsort(-information)[:2].tolist()
    moved = [*deck["z"]]
    moved[deck["dims"][0]["index"]] = 0.5
    send(page, DECK, {"kind": "move", "z": moved})
    assert sent(page, DECK)["z"] == moved != deck["z"]
    page.switch_page("pages/models.py").run()
    page.switch_page("pages/home.py").run()
    assert sent(page, DECK)["z"] == moved


def test_another_image_brings_its_own_code() -> None:
    page = opened()
    first = sent(page, DECK)["z"]
    send(page, DECK, {"kind": "move", "z": [0.0] * len(first)})
    next(button for button in page.button if button.label == "Another image").click().run()
    assert not page.exception
    assert sent(page, DECK)["z"] not in (first, [0.0] * len(first))
    assert sent(page, DECK)["z"] == sent(page, DECK)["start"]["z"]


def test_where_the_browser_cannot_draw_two_plain_sliders_stand_in() -> None:
    page = send(opened(), DECK, {"kind": "failed", "reason": "No canvas."})
    before = pictures(page)
    slider = page.slider[0]
    slider.set_value(slider.min if slider.value > (slider.min + slider.max) / 2 else slider.max).run()
    changed = [old != new for old, new in zip(before, pictures(page), strict=True)]
    assert changed.count(True) == 1
    assert len(page.slider) == 2


def test_the_animation_can_be_paused() -> None:
    page = opened()
    moving = pictures(page)[-1]
    page.toggle(key=state.HOME_PAUSED).set_value(True).run()
    still = pictures(page)[-1]
    assert "changes smoothly" in moving
    assert "standing still" in still
    assert re.findall("url: .*", moving) != re.findall("url: .*", still)


def test_every_page_is_one_click_away() -> None:
    links = {str(link.proto.page) for link in opened().get("page_link")}
    assert links == {"train", "models", "map", "sliders", "interpolate", "kl_weight"}


def test_without_any_model_the_ways_are_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "models", dict)
    assert len(opened().get("page_link")) == 7


@pytest.mark.parametrize("model", ["digits-2d", "mnist-2d"])
def test_any_model_stands_in_for_the_faces(monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    only = {model: catalogue.models()[model]}
    monkeypatch.setattr(catalogue, "models", lambda: only)
    page = opened()
    assert len(sent(page, DECK)["dims"]) == 2
    assert any(only[model].name == text.value for text in page.text)


def test_the_first_page_waits_for_no_slow_import() -> None:
    script = (
        "import sys\nfrom streamlit.testing.v1 import AppTest\n"
        "assert not AppTest.from_file('router.py', default_timeout=60).run().exception\n"
        "print(sorted({'umap', 'sklearn', 'numba'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
