"""The traversal grid of the Sliders page: what each dimension does, seen side by side."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.ground import state
from pages.ui.ground.names import in_markdown, named
from pages.ui.ground.pictures import picture_scale, show_row
from pages.ui.ground.wording import information
from vae_core.analysis import explore
from vae_core.analysis.directions import Directions
from vae_core.analysis.explore import Axes, Floats, Pixels
from vae_core.data.images import png_bytes
from vae_core.model.vae import VAE
from vae_core.runs.catalogue import Entry

ROW_WIDTH = 880  # screen pixels, on a desktop


def traversal(*, entry: Entry, model: VAE, z: Floats, axes: Axes, directions: Directions | None = None) -> None:
    """One row of pictures per dimension, or per direction, all others held at z."""
    st.subheader("Traversal", help="Each row moves one dimension through its range and holds all others at the code above.")
    rows, columns = st.columns(2)
    what = "Dimensions" if directions is None else "Directions"
    count = rows.slider(f"{what}, at most", 1, 16, 6, key=state.SLIDERS_ROWS, bind="query-params")
    steps = columns.slider("Steps", 3, 15, 9, 2, key=state.SLIDERS_COLUMNS, bind="query-params")
    dimensions = axes.order[:count]
    values = np.linspace(axes.low[dimensions], axes.high[dimensions], steps, axis=1, dtype=np.float32)
    grid = explore.traverse(model, z, dimensions, values) if directions is None else _along(model, z, dimensions, values, directions)
    for dimension, low, high, pictures in zip(dimensions.tolist(), values[:, 0], values[:, -1], grid, strict=True):
        name = named(entry, dimension) if directions is None else directions.names[dimension]
        name += information(entry, axes.information[dimension])
        label, strip = st.columns([1, 6], vertical_alignment="center")
        label.markdown(f"**{in_markdown(name)}**  \n:small[{low:.1f} to {high:.1f}]".replace("-", "−"))
        with strip:
            show_row(pictures, alt=f"{name}, from {low:.1f} to {high:.1f} in {steps} steps", target=ROW_WIDTH // steps)
    whole = np.concatenate([np.concatenate(list(row), axis=-1) for row in grid], axis=-2)
    st.download_button(
        "Download the grid",
        lambda: png_bytes(whole, picture_scale(grid.shape[2:], 96)),
        "traversal.png",
        "image/png",
        icon=":material/download:",
        on_click="ignore",
    )


def _along(model: VAE, z: Floats, which: NDArray[np.int64], values: Floats, directions: Directions) -> Pixels:
    """One row of pictures for each of these directions, at `values` [D, S]: uint8 [D, S, C, H, W]."""
    codes = np.stack([directions.put(z, index, row) for index, row in zip(which.tolist(), values, strict=True)])
    pictures = explore.decode(model, codes.reshape(-1, len(z)))
    return pictures.reshape(*values.shape, *pictures.shape[1:])
