"""The latent deck: one slider per latent dimension.

`latent_deck` is all that a page knows of it. It takes a code and returns a code, so what draws the sliders can change without
the page.
"""

from __future__ import annotations

import math

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import panels, state
from vae_core.catalogue import Entry
from vae_core.explore import MAX_COORDINATE, Axes

SHOWN_AT_FIRST = 12
_STEP = 0.01
_WIDTH = 180  # screen pixels of a slider, at least: three beside the picture on a desktop, one on a phone
_HEIGHT = 350  # and of the frame that a longer bank scrolls in, so that the picture beside it stays in view


def latent_deck(*, entry: Entry, z: NDArray[np.float32], axes: Axes, key: str) -> NDArray[np.float32]:
    """Sliders at z, the most informative dimension first; returns the code that the user has moved them to, float32 [K].

    Only what the user has moved since the last run differs from z; everything else follows z, wherever it was set.
    """
    scope = f"{key}_{entry.id}"
    code = z.copy()
    for dimension in state.take(f"{scope}_moved", []):
        code[dimension] = state.get(f"{scope}_{dimension}")
    used = [dimension for dimension in axes.order.tolist() if not axes.unused[dimension]]
    unused = [dimension for dimension in axes.order.tolist() if axes.unused[dimension]]
    everything = len(used) <= SHOWN_AT_FIRST or st.toggle(f"Show all {len(used)} dimensions", key=f"{key}_all")
    shown = used if everything else used[:SHOWN_AT_FIRST]
    with st.container(height=_HEIGHT if len(shown) > 4 else "content", border=False), st.grid("auto", min_column_width=_WIDTH, gap="small"):
        for dimension in shown:
            _slider(dimension, entry=entry, code=code, axes=axes, scope=scope)
    if unused:
        plural = "dimension" if len(unused) == 1 else "dimensions"
        with st.expander(f"{len(unused)} unused {plural}"):
            limit = "below 0.01 nats" if entry.card.model.variational else "without any variance"
            st.caption(f"Unused, {limit}: the images leave no trace here, so the picture hardly changes.")
            with st.grid("auto", min_column_width=_WIDTH, gap="small"):
                for dimension in unused:
                    _slider(dimension, entry=entry, code=code, axes=axes, scope=scope)
    return code


def _slider(dimension: int, *, entry: Entry, code: NDArray[np.float32], axes: Axes, scope: str) -> None:
    """One slider over the range that the data's codes take, widened for good where the code was ever outside it."""
    name, value = f"{scope}_{dimension}", float(code[dimension])
    before = state.get(f"{name}_range", (axes.low[dimension], axes.high[dimension]))
    low = max(-MAX_COORDINATE, math.floor(10 * min(before[0], value)) / 10)
    high = max(low + 0.1, min(MAX_COORDINATE, math.ceil(10 * max(before[1], value)) / 10))
    state.put(f"{name}_range", (low, high))
    if np.float32(state.get(name, np.nan)) != code[dimension]:  # where it is there already, the user may be on the way further
        state.put(name, value)
    label = f"{panels.dimension_name(dimension)}{panels.information(entry, axes.information[dimension])}"
    st.slider(
        f":gray[{label}]" if axes.unused[dimension] else label,
        min_value=low,
        max_value=high,
        step=_STEP,
        key=name,
        on_change=_moved,
        args=(scope, dimension),
    )


def _moved(scope: str, dimension: int) -> None:
    key = f"{scope}_moved"
    state.put(key, [*state.get(key, []), dimension])
