"""The only file that names session-state keys and query parameters.

A key in upper case is at once the widget's key and, where the widget is bound to the URL, the query parameter's name, so a view
is a link. State that no widget holds is behind a function.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st

MODEL = "model"
"""The chosen model's id, shared by all pages."""

CODE = "z"
"""The code on the Sliders page as text, "0.1, -1, …"."""


def get(key: str, default: Any = None) -> Any:  # noqa: ANN401 — widgets hold values of any type
    """The value of a widget or of a page's own key; `default` before it was ever set."""
    return st.session_state.get(key, default)


def put(key: str, value: Any) -> None:  # noqa: ANN401
    """Set a value; for a widget's key only before the widget is drawn, or in a callback."""
    st.session_state[key] = value


def link() -> str:
    """The address that restores this view: the page with the query parameters that its widgets are bound to."""
    parameters = st.query_params.to_dict()
    page = (st.context.url or "").split("?")[0]
    return f"{page}?{urlencode(parameters)}" if parameters else page
