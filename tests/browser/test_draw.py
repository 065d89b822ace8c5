"""The canvas in a browser: what the model makes of a drawing follows the brush, and Python gets exactly what was drawn."""

from __future__ import annotations

from functools import partial

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.live_map import pin
from tests.browser.steps import canvas_pixels, damage_models, grab, open_link, settle, until, upload, visit
from vae_core import data
from vae_core.analysis import explore
from vae_core.base.display import dimension_name
from vae_core.data.images import png_bytes
from vae_core.runs import catalogue

BOARD = "Your drawing"
REBUILT = "Reconstruction of your drawing"
DECK = "Decoded image at the code"
CLOSE = 1e-4
GREY_LEVEL = 1  # by which the browser's float32 sums may differ from torch's

Pixels = NDArray[np.uint8]


def open_canvas(page: Page, model: str = "digits-2d", *, more: str = "") -> None:
    """The canvas on the Sliders page, which is at the code 0 and so nowhere near a drawing."""
    page.goto(f"/sliders?model={model}&start=Own+image{more}")
    settle(page, seconds=90)  # the first use of the faces draws and encodes them all
    choose_to_draw(page)


def choose_to_draw(page: Page, place: int = 0) -> None:
    page.get_by_role("radio", name="Draw").nth(place).click()
    settle(page)
    board(page).last.wait_for()


def board(page: Page) -> Locator:
    return page.get_by_role("application", name=BOARD)


def drawn(page: Page) -> Pixels:
    """What is on the canvas, [H, W, 3]."""
    return canvas_pixels(page, BOARD, "application")


def as_input(shown: Pixels, model: str) -> Pixels:
    """The same as the model takes it, [C, H, W]."""
    return np.ascontiguousarray(shown.transpose(2, 0, 1)[: catalogue.models()[model].card.model.channels])


def place(page: Page, x: float, y: float, nth: int = 0) -> tuple[float, float]:
    """A place on the canvas, as parts of its width and height, on the screen."""
    board(page).nth(nth).scroll_into_view_if_needed()
    box = board(page).nth(nth).bounding_box()
    assert box is not None
    return box["x"] + x * box["width"], box["y"] + y * box["height"]


def press_at(page: Page, x: float, y: float) -> None:
    page.mouse.move(*place(page, x, y))
    page.mouse.down()


def stroke(page: Page, *points: tuple[float, float], nth: int = 0) -> None:
    """A whole stroke through these places."""
    page.mouse.move(*place(page, *points[0], nth))
    page.mouse.down()
    for point in points[1:]:
        page.mouse.move(*place(page, *point, nth))
    page.mouse.up()
    settle(page)


def tool(page: Page, name: str) -> None:
    page.locator(".draw").get_by_role("button", name=name, exact=True).click()
    settle(page)


def posterior(page: Page) -> list[str]:
    return page.locator(".draw .value").all_text_contents()


def code(page: Page) -> NDArray[np.float32]:
    text = page.get_by_role("textbox", name="Code").input_value()
    return np.array([float(part) for part in text.split(",")], np.float32)


def assert_agreed(page: Page, model: str) -> None:
    """Python's code is that of the canvas, and so are the reconstruction and the picture of the deck."""
    network = catalogue.load(model).model
    pixels = as_input(drawn(page), model)[None]
    mean = explore.encode(network, pixels).mean
    assert np.abs(code(page) - mean[0]).max() < CLOSE
    rebuilt = np.broadcast_to(explore.decode(network, mean)[0].transpose(1, 2, 0), drawn(page).shape)
    for label in (REBUILT, DECK):
        assert np.abs(canvas_pixels(page, label).astype(int) - rebuilt).max() <= GREY_LEVEL


@pytest.mark.parametrize("model", ["digits-2d"])
def test_reconstruction_posterior_and_deck_follow_the_stroke_and_python_agrees_on_release(page: Page, model: str) -> None:
    open_canvas(page, model)
    before = code(page)

    def seen() -> tuple[Pixels, ...]:
        return drawn(page), canvas_pixels(page, REBUILT), canvas_pixels(page, DECK)

    def all_have_moved_on(pictures: tuple[Pixels, ...], text: list[str]) -> bool:
        return posterior(page) != text and not any(np.array_equal(one, other) for one, other in zip(seen(), pictures, strict=True))

    press_at(page, 0.3, 0.2)
    for y in (0.5, 0.8):
        pictures, text = seen(), posterior(page)
        page.mouse.move(*place(page, 0.6, y))
        until(page, partial(all_have_moved_on, pictures, text))
    stroke = drawn(page)
    assert np.array_equal(code(page), before)
    page.mouse.up()
    settle(page)
    assert np.array_equal(drawn(page), stroke)
    assert_agreed(page, model)
    names = page.locator(".draw tbody th").all_text_contents()
    means = [float(text.split("±")[0].replace("−", "-")) for text in posterior(page)]
    expected = {dimension_name(dimension): mean for dimension, mean in enumerate(code(page).tolist())}
    assert dict(zip(names, means, strict=True)) == pytest.approx(expected, abs=0.006)
    expect(page.locator(".draw [aria-live]")).to_contain_text("Drawn. z")


