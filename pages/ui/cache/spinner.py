"""A spinner where a page waits."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.scriptrunner import get_script_run_ctx


@contextmanager
def spinner(text: str) -> Iterator[None]:
    """A spinner where a page waits. What the browser fetches by itself is made without: a decorator's spinner would warn of that."""
    if get_script_run_ctx(suppress_warning=True) is None:
        yield
    else:
        with st.spinner(text):
            yield
