"""Models from elsewhere, translated and tried once for all that is asked about them before they are kept."""

from __future__ import annotations

from typing import NamedTuple

import streamlit as st

from pages.ui.cache.pictures import images
from vae_core.analysis import explore
from vae_core.analysis.explore import Pixels
from vae_core.foreign import adopting, apart, importing, joining
from vae_core.foreign.adopting import Reading
from vae_core.foreign.opening import Opened, Upload
from vae_core.foreign.said import Said
from vae_core.foreign.telling import Tell

SHOWN = 8
MOST = 6  # readings that are shown, the best ones


class Tried(NamedTuple):
    """A model under each reading.

    Attributes:
        readings: all of them, the best first.
        shape: (C, H, W) of its images.
        seen: uint8 [8, C, H, W], images of its kind in that shape; None where none were named.
        rows: what each of the first six readings makes of these, or of eight codes drawn from the prior with seed 0, uint8 [8, C, H, W].
    """

    readings: list[Reading]
    shape: tuple[int, int, int]
    seen: Pixels | None
    rows: list[Pixels]


@st.cache_data(max_entries=2, show_spinner="Reading the model …")
def holds_weights_alone(files: tuple[Upload, ...]) -> bool:
    """Whether these are weights without their layers.

    Raises:
        InputError: a ZIP among them is damaged or over its limits.
    """
    return apart.holds_weights_alone(files)


@st.cache_resource(max_entries=2, show_spinner="Reading the model …")
def from_elsewhere(files: tuple[Upload, ...], architecture: str | None, image: str | None, latent: str | None) -> Opened:
    """The model in these files; `architecture` is for a checkpoint, `image` and `latent` as in `Said`.

    Raises:
        InputError: they hold no model that is read.
    """
    choices = Said(image=image, latent=latent).choices()
    return apart.open_files(files, architecture=architecture, image=choices.image, latent=choices.latent)


@st.cache_resource(max_entries=2, show_spinner=False)
def _kept(files: tuple[Upload, ...], architecture: str | None, said: Said, data_name: str | None) -> list[Tried]:
    """An empty list, to keep what was tried in: whatever is drawn within a cached function, as a bar, would be drawn again each time."""
    return []


def tried(files: tuple[Upload, ...], architecture: str | None, said: Said, data_name: str | None, tell: Tell) -> Tried:
    """What comes of each reading of it.

    Args:
        files, architecture: as `from_elsewhere`.
        said: what the user says of it.
        data_name: of images of its kind, where there are some.
        tell: hears how far it is.

    Raises:
        InputError: no reading fits, or the images are of another aspect ratio.
    """
    kept = _kept(files, architecture, said, data_name)
    if not kept:
        opened = from_elsewhere(files, architecture, said.image, said.latent)
        choices = importing.choices_of(opened.card, said.choices())
        shape = joining.shape_of(opened.halves, choices)
        seen = None if data_name is None else joining.resized(importing.tried_on(images(data_name)), shape)
        found = adopting.readings(opened.halves, choices, seen, tell)
        some = None if seen is None else seen[:SHOWN]
        kept.append(Tried(found, shape, some, [_row(reading, some) for reading in found[:MOST]]))
    return kept[0]


def _row(reading: Reading, some: Pixels | None) -> Pixels:
    if some is not None:
        return explore.reconstruct(reading.model, some)
    return explore.decode(reading.model, explore.sample_prior(reading.model.config.latent, SHOWN, seed=0))
