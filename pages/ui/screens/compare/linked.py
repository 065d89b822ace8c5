"""Two models: one image in both, its code, what each rebuilds, and both maps laid over each other; and who changed neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import Linked
from pages.ui.ground import state
from pages.ui.ground.choice import gallery_title
from pages.ui.ground.figures import plain
from pages.ui.ground.kin import takes_same_images
from pages.ui.ground.menus import choose_id
from pages.ui.ground.models import choose_model, open_or_stop
from pages.ui.ground.pictures import show_picture, show_row
from pages.ui.ground.refusals import refuse
from pages.ui.ground.wording import percent
from pages.ui.panels.image_input import choose_by_eye
from pages.ui.screens.compare import middles
from vae_core.analysis import explore
from vae_core.base.colours import CLASS_COLOURS, OTHERS, PALETTE, SCALE
from vae_core.base.display import dimension_name
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

_CLASS, _KEPT = "Class", "Neighbours kept"
_SIDE, _STRIP, _HEIGHT = 84, 56, 350
_CHART = {"displayModeBar": False}


def show() -> None:
    """The view."""
    left, right = st.columns(2, vertical_alignment="bottom")
    with left:
        entry = choose_model()
    open_or_stop(entry)
    with right:
        other = _choose_other(entry)
    st.write(cache.lessons("compare")["Linked"])
    if other is None:
        st.info("No other model takes images of this size. Train one.", icon=":material/info:")
        return
    _linked(entry, other)


@st.fragment
def _linked(entry: Entry, other: Entry) -> None:
    """All that a choice of an image draws again; what cannot be laid over the other is a sentence."""
    try:
        _both(entry, other)
    except InputError as error:
        refuse(error)


def _choose_other(entry: Entry) -> Entry | None:
    """The second model: one that takes the same images, those first that learnt from the same set with as many numbers."""
    others = {key: other for key, other in cache.models().items() if key != entry.id and takes_same_images(entry, other)}
    if not others:
        return None

    def apart(key: str) -> tuple[bool, bool, bool]:
        one, two = entry.card, others[key].card
        return one.data.identity != two.data.identity, one.model.latent != two.model.latent, one.model.variational == two.model.variational

    options = {key: others[key].name for key in sorted(others, key=apart)}
    chosen = others[choose_id(label="Beside it", options=options, key=state.COMPARE_OTHER, help="Any model that takes such images.")]
    data, shown = chosen.card.data, cache.images_of(entry)
    if not data.images:
        st.text(f"Nobody named the images that {chosen.name} learnt from.")
    elif shown is not None and data.identity == shown.identity != entry.card.data.identity:
        st.text(f"{chosen.name} learnt from the images shown here, which are new to {entry.name}.")
    elif data.identity != entry.card.data.identity:
        st.text(f"{chosen.name} learnt from other images, {data.title}: those shown here are new to it.")
    return chosen


def _both(entry: Entry, other: Entry) -> None:
    """The maps and the image, which alone are drawn again after a choice."""
    left, right = st.columns([5, 2], gap="medium")
    with right:
        state.default(state.COMPARE_IMAGE, 0)
        last = max(0, len(cache.gallery(entry)) - 1)
        state.put(state.COMPARE_IMAGE, min(state.get(state.COMPARE_IMAGE), last))  # another model's set may be smaller
        with st.container(horizontal=True, vertical_alignment="bottom"):
            number = st.number_input("Image number", 0, last, None, key=state.COMPARE_IMAGE, bind="query-params", width=140) or 0
            choose_by_eye(entry, key=state.COMPARE_IMAGE, on_pick=lambda picked: state.put(state.COMPARE_IMAGE, picked))
    found = cache.linked(entry, other, number)
    place = int(np.searchsorted(found.numbers, number))
    with right:
        _image(entry, other, found, place)
    with left:
        _maps(entry, other, found, place)
        _changed(entry, found)


def _image(entry: Entry, other: Entry, found: Linked, place: int) -> None:
    """One image, what both rebuild, and both codes."""
    number = int(found.numbers[place])
    picture = cache.gallery(entry).pictures(np.array([number]))
    st.text(gallery_title(entry, number))
    with st.container(horizontal=True, gap="small"):
        show_picture(picture[0], alt="The image", caption="Image", target=_SIDE)
        for name, model, codes in zip(("First", "Second"), (entry, other), found.codes, strict=True):
            rebuilt = explore.decode(cache.opened(model.folder).model, codes[place][None])
            off = explore.reconstruction_error(picture, rebuilt)[0]
            caption = f"{name}: {100 * off:.1f}\N{NO-BREAK SPACE}%\N{NO-BREAK SPACE}off"
            show_picture(rebuilt[0], alt=f"Rebuilt by the {name.lower()} model", caption=caption, target=_SIDE)
    st.dataframe(_codes(found, place), hide_index=True, height=min(320, 38 + 35 * max(codes.shape[1] for codes in found.codes)))
    kept = found.kept[place]
    st.caption(f"It keeps {percent(kept)} of its {found.near} nearest neighbours; chance alone keeps {100 * found.chance:.1f} %.")


def _codes(found: Linked, place: int) -> list[dict[str, Any]]:
    """Both codes of an image, a dimension a line."""
    one, two = found.codes
    lines = []
    for dimension in range(max(one.shape[1], two.shape[1])):
        line: dict[str, Any] = {"": dimension_name(dimension)}
        for name, codes in (("First", one), ("Second", two)):
            line[name] = _number(codes[place, dimension]) if dimension < codes.shape[1] else "it has no more"
        if found.aligned is not None:
            line["Laid over"] = _number(found.aligned[place, dimension])
        lines.append(line)
    return lines


def _number(value: float) -> str:
    return f"{value:.2f}".replace("-", "−")


def _maps(entry: Entry, other: Entry, found: Linked, place: int) -> None:
    """Both maps with the same axes, the image and its neighbours of both models."""
    colour = st.segmented_control("Colour", (_CLASS, _KEPT), default=_CLASS, required=True, key=state.COMPARE_COLOUR, bind="query-params")
    shown = cache.images_of(entry)
    names = () if shown is None else shown.class_names
    reach = np.concatenate(found.points)
    low, high = np.quantile(reach, [0.002, 0.998], axis=0)
    for column, name, model, points in zip(st.columns(2), ("First", "Second"), (entry, other), found.points, strict=True):
        with column:
            st.text(f"{name}: {model.name}")
            key = state.part(state.COMPARE_MAP, name)
            figure = _map(found, points, place, by_class=colour == _CLASS, names=names, ranges=(low, high))
            alt = f"The codes of {len(points):,} images in the {name.lower()} model, with the chosen one and its neighbours"
            st.plotly_chart(figure, key=key, on_select=lambda key=key: _pick(key, found), selection_mode="points", config=_CHART, alt=alt)
    texts = cache.lessons("compare")
    how = texts["Aligned"] if found.aligned is not None else texts["Planes"]
    st.caption(f"{how} What still differs then is {percent(found.left)} of the spread. {texts['Marks']}")


def _pick(key: str, found: Linked) -> None:
    """Choose the image that was clicked."""
    points = state.get(key)["selection"]["points"]
    if points and "customdata" in points[0]:
        chosen = points[0]["customdata"]
        number = int(chosen[0] if isinstance(chosen, list) else chosen)
        if number in found.numbers:
            state.put(state.COMPARE_IMAGE, number)


def _map(
    found: Linked,
    points: NDArray[np.floating],
    place: int,
    *,
    by_class: bool,
    names: tuple[str, ...],
    ranges: tuple[NDArray[np.floating], NDArray[np.floating]],
) -> go.Figure:
    figure = go.Figure()
    marker: dict[str, Any] = {"size": 5, "color": OTHERS, "opacity": 0.7}
    if not by_class:
        scale = [[step / (len(SCALE) - 1), each] for step, each in enumerate(SCALE)]
        bar = {"title": "Kept", "tickformat": ".0%", "thickness": 10}
        marker |= {"color": found.kept, "colorscale": scale, "cmin": 0, "cmax": 1, "colorbar": bar}
    elif found.labels is not None:
        marker["color"] = [CLASS_COLOURS[label % len(CLASS_COLOURS)] for label in found.labels]
    classes = [""] * len(points) if found.labels is None else [f"{names[label]}, " for label in found.labels]
    texts = [f"{of_class}{kept:.0%} kept" for of_class, kept in zip(classes, found.kept, strict=True)]
    figure.add_scatter(  # on a canvas the points would lie above the marks
        x=points[:, 0],
        y=points[:, 1],
        mode="markers",
        marker=marker,
        customdata=found.numbers,
        unselected={"marker": {"opacity": 0.7}},  # the marks tell what is chosen
        text=texts,
        hovertemplate="image %{customdata}: %{text}<extra></extra>",
        showlegend=False,
    )
    rings = (("Near in the first", "circle-open", 11, PALETTE[5]), ("Near in the second", "square-open", 15, PALETTE[4]))
    if by_class and found.labels is not None:
        figure.update_layout(annotations=middles.names_at(points, found.labels, names))
    for (name, symbol, size, ink), near in zip(rings, found.nearest(place), strict=True):
        ring = {"symbol": symbol, "size": size, "color": ink, "line": {"width": 2}}
        figure.add_scatter(x=points[near, 0], y=points[near, 1], mode="markers", marker=ring, name=name, hoverinfo="skip")
    star = {"symbol": "star", "size": 18, "color": PALETTE[6], "line": {"width": 2, "color": "black"}}
    figure.add_scatter(x=points[[place], 0], y=points[[place], 1], mode="markers", marker=star, name="The image", hoverinfo="skip")
    (across, up), (right, top) = ranges
    figure.update_xaxes(range=[across, right], zeroline=False, showticklabels=False)
    figure.update_yaxes(range=[up, top], zeroline=False, showticklabels=False)
    return plain(figure.update_layout(dragmode=False, uirevision="keep"), height=_HEIGHT)


def _changed(entry: Entry, found: Linked) -> None:
    """Whose neighbours changed the most and the least."""
    texts = cache.lessons("compare")
    order = np.argsort(found.kept, kind="stable")
    gallery = cache.gallery(entry)
    mean = percent(float(found.kept.mean()))
    st.markdown(f"**On average an image keeps {mean} of its {found.near} nearest neighbours.** {texts['Kept']}")
    for name, some in (("Kept the fewest", order[:10]), ("Kept the most", order[::-1][:10])):
        shares = dict.fromkeys((percent(float(found.kept[some].min())), percent(float(found.kept[some].max()))))  # one where both are equal
        caption = f"{name}: {' to '.join(shares)}"
        show_row(gallery.pictures(found.numbers[some]), alt=f"{name}: ten images", caption=caption, target=_STRIP)
