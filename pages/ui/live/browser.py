"""What the browser itself does for all pages: it keeps the model it chose last, a history in which Back leaves the page, and an order in
which the Tab key comes to what a popover holds."""

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
# Streamlit puts what a popover holds at the end of the page: from its button Tab would lead everywhere else first. And a click on a link to
# another page closes the popover after it has asked for that page, which then never comes: so the popover is closed first, and the
# link followed once that is done.
_POPOVERS = """
if (!window.latentLoomPopovers) {
  window.latentLoomPopovers = true
  const within = (root) => [...root.querySelectorAll("*")].flatMap((each) => each.shadowRoot ? within(each.shadowRoot) : each)
  const stops = (root) => within(root).filter((each) => each.tabIndex >= 0 && !each.disabled && each.checkVisibility())
  addEventListener("keydown", (event) => {
    const button = document.querySelector('[data-testid="stPopoverButton"][aria-expanded="true"]')
    const body = document.querySelector('[data-testid="stPopoverBody"]')
    if (event.key !== "Tab" || !button || !body) return
    const inside = stops(body)
    const at = event.composedPath()[0]
    if (at === button && !event.shiftKey && inside.length) {
      event.preventDefault()
      inside[0].focus()
    } else if (inside.length && at === inside.at(event.shiftKey ? 0 : -1)) {
      button.focus() // from here Tab itself goes on
      if (event.shiftKey) event.preventDefault()
      else button.click() // who has left it is done with it
    }
  }, true)
  addEventListener("click", (event) => {
    const button = document.querySelector('[data-testid="stPopoverButton"][aria-expanded="true"]')
    const link = event.composedPath().find((each) => each.matches?.('a[href]:not([target="_blank"])'))
    if (!button || !link || event.ctrlKey || event.metaKey) return
    event.preventDefault()
    event.stopImmediatePropagation()
    button.click()
    const app = document.querySelector('[data-testid="stApp"]')
    const follow = () => app.dataset.testScriptState === "notRunning" ? link.click() : setTimeout(follow, 50)
    setTimeout(follow, 250) // by then the closing has reached the server
  }, true)
}
"""
# Streamlit leaves no room between pictures of one row, and writes what is chosen in the colour of buttons, too dark for small text.
_STYLE = """
[data-testid="stImage"] {gap: 0.5rem}
.stApp [data-variant="segmented_control"][data-selected="true"], .stApp [data-testid="stSliderThumbValue"] {color: light-dark(LIGHT, DARK)}
"""
_YEAR = 365 * 24 * 60 * 60


def _colour(mode: str) -> str:
    """What the theme has for text of its own colour; Streamlit's own where there is no theme."""
    colour: str | None = st.get_option(f"theme.{mode}.blueTextColor")
    return colour or "inherit"


def keep() -> None:
    """A script and nothing to see, so that it is the last of a page's elements; no component, for which room would be kept."""
    model_id = state.get(state.SHARED_MODEL_KEPT)
    cookie = json.dumps(f"{state.MODEL_COOKIE}={model_id}; path=/; max-age={_YEAR}; samesite=lax").replace("<", "\\u003c")
    kept = "" if model_id is None else f"document.cookie = {cookie}"
    style = _STYLE.replace("LIGHT", _colour("light")).replace("DARK", _colour("dark"))
    st.html(f"<style>{style}</style><script>{_HISTORY}{_POPOVERS}{kept}</script>", unsafe_allow_javascript=True)
