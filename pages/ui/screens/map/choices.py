"""What the Map page lets one choose: the plane that the codes are drawn in, what colours them, images, and the place of the pin."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.cache import Codes
from pages.ui.ground import address, state
from pages.ui.ground.figures import Colouring
from pages.ui.live.map import check_numbers
from pages.ui.panels.image_input import choose_by_eye
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.analysis.projection import Projection
from vae_core.base.display import dimension_name
from vae_core.base.errors import InputError
from vae_core.export.wire.builders import MAX_GROUPS
from vae_core.runs.catalogue import Entry

MOST_IN_LINK = 100
"""How many numbers of images chosen together the address holds at most."""


def view(entry: Entry) -> str:
    """The name of the view chosen here, as `map_data.plane` takes it."""
    model = entry.card.model
    views = ["Latent space", "PCA", "UMAP"] if model.latent == 2 else ["PCA", "Two dimensions", "UMAP"]
    if model.wide:
        views.remove("Two dimensions")
    chosen = st.segmented_control("View", views, default=views[0], required=True, key=state.MAP_VIEW, bind="query-params")
    if chosen == "Latent space":
        return "raw-0-1"
    if chosen == "Two dimensions":
        order = cache.axes(entry).order.tolist()
        across = _dimension("Across", order, key=state.MAP_ACROSS)
        up = _dimension("Up", [dimension for dimension in order if dimension != across], key=state.MAP_UP)
        return f"raw-{across}-{up}"
    return str(chosen).lower()


def _dimension(label: str, dimensions: list[int], *, key: str) -> int:
    return st.selectbox(label, dimensions, format_func=dimension_name, key=key, bind="query-params", width=100)


def umap(entry: Entry, found: Codes) -> Projection | None:
    """Offers to draw the UMAP of `cache.sample(entry)`, which takes a while; None until that is wanted and done.

    Raises:
        InputError: there are too few different codes.
    """
    st.caption("UMAP takes ten seconds to a minute. You wait only once: this computer keeps it.")
    if not st.button("Draw the UMAP", icon=":material/play_arrow:", type="primary"):
        return None
    bar = st.empty()

    def show(part: float) -> None:
        bar.progress(part, "Drawing the UMAP …")

    drawn = cache.umap(entry, found.posterior.mean, show)
    bar.empty()
    return drawn


def colour(offered: Iterable[str]) -> str:
    """The name of what colours the points, chosen here."""
    return st.selectbox("Colour", list(offered), key=state.MAP_COLOUR, bind="query-params", width=220)


def classes(colouring: Colouring) -> list[int]:
    """Which of more groups than can be coloured shall be, by their numbers, searched for here; none leaves it to how frequent they are."""
    numbers = np.unique(colouring.values) if colouring.names else np.empty(0)
    if len(numbers) <= MAX_GROUPS:
        return []
    present = {colouring.names[number]: number for number in numbers.astype(np.int64).tolist()}
    state.put(state.MAP_CLASSES, [name for name in state.get(state.MAP_CLASSES, []) if name in present])
    found = st.multiselect(
        f"Of {len(present):,} classes, those in colour",
        list(present),
        max_selections=MAX_GROUPS - 1,
        placeholder="The most frequent; type to search",
        key=state.MAP_CLASSES,
        bind="query-params",
        help="The others are smaller, grey and underneath.",
    )
    return [present[name] for name in found]


def choose(model_id: str, numbers: list[int]) -> None:
    """Choose one image, several or none."""
    state.put(state.MAP_IMAGE, numbers[0] if len(numbers) == 1 else None)
    state.put(state.MAP_LASSO, (model_id, numbers if len(numbers) > 1 else []))


def _read_points(entry: Entry, asked: str) -> None:
    """Choose the images that an address names.

    Raises:
        InputError: it names others than those on the map.
    """
    found = cache.codes(entry)
    assert found is not None  # the page ends where a model has no codes
    try:
        values = [int(part) for part in asked.split(",")]
    except ValueError:
        raise InputError("The link must name its images by whole numbers.") from None
    state.put(state.MAP_LASSO, (entry.id, check_numbers(values, found.numbers)))


def chosen(entry: Entry) -> list[int]:
    """The numbers of the images chosen by click, by lasso, by a new address or in the field drawn here.

    The address holds them where they are few enough. Nonsense in it is removed, and said.
    """
    asked = state.asked(state.MAP_POINTS)
    if asked is not None and asked != state.get(state.MAP_POINTS_SHOWN):
        try:
            _read_points(entry, asked)
        except InputError as error:
            address.leave_out(state.MAP_POINTS, asked, error, "No image is chosen.")
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
    choose_by_eye(entry, key=state.MAP_IMAGE, on_pick=lambda picked: choose(entry.id, [picked]))
    lassoed_on, lassoed = state.get(state.MAP_LASSO, ("", []))
    several = lassoed if number is None and lassoed_on == entry.id else []
    shown = ",".join(map(str, several)) if 0 < len(several) <= MOST_IN_LINK else None
    state.put(state.MAP_POINTS_SHOWN, shown)
    state.tell(state.MAP_POINTS, shown)
    return [number] if number is not None else several


def put_pin(model_id: str, code: Floats) -> None:
    """Put the pin at a code.

    Raises:
        InputError: it lies beyond what the sliders reach.
    """
    explore.check_code(code.tolist(), len(code))
    state.put(state.MAP_PINS, state.get(state.MAP_PINS, {}) | {model_id: code})


def pinned(entry: Entry, found: Codes) -> Floats:
    """Where the pin stands, float32 [K]: as a new address says, else where it was left, else in the middle of the codes."""
    asked = None if entry.card.model.wide else state.asked(state.CODE)
    if asked is not None and asked != state.get(state.MAP_PIN_SHOWN):
        try:
            put_pin(entry.id, explore.parse_code(asked, entry.card.model.latent))
        except InputError as error:
            address.leave_out(state.CODE, asked, error, "The pin stays where it is.")
    pin: Floats | None = state.get(state.MAP_PINS, {}).get(entry.id)
    shown = None if pin is None or entry.card.model.wide else explore.format_code(pin)  # an address has no room for a wide code
    state.put(state.MAP_PIN_SHOWN, shown)
    state.tell(state.CODE, shown)
    if pin is None:
        pin = found.posterior.mean.mean(axis=0)
        limit = explore.reach(len(pin))
        pin = pin.clip(-limit, limit)
    return pin
