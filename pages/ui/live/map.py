"""The live map: all codes of a model as points on a canvas, and a pin whose picture follows it while it is dragged."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from urllib.parse import quote

import numpy as np
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import Codes
from pages.ui.ground.figures import Colouring
from pages.ui.ground.refusals import attempt
from pages.ui.live.component import Event, Room, component, engine_source
from pages.ui.server import map_data
from pages.ui.server.addresses import address
from vae_core.analysis import explore, projection
from vae_core.analysis.explore import Floats
from vae_core.analysis.projection import Projection
from vae_core.base.errors import InputError
from vae_core.export.wire.builders import map_view
from vae_core.export.wire.records import MapData
from vae_core.runs.catalogue import Entry

_mount = component("map", room=Room(620, 550))


def channel(entry: Entry) -> str:
    """What ties map, deck and grid of one model together in the browser."""
    return f"map {entry.id}"


def prior_shown(entry: Entry, plane: Projection) -> bool:
    """Whether the prior has a shape on this map: it is drawn as circles at 1 and 2 standard deviations."""
    return plane.method != "umap" and entry.card.model.variational


def live_map(
    *,
    entry: Entry,
    view: str,
    plane: Projection,
    found: Codes,
    colour: str,
    colouring: Colouring,
    wanted: list[int],
    selected: list[int],
    pin: Floats,
    star: Floats | None,
    key: str,
    on_choose: Callable[[list[int]], None],
    on_pin: Callable[[Floats], None],
) -> None:
    """The map. What the browser sends is checked; why it was refused is in `state.SHARED_REFUSED`.

    Args:
        entry: the model.
        view, plane: the plane, by its name in `map_data` and as it is.
        found: the codes that it shows.
        colour, colouring: what colours them, by its name in `map_data` and as it is.
        wanted: of more groups than can be coloured those that shall be, by their numbers; none takes the most frequent.
        selected: numbers of images to mark.
        pin: the code, float32 [K], at which the pin stands.
        star: the code of an uploaded image.
        key: of the component.
        on_choose: given the numbers of the images that were clicked or lassoed, ascending, none where the choice was undone.
        on_pin: given the code, float32 [K], at which the pin was let go.
    """
    base = f"map/{entry.id}/{cache.opened(entry.folder).weights_hash}/{map_data.source(entry)}"
    part = map_data.part(view)
    shape = entry.card.model
    everything = len(found.numbers) == found.total
    _, names, palette = map_data.painted(colouring, wanted)
    only = f"&only={','.join(map(str, wanted))}" if wanted else ""
    data: MapData = {
        "channel": channel(entry),
        "model": engine_source(entry),
        "points": address(f"{base}/points/{view}"),
        "numbers": None if everything else address(f"{base}/numbers/{part}"),
        "codes": None if shape.wide else address(f"{base}/codes/{part}"),  # tens of megabytes, which only neighbours and ellipses need
        "colour": {
            "title": colouring.title,
            "url": address(f"{base}/colour/{part}?name={quote(colour)}{only}"),
            "names": names,
            "palette": palette,
        },
        "pictures": {
            "url": address(f"{base}/pictures"),
            "most": map_data.most_pictures(entry),
            "shape": (shape.channels, shape.height, shape.width),
        }
        if found.original
        else None,
        "view": map_view(plane),
        "latent": shape.latent,
        "prior": prior_shown(entry, plane),
        "selected": selected,
        "pin": pin.tolist(),
        "star": None if star is None else projection.place(plane, found.posterior.mean, star[np.newaxis])[0].tolist(),
        "pinnable": True,
    }
    hear = partial(_hear, numbers=found.numbers, latent=shape.latent, on_choose=on_choose, on_pin=on_pin)
    _mount(key=key, data=data, on_event=partial(attempt, hear))


def _hear(
    event: Event,
    *,
    numbers: NDArray[np.int64],
    latent: int,
    on_choose: Callable[[list[int]], None],
    on_pin: Callable[[Floats], None],
) -> None:
    """Pass on what the user did on the map.

    Raises:
        InputError: it concerns an image or a code that is not there.
    """
    if event.get("kind") == "choose":
        on_choose(check_numbers(event.get("numbers"), numbers))
    elif event.get("kind") == "pin":
        on_pin(explore.check_code(event.get("z"), latent))


def check_numbers(values: object, known: NDArray[np.int64]) -> list[int]:
    """Numbers of images that a browser sent as a list → the same, each once and ascending.

    Raises:
        InputError: not a list of whole numbers, or one that is not among the known, int64 [n].
    """
    if not isinstance(values, list) or not all(type(value) is int for value in values):
        raise InputError("A choice on the map takes a list of whole numbers.")
    chosen = sorted(set(values))
    if chosen and not (known[0] <= chosen[0] and chosen[-1] <= known[-1] and np.isin(chosen, known).all()):
        raise InputError(f"A choice on the map names an image that is not on it: they have numbers from {known[0]} to {known[-1]}.")
    return chosen
