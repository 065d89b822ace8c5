"""What no request gets past: a name that the server was not started for, more uploads than it can hold, and pages in other people's frames.

Imports nothing heavy: app.py sets how torch is to run first.
"""

from __future__ import annotations

import re
import time
from collections import Counter
from typing import cast

import streamlit as st
from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.runtime import Runtime, exists, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

MOST_OF_SESSION = 400 * 2**20
"""Bytes of uploads that one session may hold: four files of the largest size."""

MOST_IN_ALL = 1_600 * 2**20
"""Bytes of uploads that all sessions together may hold."""

_UPLOAD = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")
_METRICS = re.compile(r".*/_stcore/metrics/?")
_STRANGE = re.compile(r"[\x00-\x1f\x7f\\]")  # in a path; no address of ours has one


class Guard:
    """ASGI middleware around everything that the server answers.

    It answers 403 to a Host that `server.allowedHosts` does not list, 404 for Streamlit's metrics and for a path that no file can have,
    and 413 to an upload that is one too many, before its body is read. No page of ours stands in a frame of another site.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: Counter[str] = Counter()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or socket."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers, path = Headers(scope=scope), scope["path"]
        if not is_host_allowed(headers.get("host")):
            await _refuse(403, "This server was not started under the name that you asked for.", scope, receive, send)
        elif _STRANGE.search(path) or _METRICS.fullmatch(path):
            await _refuse(404, "Not found", scope, receive, send)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        elif scope["method"] == "PUT" and (upload := _UPLOAD.fullmatch(path)):
            await self._upload(upload[1], headers, scope, receive, _in_no_frame(send))
        else:
            await self._app(scope, receive, _in_no_frame(send))

    async def _upload(self, session: str, headers: Headers, scope: Scope, receive: Receive, send: Send) -> None:
        length = headers.get("content-length", "")
        if not re.fullmatch("[0-9]{1,12}", length):
            await _refuse(411, "An upload says its length first.", scope, receive, send)
            return
        held = _held()
        free = min(
            MOST_OF_SESSION - held[session] - self._coming[session],
            MOST_IN_ALL - held.total() - self._coming.total(),
        )
        if int(length) > free:
            why = f"There is room for {max(0, free) // 2**20} MB more: take away a file that was uploaded before, or reload the page."
            await _refuse(413, why, scope, receive, send)
            return
        self._coming[session] += int(length)
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= int(length)
            self._coming += Counter()  # forgets who has nothing coming


_ended: dict[str, float] = {}  # sessions with uploads that are not connected, and since when on the monotonic clock


def let_go_of_uploads() -> None:
    """Free what sessions have uploaded that ended longer ago than they are kept: Streamlit itself waits for the next visitor."""
    if not exists():
        return
    runtime = get_instance()
    sessions, now = set(_held()), time.monotonic()
    for session in {*sessions, *_ended}:
        if session not in sessions or runtime.is_active_session(session):
            _ended.pop(session, None)
        elif now - _ended.setdefault(session, now) > st.get_option("server.disconnectedSessionTTL"):
            _uploads(runtime).remove_session_files(session)
            del _ended[session]


def _held() -> Counter[str]:
    """Bytes of uploads by session."""
    storage = _uploads(get_instance()).file_storage
    return Counter({session: sum(len(file.data) for file in list(files.values())) for session, files in list(storage.items())})


def _uploads(runtime: Runtime) -> MemoryUploadedFileManager:
    return cast("MemoryUploadedFileManager", runtime.uploaded_file_mgr)


def _in_no_frame(send: Send) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            MutableHeaders(scope=message).append("Content-Security-Policy", "frame-ancestors 'self'")
        await send(message)

    return sending


async def _refuse(status: int, why: str, scope: Scope, receive: Receive, send: Send) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008, "reason": why})
    else:
        await PlainTextResponse(why, status)(scope, receive, send)
