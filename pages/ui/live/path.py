"""The live path: a walk between two codes whose picture follows the scrubber, and a map on which its ends can be dragged elsewhere.

Where the ends were dragged to and how far the walk has come is in the address, and over a change of pages in the session.
"""

from __future__ import annotations

import base64
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import address, state
from pages.ui.ground.choice import Choice
from pages.ui.ground.models import open_or_stop
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.refusals import attempt
from pages.ui.live.component import Event, Room, broken, component, engine_source, report, stand_in
from pages.ui.server import map_data
from vae_core.analysis import explore, projection
from vae_core.analysis.projection import Projection
from vae_core.base.config import MAX_LATENT
from vae_core.base.errors import InputError
from vae_core.export.wire.builders import map_view
from vae_core.export.wire.records import PathData, PathPoints, PathTwin
from vae_core.runs.catalogue import Entry

FIRST, LAST = -0.5, 1.5
"""How far the walk goes on before A, which is 0, and beyond B, which is 1."""

MAP_POINTS = 2_000
_HALFWAY = 0.5
_MEASURED = 101  # steps that a way's length is measured over
_ENDS = (state.INTERPOLATE_FROM_CODE, state.INTERPOLATE_TO_CODE)
_path = component("path", room=Room(515, 990))


class End(NamedTuple):
    """One end of a walk: its code, float32 [K], the image it was chosen by, and whether it was dragged away from that."""

    code: NDArray[np.float32]
    image: Choice
    dragged: bool


class Ground(NamedTuple):
    """What the walk is drawn on.

    Attributes:
        plane: the plane, never a UMAP, which has no directions to drag along.
        points: for the browser; None where the model's codes are not known.
        text: which of the codes are shown; empty where none are.
    """

    plane: Projection
    points: PathPoints | None
    text: str


def live_path(
    *, entry: Entry, ends: tuple[End, End], kind: explore.Path, t: float, ground: Ground, key: str, twin: Entry | None = None
) -> None:
    """Draw the walk at t; from its release on, `place` and `end` tell what the user has moved. A `twin` takes the same images.

    Where the browser cannot draw, a slider stands in.
    """
    scope = state.part(key, entry.id)
    z = explore.along(ends[0].code, ends[1].code, np.array([t]), kind)
    if broken(scope, "The live path does not work here, so this slider moves the picture only when you let go."):
        _plain(entry, z, t, key)
        return

    def heard(event: Event) -> None:
        if event.get("kind") == "failed":
            report(scope, event)
        else:
            attempt(_keep, event, entry.card.model.latent)

    data: PathData = {
        "model": engine_source(entry),
        "name": "" if twin is None else entry.name,
        "twin": None if twin is None else _twin(twin, ends),
        "a": ends[0].code.tolist(),
        "b": ends[1].code.tolist(),
        "dragged": (ends[0].dragged, ends[1].dragged),
        "kind": kind,
        "t": t,
        "view": map_view(ground.plane),
        "titles": (_title("A", ends[0]), _title("B", ends[1])),
        "images": (_original(ends[0]), _original(ends[1])),
        "points": ground.points,
        "drawn": stand_in(entry, z[0]),
    }
    _path(key=key, data=data, on_event=heard)


def twin_codes(twin: Entry, ends: tuple[End, End]) -> NDArray[np.float32]:
    """The second model's own codes of both images, float32 [2, its K]."""
    return explore.encode(cache.opened(twin.folder).model, np.stack([end.image.picture for end in ends])).mean


def _twin(twin: Entry, ends: tuple[End, End]) -> PathTwin:
    a, b = twin_codes(twin, ends).tolist()
    return {"model": engine_source(twin), "name": twin.name, "a": a, "b": b}


def _original(end: End) -> str | None:
    return base64.b64encode(end.image.picture.tobytes()).decode() if end.image.original else None


def _title(letter: str, end: End) -> str:
    return f"End {letter}: {'dragged away from ' * end.dragged}{end.image.title}"


def _plain(entry: Entry, z: NDArray[np.float32], t: float, key: str) -> None:
    """The picture at t from the server, and Streamlit's own slider."""
    slider = state.part(key, state.PART_SLIDER)

    def moved() -> None:
        _remember(state.INTERPOLATE_PLACE, check_place(state.get(slider)))

    state.put(slider, t)
    st.slider(
        "Place on the way",
        FIRST,
        LAST,
        step=0.01,
        key=slider,
        on_change=moved,
        help="A is at 0, B at 1. The walk also goes on a little beyond both.",
    )
    drawn = explore.decode(open_or_stop(entry).model, z)[0]
    show_picture(drawn, alt=f"Decoded picture at {t:g} on the way", caption="From A, at 0, to B, at 1")


