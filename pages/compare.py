"""Compare: the same images, the same seed and the same number of dimensions, in several methods or two models side by side."""

from __future__ import annotations

import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.menus import link_to_view, next_page
from pages.ui.ground.refusals import refuse
from pages.ui.screens.compare import linked, memory, side
from vae_core.base.errors import InputError

VIEWS = {"Side by side": side.show, "Two models": linked.show, "Memory": memory.show}

with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Compare", width="content")
    view = st.segmented_control(
        "View",
        list(VIEWS),
        default=next(iter(VIEWS)),
        required=True,
        key=state.COMPARE_VIEW,
        bind="query-params",
        label_visibility="collapsed",
    )
try:
    VIEWS[view]()
except InputError as error:
    refuse(error)
link_to_view()
next_page("train", "Train", "Train a model of your own, and put it beside these.")
