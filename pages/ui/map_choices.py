"""What the Map page lets one choose: the plane that the codes are drawn in, and what colours them."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache, panels, state
from pages.ui.cache import Codes
from pages.ui.figures import Colouring
from vae_core import explore, project
from vae_core.catalogue import Entry
from vae_core.project import Projection


def projected(entry: Entry, codes: NDArray[np.float32]) -> Projection | None:
    """The codes in the plane, by the view chosen here; None where UMAP is chosen and was not drawn yet."""
    views = ["Latent space", "PCA", "UMAP"] if codes.shape[1] == 2 else ["PCA", "Two dimensions", "UMAP"]
    view = st.segmented_control("View", views, default=views[0], required=True, key=state.MAP_VIEW, bind="query-params")
    if view == "PCA":
        return project.pca(codes)
    if view == "Latent space":
        return project.raw(codes)
    if view == "Two dimensions":
        order = cache.axes(entry).order.tolist()
        across = _dimension("Across", order, key=state.MAP_ACROSS)
        up = _dimension("Up", [dimension for dimension in order if dimension != across], key=state.MAP_UP)
        return project.raw(codes, (across, up))
    kept = cache.kept_umap(entry)
    if kept is None:
        st.caption("UMAP takes ten seconds to a minute, once; it is then kept on this computer.")
        if st.button("Draw the UMAP", icon=":material/play_arrow:", type="primary"):
            kept = _draw_umap(entry, codes)
    return kept


def _dimension(label: str, dimensions: list[int], *, key: str) -> int:
    return st.selectbox(label, dimensions, format_func=panels.dimension_name, key=key, bind="query-params", width=100)


def _draw_umap(entry: Entry, codes: NDArray[np.float32]) -> Projection:
    bar = st.empty()

    def show(part: float) -> None:
        bar.progress(part, "Drawing the UMAP …")

    drawn = cache.umap(entry, codes, show)
    bar.empty()
    return drawn


def colouring(entry: Entry, found: Codes) -> Colouring:
    """What colours the points, by the choice made here; only the chosen one is computed."""
    offered: dict[str, Callable[[], Colouring]] = {}
    images = cache.images_of(entry)
    if found.labels is not None:
        names = entry.card.data.class_names if images is None else images.class_names
        offered["Class"] = partial(Colouring, "Class", found.labels, names)
    if images is not None and images.factors is not None:
        for name, values, texts in zip(images.factor_names, images.factors[found.rows].T, images.factor_values, strict=True):
            offered[name] = partial(Colouring, name, values, texts)
    if images is not None:
        offered["Reconstruction error"] = lambda: Colouring("Reconstruction error", cache.errors(entry))
    if entry.card.model.variational:
        offered["KL per image"] = lambda: Colouring("KL per image, nats", explore.kl(found.posterior).sum(axis=1))
    for dimension in cache.axes(entry).order.tolist():
        name = panels.dimension_name(dimension)
        offered[name] = partial(Colouring, name, found.posterior.mean[:, dimension])
    return offered[st.selectbox("Colour", list(offered), key=state.MAP_COLOUR, bind="query-params", width=220)]()
