"""The audit sheet of a model."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.cache.checkpoints import whole
from pages.ui.cache.pictures import data_name_of, exact_images
from vae_core.analysis.audit import sheet
from vae_core.analysis.audit.sheet import Sheet
from vae_core.runs.catalogue import Entry


@st.cache_data(max_entries=16, show_spinner=False)
def _audited(folder: Path, data_name: str | None) -> Sheet:
    bar = st.progress(0.0)

    def tell(share: float, words: str) -> None:
        bar.progress(share, words)

    found = sheet.audit(whole(folder), None if data_name is None else exact_images(data_name), tell)
    bar.empty()
    return found


def audited(entry: Entry) -> Sheet:
    """The audit sheet of a model on the images that it is shown with; a bar says how far it is. It takes some seconds once.

    Raises:
        InputError: the model or its images are damaged.
    """
    return _audited(entry.folder, data_name_of(entry))
