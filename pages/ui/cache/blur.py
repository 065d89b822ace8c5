"""What the best decoder shows at a code."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.pictures import data_name_of, pictures
from pages.ui.cache.populations import Population
from pages.ui.cache.spinner import spinner
from vae_core.analysis import blur, coverage, tradeoff
from vae_core.analysis.explore import Floats
from vae_core.analysis.folding import Beta
from vae_core.runs.catalogue import Entry


@dataclass(frozen=True)
class Averaged:
    """What the best decoder shows at one code, and whether a code may be expected there.

    Attributes:
        ideal: of this code alone, see `blur.Ideal`.
        numbers: what to call the images that weigh most: their places in the data set, else among the codes kept, int64 [n].
        ratio: log q − log p there, in nats.
    """

    ideal: blur.Ideal
    numbers: NDArray[np.int64]
    ratio: float


@st.cache_data(max_entries=64, show_spinner=False)
def _averaged(folder: Path, data_name: str | None, beta: Beta | None, code: bytes, _population: Population) -> Averaged:
    z = np.frombuffer(code, np.float32)[None]
    with spinner("Averaging the images …"):
        found = blur.ideal(_population.posterior, _population.take, z)
        ratio = coverage.log_ratio(_population.posterior, z).item()
    rows = pictures(folder, data_name).chosen(tradeoff.LEARNT, training=True)
    return Averaged(found, rows[found.top[0]], ratio)


def averaged(entry: Entry, beta: Beta | None, population: Population, z: Floats) -> Averaged:
    """The best decoder's picture of a code.

    Args:
        entry, beta: a variational model.
        population: its own, at β.
        z: float32 [K].
    """
    return _averaged(entry.folder, data_name_of(entry), beta, z.tobytes(), population)
