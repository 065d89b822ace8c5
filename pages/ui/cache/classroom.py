"""Where a model puts what a class has drawn."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened
from vae_core.analysis import explore
from vae_core.data.drawings import MOST, Drawing

_PART = 50


def codes_of_drawings(folder: Path, session: str, drawings: Sequence[Drawing]) -> NDArray[np.float32]:
    """The codes of drawings, float32 [N, K]; those of earlier looks are not computed again.

    Args:
        folder: the model's checkpoint.
        session: the id of the session that they are of.
        drawings: the oldest first, so that all parts but the last stay as they are when others come; at least one.
    """
    parts = [drawings[at : at + _PART] for at in range(0, len(drawings), _PART)]
    return np.concatenate([_codes(folder, session, tuple(each.id for each in part), part) for part in parts])


@st.cache_data(max_entries=4 * MOST // _PART, show_spinner=False)
def _codes(folder: Path, session: str, ids: tuple[str, ...], _part: Sequence[Drawing]) -> NDArray[np.float32]:
    return explore.encode(opened(folder).model, np.stack([each.pixels for each in _part])).mean
