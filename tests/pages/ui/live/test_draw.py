"""The canvas: what Python takes from a browser, what it keeps, and what it tells the canvas."""

from __future__ import annotations

import base64

import numpy as np
import pytest
from numpy.typing import NDArray
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from pages.ui.ground.state import CODE, SLIDERS_START
from tests.pages.live import send, sent
from tests.pages.steps import choose_model, open_page
from vae_core import data
from vae_core.analysis import explore
from vae_core.data.images import png_bytes
from vae_core.runs import catalogue

FLAT, WIDE = "digits-2d", "mnist-16d"
OWN = state.SLIDERS_OWN
CANVAS = state.part(OWN, state.PART_CANVAS)


def in_base64(pixels: NDArray[np.uint8]) -> str:
    return base64.b64encode(pixels.tobytes()).decode()


def canvas_of(model: str = FLAT) -> AppTest:
    return to_canvas(open_page("sliders", model=model))


def to_canvas(page: AppTest) -> AppTest:
    page.button_group(key=SLIDERS_START).set_value("Own image").run()
    page.button_group(key=state.part(OWN, state.PART_WAY)).set_value("Draw").run()
    assert not page.exception
    return page


def code(page: AppTest) -> str:
    assert not page.exception
    text = page.text_input(key=CODE).value
    assert text is not None
    return text


def code_of(pixels: NDArray[np.uint8], model: str = FLAT) -> str:
    return explore.format_code(explore.encode(catalogue.load(model).model, pixels[None]).mean[0])


def test_an_empty_canvas_leaves_the_code_alone_and_knows_what_to_begin_with() -> None:
    page = canvas_of()
    told = sent(page, CANVAS)
    assert (told["picture"], told["shape"], told["ground"]) == (None, [1, 8, 8], [0])
    assert sorted(told["order"]) == [0, 1]
    assert code(page) == code_of(data.load("digits").pixels[0])


def test_a_drawing_is_encoded_from_its_exact_pixels() -> None:
    pixels = data.load("digits").pixels[7]
    page = send(canvas_of(), CANVAS, {"kind": "drawn", "pixels": in_base64(pixels)})
    assert code(page) == code_of(pixels)
    assert sent(page, CANVAS)["picture"] == in_base64(pixels)


@pytest.mark.parametrize("event", [{"kind": "drawn", "pixels": "AAAA"}, {"kind": "drawn"}])
def test_a_corrupted_drawing_is_refused_once_and_the_one_before_stays(event: dict[str, str]) -> None:
    pixels = data.load("digits").pixels[7]
    page = send(canvas_of(), CANVAS, {"kind": "drawn", "pixels": in_base64(pixels)})
    send(page, CANVAS, event)
    assert any("did not arrive whole" in text.value for text in page.text)
    assert code(page) == code_of(pixels)
    assert sent(page, CANVAS)["picture"] == in_base64(pixels)
    page.run()
    assert not any("did not arrive whole" in text.value for text in page.text)


def test_another_kind_of_event_changes_nothing() -> None:
    page = canvas_of()
    before = code(page)
    send(page, CANVAS, {"kind": "failed", "reason": "no canvas", "pixels": in_base64(data.load("digits").pixels[7])})
    assert code(page) == before
    assert sent(page, CANVAS)["picture"] is None


def test_an_upload_can_be_painted_on() -> None:
    pixels = data.load("digits").pixels[7]
    page = canvas_of()
    page.button_group(key=state.part(OWN, state.PART_WAY)).set_value("File").run()
    assert not any(button.key == state.part(OWN, state.PART_PAINT) for button in page.button)
    page.file_uploader(key=state.part(OWN, state.PART_UPLOAD)).upload("mine.png", png_bytes(pixels), "image/png").run()
    page.button(key=state.part(OWN, state.PART_PAINT)).click().run()
    assert sent(page, CANVAS)["picture"] == in_base64(pixels)
    assert code(page) == code_of(pixels)


def test_a_drawing_is_kept_over_a_change_of_pages() -> None:
    pixels = data.load("digits").pixels[7]
    page = send(canvas_of(), CANVAS, {"kind": "drawn", "pixels": in_base64(pixels)})
    page.switch_page("pages/home.py").run()
    page.switch_page("pages/sliders.py").run()
    page.button_group(key=SLIDERS_START).set_value("Own image").run()
    assert page.button_group(key=state.part(OWN, state.PART_WAY)).value == "Draw"
    assert sent(page, CANVAS)["picture"] == in_base64(pixels)


def test_one_drawing_is_kept_for_each_size_of_image() -> None:
    pixels = data.load("digits").pixels[7]
    page = send(canvas_of(), CANVAS, {"kind": "drawn", "pixels": in_base64(pixels)})
    choose_model(page, WIDE)
    told = sent(page, CANVAS)
    assert (told["picture"], told["shape"], told["ground"]) == (None, [1, 28, 28], [0])
    assert len(told["order"]) == 16
    wide = np.random.default_rng(0).integers(0, 256, (1, 28, 28), dtype=np.uint8)
    send(page, CANVAS, {"kind": "drawn", "pixels": in_base64(wide)})
    assert code(page) == code_of(wide, WIDE)
    choose_model(page, FLAT)
    assert sent(page, CANVAS)["picture"] == in_base64(pixels)
    assert code(page) == code_of(pixels)
