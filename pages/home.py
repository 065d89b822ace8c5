"""Home: the machine, from a picture to its code and back, and where to go from there."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.refusals import refuse, show_refusal
from pages.ui.live.machine import machine, put_in
from pages.ui.panels.image_input import upload_image
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

TILES = (
    ("pages/learn.py", "Learn", ":material/school:", "Ten questions, each answered by a trained model."),
    ("pages/sliders.py", "Sliders", ":material/tune:", "Move one number at a time and find out what it means."),
    ("pages/map.py", "Map", ":material/scatter_plot:", "All images as points in the space, with their neighbours."),
    ("pages/interpolate.py", "Interpolate", ":material/animation:", "Walk from one image to another."),
    ("pages/kl_weight.py", "KL weight", ":material/balance:", "Turn the one number that decides between sharp and orderly."),
    ("pages/compare.py", "Compare", ":material/compare:", "The same images in PCA, autoencoders, VAEs and what came before."),
    ("pages/train.py", "Train", ":material/model_training:", "Watch a model learn your own images."),
    ("pages/models.py", "Models", ":material/inventory_2:", "Every model with its figures, to keep and to take along."),
)


def shown_models() -> dict[str, Entry]:
    """The models of the machine by what a choice calls them: one of digits and one of faces; any one where these are missing."""
    bundled = [entry for entry in cache.models().values() if entry.kind == "bundled" and entry.card.model.beta_range is None]
    digits = next((entry for entry in bundled if entry.card.data.name == "mnist" and entry.card.model.latent == 2), None)
    faces = next((entry for entry in bundled if entry.card.data.name == "faces"), None)
    found = {name: entry for name, entry in (("Digits", digits), ("Faces", faces)) if entry is not None}
    return found or {entry.name: entry for entry in list(cache.models().values())[:1]}


def choose() -> Entry | None:
    """The model of the machine; None where there is no model at all."""
    models = shown_models()
    if len(models) < 2:
        return next(iter(models.values()), None)
    names = list(models)
    label = "What the model has learnt"
    chosen = st.segmented_control(
        label, names, default=names[0], required=True, key=state.HOME_MODEL, bind="query-params", label_visibility="collapsed"
    )
    return models[chosen]


def own_image(entry: Entry) -> None:
    """Where one gives a file, which then goes into the machine; what is drawn on it there stays."""
    with st.popover("Your own image", icon=":material/upload:"):
        own = upload_image(label="Your own image", entry=entry, key=state.HOME_OWN)
    before = state.part(state.HOME_OWN, state.PART_SEEN)
    if own is not None and not np.array_equal(own, state.get(before)):
        put_in(state.HOME_MACHINE, own)
    state.put(before, own)


@st.fragment
def live(entry: Entry) -> None:
    """The machine, which runs this alone again when something was drawn."""
    show_refusal()
    try:
        welcome = cache.welcome(entry)
    except InputError as error:
        refuse(error)
        return
    if welcome is None:
        st.info("The images of this model are not on this computer.", icon=":material/info:")
        return
    machine(entry=entry, welcome=welcome, key=state.HOME_MACHINE)


def doors(entry: Entry | None) -> None:
    """The other pages, in the order of the journey."""
    asked = {state.MODEL: entry.id} if entry is not None and state.get(state.MODEL) is None else None
    with st.grid(3, min_column_width=200, border=True) as grid:
        for page, title, icon, what in TILES:
            with grid.cell():
                st.page_link(page, label=f"**{title}**", icon=icon, query_params=asked)
                st.caption(what)


st.title("Latent Loom")
with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    st.markdown("Draw, and watch a model write your picture down as a few numbers and draw it again from them.", width="content")
    with st.container(horizontal=True, width="content", vertical_alignment="center"):
        entry = choose()
        if entry is not None:
            own_image(entry)
if entry is not None:
    live(entry)
st.subheader("Where to go")
doors(entry)
