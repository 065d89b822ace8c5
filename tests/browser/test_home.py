"""The machine in a browser: it moves by itself until it is touched, and then follows the hand from the picture to the picture."""

from __future__ import annotations

import re

import numpy as np
from playwright.sync_api import Page, expect

from tests.browser.steps import canvas_pixels, open_link, settle, until
from vae_core.analysis import explore
from vae_core.runs import catalogue

PICTURE = "Decoded picture at the code"
BOARD = "to draw on"
GREY_LEVEL = 1  # by which the browser's float32 sums may differ from torch's


def test_the_machine_moves_by_itself_and_then_follows_brush_dice_and_keys(page: Page) -> None:
    page.emulate_media(reduced_motion="no-preference")
    open_link(page)
    network = catalogue.load("mnist-2d").model
    picture = page.get_by_role("img", name=PICTURE)
    picture.wait_for()
    first = canvas_pixels(page, PICTURE)
    until(page, lambda: not np.array_equal(canvas_pixels(page, PICTURE), first))

    board = page.get_by_role("application", name=BOARD)
    box = board.bounding_box()
    assert box is not None
    page.get_by_role("button", name="Clear").click()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.2 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.5 * box["width"], box["y"] + 0.8 * box["height"], steps=5)
    page.mouse.up()
    settle(page)
    expect(page.get_by_role("button", name="Move by itself")).to_be_visible()
    drawn = np.ascontiguousarray(canvas_pixels(page, BOARD, "application").transpose(2, 0, 1)[:1])
    assert drawn.max() == 255
    mean = explore.encode(network, drawn[None]).mean
    expected = explore.decode(network, mean)[0, 0].astype(int)
    assert np.abs(canvas_pixels(page, PICTURE)[..., 0] - expected).max() <= GREY_LEVEL
    code = ", ".join(f"{value:.2f}" for value in mean[0]).replace("-", "−")
    expect(picture).to_have_attribute("aria-label", f"{PICTURE} {code}")

    page.get_by_role("button", name="Roll the dice").click()
    expect(picture).not_to_have_attribute("aria-label", f"{PICTURE} {code}")
    page.get_by_role("button", name="Use the mean").click()
    expect(picture).to_have_attribute("aria-label", f"{PICTURE} {code}")
    page.get_by_role("button", name="z, at").press("ArrowRight")
    expect(picture).not_to_have_attribute("aria-label", f"{PICTURE} {code}")
    page.get_by_role("button", name="class 7").first.press("Enter")
    expect(page.get_by_role("img", name="Map of codes").first).to_have_attribute(
        "aria-label", re.compile(r"The picture is Image \d+, class 7\.")
    )


def test_on_the_lessons_map_all_regions_grow_with_the_slider_and_the_picture_trembles(page: Page) -> None:
    open_link(page, "/learn?step=Regions&learn_taken=2")
    code = page.get_by_role("img", name="The code as bars.")
    expect(code).to_have_attribute("aria-label", re.compile("ε 0.00"))
    (before,) = set(re.findall(r"z₁: .*? σ ([0-9.]+)", str(code.get_attribute("aria-label"))))
    narrow, first = canvas_pixels(page, "Map of codes"), canvas_pixels(page, PICTURE)
    page.get_by_role("slider", name="Width of all regions").fill("10")
    expect(code).not_to_have_attribute("aria-label", re.compile("ε 0.00"))
    (after,) = set(re.findall(r"z₁: .*? σ ([0-9.]+)", str(code.get_attribute("aria-label"))))
    assert abs(float(after) / float(before) - 10) < 3  # both are rounded to a hundredth
    wide = canvas_pixels(page, "Map of codes")
    assert np.count_nonzero(wide != wide[0, 0]) > 2 * np.count_nonzero(narrow != narrow[0, 0])
    assert not np.array_equal(canvas_pixels(page, PICTURE), first)
    open_link(page)
    expect(page.get_by_role("slider", name="Width of all regions")).to_be_hidden()


def test_nothing_moves_where_less_motion_is_preferred_and_a_phone_has_both_pictures_in_view(phone: Page) -> None:
    phone.emulate_media(reduced_motion="reduce")  # as all tests have it, but for the one above
    open_link(phone)
    picture = phone.get_by_role("img", name=PICTURE)
    picture.wait_for()
    expect(phone.get_by_role("button", name="Move by itself")).to_be_visible()
    before = canvas_pixels(phone, PICTURE)
    phone.wait_for_timeout(2000)
    assert np.array_equal(canvas_pixels(phone, PICTURE), before)
    for canvas in (phone.get_by_role("application", name=BOARD), picture):
        box = canvas.bounding_box()
        assert box is not None
        assert box["width"] > 150
        assert 0 <= box["x"] <= box["x"] + box["width"] <= 390
        assert 0 <= box["y"] <= box["y"] + box["height"] <= 844
