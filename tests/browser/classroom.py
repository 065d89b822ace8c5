"""A server in lab mode, for tests in browsers and for the measurement of a class."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.browser.conftest import Server, free_port, started
from tests.conftest import ROOT

WORD, TEACHERS = "apple-tree", "a-long-word-of-the-teacher"


@contextmanager
def serve_class(folder: Path) -> Iterator[Server]:
    """Run the app for a class on a free port, its data under `folder`; ends it on the way out."""
    port = free_port()
    options = ["--address", "127.0.0.1", "--port", str(port), "--word", WORD, "--teacher-word", TEACHERS]
    with started(["vae_core", "serve", *options], ROOT, folder, port) as server:
        yield server
