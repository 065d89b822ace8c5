"""The pages of lab mode."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from vae_core.base import owners, passes


def of_class() -> list[StreamlitPage]:
    """What the menu has besides: for the teacher the Class page; on a laptop nothing."""
    if passes.address() is None or owners.asking() is not None:
        return []
    return [
        st.Page(
            "pages/classroom.py",
            title="Class",
            icon=":material/groups:",
            help="For the teacher: the link of the class, the queue, and the end of the lesson.",
        )
    ]
