"""The lesson before a room: large type, one step a screen, and keys as a presenter's clicker sends them."""

from __future__ import annotations

import re

import streamlit as st

from pages.ui.ground import state
from pages.ui.screens.learn.language import say

# Nearly all of Streamlit is measured by the root's type; what the room need not read stays small.
_LARGE, _DENSE = "clamp(18px, min(1.5vw, 2.4vh), 30px)", "clamp(16px, min(1.25vw, 2vh), 26px)"
_STYLE = """
@media (min-width: 900px) {
  html:root {font-size: TYPE}
  SMALL {zoom: 0.75}
}
header[data-testid="stHeader"] {display: none}
[data-testid="stMainBlockContainer"] {padding: 0.5rem 1.5rem}
"""
# A step begins at its top. A clicker sends Page Down and Page Up, some the arrows. They count before a room alone, where there is a way
# back: the first two wherever nobody types, also after an answer was clicked; the arrows only where no slider, choice or drawing has them.
_SCRIPT = """
if (!window.latentLoomSteps) {
  window.latentLoomSteps = true
  addEventListener("click", (event) => {
    if (event.target.closest?.("ON button, BACK button")) document.querySelector('[data-testid="stMain"]').scrollTo(0, 0)
  })
  addEventListener("keydown", (event) => {
    const at = event.composedPath()[0]
    const arrow = {ArrowRight: "ON", ArrowLeft: "BACK"}[event.key]
    const page = {PageDown: "ON", PageUp: "BACK"}[event.key]
    const button = document.querySelector("BACK") && document.querySelector(`${arrow ?? page} button`)
    if (!button || event.ctrlKey || event.altKey || event.metaKey || event.shiftKey) return
    const plain = at === document.body || (at.matches("button, a") && !at.hasAttribute("role"))
    const field = at.matches("textarea, select, input:not([type=radio], [type=checkbox], [type=range])")
    if (page ? field : !plain) return
    event.preventDefault()
    event.stopPropagation()
    button.click()
  }, true)
}
"""


def steer(before: str | None, after: str | None) -> None:
    """The buttons to the steps of these names; None where there is none, which is a button that does nothing."""
    for label, icon, step, key, hint in (
        (say("Back"), ":material/arrow_back:", before, state.LEARN_BACK, say("Also the keys ← and Page Up.")),
        (say("On"), ":material/arrow_forward:", after, state.LEARN_ON, say("Also the keys → and Page Down.")),
    ):
        st.button(label, icon=icon, key=key, disabled=step is None, on_click=state.put, args=(state.LEARN_STEP, step), help=hint)


def onward(label: str, step: str) -> None:
    """The same to the next step alone, at the end of a page that is read."""
    st.button(
        label,
        icon=":material/arrow_forward:",
        icon_position="right",
        key=state.LEARN_ON,
        type="tertiary",
        on_click=state.put,
        args=(state.LEARN_STEP, step),
    )


def room(*small: str, dense: bool) -> None:
    """Make the page one for a room, with smaller type where a step is `dense`.

    `small` are the keys of containers with what the room need not read.
    """
    style = _STYLE.replace("SMALL", ", ".join(map(_selector, small))).replace("TYPE", _DENSE if dense else _LARGE)
    st.html(f"<style>{style}</style>")


def listen() -> None:
    """What the browser does for these buttons; once on a page."""
    script = _SCRIPT.replace("ON", _selector(state.LEARN_ON)).replace("BACK", _selector(state.LEARN_BACK))
    st.html(f"<script>{script}</script>", unsafe_allow_javascript=True)


def _selector(key: str) -> str:
    """What Streamlit's style sheets call the element of this key."""
    return f".st-key-{re.sub(r'[^a-zA-Z0-9_-]', '-', key)}"
