"""The door of lab mode: without the word of the class there is one page, which asks for it, and nothing else is answered.

A link brings the word, as `?class=WORD`; from then on the browser holds a pass in a cookie that no script can read. The pass tells the
browsers of a class apart, and the teacher's from all others.
"""

from __future__ import annotations

from urllib.parse import parse_qsl, quote, urlencode

from anyio import sleep
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send
from starlette.websockets import WebSocketClose
from streamlit import context
from streamlit.runtime.scriptrunner import get_script_run_ctx

from pages.ui.server.tries import Tries
from vae_core.base import owners, passes
from vae_core.base.passes import Words

COOKIE = "latent_loom_class"
_ASKED = "class"
_HALF_A_YEAR = 182 * 24 * 60 * 60
_POLICY = 1008  # RFC 6455, 7.4.1
_WAIT_SECONDS = 0.5  # for who says a wrong word
_PLAIN = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
}
_PAGE = """<!doctype html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width"><title>Latent Loom</title>
<style>body {font: 1.125rem/1.5 system-ui, sans-serif; max-width: 24rem; margin: 20vh auto; padding: 0 1rem;
  background: #fbf7f0; color: #150f28}
input, button {font: inherit; padding: 0.5rem 0.75rem; margin-top: 0.5rem} h1 {font-weight: 600}</style>
<h1>Latent Loom</h1><p>%s</p>
<form><label>The word of the class<br><input name="class" autocomplete="off" autocapitalize="none" required autofocus></label>
<button>Come in</button></form></html>
"""


class Door:
    """ASGI middleware before all that the server answers: pages, files, uploads and sockets."""

    def __init__(self, app: ASGIApp, words: Words) -> None:
        self._app, self._words, self._tries = app, words, Tries()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a connection through, with a redirect where the address brings the word, or refuse it."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        request = HTTPConnection(scope)
        name = self._words.name_on(request.cookies.get(COOKIE, ""))
        word = request.query_params.get(_ASKED) if scope["type"] == "http" else None
        address = request.client.host if request.client else ""
        heard = word is None or self._tries.may(address)
        if word is not None and heard:
            new = self._words.name_for(word)
            if new is not None:
                await self._let_in(request, new if name is None or new == passes.TEACHER else name)(scope, receive, send)
                return
            self._tries.wrong(address)
            await sleep(_WAIT_SECONDS)
        if name is None:
            refusal = self._ask(word, heard=heard) if scope["type"] == "http" else WebSocketClose(_POLICY)
            await refusal(scope, receive, send)
            return
        with owners.acting_as(_as_owner(name)):
            await self._app(scope, receive, send)

    def _let_in(self, request: HTTPConnection, name: str) -> Response:
        """To the same address without the word, which so stays out of the browser's history and of links that are passed on."""
        rest = urlencode([pair for pair in parse_qsl(request.url.query, keep_blank_values=True) if pair[0] != _ASKED])
        path = "/" + quote(request.url.path.lstrip("/"))  # two slashes would lead to another server
        answer = RedirectResponse(f"{path}?{rest}" if rest else path, 303, headers=_PLAIN)
        safe = request.url.scheme == "https" or (passes.address() or "").startswith("https:")  # the second behind another server
        answer.set_cookie(COOKIE, self._words.signed(name), _HALF_A_YEAR, httponly=True, samesite="lax", secure=safe)
        return answer

    def _ask(self, word: str | None, *, heard: bool) -> Response:
        if not heard:
            return HTMLResponse(_PAGE % "Too many wrong words have come. Wait a minute, then say it again.", 429, headers=_PLAIN)
        said = "This app is for a class." if word is None else "That is not the word of this class. Look at it again: it has no spaces."
        return HTMLResponse(_PAGE % said, 401, headers=_PLAIN)


def built() -> Middleware:
    """The door, for a server in lab mode, which from now on knows who asks.

    Raises:
        InputError: the class has no words.
    """
    words = passes.kept()

    def who() -> str | None:
        """Of a page: the browser that its session is connected with. What runs apart from all pages and requests is nobody's."""
        held = context.cookies.get(COOKIE, "") if get_script_run_ctx(suppress_warning=True) else ""
        return _as_owner(words.name_on(held) or owners.NOBODY)

    owners.told_by(who)
    return Middleware(Door, words=words)


def _as_owner(name: str) -> str | None:
    return None if name == passes.TEACHER else name
