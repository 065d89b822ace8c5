"""The Class page's link, its runs, and the clearing of the room."""

from __future__ import annotations

import io

import segno
import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.refusals import attempt
from vae_core.base import passes
from vae_core.runs import directory, room

_SIDE = 240  # screen pixels of the QR code


def show_link() -> None:
    """How a student comes in. The teacher's word is nowhere on the page, which a whole room may see."""
    link = passes.link(passes.kept().students)
    picture = io.BytesIO()
    segno.make(link).save(picture, kind="png", scale=8, border=2)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.image(picture.getvalue(), width=_SIDE, alt="The link of the class as a QR code")
        with st.container():
            st.markdown("**For the class:** scan this, or type the link.")
            st.code(link, language=None)


@st.fragment(run_every=2.0)
def show_runs() -> None:
    """The runs at work and in the queue, of all, each with a button that stops it."""
    st.subheader("Runs")
    runs = room.active()
    if not runs:
        st.caption("Nothing is being trained, and nobody waits.")
    for run in runs:
        with st.container(horizontal=True, vertical_alignment="center"):
            done = f"{run.status.step / max(1, run.status.steps):.0%} done" if run.status.state == "running" else "waiting"
            st.text(f"{run.config.name}, {room.student_of(run)}, {done}", width="stretch")
            key = state.part(state.CLASS_RUNS, run.id)
            st.button("Stop", key=key, icon=":material/stop:", on_click=attempt, args=(directory.request_stop, run.folder))
    st.caption("The pages Models and Train show you everybody's models and sets, and there you can delete them.")


def offer_reset() -> None:
    """The button that clears the room, once it was asked for twice."""
    st.subheader("Clear the room")
    still = state.take(state.CLASS_STILL)
    if still is not None:
        runs = f"{still} run{'' if still == 1 else 's'}"
        left = f" {runs} will end after the step under way: then clear the room once more." if still else ""
        st.success(f"The room is clear.{left}", icon=":material/check:")
    st.caption("What students have made goes to the trash for a week. Runs stop, a drawing ends, pins are taken away. What is yours stays.")
    if st.button("Clear the room", icon=":material/mop:"):
        _ask()


@st.dialog("Clear the room?")
def _ask() -> None:
    st.write("All runs, models and image sets of all students go, and the drawings that are not kept as a set yet.")
    with st.container(horizontal=True):
        if st.button("Yes, clear it", type="primary", key=state.CLASS_RESET, on_click=attempt, args=(_clear,)):
            st.rerun()
        if st.button("Leave it"):
            st.rerun()


def _clear() -> None:
    state.put(state.CLASS_STILL, room.reset())
