"""The button that shows something of one's own to the class."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from pages.ui.ground.refusals import attempt


def share_button(share: Callable[[bool], None], *, shared: bool, hint: str) -> None:
    """Share what is not `shared` yet, or take it back; `share` is told which, and may refuse with an InputError."""
    label, icon = ("Stop sharing", ":material/visibility_off:") if shared else ("Share with the class", ":material/share:")
    st.button(label, icon=icon, help=hint, on_click=attempt, args=(share, not shared))
