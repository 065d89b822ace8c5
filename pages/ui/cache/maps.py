"""What the map needs beside codes: a UMAP, how much of the neighbourhoods a picture keeps, and errors of reconstruction."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.bounded import in_memory
from pages.ui.cache.checkpoints import opened
from pages.ui.cache.encoding import SAMPLE, encoded
from pages.ui.cache.pictures import data_name_of, images, images_of
from pages.ui.cache.spinner import spinner
from vae_core.analysis import encoding, neighbours, projection
from vae_core.analysis.encoding import Encoded
from vae_core.analysis.explore import Floats
from vae_core.analysis.precomputed import Recipe, kept, shipped
from vae_core.analysis.projection import Projection
from vae_core.runs.catalogue import Entry

_ERRORS, _OVERLAP, _UMAP = Recipe("errors", np.ndarray), Recipe("overlap", float), Recipe("umap", Projection)


@in_memory(6)
def _errors(folder: Path, data_name: str, count: int) -> Floats:
    def fresh() -> Floats:
        found = encoded(folder, data_name, count)
        with spinner(f"Reconstructing {count:,} images …"):
            return encoding.reconstruction_errors(opened(folder).model, images(data_name).take, found.numbers, found.posterior.mean)

    return shipped(_ERRORS, folder, images(data_name).identity, fresh, variant=f"{count}")


def errors(entry: Entry, found: Encoded) -> NDArray[np.float32]:
    """The reconstruction error of each of `found`, float32 [n], on the [0, 1] pixel scale.

    Args:
        entry: a model whose images are at hand.
        found: its `codes` or its `sample`.
    """
    data_name = data_name_of(entry)
    assert data_name is not None  # its images are at hand
    return _errors(entry.folder, data_name, len(found.numbers))


def _umap_key(entry: Entry) -> str:
    shown = images_of(entry)
    source = "the codes kept with it" if shown is None else shown.identity
    return projection.umap_key(opened(entry.folder).weights_hash, source, SAMPLE)


def kept_umap(entry: Entry) -> Projection | None:
    """The UMAP of `sample(entry)` where it ships with the model, or was ever drawn on this computer."""
    key = _umap_key(entry)
    return kept(_UMAP, entry.folder, key) or projection.kept(key)


def umap(entry: Entry, codes: NDArray[np.float32], progress: Callable[[float], None]) -> Projection:
    """The UMAP of `sample(entry)`, drawn unless it is kept; `progress` hears of the part done, 0 to 1.

    Raises:
        InputError: there are too few different codes.
    """
    key = _umap_key(entry)

    def drawn() -> Projection:
        return projection.cached(key, lambda: projection.umap_project(codes, seed=projection.UMAP_SEED, progress=progress))

    return shipped(_UMAP, entry.folder, key, drawn)


@st.cache_data(max_entries=64, show_spinner=False)
def _overlap(
    folder: Path, data_name: str | None, axis_labels: tuple[str, str], _codes: NDArray[np.float32], _points: NDArray[np.float32]
) -> float:
    source = "the codes kept with it" if data_name is None else images(data_name).identity
    variant = f"{len(_codes)} {axis_labels[0]} {axis_labels[1]}"
    return shipped(_OVERLAP, folder, source, lambda: neighbours.neighbour_overlap(_codes, _points), variant=variant)


def overlap(entry: Entry, codes: NDArray[np.float32], points: NDArray[np.float32], axis_labels: tuple[str, str]) -> float:
    """The share of the 10 nearest neighbours among `sample(entry)` that a picture of them, told by the names of its axes, keeps."""
    return _overlap(entry.folder, data_name_of(entry), axis_labels, codes, points)
