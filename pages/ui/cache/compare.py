"""What stands side by side on the Compare page: networks of MNIST in two dimensions, and what came before them."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened, opened_at
from pages.ui.cache.learn import digits
from pages.ui.cache.spinner import spinner
from vae_core.analysis import explore, methods, older, projection
from vae_core.analysis.evaluate import evaluate
from vae_core.analysis.fidelity import Judge
from vae_core.analysis.methods import Deep, Linear, Method, Network, Restricted
from vae_core.analysis.older import Figures, Older, Spread
from vae_core.analysis.pictures import Pictures, of_test_part
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.precomputed import Recipe, shipped
from vae_core.analysis.projection import Projection
from vae_core.runs.catalogue import Entry
from vae_core.training.checkpoint import Checkpoint

LINEAR, RESTRICTED, DEEP = "pca", "rbm", "dbn"
AUTOENCODER, VARIATIONAL, EVERY_WEIGHT = "mnist-2d-ae", "mnist-2d", "mnist-2d-rates"
BETAS = (0.1, 3.0, 10.0)
_MAPPED = 600
_BESIDE = Recipe("beside", Figures, version=2)


class Way(NamedTuple):
    """A row of the page: what came before by its key alone, a network by its folder and, of one for every KL weight, β."""

    key: str
    folder: Path | None = None
    beta: float | None = None


def ways_of(entry: Entry) -> list[Way]:
    """The rows of a bundled model: one, or of the one for every KL weight one at each of `BETAS`; none of a model that is not compared."""
    betas: dict[str, tuple[float | None, ...]] = {AUTOENCODER: (None,), VARIATIONAL: (None,), EVERY_WEIGHT: BETAS}
    return [Way(entry.id, entry.folder, beta) for beta in betas.get(entry.id, ())]


@st.cache_resource(show_spinner=False)
def older_ways() -> Older:
    """What ships of what came before.

    Raises:
        InputError: it is gone or damaged.
    """
    return older.load()


def network(way: Way) -> Checkpoint:
    """The network of a row."""
    assert way.folder is not None  # a row of a network
    return opened(way.folder) if way.beta is None else opened_at(way.folder, way.beta)


def method(way: Way) -> Method:
    """What encodes, decodes and draws in a row."""
    if way.folder is not None:
        return Network(network(way).model)
    found, shape = older_ways(), digits().shape
    if way.key == LINEAR:
        return Linear(found.components, shape)
    return Restricted(found.lower, shape) if way.key == RESTRICTED else Deep(found.lower, found.upper, shape)


def _pictures() -> Pictures:
    return of_test_part(digits())


@st.cache_data(show_spinner=False)
def unseen() -> NDArray[np.int64]:
    """Test images that no row has seen, not even a model of these ten thousand: their numbers, one of each class in turn."""
    found = _pictures()
    assert found.labels is not None
    labels = found.labels[found.validation]
    turn = np.zeros(len(labels), np.int64)
    for label in np.unique(labels):
        turn[labels == label] = np.arange(np.count_nonzero(labels == label))
    return found.validation[np.lexsort((labels, turn))]


@st.cache_data(max_entries=128, show_spinner=False)
def drawn(way: Way, count: int, seed: int) -> NDArray[np.uint8]:
    """Pictures from nothing but chance, uint8 [count, C, H, W]; a machine's take a part of a second."""
    return method(way).draw(count, seed=seed)


@st.cache_data(max_entries=32, show_spinner=False)
def places(way: Way) -> tuple[Projection, NDArray[np.int64]]:
    """The codes of unseen images on a plane: as they are where they have two numbers, else their principal components; and the classes."""
    rows, labels = unseen()[:_MAPPED], digits().labels
    assert labels is not None
    codes = method(way).encode(digits().take(rows)).astype(np.float32)
    return projection.raw(codes) if codes.shape[1] == 2 else projection.pca(codes), labels[rows]


@st.cache_data(max_entries=32, show_spinner=False)
def regions(way: Way) -> Posterior | None:
    """From where the codes of the same images are drawn; None in a row that gives an image a single code."""
    if way.folder is None or not network(way).card.model.variational:
        return None
    return explore.encode(network(way).model, digits().take(unseen()[:_MAPPED]))


@st.cache_resource(show_spinner=False)
def _judge() -> Judge:
    return Judge(_pictures())


@st.cache_data(max_entries=32, show_spinner=False)
def _network_figures(way: Way) -> Figures:
    assert way.folder is not None

    def fresh() -> Figures:
        with spinner("Comparing what it draws and rebuilds with 2,000 unseen images …"):
            loaded, found = network(way), _pictures()
            pixels = found.take(found.validation)
            costs = evaluate(loaded.model, pixels, beta=0.0, seed=0)
            one = Network(loaded.model)
            quality = methods.quality(one, _judge())
            rate = costs.rate if loaded.card.model.variational else float("nan")
            seconds = methods.seconds_to_draw(one)
            off, spread = methods.error(one, pixels)
            known = Spread(spread, costs.standard_error.distortion, costs.standard_error.rate)
            return Figures(off, costs.distortion, rate, quality, seconds, loaded.model.parameter_count, known, len(pixels))

    return shipped(_BESIDE, way.folder, digits().identity, fresh, variant=f"{way.beta}")


def figures(way: Way) -> Figures:
    """The figures of a row, of the 2,000 unseen images."""
    found = {LINEAR: lambda: older_ways().linear, RESTRICTED: lambda: older_ways().restricted, DEEP: lambda: older_ways().deep}
    return found[way.key]() if way.folder is None else _network_figures(way)
