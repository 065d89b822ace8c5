"""What tests of a multi-rate model's sliders read from the page, and what torch says it must show."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Locator, Page

from pages.ui import cache
from tests.browser.deck import assert_same
from tests.browser.steps import canvas_pixels
from vae_core.analysis import explore
from vae_core.analysis.explore import Pixels
from vae_core.analysis.tradeoff import AtWeight, Tradeoff
from vae_core.runs.catalogue import Entry

PICTURES = 8


def slider(page: Page, place: int = 0) -> Locator:
    return page.get_by_role("slider").nth(place)


def told(page: Page, what: str) -> list[float]:
    """The numbers that Python has heard."""
    return [float(word) for word in page.get_by_text(f"{what}: ").inner_text().removeprefix(f"{what}: ").split()]


def facts(page: Page) -> dict[str, list[float]]:
    """The numbers of each figure in the text; a percentage as it stands."""
    items = page.locator(".multirate-facts > div").all_inner_texts()
    numbers = {text.split("\n")[0]: re.findall(r"−?\d[\d,]*(?:\.\d+)?", text.split("\n", 1)[1].replace("½", "")) for text in items}
    return {name: [float(number.replace("−", "-").replace(",", "")) for number in found] for name, found in numbers.items()}


def assert_facts(page: Page, figures: AtWeight, latent: int) -> None:
    """Each figure in the text is this one, rounded."""
    shown = facts(page)
    assert abs(shown["Distortion D"][0] - figures.distortion) <= 0.051
    assert abs(shown["Rate R"][0] - figures.rate) <= 0.0051
    assert abs(shown["Rate R"][-2] - figures.rate_mu) <= 0.0051
    assert abs(shown["Rate R"][-1] - figures.rate_sigma) <= 0.0051
    assert shown["Unused dimensions"][:2] == [figures.unused, latent]
    assert abs(shown["Sharpness"][0] - 100 * figures.sharpness) <= 0.51
    assert abs(shown["Neff"][0] - figures.effective) <= (0.051 if figures.effective < 100 else 0.51)


def tradeoff_of(entry: Entry) -> Tradeoff:
    found = cache.kept_tradeoff(entry)
    assert found is not None
    return found


def drawn(page: Page, what: str) -> list[NDArray[np.uint8]]:
    return [canvas_pixels(page, what.format(number)) for number in range(1, PICTURES + 1)]


def coloured(pictures: Pixels) -> list[NDArray[np.uint8]]:
    """As a canvas shows them, [H, W, 3] each."""
    return [np.broadcast_to(picture.transpose(1, 2, 0), (*picture.shape[1:], 3)) for picture in pictures]


def assert_pictures(page: Page, entry: Entry, weights: list[float]) -> None:
    """All pictures are torch's, of the model at these very weights."""
    model = cache.whole(entry.folder).model.at(weights[0] if len(weights) == 1 else (weights[0], weights[1]))
    known = cache.pictures_of(entry)
    assert known is not None
    originals = known.take(known.chosen(PICTURES))
    samples = explore.decode(model, explore.sample_prior(entry.card.model.latent, PICTURES, seed=0))
    for what, expected in (
        ("Image {}", originals),
        ("Reconstruction of image {}", explore.reconstruct(model, originals)),
        ("Sample {}", samples),
    ):
        for shown, picture in zip(drawn(page, what), coloured(expected), strict=True):
            assert_same(shown, picture)


def plot(page: Page) -> str:
    """The map, to compare."""
    seen: str = page.locator(".map-plot").evaluate(
        "async (canvas) => { await new Promise(requestAnimationFrame); return canvas.toDataURL() }"
    )
    return seen
