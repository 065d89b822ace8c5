"""What the browser itself keeps of a visit: the model it chose last, and a history in which Back leaves the page."""

from __future__ import annotations

import json

import streamlit as st

from pages.ui.ground import state

# Streamlit writes each change of the address as a page of its own into the history: after ten moves of a pin, Back would take ten presses.
_HISTORY = """
if (!window.latentLoomHistory) {
  const { pushState } = history
  window.latentLoomHistory = true
  history.pushState = function (state, unused, url) {
    const same = new URL(url, location.href).pathname === location.pathname
    return same ? this.replaceState(state, unused, url) : pushState.call(this, state, unused, url)
  }
}
"""
_YEAR = 365 * 24 * 60 * 60


def keep() -> None:
    """A script and nothing to see, so that it is the last of a page's elements; no component, for which room would be kept."""
    model_id = state.get(state.SHARED_MODEL_KEPT)
    cookie = json.dumps(f"{state.MODEL_COOKIE}={model_id}; path=/; max-age={_YEAR}; samesite=lax").replace("<", "\\u003c")
    st.html(f"<script>{_HISTORY}{'' if model_id is None else f'document.cookie = {cookie}'}</script>", unsafe_allow_javascript=True)
