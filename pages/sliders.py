"""Sliders: move each latent dimension and see the decoded image."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, panels, state
from pages.ui.live.deck import latent_deck
from pages.ui.panels import Choice
from pages.ui.state import Walk
from pages.ui.traversal import traversal
from vae_core import explore
from vae_core.catalogue import Entry
from vae_core.errors import InputError
from vae_core.explore import Axes, Floats

STARTS = ("Zero", "Random", "Data image", "Own image")
NOBODY = "none"  # the choice not to compare
DECK = "deck"  # the key and the channel of the sliders


def choose_start(entry: Entry, below: DeltaGenerator) -> Choice | None:
    """What the walk starts from; None as long as an image is still to be given, which takes the whole width `below`."""
    kind = st.segmented_control(
        "Start from",
        STARTS,
        default="Data image" if len(cache.gallery(entry)) else "Zero",
        required=True,
        key=state.START,
        bind="query-params",
        help="Zero is the mean of the prior N(0, I), from which Random draws. An image starts at the mean of its posterior.",
    )
    latent = entry.card.model.latent
    if kind == "Data image":
        return panels.data_image(label="Image", entry=entry, key=state.IMAGE)
    if kind == "Own image":
        with below:
            return panels.uploaded_image(label="Your image", entry=entry, key="sliders", channel=DECK)
    code, title = np.zeros(latent, np.float32), "Zero"
    if kind == "Random":
        seed = st.number_input("Seed", 0, 2**31 - 1, key=state.SEED, bind="query-params", width=180, help="The same seed, the same draw.")
        code, title = explore.sample_prior(latent, 1, seed=seed)[0], f"Random draw {seed}"
    return Choice(code, explore.decode(panels.opened(entry).model, code[None])[0], title, False)


def randomise(walk: Walk) -> None:
    """A draw from the prior by the next seed. It is a step of the walk and no new start, so that Undo and Reset lead back."""
    seed = state.get(state.NEXT_SEED, 0)
    state.put(state.NEXT_SEED, seed + 1)
    walk.visit(explore.sample_prior(len(walk.now), 1, seed=seed)[0])


def moved(walk: Walk, code: Floats) -> None:
    """The sliders were released at a code, which takes the place of what was refused in the Code field."""
    walk.visit(code)
    state.put(state.CODE, walk.text)


def code_field(walk: Walk, refusal: InputError | None) -> None:
    """The code as text, to copy, to type or to paste; bound to the URL."""
    if refusal is None:
        walk.text = explore.format_code(walk.now)
        state.put(state.CODE, walk.text)
    expected = state.get(state.CODE)
    text = st.text_input(
        "Code",
        key=state.CODE,
        bind="query-params",
        help="One number per dimension, z₀ first. `python -m vae_core decode MODEL --z=…` gives the same pixels.",
    )
    if text != expected:  # it came with the address, so only now is it known
        st.rerun()


def steer(walk: Walk) -> None:
    """The buttons of the walk."""
    with st.container(horizontal=True, gap="xsmall"):
        st.button("Undo", icon=":material/undo:", on_click=walk.undo, disabled=not walk.can_undo)
        st.button("Redo", icon=":material/redo:", on_click=walk.redo, disabled=not walk.can_redo)
        st.button("Reset", icon=":material/restart_alt:", on_click=walk.visit, args=(walk.start,), help="Back to the start.")
        seed = state.get(state.NEXT_SEED, 0)
        help = f"A draw from the prior, with seed {seed}."
        st.button("Randomise", icon=":material/casino:", on_click=randomise, args=(walk,), help=help, key="sliders_randomise")


def choose_other(entry: Entry) -> Entry | None:
    """A second model for the same code: any other one with as many latent dimensions."""
    latent = entry.card.model.latent
    others = {key: model for key, model in cache.models().items() if key != entry.id and model.card.model.latent == latent}
    chosen = panels.choose(
        label="Compare with",
        options={NOBODY: "None"} | {key: model.name for key, model in others.items()},
        key=state.COMPARED,
        help=f"Another model with {latent} latent {'dimension' if latent == 1 else 'dimensions'} draws the same code beside this one. "
        "Two models that were trained apart do not share the meaning of a dimension.",
    )
    other = others.get(chosen)
    try:
        if other is not None:
            cache.opened(other.folder)
    except InputError as error:
        panels.refuse(error)
        return None
    return other


@st.fragment
def explorer(entry: Entry, axes: Axes) -> None:
    """Start, sliders, picture, code and traversal, redrawn together without the rest of the page."""
    model, latent = panels.opened(entry).model, entry.card.model.latent
    choosing, original = st.columns([2, 3])
    below = st.container()
    with choosing:
        start = choose_start(entry, below)
    if start is not None and start.original and start.title != panels.DRAWING:  # a drawing is in sight as it is
        with original:
            panels.picture(start.picture, alt=f"{start.title}, as it is", caption="Original", target=96)
    if start is not None and abs(start.code).max() > explore.MAX_COORDINATE:
        st.caption(f":material/info: This image's code goes beyond ±{explore.MAX_COORDINATE:g}, where the sliders end, and was cut there.")
        start = start._replace(code=start.code.clip(-explore.MAX_COORDINATE, explore.MAX_COORDINATE))
    walk: Walk | None = state.get(state.WALK)
    typed, asked, refusal = state.get(state.CODE) or None, state.asked(state.CODE), None  # an empty field asks for nothing
    if walk is None or (asked is not None and asked not in (walk.text, walk.address)):
        typed = asked
    elif len(walk.now) != latent:
        typed = None  # it is of the model before
    if walk is None or len(walk.now) != latent:
        if walk is not None and typed is None:
            st.caption(f":material/info: The code had {len(walk.now)} numbers and this model takes {latent}, so it is back at the start.")
        walk = Walk(np.zeros(latent, np.float32) if start is None else start.code)
        state.put(state.WALK, walk)
    elif start is not None and not np.array_equal(start.code, walk.start):
        walk.start = start.code
        walk.visit(start.code)
    if typed is not None and typed != walk.text:
        try:
            walk.visit(explore.parse_code(typed, latent))
        except InputError as error:
            refusal = error
    walk.address = asked
    deck = st.container()
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = choose_other(entry)
        difference = st.toggle("Show the difference to the start", key="sliders_difference")
        plain = st.toggle(
            "Plain sliders", key=state.PLAIN, bind="query-params", help="Streamlit's own sliders, which move the picture on release only."
        )
    with deck:
        if refusal is not None:
            panels.refuse(refusal)
        latent_deck(
            entry=entry,
            z=walk.now,
            axes=axes,
            key=DECK,
            on_move=partial(moved, walk),
            on_undo=walk.undo,
            on_redo=walk.redo,
            start=walk.start,
            difference=difference,
            other=other,
            plain=plain,
        )
        steer(walk)
        code_field(walk, refusal)
    traversal(entry=entry, model=model, z=walk.now, axes=axes)


st.title("Sliders")
st.write("Every picture this model can draw is a code of a few numbers. Move one number at a time and see what it means.")
chosen = panels.choose_model()
panels.opened(chosen)
try:
    axes = cache.axes(chosen)
except InputError as error:
    st.caption(f":material/info: {error}")
    axes = explore.prior_axes(chosen.card.model.latent)
explorer(chosen, axes)
panels.link_to_view()
