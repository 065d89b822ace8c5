"""The Home page: the machine, and a way to every other page."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from tests.conftest import ROOT
from tests.pages.live import send, sent
from vae_core.runs import catalogue

MACHINE = state.HOME_MACHINE
JOURNEY = ["learn", "sliders", "map", "interpolate", "kl_weight", "compare", "train", "models"]


def opened(shown: str | None = None) -> AppTest:
    page = AppTest.from_file(str(ROOT / "router.py"), default_timeout=60)
    if shown is not None:
        page.query_params[state.HOME_MODEL] = shown
    page.run()
    assert not page.exception
    return page


def doors(page: AppTest) -> list[str]:
    return [str(link.proto.page) for link in page.get("page_link")]


def test_the_machine_is_of_digits_with_a_picture_of_each_class_and_a_map_of_the_codes() -> None:
    data = sent(opened(), MACHINE)
    assert "/mnist-2d/" in data["model"]["weights"]
    assert {name.partition("class ")[2] for name in data["names"]} == {str(digit) for digit in range(10)}
    assert len(base64.b64decode(data["images"])) == len(data["names"]) * 28 * 28
    assert len(data["points"]["xy"]) == 2 * len(data["points"]["classes"]) == 4000
    assert sorted(dimension["index"] for dimension in data["dims"]) == [0, 1]
    assert data["ground"] == [0]
    assert data["regions"] is None


def test_what_was_drawn_is_there_after_a_visit_elsewhere_and_nonsense_is_refused() -> None:
    page = opened()
    assert sent(page, MACHINE)["picture"] is None
    drawn = base64.b64encode(np.full((1, 28, 28), 9, np.uint8).tobytes()).decode()
    send(page, MACHINE, {"kind": "drawn", "pixels": drawn})
    send(page, MACHINE, {"kind": "drawn", "pixels": drawn[:-4]})
    assert any("did not arrive whole" in text.value for text in page.text)
    page.switch_page("pages/models.py").run()
    page.switch_page("pages/home.py").run()
    assert sent(page, MACHINE)["picture"] == drawn


def test_a_link_shows_the_faces() -> None:
    data = sent(opened("Faces"), MACHINE)
    assert "/faces" in data["model"]["weights"]
    assert data["shape"] == [3, 64, 64]
    assert len(data["dims"]) == 16
    assert len(data["view"]["axes"]) == 2


def test_where_the_browser_cannot_draw_a_sentence_says_so_and_the_doors_stay() -> None:
    page = send(opened(), MACHINE, {"kind": "failed", "reason": "No canvas."})
    assert any("does not work in this browser. No canvas." in text.value for text in page.text)
    assert doors(page) == JOURNEY


def test_the_doors_lead_on_in_the_order_of_the_journey_with_the_model_that_is_shown() -> None:
    page = opened()
    assert doors(page) == JOURNEY
    assert page.get("page_link")[0].proto.query_string == "model=mnist-2d"
    page.session_state[state.MODEL] = "digits-2d"
    assert not page.run().get("page_link")[0].proto.query_string


def test_without_any_model_the_ways_are_still_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "models", dict)
    assert doors(opened()) == JOURNEY


def test_any_model_stands_in_for_the_two(monkeypatch: pytest.MonkeyPatch) -> None:
    only = {"digits-2d": catalogue.models()["digits-2d"]}
    monkeypatch.setattr(catalogue, "models", lambda: only)
    assert "/digits-2d/" in sent(opened(), MACHINE)["model"]["weights"]
