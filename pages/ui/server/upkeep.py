"""What the server does before it answers anybody. Imports nothing heavy: app.py sets how torch is to run first."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from anyio import to_thread


def _sweep() -> None:
    from vae_core.base import storage

    storage.sweep()


@asynccontextmanager
async def lifespan(_: object) -> AsyncIterator[None]:
    """Remove what a crash of an earlier server left half written or half removed."""
    await to_thread.run_sync(_sweep)
    yield
