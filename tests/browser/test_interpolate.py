"""The Interpolate page in a browser: two files in, one animation out."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageSequence
from playwright.sync_api import FilePayload, Page

from tests.browser.steps import open_link, settle, upload
from vae_core import catalogue, data, explore
from vae_core.images import png_bytes

STEPS = 7


def test_two_uploads_become_an_animation_between_their_reconstructions(page: Page) -> None:
    given = data.load("digits").pixels[[3, 8]]
    open_link(page, f"/interpolate?model=digits-2d&steps={STEPS}")
    for letter, pixels in zip("AB", given, strict=True):
        page.get_by_role("radio", name="Upload").nth("AB".index(letter)).click()
        settle(page)
        upload(page, f"Upload image {letter}", [FilePayload(name=f"{letter}.png", mimeType="image/png", buffer=png_bytes(pixels))])
    page.get_by_text("Forth and back").click()
    settle(page)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download GIF").click()
    with Image.open(download.value.path()) as film:
        frames = [np.array(frame.convert("L")) for frame in ImageSequence.Iterator(film)]
    assert len(frames) == STEPS
    rebuilt = explore.reconstruct(catalogue.load("digits-2d").model, given)
    for frame, expected in ((frames[0], rebuilt[0, 0]), (frames[-1], rebuilt[1, 0])):
        factor = len(frame) // len(expected)
        assert np.array_equal(frame[::factor, ::factor], expected)


def test_the_strip_holds_every_frame(page: Page) -> None:
    open_link(page, f"/interpolate?model=digits-2d&steps={STEPS}")
    with page.expect_download() as download:
        page.get_by_role("button", name="Download strip").click()
    with Image.open(download.value.path()) as strip:
        assert strip.width == STEPS * strip.height


def test_the_scrubber_shows_another_frame(page: Page) -> None:
    open_link(page, "/interpolate?model=digits-2d")
    before = page.get_by_alt_text("Frame 6 of 11").get_attribute("src")
    page.get_by_role("slider", name="Frame").last.press("ArrowRight")
    settle(page)
    assert page.get_by_alt_text("Frame 7 of 11").get_attribute("src") != before
