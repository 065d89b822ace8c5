"""What a model learnt from, with its codes."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.bounded import in_memory
from pages.ui.cache.checkpoints import opened, opened_at, whole
from pages.ui.cache.pictures import data_name_of, pictures, pictures_of, unseen_by
from pages.ui.cache.spinner import spinner
from vae_core.analysis import tradeoff
from vae_core.analysis.folding import Beta
from vae_core.analysis.pictures import Learnt, learnt
from vae_core.analysis.posterior import Posterior
from vae_core.runs.catalogue import Entry


@dataclass(frozen=True)
class Population:
    """The pictures that a model learnt from, N of them, and their posteriors.

    Attributes:
        posterior: of all of them, at one KL weight.
        take: the pixels of indices from 0 to N − 1, int64 [n] → uint8 [n, C, H, W].
        labels: int64 [N], indices into the class names; None where there are no classes.
        original: whether they are images; else the model draws them from the codes kept with it.
        learnt: whether the model learnt from them; else they are test images of the same set, which stand for those it learnt from.
    """

    posterior: Posterior
    take: Callable[[NDArray[np.int64]], NDArray[np.uint8]]
    labels: NDArray[np.int64] | None
    original: bool
    learnt: bool


@in_memory(2)
def _learnt(folder: Path, data_name: str | None) -> Learnt:
    return learnt(pictures(folder, data_name), whole(folder).card.train, tradeoff.LEARNT)


def _encode_learnt(folder: Path, data_name: str | None, beta: Beta | None) -> Posterior:
    loaded = opened(folder) if beta is None else opened_at(folder, beta)
    plain = whole(folder).card.model.beta_range is None
    if data_name is None and plain and loaded.codes is not None:
        return Posterior(loaded.codes.mean, loaded.codes.logvar)
    seen = _learnt(folder, data_name)
    with spinner(f"Encoding {seen.count:,} images …"):
        return seen.encode(loaded.model)


@in_memory(4)
def _population(folder: Path, data_name: str | None, beta: Beta | None) -> Posterior:
    return _encode_learnt(folder, data_name, beta)


def population(entry: Entry, beta: Beta | None = None) -> Population | None:
    """At most 60,000 training images, or what stands for them, see `Pictures`, with their posteriors; None where there is nothing.

    Args:
        entry: the model.
        beta: of a multi-rate model; None is that of its card.

    Raises:
        InputError: β is outside the model's range, or it has none.
    """
    found, data_name = pictures_of(entry), data_name_of(entry)
    if found is None:
        return None
    seen = _learnt(entry.folder, data_name)
    return Population(_population(entry.folder, data_name, beta), seen.take, seen.labels, found.original, found.learnt)


@st.cache_data(max_entries=64, show_spinner=False)
def _effective(folder: Path, data_name: str) -> tuple[float, float]:
    return tradeoff.effective(_encode_learnt(folder, data_name, None))


def effective(entry: Entry) -> tuple[float, float]:
    """Mean N_eff of the codes of the training images, see `blur`, and its standard error; NaN where these are not on this computer."""
    data_name = data_name_of(entry)
    return (math.nan, math.nan) if data_name is None or unseen_by(entry) is not None else _effective(entry.folder, data_name)
