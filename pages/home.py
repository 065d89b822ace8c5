"""Home: one live picture of the idea, and where to go."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import streamlit as st

from pages.ui import cache
from pages.ui.cache import Welcome
from pages.ui.ground import state
from pages.ui.ground.menus import next_page
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.refusals import refuse
from pages.ui.live.deck import latent_deck
from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.runs.catalogue import Entry

TEXT = Path(__file__).parents[1] / "assets" / "text" / "home.md"
LIVE_DIMENSIONS = 2
TILES = (
    ("pages/train.py", "Train", ":material/model_training:", "Choose a data set or bring your own images, and watch a model learn them."),
    ("pages/models.py", "Models", ":material/inventory_2:", "Every model with its figures; bring one or take one with you."),
    ("pages/map.py", "Map", ":material/scatter_plot:", "See all images as points in the space; click one to meet it and its neighbours."),
    ("pages/sliders.py", "Sliders", ":material/tune:", "Move one latent number at a time and find out what it means."),
    ("pages/interpolate.py", "Interpolate", ":material/animation:", "Walk from one image to another and keep the walk as a GIF."),
    ("pages/kl_weight.py", "KL weight", ":material/balance:", "Turn the one number that decides between sharp and orderly."),
)


@st.fragment
def idea(entry: Entry, welcome: Welcome) -> None:
    """Image → encoder → numbers, two of them in the user's hand → decoder → picture."""
    row = state.get(state.HOME_ROW, 0)
    picture, start = welcome.pictures[row], welcome.codes[row]
    moved = state.part(state.HOME_CODE, entry.id)
    image, encoder, numbers = st.columns([3, 1, 9], vertical_alignment="center")
    with image:
        show_picture(picture, alt="An image of the kind the model has learnt", caption=f"An image: {picture.size:,} numbers", target=192)
        st.button("Another image", icon=":material/shuffle:", on_click=another, args=((row + 1) % len(welcome.pictures), moved))
    encoder.markdown(":material/arrow_forward:  \nencoder", text_alignment="center")
    with numbers:
        st.markdown(f"**Its code: {len(start)} numbers.** Move the two that say most, and the decoder draws.")
        latent_deck(
            entry=entry,
            z=state.get(moved, start),
            axes=welcome.axes,
            key=state.HOME_DECK,
            on_move=partial(state.put, moved),
            start=start,
            most=LIVE_DIMENSIONS,
        )
        rest = ", ".join(f"{value:.1f}" for value in start[welcome.axes.order[LIVE_DIMENSIONS:]].round(1) + 0.0).replace("-", "−")
        st.caption(f"The others stay: {rest}" if rest else "There are no others.")


def another(row: int, moved: str) -> None:
    """Show the picture of this row, at its own code."""
    state.put(state.HOME_ROW, row)
    state.take(moved)


@st.fragment
def film(welcome: Welcome) -> None:
    """An endless walk through the latent space, which can be stopped."""
    st.subheader("Between the images")
    paused = st.toggle("Pause the animation", key=state.HOME_PAUSED, persist_state="session")
    alt = (
        "A picture that changes smoothly, as the code walks from image to image" if not paused else "One frame of the walk, standing still"
    )
    st.image(welcome.still if paused else welcome.film, alt=alt, caption="Every frame is drawn from a code on the way.")


st.title("Latent Loom")
st.markdown(TEXT.read_text("utf-8"))
models = cache.models()
entry = next(
    (model for model in models.values() if model.card.data.name == "faces" and model.kind == "bundled"), next(iter(models.values()), None)
)
welcome = None
if entry is not None:
    try:
        welcome = cache.welcome(entry)
    except InputError as error:
        refuse(error)
if entry is not None and welcome is not None:
    with st.container(border=True):
        idea(entry, welcome)
        with st.container(horizontal=True, gap="xsmall"):
            st.markdown(":material/inventory_2: The model shown is", width="content")
            st.text(shown(entry.name), width="content")
moving, tiles = st.columns([2, 5], gap="large") if welcome is not None else (None, st.container())
if moving is not None and welcome is not None:
    with moving:
        film(welcome)
with tiles:
    st.subheader("Where to go")
    with st.grid(3, min_column_width=200, border=True) as grid:
        for page, title, icon, what in TILES:
            with grid.cell():
                st.page_link(page, label=f"**{title}**", icon=icon)
                st.caption(what)
next_page("sliders", "Sliders", "Move every number of a code yourself and find out what it means.")
