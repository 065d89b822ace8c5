"""What the Home page shows, and the texts of all pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.encoding import axes, sample
from pages.ui.cache.galleries import gallery
from pages.ui.cache.pictures import data_name_of, images_of
from vae_core.analysis import explore, projection
from vae_core.analysis.encoding import Encoded
from vae_core.analysis.explore import Axes
from vae_core.analysis.projection import Projection
from vae_core.base.translation import ENGLISH, TEXTS, sections
from vae_core.data import faces
from vae_core.runs.catalogue import Entry

_PICTURES = 12
_FACES = 240
_POINTS = 2_000


@st.cache_data(max_entries=16, show_spinner=False)
def lessons(page: str, language: str = ENGLISH) -> dict[str, str]:
    """The paragraphs of assets/text/<page>.md by their headings, or of the same text in another language."""
    return sections(page, language)


@st.cache_data
def program(step: str) -> str:
    """The program beside a step of the lesson, assets/text/learn/<step>.py."""
    return (TEXTS / "learn" / f"{step}.py").read_text("utf-8")


@dataclass(frozen=True)
class Welcome:
    """What the Home page shows of a model.

    Attributes:
        pictures: to take and to walk between, uint8 [n, C, H, W], one of each class as long as there are classes left.
        titles: what to call each of these, in the words of this program and the names of the classes.
        axes: the order and ranges of the dimensions.
        plane: of the map, the first two dimensions or PCA, with a place for each of N codes.
        std: σ of each of these codes, float32 [N, K].
        labels: int64 [N], indices into the class names; None where there are none.
        class_names: of the set.
    """

    pictures: NDArray[np.uint8]
    titles: list[str]
    axes: Axes
    plane: Projection
    std: NDArray[np.float32]
    labels: NDArray[np.int64] | None
    class_names: tuple[str, ...]


def _plane(codes: NDArray[np.float32]) -> Projection:
    return projection.raw(codes) if codes.shape[1] == 2 else projection.pca(codes)


def _one_of_each(labels: NDArray[np.int64] | None, count: int) -> NDArray[np.int64]:
    """At most `_PICTURES` of so many rows: the first of each class, then the second of each, …"""
    if labels is None:
        return np.arange(min(_PICTURES, count))
    turn = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        turn[labels == label] = np.arange(np.count_nonzero(labels == label))
    return np.lexsort((labels, turn))[:_PICTURES]


def _titles(rows: NDArray[np.int64], labels: NDArray[np.int64] | None, names: tuple[str, ...]) -> list[str]:
    """What to call pictures by their numbers [n] in the set and their classes [n]."""
    if labels is None:
        return [f"Image {row}" for row in rows]
    return [f"Image {row}, class {names[label]}" for row, label in zip(rows, labels, strict=True)]


@st.cache_resource(max_entries=2, show_spinner="Drawing a few faces …")
def _of_faces(folder: Path) -> Welcome:
    drawn = faces.generate(_FACES, seed=1)  # freshly, so that nobody waits for the whole set
    posterior = explore.encode(opened(folder).model, drawn.pixels)
    assert drawn.labels is not None
    rows = _one_of_each(drawn.labels, len(drawn))
    titles = _titles(rows, drawn.labels[rows], drawn.class_names)
    return Welcome(
        drawn.take(rows), titles, explore.axes(posterior), _plane(posterior.mean), posterior.std, drawn.labels, drawn.class_names
    )


@st.cache_resource(max_entries=2, show_spinner=False)
def _of_gallery(folder: Path, data_name: str | None, _entry: Entry, _found: Encoded) -> Welcome:
    images = images_of(_entry)
    names = _entry.card.data.class_names if images is None else images.class_names
    some = projection.subsample(len(_found.numbers), _POINTS, _found.labels, seed=0)
    labels = None if _found.labels is None else _found.labels[some]
    chosen = _one_of_each(labels, len(some))
    rows = _found.numbers[some][chosen]
    titles = _titles(rows, None if labels is None else labels[chosen], names)
    plane, std = _plane(_found.posterior.mean[some]), _found.posterior.std[some]
    return Welcome(gallery(_entry).pictures(rows), titles, axes(_entry), plane, std, labels, names)


def welcome(entry: Entry) -> Welcome | None:
    """The Home page's pictures and codes of a model; None where it has neither images nor codes on this computer.

    A model of faces gets freshly drawn ones.
    """
    if entry.card.data.name == "faces":
        return _of_faces(entry.folder)
    found = sample(entry)
    return None if found is None else _of_gallery(entry.folder, data_name_of(entry), entry, found)
