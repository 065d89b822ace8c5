"""The only file with `st.cache_*`: opened models as resources, arrays as data, keyed by folders and names that never change content."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from vae_core import catalogue, checkpoint, data, explore, project
from vae_core.catalogue import Entry
from vae_core.checkpoint import Checkpoint
from vae_core.data import Images
from vae_core.errors import InputError
from vae_core.explore import Axes, Posterior
from vae_core.model import VAE

MAX_POINTS = 10_000
"""More codes than this are sampled, stratified by class, and the page says so."""


@dataclass(frozen=True)
class Codes:
    """The posteriors of a model's data set, or of a sample of it.

    Attributes:
        posterior: of n images.
        rows: int64 [n], the images' places in the data set; None where the images are not on this computer.
        labels: int64 [n] or None.
        total: images in the data set, n or more.
    """

    posterior: Posterior
    rows: NDArray[np.int64] | None
    labels: NDArray[np.int64] | None
    total: int


@st.cache_resource(max_entries=8, show_spinner="Opening the model …")
def opened(folder: Path) -> Checkpoint:
    """The checkpoint in a folder of `catalogue.Entry`; shared by all sessions, never changed."""
    return checkpoint.load(folder)


@st.cache_resource(max_entries=3, show_spinner="Loading the images …")
def images(name: str) -> Images:
    """A data set by name or id; its arrays are read-only."""
    return data.load(name)


def images_of(entry: Entry) -> Images | None:
    """The images the model learnt from; None where they are not on this computer, or are not the same images any more."""
    if not data.available(entry.card.data.name):
        return None
    found = images(entry.card.data.name)
    return found if found.identity == entry.card.data.identity else None


@st.cache_resource(max_entries=6, show_spinner="Encoding the images …")
def _codes(folder: Path, data_name: str | None) -> Codes | None:
    point = opened(folder)
    if data_name is None:
        kept = point.codes
        if kept is None:
            return None
        return Codes(Posterior(kept.mean, kept.logvar), None, kept.labels, len(kept.mean))
    found = images(data_name)
    rows = project.subsample(len(found), MAX_POINTS, found.labels, seed=0)
    labels = None if found.labels is None else found.labels[rows]
    return Codes(explore.encode(point.model, found.pixels[rows]), rows, labels, len(found))


def codes(entry: Entry) -> Codes | None:
    """The codes to draw for a model: of its images where they are at hand, else those kept with it; None where there are neither."""
    return _codes(entry.folder, None if images_of(entry) is None else entry.card.data.name)


@st.cache_data(max_entries=16, show_spinner=False)
def _axes(folder: Path, data_name: str | None) -> Axes | None:
    found = _codes(folder, data_name)
    return None if found is None else explore.axes(found.posterior)


def axes(entry: Entry) -> Axes:
    """Order, range and use of the model's latent dimensions.

    Raises:
        InputError: neither the model's images nor its codes are on this computer.
    """
    found = _axes(entry.folder, None if images_of(entry) is None else entry.card.data.name)
    if found is None:
        raise InputError(f"The images of {entry.card.data.title}, from which the sliders get their ranges, are not on this computer.")
    return found


@dataclass(frozen=True)
class Gallery:
    """The pictures one can choose for a model: its images, or where they are not on this computer, what the codes kept with it decode to."""

    model: VAE
    images: Images | None
    kept: checkpoint.Codes | None

    def __len__(self) -> int:
        return len(self.images) if self.images is not None else 0 if self.kept is None else len(self.kept.mean)

    def pictures(self, rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        """uint8 [n, C, H, W]."""
        return explore.decode(self.model, self.codes(rows)) if self.images is None else self.images.pixels[rows]

    def codes(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """The means of the posteriors, float32 [n, K]."""
        if self.images is not None:
            return explore.encode(self.model, self.images.pixels[rows]).mean
        assert self.kept is not None  # an empty gallery has no rows
        return self.kept.mean[rows]

    def label(self, row: int) -> int | None:
        """An index into the class names, where the set has classes."""
        labels = self.images.labels if self.images is not None else self.kept.labels if self.kept is not None else None
        return None if labels is None else int(labels[row])


def gallery(entry: Entry) -> Gallery:
    """The pictures to choose from; none at all where neither the model's images nor its codes are on this computer."""
    point = opened(entry.folder)
    return Gallery(point.model, images_of(entry), point.codes)


def models() -> dict[str, Entry]:
    """All models by id; read from disk at each run, because another session may just have finished one."""
    return catalogue.models()
