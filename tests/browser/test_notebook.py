"""`vae_core.show` in a real JupyterLab: a hand moves the slider and the next cell reads it; a cell sets z and the picture follows."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tests.browser.conftest import free_port, stop
from tests.browser.steps import until
from tests.browser.test_takehome import drawn, opened_of, same
from tests.conftest import ROOT

MISSING = [name for name in ("jupyterlab", "ipykernel", "anywidget") if importlib.util.find_spec(name) is None]
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(MISSING), reason=f"no {', '.join(MISSING)}: pip install jupyterlab ipykernel anywidget"),
]
CELLS = (
    f"import sys; sys.path.insert(0, {str(ROOT)!r})\nimport vae_core\nw = vae_core.show('digits-2d')\nw",
    "print(list(w.z), list(w.selected))",
    "w.z = [1.5, -0.5]",
    "w.selected = [3]\nw.z = [9, 9, 9]",
)
START_SECONDS = 120


@pytest.fixture
def lab(browser: Browser, home: Path, tmp_path: Path) -> Iterator[Page]:
    """The notebook of CELLS in JupyterLab, of which none has run."""
    cells: list[dict[str, object]] = [
        {"cell_type": "code", "execution_count": None, "id": f"cell{i}", "metadata": {}, "outputs": [], "source": cell}
        for i, cell in enumerate(CELLS)
    ]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    (tmp_path / "trial.ipynb").write_text(
        json.dumps({"cells": cells, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5})
    )
    port = free_port()
    own = {f"JUPYTER_{name}_DIR": str(tmp_path / name) for name in ("CONFIG", "DATA", "RUNTIME")}
    with (tmp_path / "lab.log").open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", f"--port={port}", "--allow-root", "--IdentityProvider.token="],
            cwd=tmp_path,
            env=os.environ | own | {"LATENT_LOOM_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(f"{url}/api/status", process)
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.goto(f"{url}/lab/tree/trial.ipynb")
        expect(page.get_by_text("Python 3 (ipykernel) | Idle")).to_be_visible(timeout=1000 * START_SECONDS)
        yield page
        context.close()
    finally:
        stop(process)


def wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            urllib.request.urlopen(address, timeout=5).close()
            return
        except (urllib.error.URLError, TimeoutError):
            assert process.poll() is None, "JupyterLab has ended"
            assert time.monotonic() < deadline, "JupyterLab did not start"
            time.sleep(0.2)


def run(page: Page, cell: int) -> Locator:
    """Run a cell; gives what it puts out."""
    code = page.locator(".jp-CodeCell").nth(cell)
    code.locator(".cm-content").click()
    page.keyboard.press("Control+Enter")
    return code.locator(".jp-OutputArea-output")


def test_a_hand_and_a_cell_move_the_same_values(lab: Page) -> None:
    run(lab, 0)
    canvas = lab.locator("[data-part=deck] canvas[role=img]").first
    expect(canvas).to_be_visible(timeout=1000 * START_SECONDS)
    opened = opened_of("digits-2d")
    until(lab, lambda: same(opened, drawn(canvas), np.zeros(2, np.float32)))
    slider = lab.locator("#dimension-1")
    box = slider.bounding_box()
    assert box is not None
    middle = box["y"] + box["height"] / 2
    lab.mouse.move(box["x"] + box["width"] / 2, middle)
    lab.mouse.down()
    lab.mouse.move(box["x"] + box["width"] * 0.8, middle, steps=4)
    z1 = float(slider.input_value())
    assert z1 > 0.5
    until(lab, lambda: same(opened, drawn(canvas), np.array([0, z1], np.float32)))
    lab.mouse.up()
    expect(run(lab, 1)).to_have_text(f"[0.0, {z1}] []")
    run(lab, 2)
    until(lab, lambda: same(opened, drawn(canvas), np.array([1.5, -0.5], np.float32)))
    expect(run(lab, 1)).to_have_text("[1.5, -0.5] []")
    expect(run(lab, 3)).to_contain_text("The code has 3 numbers; this model takes 2.")
    expect(run(lab, 1)).to_have_text("[1.5, -0.5] [3]")
    lab.locator("[data-part=map] .map-marks").focus()
    for key in ("0", "0", "d", "d", "x", "b"):  # of which Jupyter would restart the kernel, and delete, cut and add cells
        lab.keyboard.press(key)
    assert lab.locator(".jp-CodeCell").count() == len(CELLS)
    assert lab.locator(".jp-Dialog").count() == 0
