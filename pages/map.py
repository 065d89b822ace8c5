"""All codes of a model as points in the plane; a click, a lasso, a number or an upload shows the images behind them."""

from __future__ import annotations

from functools import partial

import numpy as np
import streamlit as st

from pages.ui import cache, closeup, panels, state
from pages.ui.cache import Codes
from pages.ui.figures import latent_map, map_table
from pages.ui.map_choices import colouring, projected
from vae_core import data, project
from vae_core.catalogue import Entry
from vae_core.errors import InputError


def choose(model_id: str, numbers: list[int]) -> None:
    """Choose one image, several or none."""
    state.put(state.MAP_IMAGE, numbers[0] if len(numbers) == 1 else None)
    state.put(state.MAP_LASSO, (model_id, numbers if len(numbers) > 1 else []))


def pick(model_id: str, chart: str) -> None:
    """Choose what was clicked or lassoed on the map."""
    state.put(state.MAP_CLICKED, True)
    choose(model_id, sorted(point["customdata"] for point in state.get(chart)["selection"]["points"]))


def chosen(entry: Entry, found: Codes) -> list[int]:
    """The numbers of the images chosen by click, by lasso or in the field drawn here."""
    number = st.number_input(
        "Image number",
        min_value=0,
        max_value=len(cache.gallery(entry)) - 1,
        value=None,
        key=state.MAP_IMAGE,
        bind="query-params",
        placeholder="Click or type",
        on_change=state.take,
        args=(state.MAP_LASSO,),
    )
    lassoed_on, lassoed = state.get(state.MAP_LASSO, ("", []))
    return [number] if number is not None else lassoed if lassoed_on == entry.id else []


def draw(entry: Entry, found: Codes, numbers: list[int], choice: panels.Choice | None, upload: panels.Choice | None) -> None:
    """The map, then in words what it keeps and what it leaves out."""
    codes = found.posterior.mean
    with st.container(horizontal=True, vertical_alignment="bottom"):
        projection, colours = projected(entry, codes), colouring(entry, found)
    if projection is None:
        return
    drawn, marked = state.get(state.MAP_DRAWN, (0, []))
    if not state.take(state.MAP_CLICKED, False) or not np.isin(marked, found.numbers).all():
        drawn, marked = drawn + 1, numbers
        state.put(state.MAP_DRAWN, (drawn, marked))
    places = np.flatnonzero(np.isin(found.numbers, marked))
    place = partial(project.place, projection, codes)
    prior_shown = projection.method != "umap" and entry.card.model.variational
    figure = latent_map(
        projection.points,
        colours,
        numbers=found.numbers,
        axis_labels=projection.axis_labels,
        prior=place(np.zeros_like(codes[:1]))[0] if prior_shown else None,
        selected=places if marked else None,
        ring=place(choice.code[np.newaxis])[0] if choice is not None and marked and not places.size else None,
        star=place(upload.code[np.newaxis])[0] if upload is not None else None,
    )
    st.plotly_chart(
        figure,
        key=f"map_{drawn}",
        on_select=partial(pick, entry.id, f"map_{drawn}"),
        config={"displayModeBar": True},
        alt=f"Map of {len(codes):,} codes, {projection.axis_labels[0]} and {projection.axis_labels[1]}, coloured by {colours.title}. "
        "The table below it says where each group lies.",
    )
    sampled = ", each class in its share" if found.labels is not None and len(codes) < found.total else ""
    circles = " The dotted circles, at 1 and 2 σ, hold 39 % and 86 % of what the prior draws." if prior_shown else ""
    st.caption(f"Showing {len(codes):,} of {entry.card.data.images:,} images{sampled}.{circles}")
    kept = cache.overlap(entry, codes, projection)
    st.caption(f"{projection.note} Of the 10 nearest neighbours in latent space, {100 * kept:.0f} % are still among the nearest here.")
    with st.expander("The map as a table"):
        st.dataframe(map_table(projection.points, colours, projection.axis_labels), hide_index=True)


@st.fragment
def explorer(entry: Entry, found: Codes) -> None:
    """The map and what is chosen on it; a choice draws this part of the page alone."""
    left, right = st.columns([3, 2], gap="medium")
    with right, st.container(horizontal=True, vertical_alignment="bottom"):
        numbers = chosen(entry, found)
        with st.popover("Use your own image", icon=":material/upload:"):
            upload = panels.uploaded_image(label="An image to put on the map", entry=entry, key="map")
    choice = panels.gallery_image(entry, numbers[0]) if len(numbers) == 1 else None
    with left:
        try:
            draw(entry, found, numbers, choice, upload)
        except InputError as error:
            panels.refuse(error)
        panels.link_to_view()
    with right:
        if choice is not None:
            closeup.show_one(entry=entry, found=found, choice=choice, number=numbers[0])
        elif numbers:
            closeup.show_several(entry=entry, found=found, places=np.flatnonzero(np.isin(found.numbers, numbers)))
            st.button("Clear the choice", icon=":material/close:", on_click=choose, args=(entry.id, []))
        if upload is not None:
            closeup.show_one(entry=entry, found=found, choice=upload, number=None)
        elif not numbers:
            st.caption("Click a point: its image, its reconstruction and its nearest neighbours appear here.")


st.title("Map")
st.write("Every point is an image, at the mean of its code. Click one to see it, or draw around several with the lasso above the map.")
entry = panels.choose_model()
panels.opened(entry)
found = cache.codes(entry)
if found is None:
    st.info("This model has neither its images nor codes on this computer, so there is no map of it.", icon=":material/info:")
    st.page_link("pages/train.py", label="Bring the images on the Train page", icon=":material/model_training:")
    st.stop()
if found.rows is None:
    fetch = "download" if entry.card.data.name in data.SETS else "import"
    st.info("The images are not on this computer: pictures here are decoded from codes kept with the model.", icon=":material/info:")
    st.page_link("pages/train.py", label=f"To see the originals, {fetch} them on the Train page", icon=":material/model_training:")
explorer(entry, found)
