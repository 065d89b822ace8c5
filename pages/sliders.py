"""Sliders: move each latent dimension and see the decoded image."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import link_to_view, next_page
from pages.ui.ground.models import choose_model, open_or_stop
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.refusals import refuse
from pages.ui.live.atlas import atlas
from pages.ui.live.deck import latent_deck, works
from pages.ui.panels import sampling
from pages.ui.panels.image_input import DRAWING
from pages.ui.screens.sliders import compared, walking
from pages.ui.screens.sliders.start import DATA, OWN, choose_kind, choose_place, choose_start
from pages.ui.screens.sliders.traversal import traversal
from vae_core.analysis import explore
from vae_core.analysis.directions import Directions
from vae_core.analysis.explore import Axes
from vae_core.base.errors import InputError
from vae_core.export import card_words
from vae_core.runs.catalogue import Entry

_FEW = 4  # dimensions: the sliders of more take the page's whole width


@st.fragment
def explorer(entry: Entry, axes: Axes, directions: Directions | None) -> None:
    """Picture and sliders, then what they start from and what else one can do, redrawn together without the rest of the page."""
    model, latent = open_or_stop(entry).model, entry.card.model.latent
    above, room = st.container(), st.container()
    choosing, original = st.columns([3, 1])
    buttons = st.container(horizontal=True, vertical_alignment="bottom")
    field = st.container()
    with buttons:
        steering = st.container(width="content")
        with st.container(width="content"):
            sampler = sampling.choose(entry)
    with choosing:
        kind = choose_kind(entry)
        beside, deck = room.columns([2, 3]) if kind == OWN else (room, room)
        image = start = choose_start(kind, entry, sampler, beside)
        is_image = kind in (DATA, OWN)
        if start is not None and is_image:
            start = choose_place(start)
    if image is not None and image.original and image.title != DRAWING:  # a drawing is in sight as it is
        with original:
            show_picture(image.picture, alt=f"{image.title}, as it is", caption="Original", target=96)
    with above:
        walk, refusal = walking.arrive(start, latent)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        other = compared.choose_other(entry, image if is_image else None)
        difference = st.toggle("Show the difference to the start", key=state.SLIDERS_DIFFERENCE)
        plain = st.toggle(
            "Plain sliders",
            key=state.SLIDERS_PLAIN,
            bind="query-params",
            help="Streamlit's own sliders. They move the picture only when you let go.",
        )
    roomy = latent <= _FEW and kind != OWN and other is None and not (difference or plain)
    welcome = cache.welcome(entry) if roomy and works(entry, state.SLIDERS_DECK) else None
    if welcome is not None:
        deck, right = room.columns([2, 1], gap="medium")
    posterior = None if image is None or image.std is None else (image.code, image.std)
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
            posterior=posterior,
            difference=difference,
            other=other,
            plain=plain,
            nameable=True,
            directions=directions,
        )
        if greys := card_words.of_greys(entry.card):
            st.caption(greys)
        if other is not None:
            st.caption(compared.said(other))
    if welcome is not None:
        with right:
            move = partial(walking.moved, walk)
            key, channel = state.SLIDERS_ATLAS, state.SLIDERS_DECK
            atlas(entry=entry, welcome=welcome, z=walk.now, posterior=posterior, key=key, channel=channel, on_move=move)
    with steering:
        walking.steer(walk, sampler)
    with field:
        walking.code_field(walk, refusal)
    with st.expander("Random samples", icon=":material/casino:", key=state.SLIDERS_SAMPLES, on_change="rerun") as box:
        if box.open:
            sampling.samples(entry=entry, open_code=partial(walking.moved, walk))
    traversal(entry=entry, model=model, z=walk.now, axes=axes, directions=directions)


chosen = choose_model("Sliders", "Every picture this model can draw is a code of a few numbers. Move one at a time and see what it means.")
open_or_stop(chosen)
directions = cache.directions(chosen)
try:
    axes = cache.axes(chosen) if directions is None else directions.axes
except InputError as error:
    st.caption(f":material/info: {error}")
    axes = explore.prior_axes(chosen.card.model.latent)
explorer(chosen, axes, directions)
link_to_view()
next_page("map", "Map", "See where the codes of all images lie, and what lies between them.", model=chosen.id)
