"""Copies of the app on one folder behind nginx, set up as nginx.conf says: for tests in browsers, and for the measurement of hundreds."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from tests.browser.classroom import TEACHERS, WORD
from tests.browser.conftest import Server, free_port, started
from tests.conftest import ROOT

COPY = "latent_loom_copy"
"""The cookie that keeps a browser at one copy, whose name it has."""

NAMES = ("one", "two")
_PATIENCE = 60


class Replicas(NamedTuple):
    """The address of all, and the copies behind it."""

    url: str
    copies: list[Server]


def nginx() -> str | None:
    """Where nginx is; None where there is none."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin")


def configuration(port: int, copies: Sequence[int], folder: Path) -> str:
    """nginx.conf with these ports, and with its files below `folder`."""
    text = (ROOT / "nginx.conf").read_text("utf-8")
    for ours, there in zip((port, *copies), ("listen 80;", "127.0.0.1:8501", "127.0.0.1:8502"), strict=True):
        assert there in text
        text = text.replace(there, f"listen 127.0.0.1:{ours};" if there.startswith("listen") else f"127.0.0.1:{ours}")
    kept = "".join(f"{kind}_temp_path {folder}/{kind}; " for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    return re.sub(r"^http \{$", f"http {{ access_log off; {kept}", text, flags=re.MULTILINE)


@contextmanager
def serve_replicas(folder: Path, count: int = 2) -> Iterator[Replicas]:
    """Run so many copies, one or two, in lab mode, with their data below `folder`, and nginx in front; end all on the way out."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with ExitStack() as stack:
        copies: list[Server] = []
        for number in range(count):
            place = folder / str(number)
            place.mkdir()
            (place / "home").symlink_to(folder / "home")
            (folder / "home").mkdir(exist_ok=True)
            own = free_port()
            options = ["--behind", url, "--port", str(own), "--word", WORD, "--teacher-word", TEACHERS]
            copies.append(stack.enter_context(started(["vae_core", "serve", *options], ROOT, place, own)))
        ports = [int(copy.url.rpartition(":")[2]) for copy in copies]
        stack.enter_context(front(folder, port, [ports[0], ports[-1]]))
        yield Replicas(url, copies)


@contextmanager
def front(folder: Path, port: int, copies: Sequence[int]) -> Iterator[None]:
    """Run nginx on this port before what listens on those of two copies, with its files below `folder`; end it on the way out."""
    (folder / "nginx.conf").write_text(configuration(port, copies, folder), encoding="utf-8")
    user = " user root;" if os.geteuid() == 0 else ""
    command = [str(nginx()), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
    process = subprocess.Popen([*command, "-g", f"daemon off; pid {folder}/nginx.pid;{user}"])
    try:
        _wait(port, process, folder / "nginx.log")
        yield
    finally:
        process.terminate()
        process.wait()


def _wait(port: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        with suppress(OSError), socket.create_connection(("127.0.0.1", port)):
            return
        time.sleep(0.05)
    raise RuntimeError(f"nginx did not start: {log.read_text(errors='replace') if log.exists() else ''}")