def place() -> float:
    """How far the walk has come: what the address says, then what it was before, then halfway.

    Nonsense in the address is removed, and said.
    """
    asked = state.asked(state.INTERPOLATE_PLACE)
    try:
        t = state.get(state.INTERPOLATE_PLACE, _HALFWAY) if asked is None else check_place(_number(asked))
    except InputError as error:
        _leave_out(state.INTERPOLATE_PLACE, asked or "", error, f"{_HALFWAY} is shown instead.")
        return _HALFWAY
    if t != _HALFWAY or asked is not None:
        _remember(state.INTERPOLATE_PLACE, t)
    return t


def end(key: str, image: Choice) -> End:
    """The end of this key: where it was dragged to, by the address or since, until another image is chosen; else the image's code.

    Nonsense in the address is removed, and said.
    """
    before: NDArray[np.float32] | None = state.get(_image(key))
    state.put(_image(key), image.code)
    if before is not None and not np.array_equal(before, image.code):
        _forget(key)
    text = state.asked(key) or state.get(key)
    if text is not None:
        try:
            code = explore.parse_code(text, len(image.code))
        except InputError as error:
            _leave_out(key, text, error, "The code is that of the image.")
        else:
            _remember(key, text, in_address=len(code) <= MAX_LATENT)
            return End(code, image, True)
    return End(image.code, image, False)


def back_to_images() -> None:
    """Undo all dragging of ends; in a callback."""
    for key in _ENDS:
        _forget(key)


def ground(entry: Entry, images: tuple[Choice, Choice]) -> Ground:
    """The plane of the model's codes, the first two latent dimensions or PCA, with at most `MAP_POINTS` of them, by class."""
    flat = entry.card.model.latent == 2
    plane = map_data.plane(entry, "raw-0-1" if flat else "pca")
    found = cache.codes(entry)
    if plane is None or found is None:
        known = np.stack([image.code for image in images])
        return Ground(projection.raw(known) if flat else projection.pca(known), None, "")
    rows = projection.subsample(len(found.numbers), MAP_POINTS, found.labels, seed=0)
    points: PathPoints = {
        "xy": plane.points[rows].astype(np.float64).round(3).ravel().tolist(),
        "classes": None,
        "names": [],
        "palette": [],
    }
    if found.labels is not None:
        values, names, palette = map_data.painted(map_data.colours(entry, found)["Class"]())
        points |= {"classes": values[rows].astype(int).tolist(), "names": names or [], "palette": palette}
    return Ground(plane, points, f"{len(rows):,} of {found.total:,} codes are shown.")


def description(ends: tuple[End, End], kind: explore.Path, ground: Ground) -> str:
    """The walk on its map, in words."""
    way = explore.interpolate(ends[0].code, ends[1].code, _MEASURED, kind)
    first, last = (_point(place) for place in projection.place(ground.plane, way, way[[0, -1]]))
    length = np.linalg.norm(np.diff(way, axis=0), axis=1).sum()
    words = (
        f"On the map the way runs from {first} to {last}. Its length in all {way.shape[1]} dimensions is {length:.2f}.",
        ground.text,
        ground.plane.note,
    )
    return " ".join(filter(None, words))


def _point(place: NDArray[np.float32]) -> str:
    across, up = place.round(1) + 0.0  # without it, a small negative number is "−0.0"
    return f"({across:.1f}, {up:.1f})".replace("-", "−")


def check_place(value: object) -> float:
    """How far a walk has come, as a browser sent it, to two digits.

    Raises:
        InputError: no number from `FIRST` to `LAST`.
    """
    # so written because NaN compares false; True is an int to Python
    if isinstance(value, bool) or not isinstance(value, int | float) or not FIRST <= value <= LAST:
        raise InputError(f"The place on the way must be a number from {FIRST} to {LAST}, not {str(value)[:20]!r}.")
    return round(float(value), 2)


def _number(text: str) -> object:
    try:
        return float(text)
    except ValueError:
        return text


def _keep(event: Event, latent: int) -> None:
    """Take over what the user moved, all of it or nothing.

    Raises:
        InputError: the event holds anything but a place and two codes.
    """
    t = check_place(event.get("t"))
    codes = [None if values is None else explore.check_code(values, latent) for values in (event.get("a"), event.get("b"))]
    _remember(state.INTERPOLATE_PLACE, t)
    for key, code in zip(_ENDS, codes, strict=True):
        if code is None:
            _forget(key)
        else:
            _remember(key, explore.format_code(code), in_address=latent <= MAX_LATENT)


def _remember(key: str, value: str | float, *, in_address: bool = True) -> None:
    """Keep a value, for this page alone where it is too long for an address."""
    state.put(key, value)
    state.tell(key, str(value) if in_address else None)


def _leave_out(key: str, said: str, error: InputError, then: str) -> None:
    _forget(key)
    address.leave_out(key, said, error, then)


def _forget(key: str) -> None:
    state.take(key)
    state.tell(key, None)


def _image(key: str) -> str:
    """The key of the code of the image from which an end was dragged away."""
    return state.part(key, state.PART_LEFT)
