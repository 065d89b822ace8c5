"""A canvas on which to draw an input for a model, in the model's own pixels."""

from __future__ import annotations

import base64
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.live.component import Event, Room, component, engine_source
from vae_core.analysis import explore
from vae_core.base.errors import InputError
from vae_core.data.framing import ground_of, plain_ground
from vae_core.export.wire.records import DrawData
from vae_core.runs.catalogue import Entry

_GROUND_PICTURES = 32
_canvas = component("draw", room=Room(320, 320))


def draw_input(
    *, entry: Entry, key: str, channel: str | None = None, on_draw: Callable[[NDArray[np.uint8]], None]
) -> NDArray[np.uint8] | None:
    """A canvas with what the model makes of it; returns what is drawn, uint8 [C, H, W], None as long as there is nothing.

    For each size of image one drawing is kept, over a change of models and of pages. `refusal` says why one was not taken.

    Args:
        entry: the model that sees the drawing.
        key: starts the keys of the canvas and its drawing; `start_from` puts a picture there.
        channel: what on this page follows the posterior mean while the user draws.
        on_draw: given the pixels at the end of a stroke, before the page is drawn again.
    """
    config = entry.card.model
    shape = (config.channels, config.height, config.width)
    drawn: NDArray[np.uint8] | None = state.get(_drawing(key, shape))

    def heard(event: Event) -> None:
        if event.get("kind") != "drawn":
            return
        try:
            pixels = explore.check_pixels(event.get("pixels"), shape)
            start_from(key, pixels)
            on_draw(pixels)
        except InputError as error:
            state.put(_refused(key), error)

    data: DrawData = {
        "channel": channel,
        "model": engine_source(entry),
        "shape": shape,
        "picture": None if drawn is None else base64.b64encode(drawn.tobytes()).decode(),
        "ground": ground(entry),
        "order": _order(entry),
    }
    _canvas(key=state.part(key, state.PART_CANVAS), data=data, on_event=heard)
    return drawn


def refusal(key: str) -> InputError | None:
    """Why the last drawing on the canvas of this key was not taken; said once."""
    error: InputError | None = state.take(_refused(key))
    return error


def start_from(key: str, picture: NDArray[np.uint8]) -> None:
    """Put a picture [C, H, W] on the canvas of this key, to be painted on; in a callback, or before the canvas is drawn."""
    state.put(_drawing(key, picture.shape), picture)


def clear(key: str, shape: tuple[int, int, int]) -> None:
    """Begin anew on the canvas of this key; before it is drawn."""
    state.take(_drawing(key, shape))


def _drawing(key: str, shape: tuple[int, ...]) -> str:
    return state.part(key, state.PART_DRAWING, shape)


def _refused(key: str) -> str:
    return state.part(key, state.PART_REFUSED)


def ground(entry: Entry) -> list[int]:
    """What lies behind the model's images, per channel; without images black, or mid grey in colour."""
    gallery = cache.gallery(entry)
    if not len(gallery):
        return plain_ground(entry.card.model.channels)
    return ground_of(gallery.pictures(np.arange(min(_GROUND_PICTURES, len(gallery)))))


def _order(entry: Entry) -> list[int] | None:
    """The latent dimensions, the most informative first; None where that is not known, or where a code is wide."""
    if entry.card.model.wide:
        return None
    try:
        return cache.axes(entry).order.tolist()
    except InputError:
        return None
