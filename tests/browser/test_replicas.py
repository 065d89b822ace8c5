"""Two copies of the app on one folder behind nginx: each browser stays at its copy, and both have one list and one trainer."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, FilePayload, Page, expect

from tests.browser.classroom import TEACHERS, WORD
from tests.browser.conftest import new_context, watched
from tests.browser.replicas import COPY, NAMES, Replicas, nginx, serve_replicas
from tests.browser.steps import model_bar, open_link, settle, upload
from tests.browser.test_class import come_in
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.runs import catalogue, directory
from vae_core.training import checkpoint

SMALL = ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(64,))

# A code through the decoder of the server: how many bytes its picture has.
DECODED = """(path) => new Promise((done, failed) => {
  const socket = new WebSocket(`${location.origin.replace("http", "ws")}${path}`)
  socket.binaryType = "arraybuffer"
  socket.onmessage = ({ data }) =>
    typeof data == "string" ? socket.send(JSON.stringify({ id: 7, z: [0, 0] })) : done(data.byteLength - 4)
  socket.onclose = ({ code }) => failed(Error(`closed with ${code}`))
})"""


@pytest.fixture
def replicas(tmp_path: Path) -> Iterator[Replicas]:
    """Two copies of the app with nginx in front; neither may have written a trace."""
    if nginx() is None:
        missing = "no nginx: install it"
        if os.environ.get("CI"):
            pytest.fail(missing)
        pytest.skip(missing)
    with serve_replicas(tmp_path) as served:
        yield served
    for copy in served.copies:
        written = copy.log.read_text(errors="replace")
        assert not any(word in written for word in ("Traceback", "Warning", "WARNING")), written


def copy_of(context: BrowserContext) -> str:
    return next(str(cookie["value"]) for cookie in context.cookies() if cookie["name"] == COPY)


@pytest.mark.slow
def test_each_browser_stays_at_its_copy_and_both_share_models_and_one_trainer(
    replicas: Replicas, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path / "home"))
    with ExitStack() as stack:
        teacher, anna = [new_context(browser, replicas.url, 1280, 900) for _ in NAMES]
        for context, word in ((teacher, TEACHERS), (anna, WORD)):
            stack.callback(context.close)
            come_in(context, word)
            assert copy_of(context) in NAMES
        for context, name in ((teacher, "one"), (anna, "two")):  # the pass that either copy gave holds at both
            context.add_cookies([{"name": COPY, "value": name, "domain": urlsplit(replicas.url).hostname, "path": "/"}])
        pages = [stack.enter_context(watched(context)) for context in (teacher, anna)]
        for page in pages:
            an_upload_and_a_decoded_picture(page)
        assert [copy_of(context) for context in (teacher, anna)] == list(NAMES)
        a_model_of_one_is_shared_with_the_other(*pages)
        one_trainer(pages)


def an_upload_and_a_decoded_picture(page: Page) -> None:
    """Files and sockets come to the copy that has the session."""
    open_link(page, "models?model=digits-2d")
    file = checkpoint.pack(catalogue.BUNDLED / "digits-2d")
    upload(page, "Add a model file", [FilePayload(name="own.zip", mimeType="application/zip", buffer=file)])
    expect(model_bar(page)).to_contain_text("uploaded")
    assert page.evaluate(DECODED, f"/live/stream/digits-2d/{catalogue.load('digits-2d').weights_hash}") == 64


def a_model_of_one_is_shared_with_the_other(teacher: Page, anna: Page) -> None:
    """What one copy wrote, the other one lists."""
    uploaded = sorted(catalogue.UPLOADS.folders(), key=lambda folder: folder.stat().st_mtime)[0].name
    catalogue.rename(uploaded, "Of the teacher")
    open_link(anna, f"models?model={uploaded}")
    expect(anna.get_by_text(f'There is no model "{uploaded}"')).to_be_visible()
    open_link(teacher, f"models?model={uploaded}")
    teacher.get_by_role("button", name="Share with the class").click()
    settle(teacher)
    open_link(anna, f"models?model={uploaded}")
    expect(anna.get_by_role("button", name="Model: Of the teacher")).to_be_visible()


def one_trainer(pages: list[Page]) -> None:
    """Either page sees that somebody trains; what both have started is one worker."""
    runs = [
        directory.create(RunConfig(name=f"Run {seed}", data="digits", model=SMALL, train=TrainConfig(epochs=60, seed=seed)))
        for seed in range(2)
    ]
    for page in pages:
        open_link(page, "train")
    while any(directory.status(run).active for run in runs):
        assert sum(directory.status(run).state == "running" for run in runs) <= 1
        time.sleep(0.02)
    assert [directory.status(run).state for run in runs] == ["finished", "finished"]
    for page in pages[:1]:  # the teacher's runs are not the students'
        expect(page.get_by_text("Epoch 60 of 60")).to_be_visible()
