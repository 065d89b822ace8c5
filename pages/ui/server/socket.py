"""Pictures for a model that is too big for the browser, over one WebSocket per page: a request as JSON, its answer when it is made.

A request is {"id", "z"} or {"id", "pixels"}, the pixels uint8 [C, H, W] in base64. The answer to a code is binary, the id as four bytes,
little-endian, and then the picture's uint8 [C, H, W]; the answer to an image is {"id", "mean", "logvar"}, log-variance null for a
deterministic autoencoder. What cannot be answered is told in {"id", "error"}, and the socket stays open. `{"ready": true}` comes first.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlsplit

from anyio import CapacityLimiter, WouldBlock, to_thread
from starlette.exceptions import HTTPException
from starlette.websockets import WebSocket, WebSocketDisconnect
from streamlit.web.server.starlette.starlette_websocket import is_host_allowed

from pages.ui import cache
from pages.ui.server import served
from vae_core.analysis import explore
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE

MAX_SOCKETS = 64
MAX_MESSAGE = 256 * 1024
"""Characters or bytes: four times the largest image in base64."""
_MAX_ID = 2**32 - 1
_POLICY, _TOO_BIG, _LATER = 1008, 1009, 1013  # RFC 6455, 7.4.1, and its registry of close codes

_threads = CapacityLimiter(2)
_seats = CapacityLimiter(MAX_SOCKETS)


async def answer(socket: WebSocket) -> None:
    """Serve one browser page until it leaves."""
    if not _from_own_page(socket):
        await socket.close(_POLICY)
        return
    await socket.accept()
    try:
        _seats.acquire_nowait()
    except WouldBlock:
        await _refuse(socket, _LATER, f"{MAX_SOCKETS} pages already stream from this server; the picture follows when you let go.")
        return
    try:
        await _serve(socket)
    except WebSocketDisconnect:
        pass
    finally:
        _seats.release()


def _from_own_page(socket: WebSocket) -> bool:
    """Whether the address the browser used, and the page that asks, are the app's own: no other site may connect through a visitor."""
    host, origin = socket.headers.get("host"), socket.headers.get("origin")
    return is_host_allowed(host) and (origin is None or urlsplit(origin).netloc == host)


async def _serve(socket: WebSocket) -> None:
    try:
        model = await to_thread.run_sync(_opened, socket, limiter=_threads)
    except HTTPException as error:
        await _refuse(socket, _POLICY, error.detail)
        return
    except InputError as error:
        await _refuse(socket, _POLICY, str(error))
        return
    await socket.send_json({"ready": True})
    while (message := await socket.receive())["type"] == "websocket.receive":
        text = message.get("text")
        if len(message["bytes"] if text is None else text) > MAX_MESSAGE:
            await _refuse(socket, _TOO_BIG, f"A request has at most {MAX_MESSAGE:,} characters.")
            return
        # the next request is not read before this one is answered: whoever asks faster waits in the connection, not in our memory
        made = await to_thread.run_sync(_answer, model, text, limiter=_threads)
        await (socket.send_bytes(made) if isinstance(made, bytes) else socket.send_json(made))


def _opened(socket: WebSocket) -> VAE:
    return cache.opened(served.entry_of(socket).folder).model


async def _refuse(socket: WebSocket, code: int, sentence: str) -> None:
    """Tell why in a message: a browser does not show a page the reason of a close."""
    try:
        await socket.send_json({"error": sentence})
        await socket.close(code)
    except WebSocketDisconnect:
        pass


def _answer(model: VAE, text: str | None) -> bytes | dict[str, Any]:
    number = None
    try:
        request = _request(text)
        number = _number(request)
        if "z" in request:
            z = explore.check_code(request["z"], model.config.latent)
            return number.to_bytes(4, "little") + explore.decode(model, z[None]).tobytes()
        shape = (model.config.channels, model.config.height, model.config.width)
        pixels = explore.check_pixels(request.get("pixels"), shape)
        mean, logvar = (part[0].tolist() for part in explore.encode(model, pixels[None]))
        return {"id": number, "mean": mean, "logvar": logvar if model.config.variational else None}
    except InputError as error:
        return {"id": number, "error": str(error)}


def _request(text: str | None) -> dict[str, Any]:
    try:
        request = None if text is None else json.loads(text)
    except (ValueError, RecursionError):  # nested too deeply, or a number of thousands of digits
        request = None
    if not isinstance(request, dict):
        raise InputError("A request is a JSON object with an id and either z or pixels.")
    return request


def _number(request: dict[str, Any]) -> int:
    number = request.get("id")
    if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= _MAX_ID:
        raise InputError(f"The id of a request is a whole number from 0 to {_MAX_ID:,}.")
    return number
