"""Draw: a student of a class draws what the teacher has named, and sends it to the data set of the class."""

from __future__ import annotations

import streamlit as st

from pages.ui.screens.classroom import sending
from vae_core.data import drawings

st.title("Draw for your class")
session = drawings.current()
sending.listen(session)
if session is None:
    st.markdown("Your teacher has not asked for drawings yet. Leave this page open: it begins by itself.")
else:
    sending.canvas(session)