def test_what_python_shows_of_a_drawing_is_the_canvas_to_the_last_pixel_and_two_canvases_do_not_mix(page: Page) -> None:
    open_link(page, "/interpolate?model=faces-beta-1")
    settle(page, seconds=90)
    for end in (0, 1):
        page.get_by_role("radio", name="Own image").nth(end).click()
        settle(page)
        choose_to_draw(page, end)
    tool_of = page.locator(".draw").nth(1).get_by_role("button", name="Fill", exact=True)
    tool_of.click()
    settle(page)
    stroke(page, (0.2, 0.3), (0.7, 0.4), (0.5, 0.9))
    pixels = drawn(page)
    assert len(np.unique(pixels)) > 4
    settle(page)
    first, second = (canvas_pixels(page, f"{end}: Your drawing, as it is") for end in "AB")
    assert np.array_equal(first, pixels)
    assert len(np.unique(second)) == 1


def test_undo_redo_clear_fill_and_erase_are_all_told_to_python(page: Page) -> None:
    open_canvas(page, "mnist-2d")
    expect(page.locator(".draw").get_by_label("Grey level")).to_be_visible()
    expect(page.locator(".draw").get_by_label("Colour", exact=True)).to_be_hidden()
    empty = drawn(page)
    assert not empty.any()
    pictures = [empty]
    for x in (0.3, 0.7):
        stroke(page, (x, 0.2), (x, 0.8))
        pictures.append(drawn(page))
        assert_agreed(page, "mnist-2d")
    tool(page, "Undo")
    assert np.array_equal(drawn(page), pictures[1])
    assert_agreed(page, "mnist-2d")
    page.keyboard.press("Control+z")
    settle(page)
    assert np.array_equal(drawn(page), empty)
    expect(page.locator(".draw").get_by_role("button", name="Undo")).to_be_disabled()
    tool(page, "Redo")
    page.keyboard.press("Control+Shift+z")
    settle(page)
    assert np.array_equal(drawn(page), pictures[2])
    assert_agreed(page, "mnist-2d")
    tool(page, "Erase")
    stroke(page, (0.3, 0.2), (0.3, 0.8))
    assert np.array_equal(drawn(page), np.where(pictures[1], 0, pictures[2]))
    assert_agreed(page, "mnist-2d")
    tool(page, "Clear")
    assert np.array_equal(drawn(page), empty)
    assert_agreed(page, "mnist-2d")
    page.locator(".draw").get_by_label("Grey level").fill("90")
    tool(page, "Fill")
    assert (drawn(page) == 90).all()
    assert_agreed(page, "mnist-2d")
    tool(page, "Undo")
    assert np.array_equal(drawn(page), empty)


def test_a_colour_set_is_drawn_in_colour_on_the_colour_behind_its_pictures(page: Page) -> None:
    open_canvas(page, "faces-beta-1")
    ground = drawn(page)
    assert len(np.unique(ground.reshape(-1, 3), axis=0)) == 1
    tool(page, "Red")
    tool(page, "Fill")
    assert (drawn(page) == (0xD6, 0x28, 0x28)).all()
    page.locator(".draw").get_by_label("Colour", exact=True).fill("#123456")
    page.locator(".draw").get_by_label("Brush width").fill("10")
    stroke(page, (0.5, 0.5), (0.6, 0.5))
    assert (drawn(page)[32, 35] == (0x12, 0x34, 0x56)).all()
    assert (drawn(page)[0, 0] == (0xD6, 0x28, 0x28)).all()
    assert_agreed(page, "faces-beta-1")
    tool(page, "Clear")
    assert np.array_equal(drawn(page), ground)


def test_a_finger_draws_and_does_not_scroll_the_page(phone: Page) -> None:
    open_canvas(phone)
    box = board(phone).bounding_box()
    assert box is not None
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= 390
    assert box["width"] % 8 == 0
    points = [place(phone, 0.3, 0.2), place(phone, 0.4, 0.5), place(phone, 0.6, 0.8)]
    scrolled = "document.querySelector('[data-testid=stMain]').scrollTop"
    top = phone.evaluate(scrolled)
    touch = phone.context.new_cdp_session(phone)

    def has_moved_on(picture: Pixels) -> bool:
        return not np.array_equal(canvas_pixels(phone, REBUILT), picture)

    for kind, (x, y) in zip(("touchStart", "touchMove", "touchMove"), points, strict=True):
        picture = canvas_pixels(phone, REBUILT)
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
        until(phone, partial(has_moved_on, picture))
    touch.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    settle(phone)
    assert phone.evaluate(scrolled) == top
    assert_agreed(phone, "digits-2d")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_by_keys_alone(page: Page) -> None:
    open_canvas(page)
    empty, before = drawn(page), code(page)
    board(page).focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator(".draw [aria-live]")).to_have_text("Column 6, row 5, grey level 0.")
    assert np.array_equal(drawn(page), empty)
    page.keyboard.down(" ")
    dot, rebuilt = drawn(page), canvas_pixels(page, REBUILT)
    assert dot[4, 5, 0] == dot.max() > 200
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert (drawn(page)[4:, 5, 0] == dot[4, 5, 0]).all()
    assert not np.array_equal(canvas_pixels(page, REBUILT), rebuilt)
    assert np.array_equal(code(page), before)
    page.keyboard.up(" ")
    settle(page)
    assert_agreed(page, "digits-2d")
    page.keyboard.press("Control+z")
    settle(page)
    assert np.array_equal(drawn(page), empty)


