"""The Sliders page in a browser: keys, links, undo, and pixels that are the command line's."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.steps import open_link, settle, shown_picture
from tests.conftest import ROOT

DIGITS = "/sliders?model=digits-2d"


DECODED = "Decoded image at the code"


def pixels(page: Page) -> np.ndarray:
    return np.array(shown_picture(page, DECODED))


def enter(page: Page, code: str) -> None:
    field = page.get_by_role("textbox", name="Code")
    field.fill(code)
    field.press("Enter")
    settle(page)


def test_an_arrow_key_on_a_slider_changes_the_picture_and_the_code(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=0,0")
    before = pixels(page)
    slider = page.get_by_role("slider", name="z₀").first
    for _ in range(10):
        slider.press("ArrowRight")
    settle(page)
    assert not np.array_equal(pixels(page), before)
    expect(page.get_by_role("textbox", name="Code")).to_have_value("0.1,0")
    page.get_by_role("button", name="Undo").click()
    settle(page)
    expect(page.get_by_role("textbox", name="Code")).not_to_have_value("0.1,0")


def test_a_link_restores_the_picture(page: Page) -> None:
    open_link(page, DIGITS)
    enter(page, "1.25,-0.75")
    picture, address = pixels(page), page.url
    assert "z=1.25" in address
    enter(page, "0,0")
    assert not np.array_equal(pixels(page), picture)
    open_link(page, address)
    assert np.array_equal(pixels(page), picture)


def test_back_in_the_browser_brings_the_code_back(page: Page) -> None:
    open_link(page, f"{DIGITS}&z=1,1")
    picture = pixels(page)
    enter(page, "-1,-1")
    assert not np.array_equal(pixels(page), picture)
    page.go_back()
    settle(page)
    if "z=1" in page.url:  # where the browser keeps the change as an entry of its own
        assert np.array_equal(pixels(page), picture)


@pytest.mark.parametrize(("model", "code"), [("digits-2d", "0.1,-1.3"), ("faces-beta-1", ",".join(["0.5", "-1"] * 8))])
def test_a_code_gives_the_same_pixels_as_on_the_command_line(page: Page, tmp_path: Path, model: str, code: str) -> None:
    picture = tmp_path / "decoded.png"
    command = [sys.executable, "-m", "vae_core", "decode", model, f"--z={code}", "--out", str(picture)]
    subprocess.run(command, cwd=ROOT, env=os.environ | {"OMP_NUM_THREADS": "1"}, check=True)
    expected = np.array(Image.open(picture))
    page.goto(f"/sliders?model={model}")
    settle(page, seconds=90)  # the first use of the faces draws and encodes them all
    enter(page, code)
    shown = pixels(page)
    factor = len(shown) // len(expected)
    assert shown.shape[0] >= 256
    assert np.array_equal(shown[::factor, ::factor], expected)
    assert np.array_equal(shown, expected.repeat(factor, axis=0).repeat(factor, axis=1))


def test_a_thumbnail_chooses_the_start(page: Page) -> None:
    open_link(page, DIGITS)
    page.get_by_role("button", name="Choose by eye").click()
    settle(page)
    tile = page.get_by_test_id("stPopoverBody").get_by_role("button").first
    row = tile.inner_text().strip()
    tile.click()
    settle(page)
    expect(page.get_by_role("spinbutton", name="Image")).to_have_value(row)
    assert f"image={row}" in page.url


def test_on_a_phone_the_picture_stands_above_the_sliders_and_nothing_is_cut_off(phone: Page) -> None:
    open_link(phone, DIGITS)
    picture, slider = phone.get_by_alt_text(DECODED).bounding_box(), phone.get_by_role("slider", name="z₀").first.bounding_box()
    assert picture is not None
    assert slider is not None
    assert picture["width"] >= 256
    assert picture["y"] + picture["height"] < slider["y"]
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
