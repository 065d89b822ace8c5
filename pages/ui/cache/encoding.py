"""The codes of a model's images, and what is counted from them alone: ranges of sliders, and a mixture to draw from."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.cache.bounded import in_memory
from pages.ui.cache.checkpoints import opened
from pages.ui.cache.galleries import gallery
from pages.ui.cache.pictures import data_name_of, images
from pages.ui.cache.spinner import spinner
from vae_core.analysis import directions as ways
from vae_core.analysis import encoding, explore, projection
from vae_core.analysis.directions import Directions
from vae_core.analysis.encoding import Encoded
from vae_core.analysis.explore import Axes
from vae_core.analysis.mixture import Mixture, fit_mixture
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.precomputed import Recipe, shipped
from vae_core.analysis.projection import Projection
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

MAX_POINTS = 100_000
"""A map shows no more codes than this; of more images a sample, stratified by class, and the page says so."""

SAMPLE = 10_000
"""So many images give a slider its range. It is also all that UMAP and the search for neighbours do in a bearable time."""

MIXTURE_IMAGES = 2_500
"""The codes of so many images are mixed to draw new ones from; of 64 × 64 colour images they take a second or two to encode."""


_CODES, _AXES, _MIXTURE = Recipe("codes", Posterior), Recipe("axes", Axes), Recipe("mixture", Mixture)
_MOST_NUMBERS = 50_000  # of the codes that ship with a model: 200 kB


def _fresh(folder: Path, data_name: str | None, count: int) -> Encoded:
    loaded = opened(folder)
    if data_name is None:
        assert loaded.codes is not None  # a count comes from a gallery that is not empty
        return encoding.of_kept(loaded.codes, count)
    found = images(data_name)

    def fresh() -> Posterior:
        with spinner(f"Encoding {count:,} images …"):
            return encoding.of_images(loaded.model, found, count).posterior

    # Fewer than the sample serve the mixture, which ships itself.
    ships = count == min(SAMPLE, len(found)) and 2 * count * loaded.card.model.latent <= _MOST_NUMBERS
    posterior = shipped(_CODES, folder, found.identity, fresh, variant=f"{count}") if ships else fresh()
    return encoding.encoded(posterior, found, count)


@in_memory(6)
def encoded(folder: Path, data_name: str | None, count: int) -> Encoded:
    """So many of a model's codes, by what a cache's key is made of."""
    return _fresh(folder, data_name, count)


def _some_codes(entry: Entry, limit: int) -> Encoded | None:
    count = min(encoding.affordable(entry.card.model, limit), len(gallery(entry)))
    return encoded(entry.folder, data_name_of(entry), count) if count else None


def codes(entry: Entry) -> Encoded | None:
    """All codes to draw for a model: of its images where they are at hand, else those kept with it; None where there are neither."""
    return _some_codes(entry, MAX_POINTS)


def sample(entry: Entry) -> Encoded | None:
    """At most `SAMPLE` of the codes, stratified by class, for what would take too long with all; None where there are none."""
    return _some_codes(entry, SAMPLE)


@st.cache_data(max_entries=16, show_spinner=False)
def _axes(folder: Path, data_name: str | None, count: int) -> Axes:
    def fresh() -> Axes:
        return explore.axes(encoded(folder, data_name, count).posterior)

    return fresh() if data_name is None else shipped(_AXES, folder, images(data_name).identity, fresh, variant=f"{count}")


def axes(entry: Entry) -> Axes:
    """Order, range and use of the model's latent dimensions.

    Raises:
        InputError: neither the model's images nor its codes are on this computer.
    """
    found = sample(entry)
    if found is None:
        if not entry.card.data.images:
            raise InputError("Nobody named images for this model, so its sliders span the prior: open its files again with some.")
        raise InputError(f"The images of {entry.card.data.title}, from which the sliders get their ranges, are not on this computer.")
    return _axes(entry.folder, data_name_of(entry), len(found.numbers))


@st.cache_resource(max_entries=6, show_spinner=False)
def _directions(folder: Path, data_name: str | None, count: int) -> Directions:
    return ways.principal(encoded(folder, data_name, count).posterior.mean)


def directions(entry: Entry) -> Directions | None:
    """What the sliders of a wide code move: principal components of the codes that are known, else its channels; None of any other code."""
    model = entry.card.model
    if not model.wide:
        return None
    found = sample(entry)
    if found is None:
        return ways.plain(model.code_shape)
    return _directions(entry.folder, data_name_of(entry), len(found.numbers))


@st.cache_resource(max_entries=6, show_spinner=False)
def _plane(folder: Path, data_name: str | None, count: int) -> Projection:
    return projection.pca(encoded(folder, data_name, count).posterior.mean)


def wide_plane(entry: Entry) -> Projection | None:
    """The PCA of `codes` of a model with wide codes, which takes seconds; None where there are none."""
    found = codes(entry)
    return None if found is None else _plane(entry.folder, data_name_of(entry), len(found.numbers))


@st.cache_resource(max_entries=32, show_spinner=False)
def _mixture(folder: Path, data_name: str | None, count: int) -> Mixture:
    def fresh() -> Mixture:
        posterior = _fresh(folder, data_name, count).posterior  # these codes serve once, so they take nobody's place in the cache
        with spinner("Fitting a mixture to the codes …"):
            return fit_mixture(posterior)

    return fresh() if data_name is None else shipped(_MIXTURE, folder, images(data_name).identity, fresh, variant=f"{count}")


def mixture(entry: Entry) -> Mixture | None:
    """The mixture fitted to the model's codes; None where neither its images nor its codes are on this computer, or a code is wide.

    Raises:
        InputError: a code is not a number.
    """
    count = 0 if entry.card.model.wide else min(MIXTURE_IMAGES, len(gallery(entry)))
    return _mixture(entry.folder, data_name_of(entry), count) if count else None
