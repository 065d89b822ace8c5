"""From `streamlit run app.py` to a Sliders page that answers a drag, in a real Chromium that is open already."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from playwright.sync_api import Browser, Locator, Page, sync_playwright

from bench.live import first_slider
from tests.browser.conftest import CHROMIUM_OPTIONS, executable, serve
from tests.conftest import ROOT

WAIT = 60  # seconds
_DRAWN = """async (canvas) => {
  const drawn = () => canvas.getContext("2d").getImageData(0, 0, canvas.width, canvas.height).data.some(Boolean)
  while (canvas.width === 300 || !drawn()) await new Promise(requestAnimationFrame)
}"""  # a canvas that nobody sized is 300 wide
_CHANGED = """async (canvas, before) => {
  while (canvas.toDataURL() === before) await new Promise(requestAnimationFrame)
}"""


class Start(NamedTuple):
    """Seconds from the start of the server's process until each of these was there."""

    healthy: float
    heading: float
    drawn: float
    dragged: float

    def __str__(self) -> str:
        """The whole, and what came when."""
        return f"{self.dragged:.1f} s (server {self.healthy:.1f}, heading {self.heading:.1f}, picture {self.drawn:.1f})"


def start(browser: Browser, folder: Path) -> Start:
    """Start a server with its data under `folder`, open the Sliders page and drag."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    began = time.perf_counter()
    with serve(ROOT / "app.py", folder) as server:
        healthy = time.perf_counter() - began
        page.goto(f"{server.url}/sliders")
        page.get_by_role("heading", level=1, name="Sliders", exact=True).wait_for(timeout=WAIT * 1000)
        heading = time.perf_counter() - began
        canvas = page.locator(".deck canvas").first
        canvas.evaluate(_DRAWN, timeout=WAIT * 1000)
        drawn = time.perf_counter() - began
        drag(page, canvas)
        dragged = time.perf_counter() - began
        context.close()
    return Start(healthy, heading, drawn, dragged)


def drag(page: Page, canvas: Locator) -> None:
    """Press on the first slider, move, and wait for another picture."""
    slider = first_slider(page)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    y = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] / 2, y)
    page.mouse.down()
    before = canvas.evaluate("canvas => canvas.toDataURL()")
    page.mouse.move(box["x"] + 0.9 * box["width"], y)
    canvas.evaluate(_CHANGED, before)


def rows() -> Iterator[tuple[str, str]]:
    """(what, figure) for each line of the table."""
    with tempfile.TemporaryDirectory() as folder, ExitStack() as stack:
        browser = stack.enter_context(sync_playwright()).chromium.launch(executable_path=executable(), args=CHROMIUM_OPTIONS)
        for what in ("for the first time", "again"):
            yield f"streamlit run → a drag answers, {what}", str(start(browser, Path(folder)))
        browser.close()


if __name__ == "__main__":
    for line in rows():
        print(*line, sep=": ", flush=True)
