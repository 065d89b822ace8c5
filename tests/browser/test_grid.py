"""The manifold grid in a browser: the right pictures at the right places, which follow the map and move the pin."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from statistics import NormalDist

import numpy as np
import pytest
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page, expect

from pages.ui.server.addresses import CODE_VERSION
from tests.browser.live_map import drawn, on_screen, pin, window
from tests.browser.steps import open_link, settle, until
from vae_core.analysis import explore
from vae_core.runs import catalogue

MODEL, PIXEL = "digits-2d", 8
DIGITS = f"/map?model={MODEL}"
CODE = f"/live/code/{CODE_VERSION}/parts/grid/places.js"
PRIOR = NormalDist()
READ = """async (canvas) => {
  const { data } = canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height)
  let letters = ""
  for (const byte of data) letters += String.fromCharCode(byte)
  return { width: canvas.width, data: btoa(letters) }
}"""


def grid(page: Page) -> Locator:
    return page.get_by_role("img", name="decoded pictures")


def cells(page: Page) -> NDArray[np.uint8]:
    """The grid's pictures as they are now, [rows from below, columns, H, W]."""
    read = grid(page).evaluate(READ)
    pixels = np.frombuffer(base64.b64decode(read["data"]), np.uint8).reshape(-1, read["width"], 4)[..., 0]
    side = read["width"] // PIXEL
    return pixels.reshape(side, PIXEL, side, PIXEL).swapaxes(1, 2)[::-1]


def places(window: Sequence[float], count: int) -> NDArray[np.float64]:
    low, high = window
    shares = np.linspace(PRIOR.cdf(max(low, PRIOR.inv_cdf(0.005))), PRIOR.cdf(min(high, PRIOR.inv_cdf(0.995))), count)
    return np.array([PRIOR.inv_cdf(share) for share in shares])


def decoded(seen: dict[str, list[float]], count: int) -> NDArray[np.uint8]:
    """What torch decodes all over a window, [rows from below, columns, H, W]."""
    across, up = places(seen["x"], count), places(seen["y"], count)
    codes = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2).astype(np.float32)
    return explore.decode(catalogue.load(MODEL).model, codes).reshape(count, count, PIXEL, PIXEL)


def is_decoded(page: Page, seen: dict[str, list[float]], count: int) -> None:
    expected = decoded(seen, count)

    def same() -> bool:
        shown = cells(page)
        return shown.shape == expected.shape and np.abs(shown.astype(int) - expected).max() <= 1

    until(page, same)  # a grid is drawn over many frames


def test_quantiles_and_shares_of_the_prior_are_exact(empty: Page) -> None:
    shares = [1e-6, 1e-4, 0.005, 0.02, 0.02425, 0.03, 0.1, 0.3, 0.5, 0.7, 0.97, 0.97575, 0.98, 0.995, 1 - 1e-6]
    points = [-4.5, -2.6, -1, -0.1, 0, 1e-8, 0.3, 1.7, 2.6, 4.5]
    script = """async ([path, shares, points]) => {
      const module = await import(path)
      return [shares.map(module.normalQuantile), points.map(module.normalShare)]
    }"""
    quantiles, below = empty.evaluate(script, [CODE, shares, points])
    assert quantiles == pytest.approx([PRIOR.inv_cdf(share) for share in shares], rel=2e-9, abs=1e-12)
    assert below == pytest.approx([PRIOR.cdf(point) for point in points], rel=1e-9)


def test_places_are_at_equal_shares_within_the_middle_of_the_prior(empty: Page) -> None:
    script = "async ([path, ...rest]) => Array.from((await import(path)).gridPlaces(...rest))"
    for low, high in ((-9.0, 9.0), (-1.0, 0.5), (1.0, 8.0)):
        assert empty.evaluate(script, [CODE, low, high, 7]) == pytest.approx(places((low, high), 7), abs=1e-6)
    assert empty.evaluate(script, [CODE, 4, 7, 7]) == pytest.approx(np.linspace(4, 7, 7), abs=1e-6)


def test_every_cell_is_what_torch_decodes_there_and_follows_the_zoom(page: Page) -> None:
    open_link(page, f"{DIGITS}&grid=10")
    drawn(page)
    whole = window(page, MODEL)
    is_decoded(page, whole, 10)
    page.mouse.move(*on_screen(page, MODEL, np.array([0.5, -0.5], np.float32)))
    page.mouse.wheel(0, -500)
    settle(page)
    zoomed = window(page, MODEL)
    assert np.ptp(zoomed["x"]) < 0.6 * np.ptp(whole["x"])
    is_decoded(page, zoomed, 10)
    page.get_by_role("button", name="Fit").click()
    is_decoded(page, whole, 10)


def test_another_view_shows_the_whole_prior_and_another_number_more_pictures(page: Page) -> None:
    open_link(page, f"{DIGITS}&view=PCA")
    drawn(page)
    is_decoded(page, {"x": [-9, 9], "y": [-9, 9]}, 15)
    page.get_by_role("radio", name="25").click()
    settle(page)
    is_decoded(page, {"x": [-9, 9], "y": [-9, 9]}, 25)


def test_a_click_puts_the_pin_at_the_code_of_its_cell(page: Page) -> None:
    open_link(page, f"{DIGITS}&grid=10")
    drawn(page)
    seen = window(page, MODEL)
    grid(page).scroll_into_view_if_needed()
    box = grid(page).bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + 0.25 * box["width"], box["y"] + 0.05 * box["height"])
    expect(page.get_by_text("to put the pin here")).to_be_visible()
    page.mouse.down()
    page.mouse.up()
    settle(page)
    expected = np.array([places(seen["x"], 10)[2], places(seen["y"], 10)[9]], np.float32)
    assert pin(page, MODEL) == pytest.approx(expected, abs=1e-5)
    assert f"z={explore.format_code(np.array(pin(page, MODEL), np.float32)).replace(',', '%2C')}" in page.url
    assert float(page.get_by_role("slider", name="z₀").input_value()) == pytest.approx(float(expected[0]), abs=0.01)


def test_the_keyboard_alone_chooses_a_cell_and_puts_the_pin_there(page: Page) -> None:
    open_link(page, f"{DIGITS}&grid=10")
    drawn(page)
    seen = window(page, MODEL)
    grid(page).focus()
    for key in (
        "ArrowRight",
        "ArrowRight",
        "ArrowUp",
        "ArrowLeft",
        "ArrowUp",
        "ArrowUp",
        "ArrowUp",
        "ArrowUp",
        "Enter",
    ):  # the first enters
        page.keyboard.press(key)
    settle(page)
    expected = [places(seen["x"], 10)[5], places(seen["y"], 10)[9]]
    assert pin(page, MODEL) == pytest.approx(expected, abs=1e-5)


def test_it_fits_a_phone(phone: Page) -> None:
    open_link(phone, f"{DIGITS}&grid=25")
    drawn(phone)
    grid(phone).scroll_into_view_if_needed()
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    box = grid(phone).bounding_box()
    assert box is not None
    assert box["width"] == pytest.approx(box["height"], abs=1)
