"""What stands behind tabs below the pictures: only the open one is computed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

MEANING, BLUR, COVERAGE = "What it means", "The blur, counted", "Why are my samples bad?"
FIGURES, CODE, TRAINING = "All figures", "What is β in my code?", "Train a sweep"


def tabs(contents: Mapping[str, Callable[[], object]], *, key: str) -> None:
    """A tab for each title, in their order; the open one is drawn by its function."""
    for tab, draw in zip(st.tabs(list(contents), key=key, on_change="rerun"), contents.values(), strict=True):
        if tab.open:
            with tab:
                draw()
