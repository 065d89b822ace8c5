"""The audit sheet of the chosen model: what its weights betray, the gravest first, and what no audit sees."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.refusals import refuse
from pages.ui.ground.wording import of_weights
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry


@st.fragment
def audit_panel(entry: Entry) -> None:
    """The button, and the sheet once it was pressed for this model."""
    if state.get(state.MODELS_AUDITED) != entry.id:
        st.button(
            "Audit this model",
            icon=":material/fact_check:",
            on_click=state.put,
            args=(state.MODELS_AUDITED, entry.id),
            help="Reads from its weights which KL weight it was trained with, and looks for faults. That takes some seconds.",
        )
        return
    try:
        sheet = cache.audited(entry)
    except InputError as error:
        refuse(error)
        return
    columns = {
        "Finding": [finding.name for finding in sheet.findings],
        "Verdict": [finding.severity for finding in sheet.findings],
        "What it says": [finding.sentence for finding in sheet.findings],
    }
    st.table(columns)
    rated = entry.card.model.beta_range is not None
    at = f", at β = {of_weights(entry.card.train.weights)}" if rated else ""
    st.caption(f"Audit sheet from {sheet.images:,} images{at}. What no audit sees: {' '.join(sheet.unseen)}")
