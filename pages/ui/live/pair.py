"""Two models of the same images, linked: maps, pictures and codes that the browser moves by itself."""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Callable
from typing import Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import Linked
from pages.ui.ground import state
from pages.ui.ground.choice import gallery_title
from pages.ui.ground.refusals import attempt
from pages.ui.live.component import Event, Room, broken, component, engine_source, number_in, report
from pages.ui.live.map import check_numbers
from pages.ui.server import map_data
from pages.ui.server.addresses import address
from vae_core.base.colours import OTHERS, SCALE
from vae_core.base.display import dimension_name
from vae_core.base.errors import InputError
from vae_core.export.wire.builders import painted_groups
from vae_core.export.wire.records import PairData, PairModel
from vae_core.runs.catalogue import Entry

Step: TypeAlias = tuple[float, float]

_FARTHEST = 1e4  # of a step in the plane of the codes
_mount = component("pair", "map", room=Room(515, 1600))


def pair(
    *,
    entries: tuple[Entry, Entry],
    found: Linked,
    number: int,
    step: Step,
    group: list[int],
    by: Literal["class", "kept"],
    key: str,
    on_pick: Callable[[int], None],
    on_step: Callable[[Step], None],
    on_group: Callable[[list[int]], None],
) -> bool:
    """Both models. What the browser sends is checked; why it was refused is in `state.SHARED_REFUSED`. False where it cannot draw.

    Args:
        entries: both models.
        found: their codes of the same images.
        number: of the image that is picked, one of these.
        step: by which its code was moved in the plane, in both.
        group: numbers of images that were lassoed, of these.
        by: what colours the points.
        key: of the component.
        on_pick, on_step, on_group: given what the user picked, moved and lassoed, before the page is drawn again.
    """
    first, second = entries
    scope = state.part(key, first.id, second.id)
    if broken(scope, "The maps of both models do not work in this browser."):
        return False

    def take(event: Event) -> None:
        match event.get("kind"):
            case "choose":
                on_pick(number_in(event, set(found.numbers.tolist()), refusal="Choose an image that is on the maps."))
            case "gather":
                on_group(check_numbers(event.get("numbers"), found.numbers))
            case "step":
                on_step(check_step(event.get("step")))

    def heard(event: Event) -> None:
        if event.get("kind") == "failed":
            report(scope, event)
        else:
            attempt(take, event)

    _mount(key=key, data=_data(entries, found, number, step, group, by), on_event=heard)
    return True


def check_step(value: object) -> Step:
    """A step in the plane as a browser sent it, or an address: two numbers.

    Raises:
        InputError: it is none.
    """
    match value:
        case [float() | int() as across, float() | int() as up] if all(map(math.isfinite, (across, up))):
            if max(abs(across), abs(up)) <= _FARTHEST:
                return round(float(across), 3), round(float(up), 3)
    raise InputError("A step on the maps takes two numbers, across and up.")


def _data(entries: tuple[Entry, Entry], found: Linked, number: int, step: Step, group: list[int], by: Literal["class", "kept"]) -> PairData:
    first, second = entries
    base = f"map/{first.id}/{cache.opened(first.folder).weights_hash}/{map_data.source(first)}"
    shown, shape = cache.images_of(first), first.card.model
    painted = None if found.labels is None or shown is None else painted_groups(found.labels, shown.class_names)
    images = hashlib.sha256(found.numbers.tobytes()).hexdigest()[:8]
    return {
        "pair": f"{base} {second.id} {cache.opened(second.folder).weights_hash} {images}",
        "models": (_model(first, found, 0), _model(second, found, 1)),
        "aligned": None if found.aligned is None else _text(found.aligned),
        "dims": [dimension_name(dimension) for dimension in range(max(codes.shape[1] for codes in found.codes))],
        "labels": found.plane.axis_labels,
        "numbers": found.numbers.tolist(),
        "groups": None if painted is None else painted.values.astype(int).tolist(),
        "colour": {
            "title": "Class",
            "names": None if painted is None else painted.names,
            "palette": [OTHERS] if painted is None else painted.palette,
        },
        "scale": SCALE,
        "by": by,
        "near": found.near,
        "kept": np.rint(found.kept * found.near).astype(int).tolist(),
        "pictures": {
            "url": address(f"{base}/pictures"),
            "most": map_data.most_pictures(first),
            "shape": (shape.channels, shape.height, shape.width),
        },
        "image": number,
        "title": gallery_title(first, number),
        "step": step,
        "group": group,
    }


def _model(entry: Entry, found: Linked, place: int) -> PairModel:
    centre, axes = found.seen[place]
    return {
        "source": engine_source(entry),
        "name": entry.name,
        "codes": _text(found.codes[place]),
        "centre": centre.tolist(),
        "axes": axes.tolist(),
    }


def _text(codes: NDArray[np.floating]) -> str:
    return base64.b64encode(codes.astype("<f4").tobytes()).decode()
