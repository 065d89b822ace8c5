"""Sliders: move each latent dimension and see the decoded image."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.choice import Choice
from pages.ui.ground.menus import choose_id, link_to_view, next_page
from pages.ui.ground.models import choose_model, open_or_stop
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.refusals import refuse
from pages.ui.live.deck import latent_deck
from pages.ui.panels import sampling
from pages.ui.panels.image_input import DRAWING, data_image, uploaded_image
from pages.ui.panels.sampling import Sampler
from pages.ui.sliders import walking
from pages.ui.sliders.traversal import traversal
from vae_core.analysis import explore
from vae_core.analysis.explore import Axes
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

STARTS = ("Zero", "Random", "Data image", "Own image")
NOBODY = "none"  # the choice not to compare


def choose_start(entry: Entry, sampler: Sampler | None, below: DeltaGenerator) -> Choice | None:
    """What the walk starts from; None as long as an image is still to be given, which takes the whole width `below`."""
    kind = st.segmented_control(
        "Start from",
        STARTS,
        default="Data image" if len(cache.gallery(entry)) else "Zero",
        required=True,
        key=state.SLIDERS_START,
        bind="query-params",
        help="Zero is the code of zeros. Random draws from what is chosen beside Randomise. An image starts at its code.",
    )
    latent = entry.card.model.latent
    if kind == "Data image":
        return data_image(label="Image", entry=entry, key=state.SLIDERS_IMAGE)
    if kind == "Own image":
        with below:
            return uploaded_image(label="Your image", entry=entry, key=state.SLIDERS_OWN, channel=state.SLIDERS_DECK)
    code, title = np.zeros(latent, np.float32), "Zero"
    if kind == "Random":
        if sampler is None:
            return None
        seed = st.number_input(
            "Seed", 0, 2**31 - 1, key=state.SLIDERS_SEED, bind="query-params", width=180, help="The same seed, the same draw."
        )
        code, title = sampler.draw(1, seed)[0], f"Random draw {seed}"
    return Choice(code, explore.decode(open_or_stop(entry).model, code[None])[0], title, False)


def choose_other(entry: Entry) -> Entry | None:
    """A second model for the same code: any other one with as many latent dimensions."""
    latent = entry.card.model.latent
    others = {key: model for key, model in cache.models().items() if key != entry.id and model.card.model.latent == latent}
    chosen = choose_id(
        label="Compare with",
        options={NOBODY: "None"} | {key: model.name for key, model in others.items()},
        key=state.SLIDERS_COMPARED,
        help=f"Another model with {latent} latent {'dimension' if latent == 1 else 'dimensions'} draws the same code beside this one. "
        "Two models that were trained apart do not share the meaning of a dimension.",
    )
    other = others.get(chosen)
    try:
        if other is not None:
            cache.opened(other.folder)
    except InputError as error:
        refuse(error)
        return None
    return other


@st.fragment
def explorer(entry: Entry, axes: Axes) -> None:
    """Start, sliders, picture, code and traversal, redrawn together without the rest of the page."""
    model, latent = open_or_stop(entry).model, entry.card.model.latent
    choosing, original = st.columns([2, 3])
    below, deck = st.container(), st.container()
    buttons = st.container(horizontal=True, vertical_alignment="bottom")
    field = st.container()
    with buttons:
        steering = st.container(width="content")
        with st.container(width="content"):
            sampler = sampling.choose(entry)
    with choosing:
        start = choose_start(entry, sampler, below)
    if start is not None and start.original and start.title != DRAWING:  # a drawing is in sight as it is
        with original:
            show_picture(start.picture, alt=f"{start.title}, as it is", caption="Original", target=96)
    with below:
        walk, refusal = walking.arrive(start, latent)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = choose_other(entry)
        difference = st.toggle("Show the difference to the start", key=state.SLIDERS_DIFFERENCE)
        plain = st.toggle(
            "Plain sliders",
            key=state.SLIDERS_PLAIN,
            bind="query-params",
            help="Streamlit's own sliders. They move the picture only when you let go.",
        )
    with deck:
        if refusal is not None:
            refuse(refusal)
        latent_deck(
            entry=entry,
            z=walk.now,
            axes=axes,
            key=state.SLIDERS_DECK,
            on_move=partial(walking.moved, walk),
            on_undo=walk.undo,
            on_redo=walk.redo,
            start=walk.start,
            difference=difference,
            other=other,
            plain=plain,
        )
    with steering:
        walking.steer(walk, sampler)
    with field:
        walking.code_field(walk, refusal)
    with st.expander("Random samples", icon=":material/casino:", key=state.SLIDERS_SAMPLES, on_change="rerun") as box:
        if box.open:
            sampling.samples(entry=entry, open_code=partial(walking.moved, walk))
    traversal(entry=entry, model=model, z=walk.now, axes=axes)


chosen = choose_model("Sliders", "Every picture this model can draw is a code of a few numbers. Move one at a time and see what it means.")
open_or_stop(chosen)
try:
    axes = cache.axes(chosen)
except InputError as error:
    st.caption(f":material/info: {error}")
    axes = explore.prior_axes(chosen.card.model.latent)
explorer(chosen, axes)
link_to_view()
next_page("map", "Map", "See where the codes of all images lie, and what lies between them.", model=chosen.id)
