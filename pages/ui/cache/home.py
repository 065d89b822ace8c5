"""What the Home page shows, and the texts of all pages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.galleries import Gallery, gallery
from vae_core.analysis import explore
from vae_core.analysis.explore import Axes
from vae_core.analysis.film import through
from vae_core.data import faces
from vae_core.runs.catalogue import Entry

TEXTS = Path(__file__).parents[3] / "assets" / "text"
WELCOME_PICTURES = 96
_STOPS = 6  # pictures between which the film walks


@st.cache_data(max_entries=8, show_spinner=False)
def lessons(page: str) -> dict[str, str]:
    """The paragraphs of assets/text/<page>.md by their headings."""
    sections = (TEXTS / f"{page}.md").read_text("utf-8").split("\n## ")[1:]
    return {heading: text.strip() for heading, _, text in (section.partition("\n") for section in sections)}


@dataclass(frozen=True)
class Welcome:
    """What the Home page shows of a model.

    Attributes:
        pictures: uint8 [n, C, H, W]; a model of faces gets freshly drawn ones, so that nobody waits for the whole set.
        codes: the means of their posteriors, float32 [n, K].
        axes: of these pictures alone.
        film: an endless walk through the first few codes, as a GIF.
        still: its first frame, as a PNG.
    """

    pictures: NDArray[np.uint8]
    codes: NDArray[np.float32]
    axes: Axes
    film: bytes
    still: bytes


@st.cache_resource(max_entries=4, show_spinner="Drawing a few pictures …")
def _welcome(folder: Path, _gallery: Gallery | None) -> Welcome:
    model = opened(folder).model
    if _gallery is None:
        pictures = faces.generate(WELCOME_PICTURES, seed=1).pixels
    else:
        pictures = _gallery.pictures(np.arange(min(WELCOME_PICTURES, len(_gallery))))
    posterior = explore.encode(model, pictures)
    film = through(model, posterior.mean[:_STOPS])
    return Welcome(pictures, posterior.mean, explore.axes(posterior), film.moving, film.still)


def welcome(entry: Entry) -> Welcome | None:
    """The Home page's pictures; None where a model has neither images nor codes on this computer."""
    drawn = entry.card.data.name == "faces"
    found = None if drawn else gallery(entry)
    return None if found is not None and not len(found) else _welcome(entry.folder, found)
