"""The latent deck with Streamlit's own sliders, for a browser that cannot draw and for whoever prefers them: they move on release only."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.models import open_or_stop
from pages.ui.ground.names import in_markdown, named
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.wording import information
from vae_core.analysis import explore
from vae_core.analysis.directions import Directions
from vae_core.analysis.explore import Axes, Floats, Pixels
from vae_core.base.config import MAX_LATENT
from vae_core.export.wire.builders import unused_note
from vae_core.runs.catalogue import Entry

_STEP = 0.01
_WIDTH = 180  # screen pixels of a slider, at least: three beside the picture on a desktop, one on a phone
_HEIGHT = 350  # and of the frame that a longer bank scrolls in, so that the picture beside it stays in view


class Pictures(NamedTuple):
    """What to draw: the code z [K] by a model, one by another too, against that of a reference code, at `side` screen pixels or more."""

    entry: Entry
    z: Floats
    other: tuple[Entry, Floats] | None
    reference: Floats | None
    side: int


def plain_deck(
    pictures: Pictures,
    *,
    axes: Axes,
    dimensions: Sequence[int],
    key: str,
    on_move: Callable[[Floats], None],
    directions: Directions | None = None,
) -> None:
    """Pictures and sliders of these dimensions, or of these of the `directions`; a callback tells where they were released."""
    entry, z = pictures.entry, pictures.z
    scope = state.part(key, entry.id)
    at = state.part(scope, state.PART_MOVED)
    state.put(at, z)

    def moved(dimension: int) -> None:
        code = state.get(at).copy()  # by now another slider may have moved as well
        value = state.get(state.part(scope, state.PART_SLIDER, dimension))
        if directions is None:
            code[dimension] = value
        else:
            code = directions.put(code, dimension, value)
        state.put(at, code)
        on_move(code)

    def slider(dimension: int) -> None:
        said = named(entry, dimension) if directions is None else f"{directions.names[dimension]} {directions.notes[dimension]}"
        label = in_markdown(said)
        label = f"{label}{information(entry, axes.information[dimension])}".strip()
        _slider(dimension, label=label, value=float(values[dimension]), axes=axes, scope=scope, moved=moved)

    values = z if directions is None else directions.values(z)
    beside, deck = st.columns([2, 3], gap="medium")
    with deck:
        if directions is not None:
            st.caption(directions.about)
        used = [dimension for dimension in dimensions if not axes.unused[dimension]]
        unused = [dimension for dimension in dimensions if axes.unused[dimension]]
        with (
            st.container(height=_HEIGHT if len(used) > 12 else "content", border=False),
            st.grid("auto", min_column_width=_WIDTH, gap="small"),
        ):
            for dimension in used:
                slider(dimension)
        if unused:
            with st.expander(f"{len(unused)} unused {'dimension' if len(unused) == 1 else 'dimensions'}"):
                st.caption(unused_note(variational=entry.card.model.variational))
                with st.grid("auto", min_column_width=_WIDTH, gap="small"):
                    for dimension in unused:
                        slider(dimension)
    with beside:
        _show(pictures)


def _slider(dimension: int, *, label: str, value: float, axes: Axes, scope: str, moved: Callable[[int], None]) -> None:
    """One slider over the range that the data's codes take, widened for good where the code was ever outside it."""
    name = state.part(scope, state.PART_SLIDER, dimension)
    limits = state.part(scope, state.PART_RANGE, dimension)
    before = state.get(limits, (axes.low[dimension], axes.high[dimension]))
    low = min(explore.MAX_COORDINATE - 0.1, max(-explore.MAX_COORDINATE, math.floor(10 * min(before[0], value)) / 10))
    high = min(explore.MAX_COORDINATE, max(low + 0.1, math.ceil(10 * max(before[1], value)) / 10))
    state.put(limits, (low, high))
    if np.float32(state.get(name, np.nan)) != np.float32(value):  # where it is there already, the user may be on the way further
        state.put(name, value)
    st.slider(
        f":gray[{label}]" if axes.unused[dimension] else label,
        min_value=low,
        max_value=high,
        step=_STEP,
        key=name,
        on_change=moved,
        args=(dimension,),
    )


def _show(pictures: Pictures) -> None:
    """The decoded image, large; below it, where wanted, what another model draws and how the image differs from the reference."""
    entry, z, other, reference, least = pictures
    model, code = open_or_stop(entry).model, _said(z)
    decoded = explore.decode(model, z[None])[0]
    _large(decoded, alt=f"Decoded image at {code}", least=least)
    if other is not None:
        st.text(entry.name)
        beside, its_code = other
        decoded_too = explore.decode(open_or_stop(beside).model, its_code[None])[0]
        _large(decoded_too, alt=f"Decoded image of the other model at {_said(its_code)}", least=least)
        st.text(beside.name)
    if reference is not None:
        with st.container(horizontal=True):
            first = explore.decode(model, reference[None])[0]
            show_picture(first, alt="Decoded image at the start", caption="Start, decoded", target=96)
            alt = "Difference between the decoded image and the start; mid grey is equal, lighter is brighter than the start"
            show_picture(explore.difference(decoded, first), alt=alt, caption="Difference: grey is equal", target=96)


def _said(code: Floats) -> str:
    """A code as one says it."""
    if len(code) > MAX_LATENT:
        return f"a code of {len(code):,} numbers"
    return f"the code {', '.join(f'{value:.2f}' for value in code)}"


def _large(pixels: Pixels, *, alt: str, least: int) -> None:
    """A picture [C, H, W] enlarged by the smallest whole factor that leaves no side below `least` screen pixels."""
    side = max(pixels.shape[1:])
    show_picture(pixels, alt=alt, target=-(-least // side) * side)
