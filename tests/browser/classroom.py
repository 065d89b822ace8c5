"""A server in lab mode, for tests in browsers and for the measurement of a class."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from tests.browser.conftest import START_SECONDS, Server, stop
from tests.conftest import ROOT

WORD, TEACHERS = "apple-tree", "a-long-word-of-the-teacher"


@contextmanager
def serve_class(folder: Path) -> Iterator[Server]:
    """Run the app for a class on a free port, its data under `folder`; ends it on the way out."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    options = ["--address", "127.0.0.1", "--port", str(port), "--word", WORD, "--teacher-word", TEACHERS]
    home, output = folder / "home", folder / "server.log"
    with output.open("wb") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "vae_core", "serve", *options],
            cwd=ROOT,
            env=os.environ | {"LATENT_LOOM_HOME": str(home)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = Server(f"http://127.0.0.1:{port}", home, output, process.pid)
    try:
        wait_until_it_asks(server.url)
        yield server
    finally:
        stop(process)


def wait_until_it_asks(url: str) -> None:
    """Wait until the server answers anybody without a pass, which it does with a refusal."""
    end = time.monotonic() + START_SECONDS
    while time.monotonic() < end:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
        except HTTPError:
            return
        except (URLError, TimeoutError):
            time.sleep(0.1)
    pytest.fail("the server did not start")
