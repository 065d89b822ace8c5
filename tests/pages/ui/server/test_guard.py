"""guard: what no request gets past, before anything else of the server hears of it."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.ui.server import guard
from tests.conftest import ROOT

HOSTS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]["allowedHosts"]


async def say(request: Request) -> Response:
    return PlainTextResponse("hello")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The guard before an app that answers everything."""
    monkeypatch.setattr("streamlit.config.get_option", {"server.allowedHosts": HOSTS}.__getitem__)
    routes = [WebSocketRoute("/talk", talk), Route("/{path:path}", say)]
    with TestClient(Starlette(routes=routes, middleware=[Middleware(guard.Guard)]), base_url="http://127.0.0.1:8501") as opened:
        yield opened


@pytest.mark.parametrize("host", ["127.0.0.1:8501", "localhost", "LOCALHOST:80", "[::1]:8501"])
def test_it_answers_to_its_own_names(host: str, client: TestClient) -> None:
    assert client.get("/", headers={"host": host}).text == "hello"


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "evil.example:8501", "localhost@evil.example", "", "127.0.0.2"])
def test_it_answers_to_no_other(host: str, client: TestClient) -> None:
    for path in ("/", "/_stcore/health", "/live/model/a/b"):
        assert client.get(path, headers={"host": host}).status_code == 403
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/talk", headers={"host": host}):
        pass


def test_a_socket_under_its_own_name_is_let_through(client: TestClient) -> None:
    with client.websocket_connect("ws://127.0.0.1:8501/talk") as socket:
        assert socket.receive_text() == "hello"


@pytest.mark.parametrize(
    "path",
    ["/_stcore/metrics", "/_stcore/metrics/", "/base/_stcore/metrics", "/a%00.svg", "/live/code/x/%00", "/media/a%0d%0ab", "/a%5cb.svg"],
)
def test_what_nobody_is_to_read_is_not_found(path: str, client: TestClient) -> None:
    assert client.get(path).status_code == 404


def test_no_page_stands_in_another_sites_frame(client: TestClient) -> None:
    assert client.get("/map").headers["content-security-policy"] == "frame-ancestors 'self'"
