"""The container's files name what is there. Whether Docker builds them no test here can see. And nginx.conf before two plain servers."""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx2
import pytest

from tests.browser.conftest import free_port
from tests.browser.replicas import COPY, NAMES, front, nginx
from tests.conftest import ROOT
from tests.test_layers import PRODUCT

DOCKERFILE = (ROOT / "Dockerfile").read_text("utf-8")
COMPOSE = (ROOT / "compose.yaml").read_text("utf-8")
LET_THROUGH = set(re.findall(r"^!(.+)$", (ROOT / ".dockerignore").read_text("utf-8"), re.MULTILINE))


def test_what_is_copied_is_there_and_is_the_whole_product() -> None:
    copied = {name for line in re.findall(r"^COPY (?!--from)(.+) \S+$", DOCKERFILE, re.MULTILINE) for name in line.split()}
    assert copied == LET_THROUGH
    assert [name for name in copied if not (ROOT / name).exists()] == []
    assert {path.relative_to(ROOT).parts[0] for path in PRODUCT} - copied <= {"bench"}


def test_it_runs_as_nobody_in_particular_and_writes_to_its_volume_alone() -> None:
    last = DOCKERFILE.rpartition("\nFROM ")[2]
    assert re.search(r"^USER [1-9]\d*$", last, re.MULTILINE)
    assert "LATENT_LOOM_HOME=/data" in last
    assert "VOLUME /data" in last
    assert "/_stcore/health" in last
    for setting in ("read_only: true", "tmpfs: [/tmp]", "cap_drop: [ALL]", '"runs:/data"'):
        assert setting in COMPOSE


@contextmanager
def copy_called(name: str) -> Iterator[int]:
    """A server that answers its name and what it was asked with; its port."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(f"{name} {self.headers['Host']} {self.headers['Upgrade']} {self.headers['Connection']}".encode())

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Answer) as server:
        threading.Thread(target=server.serve_forever).start()
        try:
            yield server.server_port
        finally:
            server.shutdown()


def test_nginx_keeps_a_browser_at_its_copy_and_brings_it_to_the_other_one_where_that_ends(tmp_path: Path) -> None:
    if nginx() is None:
        if os.environ.get("CI"):
            pytest.fail("no nginx: install it")
        pytest.skip("no nginx: install it")
    port = free_port()
    url = f"http://127.0.0.1:{port}/"
    with copy_called("one") as one:
        with copy_called("two") as two, front(tmp_path, port, [one, two]):
            first = {httpx2.get(url).cookies[COPY] for _ in range(40)}
            assert first == set(NAMES)  # else by a chance of one in 500 billion
            for name in NAMES:
                again = [httpx2.get(url, headers={"Cookie": f"{COPY}={name}"}) for _ in range(5)]
                assert {answer.text for answer in again} == {f"{name} 127.0.0.1:{port} None None"}
                assert all("set-cookie" not in answer.headers for answer in again)
            strange = httpx2.get(url, headers={"Cookie": f"{COPY}=elsewhere.example"})
            assert strange.text.split()[0] == strange.cookies[COPY]
            socket = httpx2.get(url, headers={"Upgrade": "websocket", "Connection": "Upgrade", "Cookie": f"{COPY}=one"})
            assert socket.text == f"one 127.0.0.1:{port} websocket upgrade"
        with front(tmp_path, port, [one, two]):  # whose port nobody listens on any more
            assert httpx2.get(url, headers={"Cookie": f"{COPY}=two"}).text.startswith("one ")
