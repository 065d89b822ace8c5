"""How much may be uploaded, and when it is let go: Streamlit itself takes whatever comes, and keeps it until the next visitor.

Imports nothing heavy: app.py sets how torch is to run first.
"""

from __future__ import annotations

import os
import re
import time
from collections import Counter
from typing import cast

import streamlit as st
from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Receive, Scope, Send
from streamlit.runtime import Runtime, exists, get_instance
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager

from vae_core.base import owners

MOST_OF_SESSION, MOST_IN_ALL = 400 * 2**20, 1_600 * 2**20
"""Bytes of uploads that one session may hold, and all together: four files of the largest size, and sixteen."""

MOST_OF_STUDENT, MOST_IN_CLASS = 50 * 2**20, 1_900 * 2**20
"""In a class: what a student may hold, in however many tabs, and all together: thirty students and the teacher's session."""

_ADDRESS = re.compile(r".*/_stcore/upload_file/([^/]+)/[^/]+")


class Uploads:
    """ASGI middleware behind the door: it answers 413 to an upload that is one too many, before its body is read."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._coming: Counter[str] = Counter()
        self._students: dict[str, str] = {}  # who has uploaded in a session

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request or socket."""
        found = _ADDRESS.fullmatch(scope["path"]) if scope["type"] == "http" and scope["method"] == "PUT" else None
        if found is None:
            await self._app(scope, receive, send)
            return
        session, length = found[1], Headers(scope=scope).get("content-length", "")
        if not re.fullmatch("[0-9]{1,12}", length):
            await PlainTextResponse("An upload says its length first.", 411)(scope, receive, send)
            return
        free = self._free(session)
        if int(length) > free:
            why = f"There is room for {max(0, free) // 2**20} MB more: take away a file that was uploaded before, or reload the page."
            await PlainTextResponse(why, 413)(scope, receive, send)
            return
        self._coming[session] += int(length)
        try:
            await self._app(scope, receive, send)
        finally:
            self._coming[session] -= int(length)
            self._coming += Counter()  # forgets who has nothing coming

    def _free(self, session: str) -> int:
        """Bytes that this session may still upload."""
        held = _held() + self._coming
        student, in_class = _student(), "LATENT_LOOM_CLASS" in os.environ
        if student is not None:
            self._students[session] = student
        self._students = {known: name for known, name in self._students.items() if known in held or known == session}
        own = [held[session]] if student is None else [held[known] for known, name in self._students.items() if name == student]
        most, most_in_all = MOST_OF_SESSION if student is None else MOST_OF_STUDENT, MOST_IN_CLASS if in_class else MOST_IN_ALL
        return min(most - sum(own), most_in_all - held.total())


_ended: dict[str, float] = {}  # sessions with uploads that are not connected, and since when on the monotonic clock


def largest_file() -> int:
    """Megabytes that one file of who asks may have."""
    most: int = st.get_option("server.maxUploadSize")
    return most if _student() is None else min(most, MOST_OF_STUDENT // 2**20)


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


def _student() -> str | None:
    """The student whose browser uploads; None for a teacher, and on a laptop."""
    return owners.asking()
