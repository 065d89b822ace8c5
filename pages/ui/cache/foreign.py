"""Models from elsewhere, translated once for all that is asked about them before they are kept."""

from __future__ import annotations

import streamlit as st

from vae_core.foreign import importing
from vae_core.foreign.importing import Opened, Upload


@st.cache_resource(max_entries=2, show_spinner="Reading the model …")
def from_elsewhere(files: tuple[Upload, ...], architecture: str | None) -> Opened:
    """The model in these files; `architecture` is for a checkpoint.

    Raises:
        InputError: they hold no model that is read.
    """
    return importing.open_files(files, architecture=architecture)
