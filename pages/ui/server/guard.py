"""What no request gets past: a name that the server was not started for, and pages in other people's frames.

Imports nothing heavy: app.py sets how torch is to run first.
"""

from __future__ import annotations

import re

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

_METRICS = re.compile(r".*/_stcore/metrics/?")
_STRANGE = re.compile(r"[\x00-\x1f\x7f\\]")  # in a path; no address of ours has one


class Guard:
    """ASGI middleware around everything that the server answers.

    It answers 403 to a Host that `server.allowedHosts` does not list, and 404 for Streamlit's metrics and for a path that no file can have.
    No page of ours stands in a frame of another site.
    """

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

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
        else:
            await self._app(scope, receive, _in_no_frame(send))


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
