"""What the lesson computes once: the principal components of the digits, and what each number that is kept is worth."""

from __future__ import annotations

import time
from pathlib import Path
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.encoding import axes
from pages.ui.cache.pictures import exact_images, images
from vae_core.analysis import boltzmann, bound, compression, continuity, explore
from vae_core.analysis import halfway as between
from vae_core.analysis.bound import Truth
from vae_core.analysis.compression import Components
from vae_core.analysis.halfway import Halfway
from vae_core.analysis.posterior import Posterior
from vae_core.data import Images
from vae_core.runs.catalogue import Entry

DIGITS = "mnist-10k"
"""The test images, which no model of the lesson has seen, also where all of MNIST is on this computer."""
MOST = 16
"""Numbers at most that a code of the first step has."""
_TREMBLING = 200
_LEARNT, _JUDGED = 8_000, 500  # of the test images: those that the components are of, and of the others those that are judged


def digits() -> Images:
    """The images of the lesson, which ship with the app."""
    return exact_images(DIGITS)


@st.cache_data(show_spinner=False)
def one_of_each() -> NDArray[np.int64]:
    """The first image of each class, by its number."""
    labels = digits().labels
    assert labels is not None
    return np.array([int(np.flatnonzero(labels == label)[0]) for label in range(10)])


@st.cache_data(show_spinner="Looking for the principal components …")
def components() -> Components:
    """Of most of the images."""
    return compression.components(digits().pixels[:_LEARNT], MOST)


class Losses(NamedTuple):
    """Errors on images that neither side has seen: [MOST] each after 1, 2, … numbers, and of a network made for two."""

    components: list[float]
    model: list[float]
    of_two: float


@st.cache_data(show_spinner="Judging 500 digits …")
def _losses(folder: Path, order: tuple[int, ...], of_two: Path) -> Losses:
    judged = digits().pixels[_LEARNT : _LEARNT + _JUDGED]
    counts, model = range(1, MOST + 1), opened(folder).model
    return Losses(
        [compression.error(judged, compression.by_components(judged, components(), kept)) for kept in counts],
        [compression.error(judged, compression.by_model(model, judged, np.array(order), kept)) for kept in counts],
        compression.error(judged, explore.reconstruct(opened(of_two).model, judged)),
    )


def losses(entry: Entry, of_two: Entry) -> Losses:
    """What is lost after each number of a code: of components, of this model, and of another with two numbers."""
    return _losses(entry.folder, tuple(axes(entry).order.tolist()), of_two.folder)


@st.cache_data(max_entries=64, show_spinner="Summing over a grid of codes …")
def truth(folder: Path, number: int) -> Truth:
    """log p(x) and the true posterior of an image of the lesson."""
    return bound.truth(opened(folder).model, digits().pixels[number])


@st.cache_data(max_entries=64, show_spinner=False)
def best(folder: Path, number: int) -> Posterior:
    """The best normal distribution for an image of the lesson, [1, K]."""
    picture, model = digits().pixels[number], opened(folder).model
    own = explore.encode(model, picture[None])
    return bound.best(model, picture, own.mean[0], own.std[0])


class Trembling(NamedTuple):
    """How far pictures drawn from a region are from the one at its centre, beside how far two images are apart; and usual widths σ."""

    within: float
    apart: float
    low: float
    high: float


@st.cache_data(max_entries=8, show_spinner=False)
def trembling(folder: Path) -> Trembling:
    """Of 200 images, one code drawn for each; σ from its 5 % to its 95 % quantile."""
    vae, shown = opened(folder).model, digits().pixels[:_TREMBLING]
    posterior = explore.encode(vae, shown)
    noise = np.random.default_rng(0).normal(size=posterior.mean.shape).astype(np.float32)
    centre, drawn = explore.decode(vae, posterior.mean), explore.decode(vae, posterior.sample(noise))
    low, high = np.quantile(posterior.std, [0.05, 0.95])
    return Trembling(compression.error(centre, drawn), compression.error(shown, np.roll(shown, 1, axis=0)), float(low), float(high))


OLD_DIGITS, OLD_STOPS = "digits", (0, 1, 10, 100, 1_000)
_HIDDEN, _UPPER, _OLD, _CHAINS = 64, 48, 10, 200


class Before(NamedTuple):
    """What older machines draw after each of `OLD_STOPS`: binary pictures' probabilities, uint8 [stops, 10, 1, 8, 8] each; how far these
    are from the nearest digit, as a share of the pixels, [stops] each; seconds to train both; and seconds for a picture after all steps.
    """

    restricted: NDArray[np.uint8]
    deep: NDArray[np.uint8]
    restricted_off: list[float]
    deep_off: list[float]
    training: float
    drawing: float


@st.cache_data(show_spinner="Training a Boltzmann machine and a deep belief network on 1,797 small digits …")
def before() -> Before:
    """Both machines, trained and run from chance."""
    black = (images(OLD_DIGITS).pixels.reshape(-1, 64) > 127).astype(np.float64)
    begun = time.perf_counter()
    lower = boltzmann.learn(black, _HIDDEN)
    upper = boltzmann.learn(lower.hidden(black), _UPPER)
    trained = time.perf_counter()
    start = np.random.default_rng(0).integers(0, 2, (_CHAINS, 64)).astype(np.float64)
    restricted = boltzmann.chain(lower, start, OLD_STOPS)
    drawn = time.perf_counter()
    deep = [boltzmann.dream(lower, upper, _CHAINS, steps) for steps in OLD_STOPS]

    def off(means: list[NDArray[np.float64]]) -> list[float]:
        return [float(np.abs((rows[:, None] > 0.5) - black).mean(axis=2).min(axis=1).mean()) for rows in means]

    def shown(means: list[NDArray[np.float64]]) -> NDArray[np.uint8]:
        return np.round(255 * np.stack(means)[:, :_OLD]).astype(np.uint8).reshape(len(means), _OLD, 1, 8, 8)

    return Before(shown(restricted), shown(deep), off(restricted), off(deep), trained - begun, (drawn - trained) / _CHAINS)


@st.cache_data(max_entries=64, show_spinner=False)
def changes(folder: Path, share: float) -> tuple[NDArray[np.float64], float]:
    """How much pictures change over a step from the codes of images, [500], and its length: a share of how far the codes spread."""
    model = opened(folder).model
    codes = explore.encode(model, digits().pixels[:_JUDGED]).mean
    length = share * float(np.sqrt(codes.var(axis=0).mean()))
    return continuity.changes(model, codes, length=length), length


_PAIRS = 200


@st.cache_data(max_entries=8, show_spinner=False)
def halfway(folder: Path) -> Halfway:
    """How near to real digits what lies halfway between two samples is, of 200 pairs."""
    model = opened(folder).model
    codes = explore.sample_prior(model.config.latent, 2 * _PAIRS, seed=0)
    return between.halfway(model, codes[:_PAIRS], codes[_PAIRS:], digits().pixels)
