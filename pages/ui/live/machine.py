"""The machine of the Home page: a picture, its code with the dice, the place of z, and what z decodes to; all of it in the browser."""

from __future__ import annotations

import base64
from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import Welcome
from pages.ui.ground import state
from pages.ui.ground.refusals import attempt
from pages.ui.ground.wording import of_strangeness
from pages.ui.live.atlas import atlas_content
from pages.ui.live.component import Event, Room, broken, component, engine_source, number_in, report
from vae_core.analysis import explore
from vae_core.data.framing import ground_of
from vae_core.export.wire.builders import deck_dimensions
from vae_core.export.wire.records import MachineData
from vae_core.runs.catalogue import Entry

_mount = component("machine", "atlas")
_HIGH = 424  # screen pixels, measured in Chromium 1280 wide
_ROOMY, _MOST_ROWS, _ROW = 4, 16, 19  # as assets/live/parts/machine/code.js and its style sheet lay out the code
_LONG, _LONGEST = 1060, 1211  # measured 390 wide, where all is below one another: of two dimensions, and of the most rows


def machine(
    *,
    entry: Entry,
    welcome: Welcome,
    key: str,
    start: int | None = None,
    on_start: Callable[[int | None], None] | None = None,
    regions: bool = False,
) -> None:
    """The machine of a model. Where the browser cannot draw, a sentence says so.

    What is drawn on it is kept for each size of image, over a change of models and of pages; `put_in` gives it a picture. Why what
    the browser sent was refused is in `state.SHARED_REFUSED`.

    Args:
        entry: the model.
        welcome: its pictures and codes.
        key: of the component, and the scope of what is drawn on it.
        start: which of the pictures it begins with, by its place; None: what is drawn on it, or else it walks by itself.
        on_start: given the place of a picture that was taken, and None when the user draws.
        regions: draw those of all codes on the map, with a slider that widens them; only of a model of two dimensions.
    """
    if broken(key, "The machine draws on a canvas, which does not work in this browser."):
        return
    shape = entry.card.model.channels, entry.card.model.height, entry.card.model.width
    own = drawn(key, shape) if start is None else None

    def take(event: Event) -> None:
        put_in(key, explore.check_pixels(event.get("pixels"), shape))
        if on_start is not None:
            on_start(None)

    def choose(event: Event) -> None:
        if on_start is not None:
            on_start(number_in(event, range(len(welcome.titles)), refusal="Choose one of the pictures of the machine."))

    def heard(event: Event) -> None:
        match event.get("kind"):
            case "drawn":
                attempt(take, event)
            case "choose":
                attempt(choose, event)
            case "failed":
                report(key, event)

    data: MachineData = {
        "model": engine_source(entry),
        "shape": shape,
        "ground": ground_of(welcome.pictures),
        "picture": None if own is None else _text(own),
        "note": "" if own is None else of_strangeness(cache.stranger_than(entry, own)),
        "images": _text(welcome.pictures),
        "names": welcome.titles,
        "start": start,
        "dims": deck_dimensions(welcome.axes, variational=entry.card.model.variational),
        "regions": welcome.std.astype(np.float64).round(4).ravel().tolist() if regions else None,
        **atlas_content(entry, welcome),
    }
    _mount(key=key, data=data, on_event=heard, room=_room(entry.card.model.latent))


def put_in(key: str, picture: NDArray[np.uint8]) -> None:
    """Put a picture [C, H, W] into the machine of this key; in a callback, or before the machine is drawn."""
    state.put(_drawing(key, picture.shape), picture)


def drawn(key: str, shape: tuple[int, ...]) -> NDArray[np.uint8] | None:
    """What the user has drawn on the machine of this key, or put into it, of this shape [C, H, W]; None where there is nothing."""
    own: NDArray[np.uint8] | None = state.get(_drawing(key, shape))
    return own


def _room(latent: int) -> Room:
    """How high the machine of so many dimensions will be."""
    return Room(_HIGH, _LONG if latent <= _ROOMY else _LONGEST - _ROW * (_MOST_ROWS - min(latent, _MOST_ROWS)))


def _text(pixels: NDArray[np.uint8]) -> str:
    return base64.b64encode(pixels.tobytes()).decode()


def _drawing(key: str, shape: tuple[int, ...]) -> str:
    return state.part(key, state.PART_DRAWING, shape)
