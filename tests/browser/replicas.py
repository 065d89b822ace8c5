"""Copies of the app on one folder behind nginx, set up as nginx.conf says: for tests in browsers, and for the measurement of hundreds."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from http import HTTPStatus
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


def configuration(port: int, copies: list[int], folder: Path) -> str:
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
        (folder / "nginx.conf").write_text(configuration(port, [ports[0], ports[-1]], folder), encoding="utf-8")
        user = " user root;" if os.geteuid() == 0 else ""
        command = [str(nginx()), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "nginx.log")]
        front = subprocess.Popen([*command, "-g", f"daemon off; pid {folder}/nginx.pid;{user}"])
        try:
            _wait(url, front, folder / "nginx.log")
            yield Replicas(url, copies)
        finally:
            front.terminate()
            front.wait()


def _wait(url: str, front: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while front.poll() is None and time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"{url}/", timeout=5)
        except urllib.error.HTTPError as error:
            if error.code == HTTPStatus.UNAUTHORIZED:  # whoever says the word of the class comes in
                return
            raise
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nginx did not start: {log.read_text(errors='replace') if log.exists() else ''}")
