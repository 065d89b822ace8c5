"""A few small pictures by which people know a model."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from vae_core.analysis import pictures
from vae_core.analysis.precomputed import Recipe, shipped
from vae_core.training import checkpoint

_THUMBNAILS = Recipe("thumbnails", np.ndarray)


@st.cache_data(max_entries=512, show_spinner=False)
def thumbnails(folder: Path) -> NDArray[np.uint8]:
    """Pictures that the model in a folder of `catalogue.Entry` draws, uint8 [n, C, H, W], n from 1 to 4.

    The model is opened for them and let go: a list of many must not crowd out the few that are in use.

    Raises:
        InputError: the checkpoint is damaged.
    """
    return shipped(_THUMBNAILS, folder, "its own", lambda: pictures.thumbnails(checkpoint.load(folder)))
