"""How a model came to be, under the finger: the slider moves points, pictures and bars before it is let go, and space plays them."""

from __future__ import annotations

import shutil

import pytest
from playwright.sync_api import Locator, Page, expect

from pages.ui.ground import state
from tests.browser.conftest import Server
from tests.browser.steps import open_link, until
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.runs import directory
from vae_core.runs.execute import execute
from vae_core.training import snapshots

SMALL = RunConfig(
    name="Small",
    data="digits",
    model=ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(32,)),
    train=TrainConfig(epochs=20, threads=1),
)


def drawn(part: Locator) -> list[str]:
    """What stands on all canvases of a part."""
    found: list[str] = part.evaluate("(part) => [...part.querySelectorAll('canvas')].map((canvas) => canvas.toDataURL())")
    return found


def test_the_slider_leads_back_through_a_training(page: Page, server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_LOOM_HOME", str(server.home))
    run = directory.create(SMALL)
    try:
        *_, ended = execute(run)
        open_link(page, f"/train?{state.TRAIN_RUN}={run.name}")
        plane, pictures, bars = (page.locator(f".replay-{part}") for part in ("plane", "pictures", "bars"))
        slider, when = page.get_by_role("slider", name="Snapshot of the training"), page.locator(".replay-when")
        expect(when).to_have_text(f"Step {ended.steps:,}, epoch 20.0")
        expect(pictures.locator("canvas")).to_have_count(16)
        last_plane, last_pictures, last_bars = drawn(plane), drawn(pictures), bars.get_attribute("aria-label")
        box = slider.bounding_box()
        assert box is not None
        page.mouse.move(box["x"] + box["width"] - 8, box["y"] + box["height"] / 2)
        page.mouse.down()
        page.mouse.move(box["x"] + 8, box["y"] + box["height"] / 2, steps=8)
        expect(when).to_have_text("Before the first step")
        first_plane, first_pictures, first_bars = drawn(plane), drawn(pictures), bars.get_attribute("aria-label")
        page.mouse.up()
        assert first_plane != last_plane
        assert first_bars != last_bars
        assert first_pictures[::2] == last_pictures[::2]  # the images stay, and each reconstruction changes
        assert all(first != last for first, last in zip(first_pictures[1::2], last_pictures[1::2], strict=True))
        page.get_by_role("application", name="Map of the codes").press(" ")
        expect(page.get_by_role("button", name="Pause")).to_be_visible()
        until(page, lambda: slider.input_value() == "2")
        slider.press(" ")
        expect(page.get_by_role("button", name="Play")).to_be_visible()
        slider.press("End")
        expect(slider).to_have_value(str(len(snapshots.planned(ended.steps)) - 1))
        assert drawn(plane)[0] == last_plane[0]
    finally:
        shutil.rmtree(run)