def test_an_uploaded_file_can_be_painted_on(page: Page) -> None:
    given = data.load("digits").pixels[7]
    open_link(page, "/sliders?model=digits-2d&start=Own+image")
    upload(page, "Your image", [FilePayload(name="seven.png", mimeType="image/png", buffer=png_bytes(given))])
    page.get_by_role("button", name="Paint on it").click()
    settle(page)
    assert np.array_equal(as_input(drawn(page), "digits-2d"), given)
    assert_agreed(page, "digits-2d")
    stroke(page, (0.1, 0.9), (0.9, 0.9))
    changed = as_input(drawn(page), "digits-2d") != given
    assert changed[0, 7].any()
    assert not changed[0, :5].any()
    assert_agreed(page, "digits-2d")
    tool(page, "Undo")
    assert np.array_equal(as_input(drawn(page), "digits-2d"), given)


def test_what_python_answers_to_a_stroke_does_not_undo_the_next_one(page: Page) -> None:
    open_canvas(page)
    next_one = place(page, 0.8, 0.8)
    press_at(page, 0.2, 0.2)
    page.mouse.up()
    page.mouse.move(*next_one)
    page.mouse.down()
    settle(page)
    both = drawn(page)
    assert both[1, 1, 0] > 100
    assert both[6, 6, 0] > 100
    page.mouse.up()
    settle(page)
    assert np.array_equal(drawn(page), both)
    assert_agreed(page, "digits-2d")


def test_the_deck_stays_where_it_is_moved_after_a_stroke(page: Page) -> None:
    open_canvas(page)
    stroke(page, (0.3, 0.2), (0.6, 0.8))
    grab(page, page.get_by_role("slider", name="z₀").first, 0.9)
    page.mouse.up()
    settle(page)
    moved = code(page)
    picture = canvas_pixels(page, DECK)
    assert not np.array_equal(picture, canvas_pixels(page, REBUILT))
    stroke(page, (0.1, 0.1), (0.9, 0.1))
    assert not np.array_equal(code(page), moved)
    assert_agreed(page, "digits-2d")


def test_a_drawing_is_there_again_after_another_page(page: Page) -> None:
    open_canvas(page)
    stroke(page, (0.3, 0.2), (0.6, 0.8))
    before = drawn(page)
    visit(page, "Map")
    visit(page, "Sliders")
    assert np.array_equal(drawn(page), before)
    assert_agreed(page, "digits-2d")


def test_pin_and_deck_of_the_map_follow_the_stroke_and_stay_there(page: Page) -> None:
    open_link(page, "/map?model=digits-2d")
    page.get_by_role("button", name="Use your own image").click()
    settle(page)
    choose_to_draw(page)
    before = canvas_pixels(page, DECK)
    press_at(page, 0.3, 0.2)
    page.mouse.move(*place(page, 0.6, 0.8))
    until(page, lambda: not np.array_equal(canvas_pixels(page, DECK), before))
    during = canvas_pixels(page, DECK)
    mean = explore.encode(catalogue.load("digits-2d").model, as_input(drawn(page), "digits-2d")[None]).mean[0]
    assert pin(page, "digits-2d") == pytest.approx(mean.tolist(), abs=CLOSE)
    page.mouse.up()
    settle(page)
    assert np.array_equal(canvas_pixels(page, DECK), during)
    asked = page.evaluate("new URLSearchParams(location.search).get('z')")
    assert np.abs(explore.parse_code(asked, 2) - mean).max() < CLOSE


def test_without_a_canvas_the_page_says_so(page: Page) -> None:
    page.add_init_script("HTMLCanvasElement.prototype.getContext = () => null")
    open_link(page, "/sliders?model=digits-2d&start=Own+image&plain=true")
    page.get_by_role("radio", name="Draw").click()
    settle(page)
    expect(page.get_by_text("This browser cannot draw on a canvas.", exact=True)).to_be_visible()


def test_without_its_model_the_canvas_says_so_and_python_still_encodes(page: Page) -> None:
    damage_models(page)
    open_canvas(page, more="&plain=true")
    expect(page.locator(".draw").get_by_role("status")).to_contain_text("damaged")
    stroke(page, (0.3, 0.2), (0.6, 0.8))
    mean = explore.encode(catalogue.load("digits-2d").model, as_input(drawn(page), "digits-2d")[None]).mean[0]
    assert np.abs(code(page) - mean).max() < CLOSE
