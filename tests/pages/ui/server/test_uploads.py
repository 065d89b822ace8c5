"""uploads: how much is taken of one, of a student and of all, and that it is let go."""

from __future__ import annotations

import time
from collections.abc import Iterator
from types import SimpleNamespace

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from pages.ui.server import uploads
from vae_core.base import owners

UPLOAD = "/_stcore/upload_file/{}/{}"
MEGABYTE = 2**20
held = MemoryUploadedFileManager("/_stcore/upload_file")
active: set[str] = set()


async def take(request: Request) -> Response:
    """What Streamlit does with an upload."""
    session, file = request.path_params["session"], request.path_params["file"]
    held.add_file(session, UploadedFileRec(file, "x.png", "image/png", await request.body()))
    return Response(status_code=204)


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    """The bounds before an app that keeps whatever is uploaded."""
    runtime = SimpleNamespace(uploaded_file_mgr=held, is_active_session=active.__contains__)
    monkeypatch.setattr(uploads, "get_instance", lambda: runtime)
    monkeypatch.setattr(uploads, "exists", lambda: True)
    monkeypatch.setattr("streamlit.get_option", {"server.disconnectedSessionTTL": 120}.__getitem__)
    monkeypatch.setattr(uploads, "_ended", {})
    for session in list(held.file_storage):
        held.remove_session_files(session)
    active.clear()
    routes = [Route(UPLOAD.format("{session}", "{file}"), take, methods=["PUT"])]
    with TestClient(Starlette(routes=routes, middleware=[Middleware(uploads.Uploads)]), base_url="http://127.0.0.1:8501") as opened:
        yield opened


def put(client: TestClient, session: str, file: str, megabytes: int) -> int:
    """The status of an upload."""
    return client.put(UPLOAD.format(session, file), content=bytes(megabytes * MEGABYTE)).status_code


def test_uploads_are_bounded_for_a_session_and_in_all(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_OF_SESSION", 4 * MEGABYTE)
    monkeypatch.setattr(uploads, "MOST_IN_ALL", 7 * MEGABYTE)
    assert [put(client, "a", str(number), 1) for number in range(6)] == [204] * 4 + [413] * 2
    assert "There is room for 0 MB more" in client.put(UPLOAD.format("a", "9"), content=b"x").text
    assert [put(client, "b", str(number), 1) for number in range(4)] == [204] * 3 + [413]
    held.remove_file("a", "0")
    assert put(client, "b", "9", 1) == 204
    assert put(client, "c", "0", 1) == 413
    held.remove_session_files("a")
    assert put(client, "c", "0", 3) == 204


def test_a_student_has_a_share_in_however_many_tabs_and_the_teacher_more(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_LOOM_CLASS", "http://127.0.0.1:8501")
    monkeypatch.setattr(uploads, "MOST_OF_STUDENT", 3 * MEGABYTE)
    monkeypatch.setattr(uploads, "MOST_OF_SESSION", 6 * MEGABYTE)
    monkeypatch.setattr(uploads, "MOST_IN_CLASS", 12 * MEGABYTE)
    for name, taken in (("a" * 16, 3), ("b" * 16, 3), (None, 6)):
        monkeypatch.setattr(owners, "_who", lambda name=name: name)
        statuses = [put(client, f"{name}-{number % 3}" if name else "teacher", str(number), 1) for number in range(8)]
        assert statuses == [204] * taken + [413] * (8 - taken)
    monkeypatch.setattr(owners, "_who", lambda: "a" * 16)
    held.remove_session_files(f"{'a' * 16}-0")
    assert put(client, "a new tab", "0", 1) == 204
    assert put(client, "a new tab", "1", 1) == 413


def test_the_page_names_the_largest_file_that_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    assert uploads.largest_file() == 100
    monkeypatch.setattr(owners, "_who", lambda: "a" * 16)
    assert uploads.largest_file() == 50


def test_thirty_students_and_the_teacher_have_room_at_once() -> None:
    assert uploads.MOST_IN_CLASS >= 30 * uploads.MOST_OF_STUDENT + uploads.MOST_OF_SESSION


def test_an_upload_that_is_too_large_is_not_read(client: TestClient) -> None:
    def body() -> Iterator[bytes]:
        yield b"x"

    address = UPLOAD.format("a", "0")
    assert client.put(address, content=body(), headers={"content-length": str(uploads.MOST_OF_SESSION + 1)}).status_code == 413
    assert client.put(address, content=body()).status_code == 411  # in pieces, of which nobody says how many
    assert client.put(address, content=b"x", headers={"content-length": "9" * 5_000}).status_code == 411
    assert not held.file_storage


def test_what_is_still_coming_counts(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "MOST_OF_SESSION", 4 * MEGABYTE)
    answers: list[int] = []

    async def slow(scope: Scope, receive: Receive, send: Send) -> None:
        await anyio.sleep(0.05)
        await Response(status_code=204)(scope, receive, send)

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            answers.append(message["status"])

    async def receive() -> Message:
        return {"type": "http.request", "body": b""}

    async def at_once(bounded: uploads.Uploads) -> None:
        headers = [(b"host", b"localhost"), (b"content-length", str(3 * MEGABYTE).encode())]
        scope: Scope = {"type": "http", "method": "PUT", "path": UPLOAD.format("a", "0"), "headers": headers}
        async with anyio.create_task_group() as tasks:
            for _ in range(3):
                tasks.start_soon(bounded, dict(scope), receive, send)
        await bounded(dict(scope), receive, send)

    anyio.run(at_once, uploads.Uploads(slow))
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
        uploads.let_go_of_uploads()
        assert set(held.file_storage) == set(left), seconds
    monkeypatch.setattr(uploads, "exists", lambda: False)
    uploads.let_go_of_uploads()
