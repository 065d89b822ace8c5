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
        points: of both in that plane, [N, 2] each.
        left: what still differs after the best turn, scale and shift, as `Alignment.left`.
        kept: share of the nearest neighbours of each image that are the same in both models, [N].
    """

    numbers: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    codes: tuple[NDArray[np.float32], NDArray[np.float32]]
    aligned: NDArray[np.float64] | None
    plane: Projection
    points: tuple[NDArray[np.floating], NDArray[np.floating]]
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

    def nearest(self, place: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The nearest neighbours of the image at a place from 0 to N − 1, in both models, as such places."""
        found = (neighbours.nearest(codes, codes[place], self.near + 1)[0] for codes in self.codes)
        one, other = (near[near != place][: self.near] for near in found)
        return one, other


@st.cache_resource(max_entries=4, show_spinner=False)
def _linked(folder: Path, other: Path, data_name: str, number: int | None) -> Linked:
    with spinner("Encoding the same images with both models …"):
        shown = images(data_name)
        rows = projection.subsample(len(shown), _LINKED, shown.labels, seed=0)
        if number is not None:
            rows = np.union1d(rows, [number])
        one, two = (encoding.encode(opened(each).model, shown.take, rows).mean for each in (folder, other))
    plane, own = (projection.raw(codes) if codes.shape[1] == 2 else projection.pca(codes) for codes in (one, two))
    aligned = None
    if one.shape == two.shape:
        found = alignment.procrustes(two, one)
        aligned = found.move(two)
        points = projection.place(plane, one, aligned.astype(np.float32))
    else:
        found = alignment.procrustes(own.points, plane.points)
        points = found.move(own.points).astype(np.float32)
    kept = neighbours.neighbours_kept(one, two, NEAR)
    labels = None if shown.labels is None else shown.labels[rows]
    return Linked(rows, labels, (one, two), aligned, plane, (plane.points, points), found.left, kept)


def linked(entry: Entry, other: Entry, number: int) -> Linked:
    """A thousand of the first model's images, and the one of this number, as both models see them.

    Raises:
        InputError: the first model's images are not on this computer, a model is damaged, or all codes of one are the same.
    """
    data_name = images_here(entry).name
    usual = _linked(entry.folder, other.folder, data_name, None)
    return usual if number in usual.numbers else _linked(entry.folder, other.folder, data_name, number)
