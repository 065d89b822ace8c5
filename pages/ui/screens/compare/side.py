"""Side by side: the same images rebuilt, pictures from the same seed, the same walk and the maps, of every method; and the figures."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.figures import plain
from pages.ui.ground.wording import plain as as_text
from pages.ui.screens.compare import middles, strips, table
from pages.ui.screens.compare.ways import Row, choose_own, rows
from vae_core.analysis import methods
from vae_core.analysis.posterior import Posterior
from vae_core.base.colours import CLASS_COLOURS

_SHOWN, _STEPS, _SIDE = 5, 6, 56
_CLASSES = 10
_ELLIPSES, _CORNERS = 60, 33
_CHART = {"displayModeBar": False, "staticPlot": True}


def show() -> None:
    """The view."""
    texts = cache.lessons("compare")
    st.write(texts["See"])
    above = st.container()  # on a phone what one chooses would else fill the first screen
    with st.container(horizontal=True, vertical_alignment="bottom"):
        page = st.number_input("Which five", 1, len(cache.unseen()) // _SHOWN, 1, key=state.COMPARE_IMAGES, bind="query-params", width=120)
        seed = st.number_input("Seed", 0, 9_999, 0, key=state.COMPARE_SEED, bind="query-params", width=120)
        first = st.selectbox("Walk from", range(_CLASSES), 0, key=state.COMPARE_FROM, bind="query-params", width=90)
        last = st.selectbox("to", range(_CLASSES), 1, key=state.COMPARE_TO, bind="query-params", width=90)
        with st.container(width=260):
            own = choose_own()
    listed = rows(own)
    numbers = cache.unseen()
    images = cache.digits().take(numbers[_SHOWN * (page - 1) : _SHOWN * page])
    ends = cache.digits().take(numbers[[first, last]])  # the first of each class come first
    with above:
        _pictures(listed, images, ends, seed)
    st.caption(texts["Rows"])
    st.write(_alike(listed, texts["Alike"]))
    st.subheader("Where the codes lie", anchor=False)
    _maps(listed)
    st.caption(texts["Maps"])
    st.subheader("In figures", anchor=False)
    table.show(listed)


def _pictures(listed: list[Row], images: NDArray[np.uint8], ends: NDArray[np.uint8], seed: int) -> None:
    """A row a method: five images rebuilt, five pictures drawn, and a walk."""
    columns = ["Rebuilt", f"Drawn from seed {seed}", "A walk between two images"]
    lines = [strips.Line("The images", [images, "", ends])]
    for one in listed:
        way = cache.method(one.way)
        rebuilt, drawn = way.decode(way.encode(images)), cache.drawn(one.way, _SHOWN, seed)
        lines.append(strips.Line(one.name, [rebuilt, drawn, methods.walk(way, ends, _STEPS)]))
    strips.show(columns, lines, target=_SIDE)


def _maps(listed: list[Row]) -> None:
    """A small map a method, of the same images."""
    with st.grid("auto", min_column_width=240) as grid:
        for one in listed:
            plane, labels = cache.places(one.way)
            with grid.cell():
                st.markdown(f"**{as_text(one.name)}**")
                regions = cache.regions(one.way)
                alt = f"Codes of {len(labels)} images by class: {one.name}"
                if regions is not None and regions.std.shape[1] == 2:
                    alt = f"{alt}. Ellipses at twice the standard deviation, which is {_width(regions):.2f} on average"
                st.plotly_chart(_map(plane.points, labels, regions), config=_CHART, alt=alt)


def _alike(listed: list[Row], text: str) -> str:
    """Why the rows of one network at several KL weights look alike, and what differs, in their own figures."""
    rows = [one.way for one in listed if one.way.beta is not None]
    found = [cache.figures(way) for way in rows]
    regions = [cache.regions(way) for way in rows]

    def each(values: list[str]) -> str:
        return f"{', '.join(values[:-1])} and {values[-1]}"

    return text.format(
        weights=each([f"{way.beta:g}" for way in rows]),
        errors=each([f"{100 * one.error:.1f}" for one in found]),
        widths=each([f"{_width(one):.2f}" for one in regions if one is not None]),
        rates=each([f"{one.rate:.1f}" for one in found]),
    )


def _width(regions: Posterior) -> float:
    """The mean standard deviation of a code."""
    return float(regions.std.mean())


def _ellipses(regions: Posterior) -> go.Scatter:
    """Some of the regions at twice their standard deviation, to scale, as one line with gaps."""
    turn = np.linspace(0, 2 * np.pi, _CORNERS)
    circle = np.append(2 * np.stack([np.cos(turn), np.sin(turn)]), [[np.nan], [np.nan]], axis=1)
    some = slice(_ELLIPSES)
    across, up = (regions.mean[some, axis, None] + regions.std[some, axis, None] * circle[axis] for axis in (0, 1))
    line = {"color": "rgba(110,100,140,0.75)", "width": 1}
    return go.Scatter(x=across.ravel(), y=up.ravel(), mode="lines", line=line, hoverinfo="skip")


def _map(points: NDArray[np.float32], labels: NDArray[np.int64], regions: Posterior | None) -> go.Figure:
    """Codes coloured by class, with the digit written in the middle of each, and some regions of those that have any in this plane."""
    colours = [CLASS_COLOURS[label] for label in labels]
    codes = go.Scatter(x=points[:, 0], y=points[:, 1], mode="markers", marker={"size": 3, "color": colours})
    (left, bottom), (right, top) = np.quantile(points, [0.01, 0.99], axis=0).tolist()  # a few codes far out would press all others together
    layout = {
        "annotations": middles.names_at(points, labels, cache.digits().class_names),
        "showlegend": False,
        "xaxis": {"visible": False, "range": [left, right]},
        "yaxis": {"visible": False, "range": [bottom, top]},
    }
    seen = [] if regions is None or regions.std.shape[1] != 2 else [_ellipses(regions)]
    return plain(go.Figure([codes, *seen], layout), height=170)
