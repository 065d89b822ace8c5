"""The canvas in a browser: a real pointer draws, and what the model makes of the drawing follows before the button is released."""

from __future__ import annotations

import base64
from collections.abc import Iterable

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import FilePayload, Locator, Page, expect

from tests.browser.steps import canvas_pixels, open_link, settle, upload, visit
from vae_core import catalogue, data, explore
from vae_core.images import png_bytes

MODELS = ["digits-2d", "mnist-16d", "faces-beta-10"]
SEVEN = [(0.3, 0.25), (0.7, 0.25), (0.45, 0.8)]  # parts of the canvas's width and height
_READ = """(canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  return [canvas.width, btoa(Array.from(data, (byte) => String.fromCharCode(byte)).join(""))]
}"""


def board(page: Page) -> Locator:
    return page.get_by_role("application", name="Your drawing")


def drawn(page: Page, model: str) -> NDArray[np.uint8]:
    """What is on the canvas, [C, H, W]."""
    width, content = board(page).evaluate(_READ)
    pixels = np.frombuffer(base64.b64decode(content), np.uint8).reshape(-1, width, 4)
    return pixels[..., : catalogue.models()[model].card.model.channels].transpose(2, 0, 1)


def posterior(page: Page) -> list[str]:
    """The rows of the posterior: name, mean and σ."""
    rows: list[str] = page.get_by_role("table", name="Posterior").get_by_role("row").all_inner_texts()
    return rows


def reconstruction(page: Page) -> NDArray[np.uint8]:
    return canvas_pixels(page, "Reconstruction of your drawing")


def open_canvas(page: Page, model: str) -> None:
    page.goto(f"/sliders?model={model}&start=Own+image")
    settle(page, seconds=90)  # the first use of the faces draws and encodes them all
    page.get_by_role("radio", name="Draw").click()
    settle(page)
    board(page).scroll_into_view_if_needed()
    expect(page.get_by_role("table", name="Posterior").get_by_role("row").first).to_be_visible()


def places(page: Page, points: Iterable[tuple[float, float]]) -> list[tuple[float, float]]:
    box = board(page).bounding_box()
    assert box is not None
    return [(box["x"] + x * box["width"], box["y"] + y * box["height"]) for x, y in points]


def stroke(page: Page, points: Iterable[tuple[float, float]] = SEVEN, *, release: bool = True) -> None:
    start, *others = places(page, points)
    page.mouse.move(*start)
    page.mouse.down()
    for place in others:
        page.mouse.move(*place, steps=6)
    if release:
        page.mouse.up()
        settle(page)


def code(page: Page) -> NDArray[np.float64]:
    return np.array(page.get_by_role("textbox", name="Code").input_value().split(","), float)


