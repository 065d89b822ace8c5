"""The figures of the models of a sweep."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.pictures import data_name_of, pictures
from vae_core.runs import sweeps
from vae_core.runs.catalogue import Entry
from vae_core.runs.sweeps import Measures


@st.cache_data(max_entries=64, show_spinner="Measuring the models of the sweep …")
def _measures(folder: Path, data_name: str | None) -> Measures:
    return sweeps.measure(opened(folder), None if data_name is None else pictures(folder, data_name))


def measures(entry: Entry) -> Measures:
    """A model's figures on the validation images; from its card where the images are not on this computer."""
    return _measures(entry.folder, data_name_of(entry))
