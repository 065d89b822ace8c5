"""What the lesson computes once: the principal components of the digits, and what each number that is kept is worth."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.encoding import axes
from pages.ui.cache.pictures import exact_images, images
from vae_core.analysis import bound, explore, lesson
from vae_core.analysis.bound import Truth
from vae_core.analysis.compression import Components
from vae_core.analysis.halfway import Halfway
from vae_core.analysis.lesson import Before, Losses, Pairs, Trembling
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.precomputed import Recipe, shipped
from vae_core.data import Images
from vae_core.runs.catalogue import Entry

OF_BEFORE = "digits-2d"
"""The model that stands beside the older machines, and ships what they draw."""
FIRST_DIGIT = 3
"""The class of the image that steps begin with."""
_BEFORE, _TRUTH, _BEST = Recipe("before", Before), Recipe("truth", Truth), Recipe("best", Posterior)


def digits() -> Images:
    """The images of the lesson, which ship with the app."""
    return exact_images(lesson.DIGITS)


@st.cache_data(show_spinner=False)
def one_of_each() -> NDArray[np.int64]:
    """The first image of each class, by its number."""
    return lesson.one_of_each(digits())


@st.cache_data(show_spinner="Looking for the principal components …")
def components() -> Components:
    """Of most of the images."""
    return lesson.components(digits())


@st.cache_data(show_spinner="Judging 500 digits …")
def _losses(folder: Path, order: tuple[int, ...], of_two: Path) -> Losses:
    return lesson.losses(digits(), components(), opened(folder).model, np.array(order), opened(of_two).model)


def losses(entry: Entry, of_two: Entry) -> Losses:
    """What is lost after each number of a code: of components, of this model, and of another with two numbers."""
    return _losses(entry.folder, tuple(axes(entry).order.tolist()), of_two.folder)


@st.cache_data(max_entries=64, show_spinner="Summing over a grid of codes …")
def truth(folder: Path, number: int) -> Truth:
    """log p(x) and the true posterior of an image of the lesson; a bundled model ships that of the first one shown."""
    images = digits()
    return shipped(_TRUTH, folder, images.identity, lambda: bound.truth(opened(folder).model, images.pixels[number]), variant=f"{number}")


@st.cache_data(max_entries=64, show_spinner=False)
def best(folder: Path, number: int) -> Posterior:
    """The best normal distribution for an image of the lesson, [1, K]; a bundled model ships them."""
    images = digits()

    def fresh() -> Posterior:
        picture, model = images.pixels[number], opened(folder).model
        own = explore.encode(model, picture[None])
        return bound.best(model, picture, own.mean[0], own.std[0])

    return shipped(_BEST, folder, images.identity, fresh, variant=f"{number}")


@st.cache_data(max_entries=8, show_spinner=False)
def trembling(folder: Path) -> Trembling:
    """Of 200 images, one code drawn for each; σ from its 5 % to its 95 % quantile."""
    return lesson.trembling(opened(folder).model, digits())


@st.cache_data(max_entries=8, show_spinner=False)
def pairs(folder: Path) -> Pairs:
    """Two images whose regions overlap most, and two that lie farthest apart."""
    return lesson.pairs(opened(folder).model, digits())


@st.cache_data(show_spinner="Training a Boltzmann machine and a deep belief network on 1,797 small digits …")
def before(folder: Path) -> Before:
    """Both machines, trained and run from chance, and the decoder of a model beside them; a bundled one ships it."""
    digits = images(lesson.OLD_DIGITS)
    return shipped(_BEFORE, folder, digits.identity, lambda: lesson.before(lesson.old(digits), opened(folder).model))


@st.cache_data(max_entries=64, show_spinner=False)
def changes(folder: Path, share: float) -> tuple[NDArray[np.float64], float]:
    """How much pictures change over a step from the codes of images, [500], and its length: a share of how far the codes spread."""
    (found,) = lesson.changes(opened(folder).model, digits(), [share])
    return found


@st.cache_data(max_entries=8, show_spinner=False)
def halfway(folder: Path) -> Halfway:
    """How near to real digits what lies halfway between two samples is, of 200 pairs."""
    return lesson.halfway(opened(folder).model, digits())
