"""A newcomer's whole way through the app, from the data to the KL weight."""

from __future__ import annotations

import re

import numpy as np
from PIL import Image, ImageSequence
from playwright.sync_api import FilePayload, Page, expect

from tests.browser.live_map import drawn
from tests.browser.steps import arrive, model_bar, open_link, settle, upload, visit
from tests.browser.test_train import badge, start
from vae_core import data
from vae_core.data.images import png_bytes


def test_the_whole_journey(page: Page) -> None:
    """Train digits, choose the model, map, a click, sliders, two uploads, a walk between them as a GIF, the KL weight."""
    open_link(page)
    visit(page, "Train")
    start(page, name="Journey", hidden="64", epochs=3)
    badge(page, "Finished")
    settle(page)

    page.get_by_role("link", name="Next: Models").click()
    arrive(page, "Models")
    expect(model_bar(page)).to_contain_text("Journey")

    visit(page, "Map")
    drawn(page)
    page.get_by_role("spinbutton", name="Image number").fill("7")
    page.get_by_role("spinbutton", name="Image number").press("Enter")
    expect(page.get_by_text("Nearest in latent space")).to_be_visible()
    settle(page)

    visit(page, "Sliders")
    before = page.get_by_label("Code", exact=True).input_value()
    page.get_by_role("slider", name=re.compile("^z")).first.press("ArrowRight")
    expect(page.get_by_label("Code", exact=True)).not_to_have_value(before)

    visit(page, "Interpolate")
    for place, letter in enumerate("AB"):
        page.get_by_role("radio", name="Own image").nth(place).click()
        settle(page)
        picture = png_bytes(data.load("digits").pixels[place])
        upload(page, f"Upload image {letter}", [FilePayload(name=f"{letter}.png", mimeType="image/png", buffer=picture)])
    with page.expect_download() as download:
        page.get_by_role("button", name="Download GIF").click()
    with Image.open(download.value.path()) as film:
        frames = [np.array(frame.convert("L")) for frame in ImageSequence.Iterator(film)]
    assert len(frames) > 2
    assert not np.array_equal(frames[0], frames[len(frames) // 2])

    visit(page, "KL weight")
    settle(page, seconds=90)
    expect(page.get_by_role("heading", name="KL weight", exact=True)).to_be_visible()
