"""The server as it is shipped: fast, closed to other hosts, and silent about its own errors."""

from __future__ import annotations

import http.client
import re
import shutil
import statistics
import sys
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser

from tests.browser.conftest import Server, serve, window
from tests.browser.steps import EXCEPTION, open_link
from tests.conftest import ROOT

PAGE_THAT_FAILS = """
import streamlit as st

if st.button("Break"):
    raise ValueError("/home/teacher/secret")
"""


@pytest.mark.skipif(sys.platform == "win32", reason="uvloop is not made for Windows")
def test_requests_do_not_wait_for_a_delayed_acknowledgement(server: Server) -> None:
    seconds = []
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc)) as connection:
        for _ in range(20):
            start = time.perf_counter()
            connection.request("GET", "/_stcore/health")
            connection.getresponse().read()
            seconds.append(time.perf_counter() - start)
    assert statistics.median(seconds) < 0.020  # 0.044 on a socket that waits


@pytest.mark.parametrize(
    ("header", "value", "status"), [("Host", "127.0.0.1", 101), ("Host", "evil.example", 403), ("Origin", "http://evil.example", 403)]
)
def test_a_session_opens_for_this_machine_only(server: Server, header: str, value: str, status: int) -> None:
    headers = {
        "Host": urlsplit(server.url).netloc,
        "Connection": "Upgrade",
        "Upgrade": "websocket",
        "Sec-WebSocket-Key": "bGF0ZW50IGxvb20gdGVzdA==",
        "Sec-WebSocket-Version": "13",
    }
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)) as connection:
        connection.request("GET", "/_stcore/stream", headers=headers | {header: value})
        assert connection.getresponse().status == status


def test_the_first_address_a_new_server_is_asked_for_may_be_any_page(browser: Browser, tmp_path: Path) -> None:
    with serve(ROOT / "app.py", tmp_path) as server, window(browser, server.url, 1280, 900) as page:
        open_link(page, "/models")
        assert page.get_by_test_id("stTopNavLink").count() == 9
        assert page.title() == "Latent Loom"


def test_an_unexpected_error_shows_a_sentence_and_logs_the_trace(browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONPATH", str(ROOT))  # app.py takes its routes from there
    shutil.copy(ROOT / "app.py", tmp_path)
    shutil.copytree(ROOT / ".streamlit", tmp_path / ".streamlit")
    (tmp_path / "router.py").write_text(PAGE_THAT_FAILS, encoding="utf-8")
    with serve(tmp_path / "app.py", tmp_path) as server:
        with window(browser, server.url, 1280, 900) as page:
            page.goto("/")
            page.get_by_role("button", name="Break").click()
            page.locator(EXCEPTION).wait_for()
            body = page.locator("body").inner_text()
        log = server.log.read_text()
    entry = re.findall(r"under ([0-9a-f]{6})", body)[0]
    assert "secret" not in body
    assert "ValueError" not in body
    assert "ValueError: /home/teacher/secret" in log.partition(f"error {entry} on a page")[2]
