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
_HEIGHT = 430  # pixels, of the frame that a longer bank scrolls in, so that the picture beside it stays in view


def latent_deck(*, entry: Entry, z: NDArray[np.float32], axes: Axes, key: str) -> NDArray[np.float32]:
    """Sliders at z, the most informative dimension first; returns the code that the user has moved them to, float32 [K].

    Only what the user has moved since the last run differs from z; everything else follows z, wherever it was set.
    """
    code = z.copy()
    for dimension in state.take(f"{key}_moved", []):
        code[dimension] = state.get(_slider_key(key, entry, dimension), code[dimension])
    used = [dimension for dimension in axes.order.tolist() if not axes.unused[dimension]]
    unused = [dimension for dimension in axes.order.tolist() if axes.unused[dimension]]
    shown = used
    if len(used) > SHOWN_AT_FIRST:
        if not st.toggle(f"Show all {len(used)} dimensions", key=f"{key}_all"):
            shown = used[:SHOWN_AT_FIRST]
    with st.container(height=_HEIGHT if len(shown) > 4 else "content", border=False), st.grid("auto", min_column_width=210, gap="small"):
        for dimension in shown:
            _slider(dimension, entry=entry, code=code, axes=axes, key=key)
    if unused:
        plural = "dimension" if len(unused) == 1 else "dimensions"
        with st.expander(f"{len(unused)} unused {plural}"):
            limit = "below 0.01 nats" if entry.card.model.variational else "without any variance"
            st.caption(f"Unused, {limit}: the images leave no trace here, so the picture hardly changes.")
            with st.grid("auto", min_column_width=210, gap="small"):
                for dimension in unused:
                    _slider(dimension, entry=entry, code=code, axes=axes, key=key)
    return code


def _slider(dimension: int, *, entry: Entry, code: NDArray[np.float32], axes: Axes, key: str) -> None:
    """One slider over the range that the data's codes take, widened where the code lies outside."""
    value = float(code[dimension])
    low = max(-MAX_COORDINATE, math.floor(10 * min(axes.low[dimension], value)) / 10)
    high = min(MAX_COORDINATE, math.ceil(10 * max(axes.high[dimension], value)) / 10)
    label = f"{panels.dimension_name(dimension)}{panels.information(entry, axes.information[dimension])}"
    name = _slider_key(key, entry, dimension)
    state.put(name, value)
    st.slider(
        f":gray[{label}]" if axes.unused[dimension] else label,
        min_value=low,
        max_value=max(high, low + 0.1),
        step=_STEP,
        key=name,
        on_change=_moved,
        args=(key, dimension),
    )


def _moved(key: str, dimension: int) -> None:
    state.put(f"{key}_moved", [*state.get(f"{key}_moved", []), dimension])


def _slider_key(key: str, entry: Entry, dimension: int) -> str:
    return f"{key}_{entry.id}_{dimension}"