@pytest.mark.parametrize("model", MODELS)
def test_posterior_and_reconstruction_follow_before_the_release_and_python_agrees_after_it(page: Page, model: str) -> None:
    open_canvas(page, model)
    network = catalogue.load(model).model
    empty, numbers, rebuilt, before = drawn(page, model), posterior(page), reconstruction(page), code(page)
    stroke(page, release=False)
    page.wait_for_timeout(100)
    pixels = drawn(page, model)
    encoded = explore.encode(network, pixels[None])
    order = [int(row.split()[0][1:].translate(str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789"))) for row in posterior(page)]
    means = np.array([float(row.split()[1].replace("−", "-")) for row in posterior(page)])
    spreads = np.array([float(row.split()[3]) for row in posterior(page)])
    assert not np.array_equal(pixels, empty)
    assert posterior(page) != numbers
    assert np.abs(means - encoded.mean[0, order]).max() < 0.0051
    assert np.abs(spreads - np.exp(0.5 * encoded.logvar[0, order])).max() < 0.0051
    shown = reconstruction(page)[..., : len(pixels)].transpose(2, 0, 1).astype(int)
    assert not np.array_equal(reconstruction(page), rebuilt)
    assert np.abs(shown - explore.decode(network, encoded.mean)[0]).max() <= 1
    error = explore.reconstruction_error(pixels[None], explore.decode(network, encoded.mean))[0]
    expect(page.get_by_text(f"Off by {error:.2f}")).to_be_visible()
    assert np.array_equal(code(page), before)  # nothing of this went through Python
    page.mouse.up()
    settle(page)
    assert np.array_equal(drawn(page, model), pixels)
    assert np.abs(code(page) - encoded.mean[0]).max() < 1e-4


def test_the_most_informative_dimension_comes_first(page: Page) -> None:
    open_canvas(page, "mnist-16d")
    kept = catalogue.load("mnist-16d").codes
    assert kept is not None
    order = explore.axes(explore.Posterior(kept.mean, kept.logvar)).order
    names = [row.split()[0] for row in posterior(page)]
    assert names == [f"z{dimension}".translate(str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")) for dimension in order]


def test_a_fast_stroke_has_no_gaps_and_soft_edges(page: Page) -> None:
    open_canvas(page, "mnist-16d")
    first, last = places(page, [(0.2, 0.5), (0.8, 0.5)])
    page.mouse.move(*first)
    page.mouse.down()
    page.mouse.move(*last)  # in one step
    page.mouse.up()
    settle(page)
    pixels = drawn(page, "mnist-16d")[0]
    assert pixels[13:15, 6:22].min() == 255
    soft = pixels[[12, 15], 6:22]
    assert 0 < soft.min() <= soft.max() < 255
    assert pixels[:11].max() == pixels[17:].max() == 0


def test_undo_redo_fill_and_clear_reach_python(page: Page) -> None:
    open_canvas(page, "digits-2d")
    network = catalogue.load("digits-2d").model

    def agrees() -> NDArray[np.uint8]:
        settle(page)
        pixels = drawn(page, "digits-2d")
        assert np.abs(code(page) - explore.encode(network, pixels[None]).mean[0]).max() < 1e-4
        return pixels

    expect(page.get_by_role("button", name="Undo").first).to_be_disabled()
    stroke(page)
    one = agrees()
    stroke(page, [(0.1, 0.9), (0.9, 0.9)])
    two = agrees()
    assert not np.array_equal(one, two)
    page.keyboard.press("Control+z")
    assert np.array_equal(agrees(), one)
    page.get_by_role("button", name="Redo").first.click()
    assert np.array_equal(agrees(), two)
    page.get_by_role("button", name="Clear").click()
    assert agrees().max() == 0
    page.get_by_role("slider", name="Grey level").fill("100")
    page.get_by_role("button", name="Fill").click()
    assert set(agrees().flat) == {100}
    page.keyboard.press("Control+z")  # from a button
    page.keyboard.press("Control+z")
    assert np.array_equal(agrees(), two)
    page.get_by_role("button", name="Erase").click()
    stroke(page, [(0.1, 0.9), (0.9, 0.9)])
    assert agrees()[0, 7, 2:6].max() < two[0, 7, 2:6].min()


def test_colours_are_painted_as_chosen_and_the_empty_canvas_has_the_colour_behind_the_faces(page: Page) -> None:
    open_canvas(page, "faces-beta-10")
    empty = drawn(page, "faces-beta-10")
    assert (empty == empty[:, :1, :1]).all()
    assert 100 < empty.mean() < 250
    page.get_by_role("button", name="Red").click()
    stroke(page, [(0.2, 0.2), (0.8, 0.2)])
    assert drawn(page, "faces-beta-10")[:, 12, 32].tolist() == [0xD6, 0x28, 0x28]
    page.get_by_label("Colour").fill("#0a64c8")
    stroke(page, [(0.2, 0.8), (0.8, 0.8)])
    pixels = drawn(page, "faces-beta-10")
    assert pixels[:, 51, 32].tolist() == [0x0A, 0x64, 0xC8]
    assert pixels[:, 12, 32].tolist() == [0xD6, 0x28, 0x28]


def test_the_keyboard_draws(page: Page) -> None:
    open_canvas(page, "mnist-16d")
    before = posterior(page)
    board(page).focus()
    said = page.locator("[aria-live=polite]").filter(has_text="Column")
    page.keyboard.press("ArrowUp")
    expect(said).to_have_text("Column 15, row 14, grey level 0.")
    page.keyboard.press("Space")
    settle(page)
    spot = drawn(page, "mnist-16d")[0]
    assert spot.argmax() == 13 * 28 + 14
    assert spot[:, :12].max() == 0
    page.keyboard.down("Space")
    for _ in range(6):
        page.keyboard.press("ArrowLeft")
    page.keyboard.up("Space")
    settle(page)
    pixels = drawn(page, "mnist-16d")[0]
    assert pixels[13, 8:15].min() > 200
    assert posterior(page) != before
    expect(page.locator("[aria-live=polite]").filter(has_text="Drawn. z")).to_have_count(1)
    page.keyboard.press("Control+z")
    settle(page)
    assert np.array_equal(drawn(page, "mnist-16d")[0], spot)


def test_a_finger_draws_and_does_not_scroll(phone: Page) -> None:
    open_canvas(phone, "mnist-16d")
    before = posterior(phone)
    box = board(phone).bounding_box()
    touch = phone.context.new_cdp_session(phone)
    first, last = places(phone, [(0.5, 0.2), (0.5, 0.8)])

    def send(kind: str, *points: tuple[float, float]) -> None:
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y} for x, y in points]})

    send("touchStart", first)
    for step in range(1, 9):
        send("touchMove", (first[0], first[1] + (last[1] - first[1]) * step / 8))
    phone.wait_for_timeout(100)
    assert posterior(phone) != before
    send("touchEnd")
    settle(phone)
    pixels = drawn(phone, "mnist-16d")[0]
    assert pixels[6:22, 13:15].min() > 200
    assert board(phone).bounding_box() == box
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_an_upload_appears_on_the_canvas_and_is_painted_over(page: Page) -> None:
    given = data.load("digits").pixels[3]
    open_link(page, "/sliders?model=digits-2d&start=Own+image")
    upload(page, "Your image", [FilePayload(name="three.png", mimeType="image/png", buffer=png_bytes(given, 10))])
    page.get_by_role("button", name="Paint on it").click()
    settle(page)
    board(page).scroll_into_view_if_needed()
    assert np.array_equal(drawn(page, "digits-2d"), given)
    stroke(page, [(0.1, 0.94), (0.9, 0.94)])
    pixels = drawn(page, "digits-2d")
    assert np.array_equal(pixels[:, :6], given[:, :6])
    assert pixels[0, 7].mean() > given[0, 7].mean() + 50
    expected = explore.encode(catalogue.load("digits-2d").model, pixels[None]).mean[0]
    assert np.abs(code(page) - expected).max() < 1e-4


def test_a_drawing_survives_a_change_of_pages(page: Page) -> None:
    open_canvas(page, "digits-2d")
    stroke(page)
    pixels = drawn(page, "digits-2d")
    visit(page, "Home")
    visit(page, "Sliders")
    page.get_by_role("radio", name="Own image").click()
    settle(page)
    expect(board(page)).to_be_visible()
    page.wait_for_timeout(200)
    assert np.array_equal(drawn(page, "digits-2d"), pixels)


def test_a_corrupted_drawing_is_refused_and_the_canvas_goes_back(page: Page) -> None:
    open_canvas(page, "digits-2d")
    stroke(page)
    pixels, before = drawn(page, "digits-2d"), code(page)
    # the page's own encoder, made to cut what it sends
    page.evaluate("const whole = window.btoa; window.btoa = (bytes) => whole(bytes).slice(0, 40)")
    stroke(page, [(0.1, 0.9), (0.9, 0.9)])
    expect(page.get_by_text("The drawing did not arrive whole")).to_be_visible()
    page.wait_for_timeout(200)
    assert np.array_equal(drawn(page, "digits-2d"), pixels)
    assert np.array_equal(code(page), before)
