"""What the browser fetches besides Streamlit: the addresses, and which function of `served` answers each.

What an address names never changes, so that a browser keeps it for good. Ids are looked up, never joined into a path.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable

from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.websockets import WebSocket


def _by(name: str) -> Callable[[Request], Response]:
    """The function of this name in `served`, which is not imported before the server runs: it brings torch and the caches with it.

    A plain function and no coroutine: it runs in the server's threads and holds nobody up.
    """

    def answer(request: Request) -> Response:
        from pages.ui.server import served
        from vae_core.base.errors import InputError

        try:
            response: Response = getattr(served, name)(request)
        except InputError as error:
            raise HTTPException(422, str(error)) from error
        return response

    return answer


async def _stream(socket: WebSocket) -> None:
    module = await to_thread.run_sync(
        importlib.import_module, "pages.ui.server.socket"
    )  # may bring torch with it: not where everybody waits
    await module.answer(socket)


ROUTES: list[BaseRoute] = [
    Route("/live/code/{version}/{file:path}", _by("code")),
    Route("/live/model/{model}/{hash}", _by("model")),
    Route("/live/directions/{model}/{hash}/{source}", _by("directions")),
    Route("/live/map/{model}/{hash}/{source}/points/{view}", _by("points")),
    Route("/live/map/{model}/{hash}/{source}/numbers/{part}", _by("point_numbers")),
    Route("/live/map/{model}/{hash}/{source}/codes/{part}", _by("point_codes")),
    Route("/live/map/{model}/{hash}/{source}/colour/{part}", _by("point_colours")),
    Route("/live/map/{model}/{hash}/{source}/pictures", _by("pictures")),
    Route("/live/multirate/{model}/{hash}/{source}/codes", _by("station_codes")),
    Route("/live/multirate/{model}/{hash}/{source}/labels", _by("station_labels")),
    WebSocketRoute("/live/stream/{model}/{hash}", _stream),
]


def middleware() -> list[Middleware]:
    """What stands before all answers: in lab mode the door, on a laptop nothing. Called once, when all that torch reads is set."""
    if "LATENT_LOOM_CLASS" not in os.environ:  # what `passes.address` asks too, which would import torch
        return []
    from pages.ui.server import door

    return [door.built()]
