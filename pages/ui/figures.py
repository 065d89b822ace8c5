"""Arrays → plotly figures; neither streamlit nor torch. One palette, safe for colour-blind readers; never meaning by colour alone."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

# Okabe & Ito (2008), black left out because it vanishes on the dark theme
PALETTE = ("#0072B2", "#E69F00", "#009E73", "#CC79A7", "#56B4E9", "#D55E00", "#F0E442", "#999999")
SYMBOLS = ("circle", "square", "diamond", "cross", "x", "triangle-up", "triangle-down", "star", "pentagon", "hexagon")


def plain(figure: go.Figure, *, height: int) -> go.Figure:
    """What all our charts share: a transparent ground that fits both themes, narrow margins, a legend above."""
    figure.update_layout(
        height=height,
        margin={"l": 8, "r": 8, "t": 8, "b": 8},
        paper_bgcolor="rgba(0,0,0,0)",
        plot_bgcolor="rgba(0,0,0,0)",
        legend={"orientation": "h", "y": 1.02, "yanchor": "bottom", "x": 0},
    )
    return figure


CONTINUOUS = "Cividis"
"""The scale for quantities: even steps in lightness, and the same to colour-blind readers (Nuñez, Anderton & Renslow 2018)."""

MAX_GROUPS = 20
"""A legend names no more groups than this; the smallest of more share one grey entry."""

_OTHERS = "#999999"
_LIT = 1.9  # a selected point's width, in points


@dataclass(frozen=True)
class Colouring:
    """What colours n points.

    Attributes:
        title: what the colours stand for.
        values: [n], whole numbers that index `names`, or quantities where there are no names.
        names: one text per group; empty for a quantity.
    """

    title: str
    values: NDArray[Any]
    names: tuple[str, ...] = ()

    def groups(self) -> list[tuple[str, NDArray[np.bool_]]]:
        """The groups to tell apart, each with its members [n]: those named, or the quarters of a quantity from low to high."""
        if self.names:
            return [(name, self.values == index) for index, name in enumerate(self.names) if (self.values == index).any()]
        edges = np.quantile(self.values, [0, 0.25, 0.5, 0.75, 1])
        quarter = np.clip(np.searchsorted(edges, self.values, side="right") - 1, 0, 3)
        found = [(f"{low:.3g} to {high:.3g}", quarter == index) for index, (low, high) in enumerate(pairwise(edges))]
        return [(name, members) for name, members in found if members.any()]


def plain_label(text: str) -> str:
    """A user's text for a chart, shortened; plotly would take tags in it for markup."""
    return html.escape(text if len(text) <= 24 else f"{text[:23]}…", quote=False)


def latent_map(
    points: NDArray[np.float32],
    colouring: Colouring,
    *,
    numbers: NDArray[np.int64],
    axis_labels: tuple[str, str],
    prior: NDArray[np.float32] | None = None,
    selected: NDArray[np.int64] | None = None,
    ring: NDArray[np.float32] | None = None,
    star: NDArray[np.float32] | None = None,
) -> go.Figure:
    """Codes as points, equal lengths on both axes.

    Args:
        points: [n, 2].
        colouring: of the n points; a group differs from the next by colour and by symbol, a quantity has a colour bar.
        numbers: int64 [n], the images' numbers; a selection event brings them back as `customdata`.
        axis_labels: of the horizontal and the vertical axis.
        prior: [2], where its mean lies; circles at 1 and 2 standard deviations are drawn around it.
        selected: places in `points` to draw large, all others pale; None for no selection.
        ring: [2], a place to mark that is none of the points.
        star: [2], the place of an uploaded image.
    """
    figure = go.Figure()
    for place, (name, members, marker) in enumerate(_traces(colouring)):
        where = np.flatnonzero(members)
        size = 9 if len(points) < 1_000 else 7 if len(points) < 4_000 else 5
        shown = f"<br>{plain_label(colouring.title)}: " + ("%{text}" if colouring.names else "%{marker.color:.3g}")
        figure.add_scattergl(
            x=points[where, 0],
            y=points[where, 1],
            mode="markers",
            name=name,
            text=name,
            customdata=numbers[where],
            marker={"size": size, "opacity": 0.85, **marker},
            selected={"marker": {"size": _LIT * size, "opacity": 1}},
            unselected={"marker": {"opacity": 0.3}},
            selectedpoints=None if selected is None else np.flatnonzero(np.isin(where, selected)).tolist(),
            hovertemplate=f"Image %{{customdata}}{shown}<extra></extra>",
            showlegend=bool(colouring.names),
            legendrank=place,
        )
    if prior is not None:
        _add_prior(figure, prior)
    if ring is not None:
        _add_mark(figure, ring, "Chosen image", "circle-open", 18)
    if star is not None:
        _add_mark(figure, star, "Your image", "star", 20)
    figure.update_xaxes(title=axis_labels[0], zeroline=False)
    figure.update_yaxes(title=axis_labels[1], zeroline=False, scaleanchor="x")
    figure.update_layout(hovermode="closest", dragmode="pan", legend={"itemsizing": "constant"})
    return plain(figure, height=560)


def _traces(colouring: Colouring) -> Iterator[tuple[str, NDArray[np.bool_], dict[str, Any]]]:
    """Name, members and marker of each trace."""
    if not colouring.names:
        bar = {"title": {"text": plain_label(colouring.title), "side": "right"}, "thickness": 12}
        yield "", np.ones(len(colouring.values), bool), {"color": colouring.values, "colorscale": CONTINUOUS, "colorbar": bar}
        return
    groups = colouring.groups()
    kept = groups
    if len(groups) > MAX_GROUPS:
        smallest = sorted(members.sum() for _, members in groups)[-MAX_GROUPS + 1]
        kept = [group for group in groups if group[1].sum() >= smallest][: MAX_GROUPS - 1]
    for index, (name, members) in enumerate(kept):
        yield plain_label(name), members, {"color": PALETTE[index % len(PALETTE)], "symbol": SYMBOLS[index % len(SYMBOLS)]}
    if len(kept) < len(groups):
        others = ~np.any([members for _, members in kept], axis=0)
        yield f"{len(groups) - len(kept)} others", others, {"color": _OTHERS, "symbol": "circle"}


def _add_prior(figure: go.Figure, centre: NDArray[np.float32]) -> None:
    x, y = centre.tolist()
    for radius in (1, 2):
        figure.add_shape(type="circle", x0=x - radius, x1=x + radius, y0=y - radius, y1=y + radius, line={"color": _OTHERS, "dash": "dot"})
        figure.add_annotation(x=x, y=y + radius, text=f"{radius} σ of the prior", showarrow=False, yshift=8)


def _add_mark(figure: go.Figure, place: NDArray[np.float32], name: str, symbol: str, size: int) -> None:
    """A mark that no point hides and that both themes show: white on black. It answers no click, so that the points below it do."""
    figure.add_scatter(
        x=place[:1],
        y=place[1:],
        mode="markers",
        name=name,
        hoverinfo="skip",
        marker={"symbol": symbol, "size": size, "color": "white", "line": {"color": "black", "width": 2}},
        selected={"marker": {"opacity": 1}},
        unselected={"marker": {"opacity": 1}},
        legendrank=MAX_GROUPS + 1,
        showlegend=True,
    )
