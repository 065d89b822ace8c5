"""Training with real clicks: from a set to a finished model that every page can choose, and from own files."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import arrive, model_bar, open_link, settle, upload, visit

FINISHED = 240_000  # milliseconds, on a machine with much else to do


def open_train(page: Page) -> None:
    open_link(page)
    visit(page, "Train")


def fill(page: Page, label: str, value: str) -> None:
    """Type into a field and leave it."""
    field = page.get_by_label(label, exact=True).locator("visible=true")
    field.fill(value)
    field.press("Enter")
    settle(page, seconds=60)


def start(page: Page, *, name: str, hidden: str, epochs: int) -> None:
    """Set a small model and start it."""
    fill(page, "Epochs", str(epochs))
    page.get_by_text("More settings").click()
    fill(page, "Hidden sizes", hidden)
    fill(page, "Name of the model", name)
    page.get_by_role("button", name="Start training").click()
    # Until then the run of another test may stand there, finished; the menu names the new one before all below it is drawn anew.
    expect(page.get_by_label("Run", exact=True).locator("visible=true")).to_have_value(re.compile(f"^{name}, "), timeout=FINISHED)
    settle(page, seconds=60)


def badge(page: Page, state: str) -> None:
    """Wait until the shown run is in this state."""
    expect(page.get_by_test_id("stBadge").or_(page.locator(".stMarkdownBadge")).filter(has_text=state).first).to_be_visible(
        timeout=FINISHED
    )


def test_digits_are_trained_watched_and_at_once_selectable(page: Page) -> None:
    open_train(page)
    start(page, name="Three epochs", hidden="64", epochs=3)
    badge(page, "Finished")
    settle(page)
    expect(page.get_by_text("Epoch 3 of 3 in", exact=False)).to_be_visible()
    expect(page.locator(".js-plotly-plot")).to_have_count(2)
    page.get_by_role("link", name="Next: Models").click()
    arrive(page, "Models")
    expect(model_bar(page)).to_contain_text("Three epochs")
    visit(page, "Train")
    page.get_by_role("link", name="Move its sliders").click()
    settle(page, seconds=60)
    expect(model_bar(page)).to_contain_text("Three epochs")


def test_a_run_goes_on_without_its_tab_and_stops_when_asked(page: Page) -> None:
    open_train(page)
    start(page, name="Long", hidden="64", epochs=10_000)
    badge(page, "Training")
    address = page.url
    page.goto("about:blank")
    page.goto(address)
    settle(page, seconds=60)
    badge(page, "Training")
    page.get_by_role("button", name="Stop", exact=True).click()
    badge(page, "Stopped")
    expect(page.get_by_role("link", name="See its map")).to_be_visible()


def test_own_files_become_a_model(page: Page, shared: Path) -> None:
    """Pictures of three channels, many at once; what kinds of files there are is tested where they are read."""
    files = sorted((shared / "data").glob("twemoji/png_faces_folder/*.png"))[:40]
    if not files:
        pytest.skip("no pictures of faces in the shared folder")
    open_train(page)
    page.get_by_text("My own files").click()
    settle(page)
    upload(page, "Pictures, arrays", files)
    expect(page.get_by_text("40 images, 72 × 72 pixels")).to_be_visible(timeout=60_000)
    fill(page, "Name of the set", f"From {files[0].suffix}")
    page.get_by_role("button", name="Keep this set").click()
    settle(page, seconds=60)
    page.get_by_role("radio", name="Fully connected").click()
    settle(page, seconds=60)
    start(page, name=f"Of {files[0].suffix}", hidden="32", epochs=1)
    badge(page, "Finished")
