"""The page to take home that the version before wrote still opens from the disk, and its picture follows a slider."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

from playwright.sync_api import Browser

from tests.browser.test_takehome import code, drawn, frames, from_disk, same, started
from tests.conftest import ROOT
from vae_core.training import checkpoint

BEFORE = ROOT / "tests" / "fixtures" / "before"


def test_the_page_draws_what_its_model_draws(browser: Browser, tmp_path: Path) -> None:
    file = Path(shutil.copy(BEFORE / "page.html", tmp_path))
    stopped = json.loads((BEFORE / "expected.json").read_text("utf-8"))["stopped"]
    opened = checkpoint.load(BEFORE / "home" / "runs" / stopped["id"] / "checkpoints" / f"{stopped['step']:08}")
    with from_disk(browser, file) as page:
        canvas = started(page)
        before = drawn(canvas)
        assert same(opened, before, code(page, 2))
        slider = page.locator("#deck input").first
        slider.focus()
        for _ in range(30):
            slider.press("ArrowRight")
        frames(page)
        after = drawn(canvas)
        assert (after != before).any()
        assert same(opened, after, code(page, 2))
