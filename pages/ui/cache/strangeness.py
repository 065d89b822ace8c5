"""How strange the images of a model's set are to it, so that another image can be placed among them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.pictures import data_name_of, images
from vae_core.analysis import projection, strangeness
from vae_core.analysis.precomputed import Recipe, shipped
from vae_core.runs.catalogue import Entry

_COMPARED = 500
_LOSSES = Recipe("losses", np.ndarray)


@st.cache_data(max_entries=16, show_spinner=False)
def _losses(folder: Path, data_name: str) -> NDArray[np.float64]:
    found = images(data_name)
    rows = projection.subsample(len(found), _COMPARED, found.labels, seed=0)
    return shipped(_LOSSES, folder, found.identity, lambda: strangeness.losses(opened(folder).model, found.take(rows)))


def stranger_than(entry: Entry, picture: NDArray[np.uint8]) -> float | None:
    """The share, 0 to 1, of the images of the model's set that are less strange to it than this picture [C, H, W].

    None where the images are not on this computer: what the model draws itself is never strange to it.
    """
    data_name = data_name_of(entry)
    if data_name is None:
        return None
    (loss,) = strangeness.losses(opened(entry.folder).model, picture[None])
    return strangeness.share_below(float(loss), _losses(entry.folder, data_name))
