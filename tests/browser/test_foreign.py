"""A pair of ONNX files opened on the Models page: checked, live under the pointer, and drawn as torch draws it."""

from __future__ import annotations

import shutil

import numpy as np
import torch
from playwright.sync_api import FilePayload, Page, Request, expect

from tests.browser.conftest import Server
from tests.browser.deck import field, pixels, slider
from tests.browser.steps import grab, open_link, settle, upload, visit
from tests.browser.test_model import CLOSE, OPENING
from vae_core.analysis import explore
from vae_core.export.onnx_model import onnx_files
from vae_core.runs import catalogue

DECODE = f"""async ([address, z]) => {{
  {OPENING}
  const weights = await (await fetch(address)).arrayBuffer()
  return Array.from(openModel(weights).decode(Float32Array.from(z)))
}}"""


def test_a_pair_of_onnx_files_is_opened_on_the_page_and_moves_as_torch_does(page: Page, server: Server) -> None:
    point = catalogue.load("sprites")
    fetched: list[str] = []
    files = onnx_files(point)
    del files["card.json"]  # so that all is found

    def note(request: Request) -> None:
        if "/live/model/" in request.url:
            fetched.append(request.url)

    page.on("request", note)
    open_link(page, "/models?model=sprites")
    page.get_by_text("Open a model that was trained elsewhere").click()
    upload(page, "Its files", [FilePayload(name=name, mimeType="", buffer=data) for name, data in files.items()])
    page.get_by_label("Name").fill("From elsewhere")
    page.get_by_role("button", name="Add this model").click()
    settle(page)
    try:
        expect(page.get_by_text("its answers differ from those of ONNX's reference evaluator by at most")).to_be_visible()
        fetched.clear()
        visit(page, "Sliders")
        code, before = field(page).input_value(), pixels(page)
        x, y = grab(page, slider(page))
        page.mouse.move(x + 60, y)
        assert not np.array_equal(pixels(page), before)
        expect(field(page)).to_have_value(code)  # Python has heard of nothing
        page.mouse.up()
        settle(page)
        z = explore.parse_code(field(page).input_value(), point.card.model.latent)
        image = page.evaluate(DECODE, [fetched[0], z.tolist()])
    finally:
        shutil.rmtree(server.home / "models")
    with torch.inference_mode():
        expected = point.model.likelihood.mean(point.model.decode(torch.from_numpy(z)[None]))[0]
    np.testing.assert_allclose(image, expected.ravel(), atol=CLOSE, rtol=0)
    levels = np.rint(255 * expected.numpy()).transpose(1, 2, 0)
    assert np.abs(pixels(page) - levels).max() <= 1
