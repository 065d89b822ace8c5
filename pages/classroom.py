"""Class: for the teacher of a class on a network, the link to come in, its drawings, what is being trained, and the end of the lesson."""

from __future__ import annotations

import streamlit as st

from pages.ui.ground.refusals import show_refusal
from pages.ui.screens.classroom import keeping, seeing

st.title("Class")
show_refusal()
keeping.show_link()
seeing.show()
keeping.show_runs()
keeping.offer_reset()
