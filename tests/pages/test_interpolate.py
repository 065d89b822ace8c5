"""The Interpolate page: two ends, the way between them, what is dragged in the browser, and what its captions say of it."""

from __future__ import annotations

import base64
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from pages.ui.ground.choice import gallery_image
from pages.ui.ground.state import (
    INTERPOLATE_FROM,
    INTERPOLATE_FROM_CODE,
    INTERPOLATE_PATH,
    INTERPOLATE_PLACE,
    INTERPOLATE_STEPS,
    INTERPOLATE_TO,
    INTERPOLATE_TO_CODE,
)
from tests import many
from tests.pages.live import send, sent
from tests.pages.steps import captions, choose_model, open_page
from vae_core import data
from vae_core.analysis import explore
from vae_core.data.images import png_bytes, strip_bytes
from vae_core.runs import catalogue

FLAT, WIDE = "digits-2d", "mnist-16d"
LIVE = state.INTERPOLATE_LIVE


def opened(model: str = FLAT, **parameters: str) -> AppTest:
    return open_page("interpolate", model=model, **parameters)


def code(row: int) -> list[float]:
    found: list[float] = explore.encode(catalogue.load(FLAT).model, data.load("digits").pixels[row : row + 1]).mean[0].tolist()
    return found


def place(row: int) -> str:
    x, y = code(row)
    return f"({x:.1f}, {y:.1f})".replace("-", "−")


def moved(page: AppTest, **event: object) -> AppTest:
    """The live path let go."""
    send(page, LIVE, {"kind": "walk", "t": 0.5, "a": None, "b": None, **event})
    assert not page.exception
    return page


def refusals(page: AppTest) -> list[str]:
    return [text.value for text in page.text if "Image" not in text.value]


def test_the_walk_begins_and_ends_at_the_codes_of_the_chosen_images() -> None:
    page = opened()
    assert f"from {place(0)} to {place(1)}" in captions(page)
    page.number_input(key=INTERPOLATE_FROM).set_value(12).run()
    page.number_input(key=INTERPOLATE_TO).set_value(0).run()
    assert f"from {place(12)} to {place(0)}" in captions(page)


@pytest.mark.parametrize("typed", ["spherical", "SPHERICAL"])
def test_the_path_in_an_address_may_be_typed_in_any_case(typed: str) -> None:
    page = opened(**{INTERPOLATE_PATH: typed})
    assert page.button_group(key=INTERPOLATE_PATH).value == "spherical"
    assert page.button_group(key=INTERPOLATE_PATH).set_value("linear").run().button_group(key=INTERPOLATE_PATH).value == "linear"


def test_a_link_restores_images_path_and_frames() -> None:
    page = opened(**{INTERPOLATE_FROM: "3", INTERPOLATE_TO: "0", INTERPOLATE_PATH: "Spherical", INTERPOLATE_STEPS: "30"})
    assert f"from {place(3)} to {place(0)}" in captions(page)
    assert page.button_group(key=INTERPOLATE_PATH).value == "spherical"
    assert sent(page, LIVE)["kind"] == "spherical"
    assert any("frames 25 to 30 of 30" in str(picture.proto) for picture in page.get("image"))


def test_the_browser_gets_the_walk_and_the_map() -> None:
    page = opened(**{INTERPOLATE_FROM: "3", INTERPOLATE_TO: "8"})
    told = sent(page, LIVE)
    assert (told["a"], told["b"], told["dragged"], told["kind"], told["t"]) == (code(3), code(8), [False, False], "linear", 0.5)
    assert told["titles"] == ["End A: Image 3, class 3", "End B: Image 8, class 8"]
    assert told["view"]["axes"] == [[1, 0], [0, 1]]
    points = told["points"]
    assert len(points["xy"]) == 2 * len(points["classes"]) == 2 * 1_797
    assert points["classes"][:5] == [0, 1, 2, 3, 4]
    assert np.allclose(points["xy"][:2], code(0), atol=6e-4)
    assert points["names"] == [str(digit) for digit in range(10)]
    assert told["drawn"] is None


