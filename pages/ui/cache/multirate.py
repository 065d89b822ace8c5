"""Multi-rate models: their figures and codes over the KL weight, and the marks of models of one weight beside them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.bounded import in_memory
from pages.ui.cache.checkpoints import models, opened, whole
from pages.ui.cache.pictures import data_name_of, images, images_of, pictures, pictures_of, unseen_by
from vae_core.analysis import tradeoff as tradeoffs
from vae_core.analysis import tradeoff_file
from vae_core.analysis.pictures import of_images
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.precomputed import Recipe, shipped
from vae_core.analysis.tradeoff import Mark, Tradeoff
from vae_core.data import Images
from vae_core.runs import sweeps
from vae_core.runs.catalogue import Entry
from vae_core.training.checkpoint import Checkpoint

_MARK = Recipe("mark", Mark)


@st.cache_data(max_entries=64, show_spinner="Measuring the models of one KL weight …")
def _mark(folder: Path, data_name: str) -> Mark:
    found = images(data_name)
    return shipped(_MARK, folder, found.identity, lambda: tradeoffs.mark(opened(folder), of_images(found)))


def mark(entry: Entry) -> Mark:
    """The figures of a model of one KL weight to hold against a multi-rate one; from its card where its own images are missing."""
    data_name, judged = data_name_of(entry), entry.card.figures
    if data_name is None or unseen_by(entry) is not None:
        errors = judged.error("distortion"), judged.error("rate")
        return Mark(entry.card.train.beta, judged.distortion, judged.rate, float("nan"), *errors)
    return _mark(entry.folder, data_name)


def kept_tradeoff(entry: Entry) -> Tradeoff | None:
    """The figures of a multi-rate model, where they were ever measured."""
    unseen = unseen_by(entry)
    found = tradeoff_file.kept(entry.folder, whole(entry.folder), original=images_of(entry) is not None)
    return tradeoff_file.kept(entry.folder, _judged_by(entry, unseen), original=True) if found is None and unseen is not None else found


def _judged_by(entry: Entry, unseen: Images) -> Checkpoint:
    """The model, as if it had learnt from these images: its figures on them are kept under their identity, apart from all others."""
    loaded = whole(entry.folder)
    return replace(loaded, card=loaded.card.model_copy(update={"data": loaded.card.data.model_copy(update={"identity": unseen.identity})}))


def tradeoff(entry: Entry, progress: Callable[[float], object]) -> Tradeoff:
    """The figures of a multi-rate model, measured unless they are kept; `progress` hears of the part done, 0 to 1.

    Raises:
        InputError: neither the model's images nor its codes are on this computer.
    """
    judged, unseen = pictures(entry.folder, data_name_of(entry)), unseen_by(entry)
    loaded = whole(entry.folder) if unseen is None else _judged_by(entry, unseen)
    return kept_tradeoff(entry) or tradeoff_file.cached(entry.folder, loaded, judged, progress)


def alone(entry: Entry) -> list[Entry]:
    """The models of one KL weight each that stand in for a multi-rate model at its left end, ascending; all have their figures."""
    axis = tradeoffs.stations(entry.card.model)[0]
    found = sweeps.alone(entry, models().values(), axis[tradeoffs.first_shown(axis)])
    return found if all(kept_tradeoff(other) is not None for other in found) else []


def joined_tradeoff(entry: Entry, found: Tradeoff) -> Tradeoff:
    """The figures of a multi-rate model, `found`, and of those that stand in for it."""
    return tradeoffs.joined(found, [kept for other in alone(entry) if (kept := kept_tradeoff(other)) is not None])


@dataclass(frozen=True)
class Stations:
    """Some pictures of a multi-rate model at all the weights that it is measured at.

    Attributes:
        posterior: of n validation images, or stand-ins, at S weights, [S, n, K].
        labels: int64 [n], indices into the class names; None where there are no classes.
    """

    posterior: Posterior
    labels: NDArray[np.int64] | None


@in_memory(4)
def _at_stations(folder: Path, data_name: str | None, others: tuple[Path, ...]) -> Stations:
    loaded = whole(folder)
    found = pictures(folder, data_name)
    rows = found.chosen(tradeoffs.mapped(loaded.card.model))
    shown, axes = found.take(rows), tradeoffs.stations(loaded.card.model)
    if others:
        axes = (axes[0][tradeoffs.first_shown(axes[0]) :],)
    own = tradeoffs.posteriors(loaded.model, shown, axes)
    parts = [*(tradeoffs.posteriors(whole(other).model, shown, tradeoffs.axes_of(whole(other))) for other in others), own]
    posterior = Posterior(np.concatenate([part.mean for part in parts]), np.concatenate([part.logvar for part in parts]))
    return Stations(posterior, None if found.labels is None else found.labels[rows])


def at_stations(entry: Entry) -> Stations | None:
    """What the map of a multi-rate model draws; None where neither its images nor its codes are on this computer."""
    return (
        None
        if pictures_of(entry) is None
        else _at_stations(entry.folder, data_name_of(entry), tuple(other.folder for other in alone(entry)))
    )
