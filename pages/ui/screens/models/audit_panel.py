"""The audit sheet of the chosen model: what its weights betray, the gravest first, and what no audit sees."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.names import file_stem, names_of
from pages.ui.ground.refusals import refuse
from pages.ui.ground.wording import of_weights, plain
from vae_core.analysis.audit.evidence import Severity
from vae_core.analysis.pictures import shown_with
from vae_core.base.errors import InputError
from vae_core.export import takehome
from vae_core.export.live_model import is_known_to_browser
from vae_core.runs.catalogue import Entry

_MARKS: dict[Severity, str] = {"fault": "error", "doubt": "help", "not measured": "remove", "sound": "check"}


@st.fragment
def audit_panel(entry: Entry) -> None:
    """The button, and the sheet once it was pressed for this model, with a button that takes it home."""
    if state.get(state.MODELS_AUDITED) != entry.id:
        st.button(
            "Audit this model",
            icon=":material/fact_check:",
            on_click=state.put,
            args=(state.MODELS_AUDITED, entry.id),
            help="Reads from its weights which KL weight it was trained with, and looks for faults. That takes some seconds, or a "
            "minute or two for a large model.",
        )
        return
    try:
        sheet = cache.audited(entry)
    except InputError as error:
        refuse(error)
        return
    rated = entry.card.model.beta_range is not None
    at = f", at β = {of_weights(entry.card.train.weights)}" if rated else ""
    with st.expander(f"Audit sheet from {sheet.images:,} images{at}", expanded=True, icon=":material/fact_check:"):
        for finding in sheet.findings:
            mark = f":material/{_MARKS[finding.severity]}: **{finding.name}**, {finding.severity}."
            st.markdown(f"{mark} {plain(finding.sentence)}")
        st.caption(f"What no audit sees: {' '.join(sheet.unseen)}")
        if is_known_to_browser(entry.card.model):
            images, names = shown_with(entry.card), names_of(entry)
            st.download_button(
                "Take-home page with this sheet",
                lambda: takehome.html_page(cache.whole(entry.folder), entry.name, images, dimension_names=names, sheet=sheet),
                file_name=f"{file_stem(entry)}-audited.html",
                mime="text/html",
                on_click="ignore",
                icon=":material/backpack:",
            )
