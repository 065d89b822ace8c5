"""Two models of the same images, laid over each other."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.pictures import images, images_here
from pages.ui.cache.spinner import spinner
from vae_core.analysis import alignment, encoding, neighbours, projection
from vae_core.analysis.projection import Projection
from vae_core.runs.catalogue import Entry

_LINKED, NEAR = 1_000, 10


@dataclass(frozen=True, eq=False)
class Linked:
    """The codes of N images in two models, and where both lie in the plane of the first.

    Attributes:
        numbers: places of the images in their set, ascending, int64 [N].
        labels: int64 [N]; None where there are no classes.
        codes: of both, float32 [N, K] each, K perhaps not the same.
        aligned: the second model's codes in the space of the first, [N, K]; None where K is not the same.
        plane: of the first.
        seen: that plane as the codes of each model reach it, place = axes · (z − centre): centre [K] and axes [2, K].
        left: what still differs after the best turn, scale and shift, as `Alignment.left`.
        kept: share of the nearest neighbours of each image that are the same in both models, [N].
    """

    numbers: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    codes: tuple[NDArray[np.float32], NDArray[np.float32]]
    aligned: NDArray[np.float64] | None
    plane: Projection
    seen: tuple[tuple[NDArray[np.float64], NDArray[np.float64]], tuple[NDArray[np.float64], NDArray[np.float64]]]
    left: float
    kept: NDArray[np.float64]

    @property
    def near(self) -> int:
        """How many neighbours of each image are looked at."""
        return min(NEAR, len(self.numbers) - 1)

    @property
    def chance(self) -> float:
        """The share that two models would keep that have nothing to do with each other."""
        return self.near / (len(self.numbers) - 1)


@st.cache_resource(max_entries=4, show_spinner=False)
def _linked(folder: Path, other: Path, data_name: str, number: int | None) -> Linked:
    with spinner("Encoding the same images with both models …"):
        shown = images(data_name)
        rows = projection.subsample(len(shown), _LINKED, shown.labels, seed=0)
        if number is not None:
            rows = np.union1d(rows, [number])
        one, two = (encoding.encode(opened(each).model, shown.take, rows).mean for each in (folder, other))
    plane, own = (projection.raw(codes) if codes.shape[1] == 2 else projection.pca(codes) for codes in (one, two))
    first, second = _linear(plane), _linear(own)
    aligned = None
    if one.shape == two.shape:
        found = alignment.procrustes(two, one)
        aligned, seen = found.move(two), found.seen_in(*first)
    else:
        found = alignment.procrustes(own.points, plane.points)
        centre, turned = found.seen_in(np.zeros(2), np.eye(2))
        seen = second[0] + centre @ second[1], turned @ second[1]
    kept = neighbours.neighbours_kept(one, two, NEAR)
    labels = None if shown.labels is None else shown.labels[rows]
    return Linked(rows, labels, (one, two), aligned, plane, (first, seen), found.left, kept)


def _linear(plane: Projection) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre and axes of a plane, which is no UMAP."""
    assert plane.centre is not None
    assert plane.axes is not None
    return np.asarray(plane.centre, np.float64), np.asarray(plane.axes, np.float64)


def linked(entry: Entry, other: Entry, number: int) -> Linked:
    """A thousand of the first model's images, and the one of this number, as both models see them.

    Raises:
        InputError: the first model's images are not on this computer, a model is damaged, or all codes of one are the same.
    """
    data_name = images_here(entry).name
    usual = _linked(entry.folder, other.folder, data_name, None)
    return usual if number in usual.numbers else _linked(entry.folder, other.folder, data_name, number)
