"""upkeep: what the server does beside its answers."""

from __future__ import annotations

import threading

import anyio
import pytest

from pages.ui.server import upkeep, uploads
from vae_core.base import storage


def test_the_server_answers_while_it_sweeps_and_goes_on_where_the_disk_refuses(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    answered, freed = threading.Event(), threading.Event()

    def sweep() -> None:
        assert answered.wait(10)
        raise PermissionError("no")

    def let_go() -> None:
        freed.set()
        raise RuntimeError("no")

    async def serve() -> None:
        async with upkeep.lifespan(None):
            answered.set()
            with anyio.fail_after(10):
                while not freed.is_set():
                    await anyio.sleep(0.01)

    monkeypatch.setattr(storage, "sweep", sweep)
    monkeypatch.setattr(uploads, "let_go_of_uploads", let_go)
    monkeypatch.setattr(upkeep, "_PAUSE_SECONDS", 0.01)
    anyio.run(serve)
    assert "left half written is not removed" in caplog.text
    assert "are not freed" in caplog.text
