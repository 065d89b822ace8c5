"""A student's side of the drawing session: a canvas, the class, and a button that sends."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui.ground import state
from pages.ui.ground.refusals import refuse
from pages.ui.ground.wording import plain
from pages.ui.live.draw import clear, draw_input, refusal
from pages.ui.screens.classroom.seeing import model_of
from vae_core.base.errors import InputError
from vae_core.data import drawings
from vae_core.data.drawings import SHAPE, Session

_LOOK = 2.0  # seconds


def listen(session: Session | None) -> None:
    """Draw the page again when the teacher opens another session than this one, or ends it."""
    st.fragment(_listen, run_every=_LOOK)(session)


def _listen(session: Session | None) -> None:
    if drawings.current() != session:
        st.rerun()


def canvas(session: Session) -> None:
    """The class, the button that sends and what came of it; below, where on a phone too it needs no scrolling, the canvas."""
    entry = model_of(session)
    if entry is None:
        refuse(
            InputError(
                "The canvas needs a model of 28 × 28 grey pixels, and none is on this computer: ask your teacher to install the app again."
            )
        )
        return
    above = st.container()
    drawn = draw_input(entry=entry, key=state.CLASS_DRAWN, on_draw=lambda _: state.take(state.CLASS_SENT))
    st.caption("The reconstruction is what a model makes of your drawing. It has never seen one of your class.")
    with above:
        refused = refusal(state.CLASS_DRAWN)
        if refused is not None:
            refuse(refused)
        with st.container(horizontal=True, vertical_alignment="bottom"):
            label = st.segmented_control(
                "What do you draw?",
                range(len(session.classes)),
                format_func=lambda place: plain(session.classes[place]),
                key=state.part(state.CLASS_LABEL, session.id),
                width="content",
            )
            ready = drawn is not None and label is not None
            sent = st.button("Send", type="primary", icon=":material/send:", disabled=not ready)
        if sent and drawn is not None and label is not None:
            _send(session, label, drawn)
        told = state.get(state.CLASS_SENT)
        st.caption("Choose what it is, draw it, and send it." if told is None else f":material/check: {told}")


def _send(session: Session, label: int, drawn: NDArray[np.uint8]) -> None:
    try:
        count = drawings.add(session.id, label, drawn)
    except InputError as error:
        refuse(error)
        return
    clear(state.CLASS_DRAWN, SHAPE)
    state.put(state.CLASS_SENT, f"Arrived. You have sent {count} drawing{'' if count == 1 else 's'}.")
    st.rerun()
