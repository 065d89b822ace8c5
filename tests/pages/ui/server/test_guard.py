"""guard: what no request gets past, before anything else of the server hears of it."""

from __future__ import annotations

import time
import tomllib
from collections.abc import Iterator
from types import SimpleNamespace

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from pages.ui.server import guard
from tests.conftest import ROOT

HOSTS = tomllib.loads((ROOT / ".streamlit" / "config.toml").read_text())["server"]["allowedHosts"]
UPLOAD = "/_stcore/upload_file/{}/{}"
MEGABYTE = 2**20


async def take(request: Request) -> Response:
    """What Streamlit does with an upload."""
    session, file = request.path_params["session"], request.path_params["file"]
    uploads.add_file(session, UploadedFileRec(file, "x.png", "image/png", await request.body()))
    return Response(status_code=204)


async def say(request: Request) -> Response:
    return PlainTextResponse("hello")


async def talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("hello")
    await socket.close()


uploads = MemoryUploadedFileManager("/_stcore/upload_file")
active: set[str] = set()


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The guard before an app that answers everything."""
    runtime = SimpleNamespace(uploaded_file_mgr=uploads, is_active_session=active.__contains__)
    monkeypatch.setattr(guard, "get_instance", lambda: runtime)
    monkeypatch.setattr(guard, "exists", lambda: True)
    monkeypatch.setattr("streamlit.config.get_option", {"server.allowedHosts": HOSTS, "server.disconnectedSessionTTL": 120}.__getitem__)
    monkeypatch.setattr("streamlit.get_option", {"server.disconnectedSessionTTL": 120}.__getitem__)
    monkeypatch.setattr(guard, "_ended", {})
    for session in list(uploads.file_storage):
        uploads.remove_session_files(session)
    active.clear()
    routes = [
        Route(UPLOAD.format("{session}", "{file}"), take, methods=["PUT"]),
        WebSocketRoute("/talk", talk),
        Route("/{path:path}", say),
    ]
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


def put(client: TestClient, session: str, file: str, megabytes: int) -> int:
    """The status of an upload."""
    return client.put(UPLOAD.format(session, file), content=bytes(megabytes * MEGABYTE)).status_code


def test_uploads_are_bounded_for_a_session_and_in_all(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_OF_SESSION", 4 * MEGABYTE)
    monkeypatch.setattr(guard, "MOST_IN_ALL", 7 * MEGABYTE)
    assert [put(client, "a", str(number), 1) for number in range(6)] == [204] * 4 + [413] * 2
    assert "There is room for 0 MB more" in client.put(UPLOAD.format("a", "9"), content=b"x").text
    assert [put(client, "b", str(number), 1) for number in range(4)] == [204] * 3 + [413]
    uploads.remove_file("a", "0")
    assert put(client, "b", "9", 1) == 204
    assert put(client, "c", "0", 1) == 413
    uploads.remove_session_files("a")
    assert put(client, "c", "0", 3) == 204


def test_an_upload_that_is_too_large_is_not_read(client: TestClient) -> None:
    def body() -> Iterator[bytes]:
        yield b"x"

    address = UPLOAD.format("a", "0")
    assert client.put(address, content=body(), headers={"content-length": str(guard.MOST_OF_SESSION + 1)}).status_code == 413
    assert client.put(address, content=body()).status_code == 411  # in pieces, of which nobody says how many
    assert client.put(address, content=b"x", headers={"content-length": "9" * 5_000}).status_code == 411
    assert not uploads.file_storage


def test_what_is_still_coming_counts(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "MOST_OF_SESSION", 4 * MEGABYTE)
    answers: list[int] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(0.05)
        await Response(status_code=204)(scope, receive, send)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answers.append(message["status"])

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def at_once(guarded: guard.Guard) -> None:
        headers = [(b"host", b"localhost"), (b"content-length", str(3 * MEGABYTE).encode())]
        scope: Scope = {"type": "http", "method": "PUT", "path": UPLOAD.format("a", "0"), "headers": headers}
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(guarded, dict(scope), receive, send)
        await guarded(dict(scope), receive, send)

    anyio.run(at_once, guard.Guard(slow))
    assert answers == [413, 413, 204, 204]


def test_uploads_of_a_session_that_ended_are_freed(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    active.update({"a", "b"})
    for session in "ab":
        put(client, session, "0", 1)
    now = time.monotonic()
    for seconds, gone, left in (
        (0, set(), "ab"),
        (10, {"b"}, "ab"),
        (100, {"b"}, "ab"),
        (110, set(), "ab"),
        (120, {"b"}, "ab"),
        (241, {"b"}, "a"),
    ):
        active.update("ab")
        active.difference_update(gone)
        monkeypatch.setattr("time.monotonic", lambda seconds=seconds: now + seconds)
        guard.let_go_of_uploads()
        assert set(uploads.file_storage) == set(left), seconds
    monkeypatch.setattr(guard, "exists", lambda: False)
    guard.let_go_of_uploads()
