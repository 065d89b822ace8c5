"""What the tests of the latent deck share: where it stands, what it shows, and what torch says it must show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from tests.browser.steps import canvas_pixels, settle
from vae_core.analysis import explore
from vae_core.analysis.folding import plain
from vae_core.runs import catalogue

DIGITS = "/sliders?model=digits-2d"
DECODED = "Decoded image at the code"
CLOSE = 1  # grey levels by which the browser's float32 sums may differ from torch's

Pixels = NDArray[np.uint8]


def pixels(page: Page) -> Pixels:
    return canvas_pixels(page, DECODED)


def decoded(model: str, code: str) -> Pixels:
    """What torch draws from a code given as text, [H, W, 3]."""
    checkpoint = plain(catalogue.load(model))
    picture = explore.decode(checkpoint.model, explore.parse_code(code, checkpoint.card.model.latent)[None])[0]
    return np.broadcast_to(picture.transpose(1, 2, 0), (*picture.shape[1:], 3))


def assert_same(shown: Pixels, expected: Pixels) -> None:
    off = np.abs(shown.astype(int) - expected)
    assert off.max() <= CLOSE
    assert (off > 0).mean() < 0.01


def field(page: Page) -> Locator:
    return page.get_by_role("textbox", name="Code")


def slider(page: Page, name: str = "z₀") -> Locator:
    return page.get_by_role("slider", name=name).first


def enter(page: Page, code: str) -> None:
    field(page).fill(code)
    field(page).press("Enter")
    settle(page)


def press(page: Page, button: str) -> None:
    page.get_by_role("button", name=button, exact=True).click()
    settle(page)
