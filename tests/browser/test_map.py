"""The Map page in a browser: clicks, lassos, uploads and the UMAP, on a real canvas."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.steps import open_link, settle, shown_picture, upload
from vae_core import data
from vae_core.images import png_bytes

DIGITS = "/map?model=digits-2d"
LARGE = "/map?model=mnist-2d"

# Where on the screen the points of a trace lie, with what they are called.
PLACES = """(name) => {
  const chart = document.querySelector('.js-plotly-plot');
  const {left, top} = chart.getBoundingClientRect();
  const {xaxis, yaxis} = chart._fullLayout;
  const trace = chart._fullData.find((one) => one.name === name);
  return Array.from(trace.x, (x, i) => ({
    x: left + xaxis._offset + xaxis.c2p(x),
    y: top + yaxis._offset + yaxis.c2p(trace.y[i]),
    number: trace.customdata ? trace.customdata[i] : null,
  }));
}"""
LIT = "() => document.querySelector('.js-plotly-plot')._fullData.flatMap((t) => Array.from(t.selectedpoints ?? [], (i) => t.customdata[i]))"
ACROSS = "() => document.querySelector('.js-plotly-plot')._fullLayout.xaxis.range"


def drawn(page: Page) -> None:
    """Wait for the map, in sight and at rest."""
    settle(page, seconds=60)
    page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=60_000)
    page.get_by_test_id("stPlotlyChart").scroll_into_view_if_needed()
    page.wait_for_timeout(1000)


def places(page: Page, name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = page.evaluate(PLACES, name)
    return found


def lonely(page: Page) -> dict[str, Any]:
    """The point of class 0 that lies lowest, away from the others."""
    return max(places(page, "0"), key=lambda point: point["y"])


def click_point(page: Page, point: dict[str, Any]) -> None:
    page.mouse.move(point["x"], point["y"])
    page.mouse.click(point["x"], point["y"])
    expect(page.get_by_text("Nearest in latent space")).to_be_visible()
    settle(page)


def test_a_click_on_a_point_shows_its_image_and_keeps_the_zoom(page: Page) -> None:
    open_link(page, DIGITS)
    drawn(page)
    page.get_by_test_id("stPlotlyChart").hover()
    page.locator(".modebar-btn[data-title='Zoom in']").click()
    page.wait_for_timeout(1000)
    zoom, point = page.evaluate(ACROSS), min(places(page, "0"), key=lambda p: abs(p["x"] - 400) + abs(p["y"] - 600))
    click_point(page, point)
    images = data.load("digits")
    shown = np.array(shown_picture(page, f"Image {point['number']}, class 0, the original"))
    assert np.array_equal(shown, np.kron(images.pixels[point["number"], 0], np.ones((17, 17), np.uint8)))  # a PNG, each pixel a square
    assert page.evaluate(LIT) == [point["number"]]
    assert page.evaluate(ACROSS) == zoom
    assert f"point={point['number']}" in page.url


def test_the_chosen_point_stays_when_the_colours_change_and_in_the_link(page: Page) -> None:
    open_link(page, DIGITS)
    drawn(page)
    point = lonely(page)
    click_point(page, point)
    page.get_by_role("combobox", name="Colour").click()
    page.get_by_role("option", name="KL per image").click()
    drawn(page)
    assert page.evaluate(LIT) == [point["number"]]
    open_link(page, page.url)
    drawn(page)
    assert page.evaluate(LIT) == [point["number"]]
    expect(page.get_by_text(f"Image {point['number']}, class 0", exact=True)).to_be_visible()
    expect(page.get_by_role("combobox", name="Colour")).to_have_value("KL per image")


def test_a_box_around_points_shows_them_together_until_the_choice_is_cleared(page: Page) -> None:
    open_link(page, DIGITS)
    drawn(page)
    page.get_by_test_id("stPlotlyChart").hover()
    page.locator(".modebar-btn[data-title='Box Select']").click()
    points = places(page, "0")
    middle = {axis: sorted(point[axis] for point in points)[len(points) // 2] for axis in "xy"}
    page.mouse.move(middle["x"] - 30, middle["y"] - 30)
    page.mouse.down()
    page.mouse.move(middle["x"] + 30, middle["y"] + 30, steps=5)
    page.mouse.up()
    expect(page.get_by_alt_text("The mean of the chosen codes, decoded")).to_be_visible()
    assert len(page.evaluate(LIT)) > 1
    page.get_by_role("button", name="Clear the choice").click()
    expect(page.get_by_alt_text("The mean of the chosen codes, decoded")).to_be_hidden()
    drawn(page)
    assert page.evaluate(LIT) == []


def test_an_uploaded_image_becomes_a_star_where_its_class_is(page: Page) -> None:
    open_link(page, DIGITS)
    drawn(page)
    images = data.load("digits")
    assert images.labels is not None
    zero = int((images.labels == 0).argmax())
    page.get_by_role("button", name="Use your own image").click()
    file = FilePayload(name="zero.png", mimeType="image/png", buffer=png_bytes(images.pixels[zero], 20))
    upload(page, "An image to put on the map", [file])
    drawn(page)
    (star,) = places(page, "Your image")
    itself = next(point for point in places(page, "0") if point["number"] == zero)
    assert abs(star["x"] - itself["x"]) < 20
    assert abs(star["y"] - itself["y"]) < 20
    expect(page.get_by_alt_text("Your image, the original")).to_have_count(1)


def test_umap_is_drawn_once_and_kept(page: Page) -> None:
    open_link(page, f"{DIGITS}&view=UMAP")
    page.get_by_role("button", name="Draw the UMAP").click()
    page.locator(".js-plotly-plot .main-svg").first.wait_for(timeout=120_000)
    drawn(page)
    assert len(places(page, "0")) > 100
    open_link(page, f"{DIGITS}&view=UMAP")
    drawn(page)
    expect(page.get_by_role("button", name="Draw the UMAP")).to_have_count(0)


def test_without_the_images_the_map_is_made_of_kept_codes(page: Page) -> None:
    open_link(page, LARGE)
    drawn(page)
    expect(page.get_by_text("The images are not on this computer")).to_be_visible()
    click_point(page, lonely(page))
    expect(page.get_by_alt_text("the original")).to_have_count(0)
    expect(page.get_by_alt_text("decoded from its code")).to_have_count(1)


@pytest.mark.parametrize("path", [DIGITS, f"{DIGITS}&point=7", LARGE])
def test_it_fits_a_phone(phone: Page, path: str) -> None:
    open_link(phone, path)
    drawn(phone)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
