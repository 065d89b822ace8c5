"""How the codes of a model lie in the prior."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.cache.checkpoints import opened, opened_at
from pages.ui.cache.pictures import data_name_of, images, pictures
from pages.ui.cache.populations import Population
from pages.ui.cache.spinner import spinner
from vae_core.analysis import coverage, tradeoff
from vae_core.analysis.coverage import Covered
from vae_core.analysis.folding import Beta
from vae_core.analysis.pictures import unseen
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.precomputed import Recipe, shipped
from vae_core.runs.catalogue import Entry

_COVERED = Recipe("covered", Covered)


def _unseen(folder: Path, data_name: str, beta: Beta | None) -> Posterior:
    loaded = opened(folder) if beta is None else opened_at(folder, beta)
    return unseen(pictures(folder, data_name), loaded, tradeoff.JUDGED)


@st.cache_data(max_entries=32, show_spinner=False)
def _covered(folder: Path, data_name: str | None, beta: Beta | None, _population: Population) -> Covered:
    def fresh() -> Covered:
        others = None if data_name is None else _unseen(folder, data_name, beta)
        with spinner("Comparing the codes with the prior …"):
            return coverage.covered(_population.posterior, others)

    return fresh() if data_name is None else shipped(_COVERED, folder, images(data_name).identity, fresh, variant=f"{beta}")


def covered(entry: Entry, beta: Beta | None, population: Population) -> Covered:
    """How the codes of a variational model at β lie in the prior; `population` is its own."""
    return _covered(entry.folder, data_name_of(entry), beta, population)
