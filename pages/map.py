"""All codes of a model as points in the plane: what is behind them, and what any place between them decodes to."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.cache import Codes
from pages.ui.ground import state
from pages.ui.ground.choice import Choice, gallery_image
from pages.ui.ground.figures import map_table
from pages.ui.ground.menus import link_to_view, next_page
from pages.ui.ground.models import choose_model, open_or_stop
from pages.ui.ground.refusals import attempt, refuse, show_refusal
from pages.ui.live.deck import latent_deck
from pages.ui.live.grid import SIDES, manifold_grid
from pages.ui.live.map import channel, live_map, prior_shown
from pages.ui.panels import replay
from pages.ui.panels.image_input import uploaded_image
from pages.ui.screens.map import choices, chosen
from pages.ui.server import map_data
from vae_core.analysis import projection
from vae_core.analysis.explore import Floats
from vae_core.analysis.neighbours import chance_overlap
from vae_core.base.config import RunConfig
from vae_core.base.display import three_digits
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry
from vae_core.training import snapshots

DECK_DIMENSIONS = 6


def draw(entry: Entry, numbers: list[int], pin: Floats, star: Floats | None, options: DeltaGenerator) -> None:
    """The map, then in words what it keeps and what it leaves out; what it shows is chosen in `options`."""
    with options, st.container(horizontal=True, vertical_alignment="bottom"):
        view = choices.view(entry)
        found = map_data.PARTS[map_data.part(view)](entry)
        assert found is not None  # the page ends where a model has no codes
        plane = map_data.plane(entry, view) or choices.umap(entry, found)
        offered = map_data.colours(entry, found)
        colour = choices.colour(offered)
    if plane is None:
        return
    colouring = offered[colour]()
    with options:
        wanted = choices.classes(colouring)
    live_map(
        entry=entry,
        view=view,
        plane=plane,
        found=found,
        colour=colour,
        colouring=colouring,
        wanted=wanted,
        selected=numbers,
        pin=pin,
        star=star,
        key=state.MAP_LIVE,
        on_choose=partial(choices.choose, entry.id),
        on_pin=partial(choices.put_pin, entry.id),
    )
    seen = "" if entry.card.model.latent == 2 else ", as seen on this plane"
    circles = f" The circles, at 1 and 2 σ, hold 39 % and 86 % of what the prior draws{seen}." if prior_shown(entry, plane) else ""
    st.caption(f"{chosen.how_many(entry, found)}{circles}")
    if len(numbers) == 1 and numbers[0] not in found.numbers:
        st.caption(f":material/info: Image {numbers[0]} is not among those shown here.")
    some = cache.sample(entry)
    assert some is not None
    mapped = plane.points if view == "umap" else projection.place(plane, found.posterior.mean, some.posterior.mean)
    kept = cache.overlap(entry, some.posterior.mean, mapped, plane.axis_labels)
    count = len(some.numbers)
    left = (
        f" Of the 10 nearest neighbours in latent space, among {count:,} images, {100 * kept:.0f} % are still among the nearest here; "
        f"chance would keep {three_digits(100 * chance_overlap(count))} %."
    )
    st.caption(f"{plane.note}{left if kept < 1 or count < len(found.numbers) else ''}")
    with st.expander("The map as a table"):
        st.dataframe(map_table(plane.points, colouring, plane.axis_labels), hide_index=True)


def grid(entry: Entry, pin: Floats) -> None:
    """What a model of two dimensions decodes to, all over the part of the plane that the map shows."""
    st.subheader(
        "The plane, decoded",
        help="Equal shares of the normal distribution lie between neighbouring pictures. The grid follows the map when you zoom and "
        "move it, within the middle 99 %.",
    )
    side = st.segmented_control("Pictures in a row", SIDES, default=15, required=True, key=state.MAP_GRID, bind="query-params")
    put = partial(choices.put_pin, entry.id)
    manifold_grid(entry=entry, side=side, pin=pin, channel=channel(entry), key=state.MAP_PLANE, on_pin=put)


def show(entry: Entry, found: Codes, choice: Choice, number: int | None) -> None:
    """What is behind one image, and a way to bring the pin there."""
    chosen.show_one(entry=entry, found=found, choice=choice, number=number)
    st.button(
        "Put the pin here",
        icon=":material/push_pin:",
        key=state.part(state.MAP_PUT_PIN, number),
        on_click=attempt,
        args=(choices.put_pin, entry.id, choice.code),
    )


@st.fragment
def explorer(entry: Entry, found: Codes) -> None:
    """The map and what is chosen on it; a choice draws this part of the page alone."""
    pin = choices.pinned(entry, found)
    put = partial(choices.put_pin, entry.id)
    left, right = st.columns([2, 1], gap="medium")
    behind, sliders, options = (right.container() for _ in range(3))
    with options, st.container(horizontal=True, vertical_alignment="bottom"):
        numbers = choices.chosen(entry)
        with st.popover("Use your own image", icon=":material/upload:"):
            upload = uploaded_image(label="An image to put on the map", entry=entry, key=state.MAP_OWN, channel=channel(entry), on_draw=put)
    choice = gallery_image(entry, numbers[0]) if len(numbers) == 1 else None
    with left:
        try:
            draw(entry, numbers, pin, None if upload is None else upload.code, options)
        except InputError as error:
            refuse(error)
        show_refusal()
        if not found.original:
            chosen.missing(entry)
        if len(numbers) > choices.MOST_IN_LINK:
            st.caption(f":material/link_off: The link holds at most {choices.MOST_IN_LINK} chosen images, so it leaves these out.")
        link_to_view()
        if entry.card.model.latent == 2:
            grid(entry, pin)
    with behind:
        if choice is not None:
            show(entry, found, choice, numbers[0])
        elif numbers:
            chosen.show_several(entry=entry, found=found, places=np.flatnonzero(np.isin(found.numbers, numbers)))
            st.button("Clear the choice", icon=":material/close:", on_click=choices.choose, args=(entry.id, []))
        if upload is not None:
            show(entry, found, upload, None)
        elif not numbers:
            st.caption("Click a point: its image, its reconstruction and its nearest neighbours appear here.")
    with sliders:
        st.markdown("**At the pin**")
        directions = cache.directions(entry)
        latent_deck(
            entry=entry,
            z=pin,
            axes=cache.axes(entry) if directions is None else directions.axes,
            key=state.MAP_DECK,
            on_move=put,
            most=DECK_DIMENSIONS,
            channel=channel(entry),
            directions=directions,
        )
        chosen.to_sliders(entry, pin)


def came_to_be(entry: Entry) -> None:
    """The snapshots of the model's training, where it has any."""
    card = entry.card
    config = RunConfig(name=card.name, data=card.data.name, model=card.model, train=card.train)
    unfolded = replay.snapshots_of(snapshots.place_of(entry.folder), config)
    if unfolded is None:
        return
    with st.expander("How it came to be", icon=":material/history:"):
        replay.show(entry.id, config, unfolded, key=state.MAP_REPLAY)
        replay.about(config, unfolded)


entry = choose_model("Map", "Every point is an image, at its code. Drag the ring, the pin, to see what lies between them.")
open_or_stop(entry)
found = cache.codes(entry)
if found is None:
    if entry.card.data.images:
        st.info("Neither this model's images nor codes of them are on this computer, so there is no map.", icon=":material/info:")
        st.page_link("pages/train.py", label="Bring the images on the Train page", icon=":material/model_training:")
    else:
        st.info("Nobody named images for this model, so there is no map: open its files again with some.", icon=":material/info:")
        st.page_link("pages/models.py", label="Open its files on the Models page", icon=":material/input:")
    st.stop()
explorer(entry, found)
came_to_be(entry)
next_page("interpolate", "Interpolate", "Walk across this space from one image to another.", model=entry.id)
