"""The pages of lab mode."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from pages.ui.ground.language import in_menu
from vae_core.base import owners, passes


def of_class() -> list[StreamlitPage]:
    """What the menu has besides: for the teacher the Class page, for a student the one to draw on; on a laptop nothing."""
    if passes.address() is None:
        return []
    if owners.asking() is None:
        hint = "For the teacher: the link of the class, its drawings, the queue, and the end of the lesson."
        return [st.Page("pages/classroom.py", title=in_menu("Class"), icon=":material/groups:", help=in_menu(hint))]
    return [st.Page("pages/draw.py", title=in_menu("Draw"), icon=":material/draw:", help=in_menu("Draw for the data set of your class."))]
