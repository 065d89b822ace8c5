"""The walk through the codes of the Sliders page: where it arrives from start, address and Code field, and what moves it on."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.choice import Choice
from pages.ui.panels.sampling import Sampler
from pages.ui.screens.sliders.walk import Walk
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.base.config import MAX_LATENT
from vae_core.base.errors import InputError


def arrive(start: Choice | None, latent: int) -> tuple[Walk, InputError | None]:
    """The walk, at the code to show now; and why the text typed or in the address is no code, None where it is one.

    A start that was not there before begins the walk anew, and so does a model with another number of dimensions. After that the
    Code field decides, where it holds what the page has not put there; at first and after a link, the address does.
    """
    limit = explore.reach(latent)
    if start is not None and abs(start.code).max() > limit:
        st.caption(f":material/info: This image's code goes beyond ±{limit:g}, where the sliders end, and was cut there.")
        start = start._replace(code=start.code.clip(-limit, limit))
    walk: Walk | None = state.get(state.SLIDERS_WALK)
    typed, asked, refusal = state.get(state.CODE) or None, state.asked(state.CODE), None  # an empty field asks for nothing
    if latent > MAX_LATENT:
        typed = asked = None  # such a code has no field and stands in no address
    if walk is None or (asked is not None and asked not in (walk.text, walk.address)):
        typed = asked
    elif state.is_late(state.CODE, typed):
        typed = None
    elif len(walk.now) != latent:
        typed = None  # it belongs to the model before
    if walk is None or len(walk.now) != latent:
        if walk is not None and typed is None:
            st.caption(f":material/info: The code had {len(walk.now)} numbers and this model takes {latent}, so it is back at the start.")
        walk = Walk(np.zeros(latent, np.float32) if start is None else start.code)
        state.put(state.SLIDERS_WALK, walk)
    elif start is not None and not np.array_equal(start.code, walk.start):
        walk.start = start.code
        walk.visit(start.code)
    if typed is not None and typed != walk.text:
        try:
            walk.visit(explore.parse_code(typed, latent))
        except InputError as error:
            refusal = InputError(f"{error} The sliders stay where they are.")
    walk.address = asked
    return walk, refusal


def moved(walk: Walk, code: Floats) -> None:
    """The sliders were released at a code, which takes the place of what was refused in the Code field."""
    walk.visit(code)
    state.put(state.CODE, walk.text)


def randomise(walk: Walk, sampler: Sampler) -> None:
    """A draw by the next seed. It is a step of the walk and no new start, so that Undo and Reset lead back."""
    seed = state.get(state.SLIDERS_NEXT_SEED, 0)
    state.put(state.SLIDERS_NEXT_SEED, seed + 1)
    walk.visit(sampler.draw(1, seed)[0])


def steer(walk: Walk, sampler: Sampler | None) -> None:
    """The buttons of the walk."""
    with st.container(horizontal=True, gap="xsmall", width="content"):
        st.button("Undo", icon=":material/undo:", on_click=walk.undo, disabled=not walk.can_undo)
        st.button("Redo", icon=":material/redo:", on_click=walk.redo, disabled=not walk.can_redo)
        st.button("Reset", icon=":material/restart_alt:", on_click=walk.visit, args=(walk.start,), help="Back to the start.")
        st.button(
            "Randomise",
            icon=":material/casino:",
            on_click=randomise,
            args=(walk, sampler),
            disabled=sampler is None,
            help=None if sampler is None else f"A draw from {sampler.name}, with seed {state.get(state.SLIDERS_NEXT_SEED, 0)}.",
            key=state.SLIDERS_RANDOMISE,
        )


def code_field(walk: Walk, refusal: InputError | None) -> None:
    """The code as text, to copy, to type or to paste; bound to the URL. A wide code has no field."""
    if len(walk.now) > MAX_LATENT:
        st.caption(f"A code of {len(walk.now):,} numbers is too long for a field, so a link to this page begins at the start again.")
        return
    if refusal is None:
        walk.text = explore.format_code(walk.now)
        state.put(state.CODE, walk.text)
        state.told(state.CODE, walk.text)
    expected = state.get(state.CODE)
    text = st.text_input(
        "Code",
        key=state.CODE,
        bind="query-params",
        help="One number per dimension, z₀ first. `python -m vae_core decode MODEL --z=…` gives the same pixels.",
    )
    if text != expected:  # it came with the address, so only now is it known
        st.rerun()
