"""Where things lie on the live map, for tests that point at them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from playwright.sync_api import Page

from pages.ui.server.addresses import CODE_VERSION
from tests.browser.steps import settle

LINK = f"/live/code/{CODE_VERSION}/kit/link.js"
MARGINS = {"left": 56, "right": 8, "top": 8, "bottom": 40}  # of the plot within the canvas, on a wide screen


class Place(NamedTuple):
    """A place on the screen."""

    x: float
    y: float


def drawn(page: Page) -> None:
    """Wait for the map, in sight and at rest."""
    settle(page, seconds=60)
    page.get_by_role("application", name="Map of codes").wait_for(timeout=60_000)
    page.get_by_role("application", name="Map of codes").scroll_into_view_if_needed()
    page.get_by_text("Loading the map").wait_for(state="hidden")
    settle(page, seconds=60)


def window(page: Page, model: str) -> dict[str, list[float]]:
    """What part of the plane the map shows; only for views of latent dimensions as they are."""
    found: dict[str, list[float]] = page.evaluate(f"async () => (await import('{LINK}')).windowOf('map {model}').z")
    return found


def pin(page: Page, model: str) -> list[float] | None:
    """Where the pin is in the browser, moved by whichever part; None before it was moved."""
    found: list[float] | None = page.evaluate(
        f"async () => {{ const {{z}} = (await import('{LINK}')).channel('map {model}'); return z && Array.from(z) }}"
    )
    return found


def on_screen(page: Page, model: str, code: NDArray[np.float32]) -> Place:
    """Where a code [2] lies on the screen."""
    box = page.get_by_role("application", name="Map of codes").bounding_box()
    assert box is not None
    seen = window(page, model)
    across, up = ((code[axis] - seen["xy"[axis]][0]) / np.ptp(seen["xy"[axis]]) for axis in (0, 1))
    width = box["width"] - MARGINS["left"] - MARGINS["right"]
    height = box["height"] - MARGINS["top"] - MARGINS["bottom"]
    return Place(box["x"] + MARGINS["left"] + float(across) * width, box["y"] + MARGINS["top"] + float(1 - up) * height)
