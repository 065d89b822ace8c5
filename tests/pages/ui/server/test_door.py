"""What stands before all that the server of a class answers."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocket, WebSocketDisconnect

from pages.ui.server import door, routes
from pages.ui.server.door import COOKIE, Door
from pages.ui.server.tries import EACH
from vae_core.base import owners, passes

STUDENTS, TEACHER_WORD = "apple-tree", "a-long-word-of-the-teacher"
PATHS = ["/", "/train", "/_stcore/health", "/_stcore/upload_file/a/b", "/media/x.png", "/live/model/mnist-2d/0"]


async def _answer(request: Request) -> Response:
    return PlainTextResponse("inside")


async def _talk(socket: WebSocket) -> None:
    await socket.accept()
    await socket.send_text("inside")
    await socket.close()


@pytest.fixture
def client(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[TestClient]:
    words = passes.settled(STUDENTS, TEACHER_WORD)
    monkeypatch.setattr(door, "_WAIT_SECONDS", 0)
    methods = ["GET", "PUT", "POST", "DELETE"]
    app = Starlette(
        routes=[WebSocketRoute("/_stcore/stream", _talk), Route("/{path:path}", _answer, methods=methods)],
        middleware=[Middleware(Door, words=words)],
    )
    with TestClient(app, follow_redirects=False) as opened:
        yield opened


def heard(client: TestClient) -> str:
    with client.websocket_connect("/_stcore/stream") as socket:
        return socket.receive_text()


@pytest.mark.parametrize("path", PATHS)
def test_without_the_word_nothing_but_the_question_is_answered(client: TestClient, path: str) -> None:
    for method in ("GET", "PUT", "POST", "DELETE", "OPTIONS", "HEAD"):
        answer = client.request(method, path)
        assert answer.status_code == 401
        assert "inside" not in answer.text
    assert "The word of the class" in client.get(path).text
    assert "set-cookie" not in answer.headers


def test_a_socket_without_a_pass_is_closed_before_it_opens(client: TestClient) -> None:
    with pytest.raises(WebSocketDisconnect):
        heard(client)
    with pytest.raises(WebSocketDisconnect), client.websocket_connect(f"/_stcore/stream?class={STUDENTS}"):
        pass


def test_the_link_lets_in_and_loses_the_word(client: TestClient) -> None:
    answer = client.get(f"/learn?step=Dream&class={STUDENTS}&x=1%262")
    assert (answer.status_code, answer.headers["location"]) == (303, "/learn?step=Dream&x=1%262")
    cookie = answer.headers["set-cookie"].casefold()
    assert "httponly" in cookie
    assert "samesite=lax" in cookie
    assert "secure" not in cookie
    assert client.get("/learn").text == "inside"
    assert client.put("/_stcore/upload_file/a/b", content=b"x").text == "inside"
    assert heard(client) == "inside"


def test_a_browser_keeps_its_name_and_the_teachers_word_changes_it(client: TestClient) -> None:
    client.get(f"/?class={STUDENTS}")
    first = client.cookies[COOKIE]
    client.get(f"/?class={STUDENTS}")
    assert client.cookies[COOKIE] == first
    client.get(f"/?class={TEACHER_WORD}")
    teachers = client.cookies[COOKIE]
    assert teachers.startswith(passes.TEACHER)
    client.get(f"/?class={STUDENTS}")
    assert client.cookies[COOKIE] == teachers


@pytest.mark.parametrize("word", ["apple", TEACHER_WORD.upper(), "%00", "%ff", "a" * 5000])
def test_a_wrong_word_is_said(client: TestClient, word: str) -> None:
    answer = client.get(f"/?class={word}")
    assert answer.status_code == 401
    assert "That is not the word of this class" in answer.text
    assert "set-cookie" not in answer.headers


def test_who_says_many_wrong_words_is_heard_no_more_and_whoever_is_inside_notices_nothing(client: TestClient) -> None:
    statuses = [client.get(f"/?class=wrong-{number}").status_code for number in range(EACH + 3)]
    assert statuses == [401] * EACH + [429] * 3
    answer = client.get(f"/?class={STUDENTS}")  # a right word is not told from a wrong one
    assert answer.status_code == 429
    assert "Wait a minute" in answer.text
    assert client.get("/").status_code == 401
    held = passes.kept().signed("a" * 16)
    assert client.get("/learn?class=wrong", headers={"cookie": f"{COOKIE}={held}"}).text == "inside"
    elsewhere = TestClient(client.app, follow_redirects=False, client=("192.0.2.9", 50000))
    assert elsewhere.get(f"/?class={STUDENTS}").status_code == 303


def test_words_that_come_at_once_are_counted_before_any_is_answered(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(door, "_WAIT_SECONDS", 0.2)
    with ThreadPoolExecutor(30) as pool:
        statuses = list(pool.map(lambda number: client.get(f"/?class=wrong-{number}").status_code, range(30)))
    assert sorted(statuses) == [401] * EACH + [429] * 20


@pytest.mark.parametrize("held", ["x", "teacher", "teacher.", "0123456789abcdef." + "0" * 64, "..", "é"])
def test_a_forged_pass_opens_nothing(client: TestClient, held: str) -> None:
    assert client.get("/", headers={b"cookie": f"{COOKIE}={held}".encode()}).status_code == 401


@pytest.mark.parametrize("path", ["//elsewhere.example/", "/%2F/elsewhere.example", "/\\elsewhere.example"])
def test_the_redirect_stays_on_this_server(client: TestClient, path: str) -> None:
    location = client.get(f"http://testserver{path}?class={STUDENTS}").headers["location"]
    assert not location.startswith(("//", "/\\", "http"))


def test_over_https_the_pass_is_for_https_alone(client: TestClient) -> None:
    assert "secure" in client.get(f"https://testserver/?class={STUDENTS}").headers["set-cookie"].casefold()


def test_behind_a_server_that_speaks_https_too(client: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_LOOM_CLASS", "https://class.example")
    assert "secure" in client.get(f"/?class={STUDENTS}").headers["set-cookie"].casefold()


def test_on_a_laptop_there_is_no_door(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    passes.settled(STUDENTS, TEACHER_WORD)
    monkeypatch.setattr(owners, "_who", owners._who)  # which the door sets
    monkeypatch.delenv("LATENT_LOOM_CLASS", raising=False)
    assert routes.middleware() == []
    monkeypatch.setenv("LATENT_LOOM_CLASS", "http://127.0.0.1:8501")
    (door_of_the_class,) = routes.middleware()
    assert "Door" in repr(door_of_the_class)
