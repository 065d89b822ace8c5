"""Which known factor of the images each latent dimension follows."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.cache.encoding import encoded, sample
from pages.ui.cache.pictures import data_name_of, images
from vae_core.analysis import disentangle
from vae_core.analysis.disentangle import Follows
from vae_core.runs.catalogue import Entry


@st.cache_data(max_entries=16, show_spinner=False)
def _follows(folder: Path, data_name: str, count: int) -> list[Follows | None]:
    known, found = images(data_name), encoded(folder, data_name, count)
    assert known.factors is not None
    return disentangle.follows(found.posterior.mean, known.factors[found.numbers], known.factor_names, list(map(bool, known.factor_values)))


def follows(entry: Entry) -> list[Follows | None]:
    """For each of the K dimensions the factor that it follows, or None; an empty list where the images have no known factors here."""
    name = data_name_of(entry)
    found = None if name is None or images(name).factors is None else sample(entry)
    return [] if name is None or found is None else _follows(entry.folder, name, len(found.numbers))
