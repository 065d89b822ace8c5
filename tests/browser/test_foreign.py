"""A pair of ONNX files opened on the Models page: checked, live under the pointer, and drawn as torch draws it."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from playwright.sync_api import FilePayload, Page, Request, expect

from tests.browser.conftest import Server
from tests.browser.deck import field, pixels, slider
from tests.browser.steps import grab, open_link, settle, upload, visit
from tests.browser.test_model import CLOSE, OPENING
from tests.foreign.graphs import file_of, node
from vae_core.analysis import explore
from vae_core.export.live_model import runs_in_browser
from vae_core.export.onnx_model import onnx_files
from vae_core.runs import catalogue
from vae_core.training import checkpoint

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


def too_large() -> list[FilePayload]:
    """A pair of ONNX files of which the decoder takes 85 million multiplications for a picture [3, 64, 64]."""
    random = np.random.default_rng(0)

    def weights(*shape: int) -> NDArray[np.float32]:
        return (random.normal(size=shape) / np.sqrt(np.prod(shape[1:]))).astype(np.float32)

    nodes = [node("Flatten", "x", "flat"), node("MatMul", "flat m", "mean"), node("MatMul", "flat v", "logvar")]
    arrays = {"m": weights(3 * 64 * 64, 4), "v": weights(3 * 64 * 64, 4)}
    encoder = file_of(nodes, arrays, ("batch", 3, 64, 64), outputs="mean logvar")
    nodes = [
        node("MatMul", "z seed", "h"),
        node("Reshape", "h to", "picture"),
        node("Conv", "picture wide", "many", pads=[1, 1, 1, 1]),
        node("Relu", "many", "bent"),
        node("Conv", "bent inner", "more", pads=[1, 1, 1, 1]),
        node("Conv", "more last", "few", pads=[1, 1, 1, 1]),
        node("Sigmoid", "few", "image"),
    ]
    arrays = {"seed": 20 * weights(4, 64 * 64), "wide": weights(48, 1, 3, 3), "inner": weights(48, 48, 3, 3), "last": weights(3, 48, 3, 3)}
    decoder = file_of(nodes, arrays | {"to": np.array([-1, 1, 64, 64])}, ("batch", 4), source="z", outputs="image")
    return [FilePayload(name=name, mimeType="", buffer=data) for name, data in (("encoder.onnx", encoder), ("decoder.onnx", decoder))]


@pytest.mark.slow
def test_a_large_model_from_elsewhere_is_decoded_by_the_server_while_the_slider_moves(page: Page, server: Server) -> None:
    sockets: list[str] = []
    page.on("websocket", lambda socket: sockets.append(socket.url))
    try:
        open_link(page, "/models?model=sprites")
        page.get_by_text("Open a model that was trained elsewhere").click()
        upload(page, "Its files", too_large())
        page.get_by_role("button", name="Add this model").click()
        expect(page.get_by_text("its answers differ from those of ONNX's reference evaluator by at most")).to_be_visible()
        settle(page)
        (folder,) = (server.home / "models").iterdir()
        point = checkpoint.load(folder / "checkpoint")
        assert not runs_in_browser(point.card.model)
        visit(page, "Sliders")
        assert any("/live/stream/" in address for address in sockets)
        code, before = field(page).input_value(), pixels(page)
        x, y = grab(page, slider(page))
        page.mouse.move(x + 60, y)
        for _ in range(100):
            if not np.array_equal(pixels(page), before):
                break
            page.wait_for_timeout(200)
        assert not np.array_equal(pixels(page), before)  # by the socket
        expect(field(page)).to_have_value(code)  # Python's script has heard of nothing
        page.mouse.up()
        settle(page)
        shown = pixels(page)
        z = explore.parse_code(field(page).input_value(), 4)
        expected = explore.decode(point.model, z[None])[0].transpose(1, 2, 0)
        assert np.abs(shown.astype(int) - expected).max() <= 1
    finally:
        shutil.rmtree(server.home / "models")
