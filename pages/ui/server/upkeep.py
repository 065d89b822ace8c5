"""What the server does beside its answers. Imports nothing heavy: app.py sets how torch is to run first."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio
from anyio import to_thread

from pages.ui.server import uploads
from vae_core.base import storage

_PAUSE_SECONDS = 30.0
log = logging.getLogger("latent_loom")


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Remove what a crash of an earlier server left half written or half removed; then free the uploads of sessions that ended.

    No answer waits for either.
    """
    async with anyio.create_task_group() as tasks:
        tasks.start_soon(_tend)
        try:
            yield
        finally:
            tasks.cancel_scope.cancel()


async def _tend() -> None:
    try:
        await to_thread.run_sync(storage.sweep)
    except Exception:  # the server goes on without
        log.exception("what an earlier server left half written is not removed")
    while True:
        await anyio.sleep(_PAUSE_SECONDS)
        try:
            uploads.let_go_of_uploads()
        except Exception:
            log.exception("uploads of sessions that ended are not freed")