def test_what_is_let_go_is_in_the_address_and_a_link_restores_it() -> None:
    page = moved(opened(), t=1.2, a=[0.5, -1.25], b=None)
    assert (page.query_params[INTERPOLATE_PLACE], page.query_params[INTERPOLATE_FROM_CODE]) == ("1.2", "0.5,-1.25")
    assert INTERPOLATE_TO_CODE not in page.query_params
    for restored in (page, opened(**{INTERPOLATE_PLACE: "1.2", INTERPOLATE_FROM_CODE: "0.5,-1.25"})):
        told = sent(restored, LIVE)
        assert (told["a"], told["b"], told["dragged"], told["t"]) == ([0.5, -1.25], code(1), [True, False], 1.2)
        assert told["titles"][0] == "End A: dragged away from Image 0, class 0"
        assert f"from (0.5, −1.2) to {place(1)}" in captions(restored)
        assert "You dragged A away" in captions(restored)


def test_the_frames_are_those_of_the_dragged_ends() -> None:
    page = moved(opened(**{INTERPOLATE_STEPS: "3"}), a=[0.5, -1.25], b=[2, 1])
    frames = explore.decode(catalogue.load(FLAT).model, np.array([[0.5, -1.25], [1.25, -0.125], [2, 1]], np.float32))
    strip = base64.b64encode(strip_bytes(frames, 1_100 // 3 // 8)).decode()
    assert any(strip in str(picture.proto) for picture in page.get("image"))


def test_ends_go_back_to_their_images() -> None:
    page = moved(opened(), t=0.75, a=[1, 1], b=[-1, -1])
    next(button for button in page.button if button.label == "Back to the images").click().run()
    told = sent(page, LIVE)
    assert (told["a"], told["b"], told["dragged"], told["t"]) == (code(0), code(1), [False, False], 0.75)
    assert INTERPOLATE_FROM_CODE not in page.query_params
    assert INTERPOLATE_TO_CODE not in page.query_params
    assert not [button for button in page.button if button.label == "Back to the images"]


def test_another_image_or_model_drops_a_dragged_end() -> None:
    page = moved(opened(), a=[1, 1], b=[-1, -1])
    page.number_input(key=INTERPOLATE_FROM).set_value(7).run()
    assert (sent(page, LIVE)["a"], sent(page, LIVE)["b"]) == (code(7), [-1, -1])
    choose_model(page, "mnist-2d")
    assert sent(page, LIVE)["dragged"] == [False, False]
    assert INTERPOLATE_TO_CODE not in page.query_params
    choose_model(page, WIDE)
    assert not page.exception
    assert len(sent(page, LIVE)["a"]) == 16


@pytest.mark.parametrize(
    ("event", "said"),
    [
        ({"t": 1.6}, "from -0.5 to 1.5, not '1.6'"),
        ({"t": float("nan")}, "not 'nan'"),
        ({"t": True}, "not 'True'"),
        ({"t": "<b>"}, "not '<b>'"),
        ({"t": None}, "not 'None'"),
        ({"a": [0, 0, 0]}, "The code has 3 numbers; this model takes 2."),
        ({"b": [0, 10.5]}, "'10.5' is not a number from -10 to 10."),
        ({"b": [0, float("inf")]}, "'inf' is not a number"),
        ({"a": "0,0"}, "no list of numbers"),
    ],
)
def test_what_no_sound_browser_sends_is_refused_whole(event: dict[str, object], said: str) -> None:
    page = moved(opened(), t=0.25, a=[1, 1])
    before = sent(page, LIVE)
    moved(page, **{"t": 0.75, "a": None, "b": [0, 0], **event})
    assert any(said in text for text in refusals(page))
    after = sent(page, LIVE)
    assert [after[name] for name in ("a", "b", "t")] == [before[name] for name in ("a", "b", "t")]
    page.run()
    assert refusals(page) == []


@pytest.mark.parametrize(
    ("parameter", "text", "said"),
    [
        (INTERPOLATE_PLACE, "9", "not '9.0'"),
        (INTERPOLATE_PLACE, "half", "not 'half'"),
        (INTERPOLATE_FROM_CODE, "1", "the code has 1 numbers"),
        (INTERPOLATE_TO_CODE, "1,x", "'x' is not a number"),
    ],
)
def test_nonsense_in_the_address_is_said_and_removed(parameter: str, text: str, said: str) -> None:
    page = opened(**{parameter: text})
    assert any(said in refusal for refusal in refusals(page))
    assert parameter not in page.query_params
    assert (sent(page, LIVE)["dragged"], sent(page, LIVE)["t"]) == ([False, False], 0.5)


def test_where_the_browser_fails_a_slider_stands_in() -> None:
    page = opened(**{INTERPOLATE_PLACE: "0.25"})
    send(page, LIVE, {"kind": "failed", "reason": "**No** canvas."})
    assert any("**No** canvas." in text.value for text in page.text)
    assert not page.get("bidi_component")
    slider = page.slider(key=state.part(LIVE, state.PART_SLIDER))
    assert slider.value == 0.25
    slider.set_value(1.5).run()
    assert page.query_params[INTERPOLATE_PLACE] == "1.5"
    a, b = np.array([code(0), code(1)], np.float32)
    picture = explore.decode(catalogue.load(FLAT).model, explore.along(a, b, np.array([1.5])))[0]
    assert any(base64.b64encode(png_bytes(picture, 32)).decode() in str(image.proto) for image in page.get("image"))
    next(button for button in page.button if button.label == "Try again").click().run()
    assert sent(page, LIVE)["t"] == 1.5


def test_uploads_take_the_place_of_data_images() -> None:
    page = opened()
    page.button_group(key=state.part(INTERPOLATE_FROM, state.PART_SOURCE)).set_value("Own image").run()
    assert any("Choose, upload or draw both images" in info.value for info in page.info)
    page.file_uploader(key=state.part(INTERPOLATE_FROM, state.PART_OWN, state.PART_UPLOAD)).upload(
        "a.png", png_bytes(data.load("digits").pixels[5]), "image/png"
    ).run()
    assert f"from {place(5)} to {place(1)}" in captions(page)


def test_the_test_images_of_mnist_can_all_be_chosen() -> None:
    page = opened(WIDE)
    assert page.number_input(key=INTERPOLATE_FROM).max == 9_999
    assert "test images of MNIST, which the model has not seen" in page.number_input(key=INTERPOLATE_FROM).help
    assert "2,000 of 10,000 codes" in captions(page)


def test_without_the_images_the_kept_codes_do(fresh_home: Path) -> None:
    assert opened(many.away(fresh_home).id).number_input(key=INTERPOLATE_FROM).max == 1_796


@pytest.mark.parametrize("model", [FLAT, WIDE, "faces-beta-1", "sprites"])
def test_every_kind_of_model_walks_both_ways(model: str) -> None:
    page = opened(model)
    for kind in ("linear", "spherical"):
        page.button_group(key=INTERPOLATE_PATH).set_value(kind).run()
        assert "The picture changes most from frame" in captions(page)


def test_the_cross_fade_explains_itself() -> None:
    page = opened()
    page.toggle(key=state.INTERPOLATE_FADE).set_value(True).run()
    assert "two ghosts" in captions(page)


def test_a_second_model_walks_between_its_own_codes_of_the_same_images() -> None:
    page = opened("mnist-2d", **{state.INTERPOLATE_TWIN: "mnist-16d"})
    told, first = sent(page, LIVE), catalogue.models()["mnist-2d"]
    pictures = np.stack([gallery_image(first, row).picture for row in (0, 1)])
    expected = explore.encode(catalogue.load("mnist-16d").model, pictures).mean
    assert np.array_equal(np.array([told["twin"]["a"], told["twin"]["b"]], np.float32), expected)
    assert told["name"] == first.name
    assert "its own codes of the same two images" in captions(page)
    choose_model(page, "sprites")  # which takes other images
    assert sent(page, LIVE)["twin"] is None


def test_the_originals_stand_beside_the_walk_where_they_are_at_hand(fresh_home: Path) -> None:
    images = data.load("digits").pixels[[0, 1]]
    assert sent(opened(), LIVE)["images"] == [base64.b64encode(image.tobytes()).decode() for image in images]
    assert sent(opened(many.away(fresh_home).id), LIVE)["images"] == [None, None]
