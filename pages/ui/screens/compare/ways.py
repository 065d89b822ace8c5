"""The rows of the page: the bundled networks of MNIST in two dimensions, what came before them, and a model of the user's own."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from pages.ui import cache
from pages.ui.cache import Way
from pages.ui.ground import state
from pages.ui.ground.kin import takes_same_images
from pages.ui.ground.menus import choose_id
from pages.ui.ground.wording import of_weights
from vae_core.analysis.comparison import measure, not_comparable
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

LATENT, PART = 2, "mnist-10k"
OWN = "own"
_NOBODY = "none"
_NAMES = {cache.AUTOENCODER: "Autoencoder", cache.VARIATIONAL: "VAE"}
_BUNDLED = (cache.AUTOENCODER, cache.VARIATIONAL, cache.EVERY_WEIGHT)


class Row(NamedTuple):
    """A method as the page shows it; `entry` is the model where it is a network."""

    name: str
    way: Way
    entry: Entry | None = None


def bundled(model_id: str) -> Entry:
    """One of the models that ship.

    Raises:
        InputError: it is not there, or damaged.
    """
    found = cache.models().get(model_id)
    if found is None:
        raise InputError(f"This page compares the bundled model {model_id}, which is gone or damaged: install Latent Loom again.")
    return found


def rows(own: Entry | None) -> list[Row]:
    """All rows, from the simplest to the most orderly space, then the machines that came before, then the user's own model."""
    networks = [
        Row(f"β-VAE, β = {way.beta:g}" if way.beta is not None else _NAMES[entry.id], way, entry)
        for entry in map(bundled, _BUNDLED)
        for way in cache.ways_of(entry)
    ]
    found = [
        Row("PCA", Way(cache.LINEAR)),
        *networks,
        Row("Boltzmann machine", Way(cache.RESTRICTED)),
        Row("Deep belief network", Way(cache.DEEP)),
    ]
    if own is None:
        return found
    at = f", at β = {of_weights(own.card.train.weights)}" if own.card.model.beta_range else ""
    return [*found, Row(f"Chosen: {own.name}{at}", Way(OWN, own.folder), own)]


def missing(entry: Entry) -> str | None:
    """Why a model's figures would not compare with the others', as a sentence; None where they do.

    Args:
        entry: a model that takes images of the size of MNIST's.
    """
    data, model = entry.card.data, entry.card.model
    if entry.card.origin is not None:
        return "It was trained elsewhere, so nobody here knows which images it has seen."
    if data.identity != bundled(cache.VARIATIONAL).card.data.identity and data.name != PART:
        return "It learnt from other images. To compare, a model must learn from MNIST or from its test images."
    if model.latent != LATENT:
        return f"Its codes have {model.latent} numbers, these have {LATENT}: more numbers always rebuild better. Train one with {LATENT}."
    other = bundled(cache.VARIATIONAL).card
    ours = measure(other.model, other.train, black_and_white=False)
    return not_comparable(ours, measure(model, entry.card.train, black_and_white=False))


def choose_own() -> Entry | None:
    """A further model, where its figures compare; else a sentence that says what is missing."""
    ours = bundled(cache.VARIATIONAL)
    others = {key: entry for key, entry in cache.models().items() if takes_same_images(ours, entry) and key not in _BUNDLED}
    chosen = choose_id(
        label="Beside them",
        options={_NOBODY: "No other model"} | {key: entry.name for key, entry in others.items()},
        key=state.COMPARE_OWN,
        help="Any model of images of this size. Only one that learnt from MNIST with two numbers in a code can stand in a row.",
    )
    entry = others.get(chosen)
    if entry is None:
        return None
    reason = missing(entry)
    if reason is None:
        cache.opened(entry.folder)
        return entry
    with st.container(horizontal=True):
        st.text(f"{entry.name} cannot stand in a row. {reason}")
        asked = {state.TRAIN_DATA: PART, state.TRAIN_LATENT: str(LATENT)}
        st.page_link("pages/train.py", label="Train one that can", icon=":material/model_training:", query_params=asked)
    return None
