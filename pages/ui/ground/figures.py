"""Arrays → plotly figures; neither streamlit nor torch. One palette, safe for colour-blind readers; never meaning by colour alone."""

from __future__ import annotations

import html
import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import plotly.graph_objects as go
from numpy.typing import NDArray

from vae_core.base.colours import CLASS_COLOURS, OTHERS, PALETTE
from vae_core.base.display import three_digits, with_error


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


CURVE_POINTS = 300
"""A curve on screen has about this many points; a long run has a hundred times as many records."""

CURVE_MARKERS = 40
"""About as many of them are marked."""


def training_curve(title: str, epochs: Sequence[float], training: Sequence[float], validation: Sequence[tuple[float, float]]) -> go.Figure:
    """One quantity over the epochs: a line for the training images, dashes with markers for the validation images.

    Args:
        title: of the vertical axis, with the unit.
        epochs: of each record.
        training: a value per record.
        validation: epoch and value where there was a validation.
    """
    every, apart = max(1, len(epochs) // CURVE_POINTS), max(1, len(validation) // CURVE_MARKERS)
    kept = validation[::-apart][::-1]
    figure = go.Figure()
    figure.add_scatter(name="Training", x=epochs[::-every][::-1], y=training[::-every][::-1], mode="lines", line={"color": PALETTE[0]})
    figure.add_scatter(
        name="Validation",
        x=[epoch for epoch, _ in kept],
        y=[value for _, value in kept],
        mode="lines+markers",
        line={"color": PALETTE[1], "dash": "dash"},
        marker={"symbol": "circle-open", "size": 8},
    )
    figure.update_traces(hovertemplate="%{y:.2f} nats at epoch %{x:.1f}")
    # The first records of an untrained model would flatten all that follows.
    settled = [*training[len(training) // 10 :], *(value for _, value in validation)]
    margin = 0.08 * (max(settled) - min(settled)) or 1.0
    figure.update_xaxes(title="Epoch")
    figure.update_yaxes(title=title, range=[min(settled) - margin, max(settled) + margin])
    figure.update_layout(uirevision="keep the zoom", hovermode="x unified")
    return plain(figure, height=205)


def map_table(points: NDArray[np.float32], colouring: Colouring, axis_labels: tuple[str, str]) -> list[dict[str, Any]]:
    """A map in words: for each group of `colouring` how many of the points [n, 2] it has, and where their centre lies."""
    rows = []
    for name, members in colouring.groups():
        across, up = points[members].mean(axis=0).tolist()
        centre = {f"Centre, {axis_labels[0]}": across, f"Centre, {axis_labels[1]}": up}
        rows.append({colouring.title: name, "Images": int(members.sum()), **centre})
    return rows


def step_chart(walk: NDArray[np.float32], fade: NDArray[np.float32] | None = None) -> go.Figure:
    """How much each frame differs from the one before, float32 [k − 1] each: along the walk, and along a cross-fade for comparison."""
    figure = go.Figure()
    steps = [f"{step} → {step + 1}" for step in range(1, len(walk) + 1)]
    figure.add_bar(x=steps, y=walk, name="Latent walk", marker={"color": PALETTE[0]}, hovertemplate="%{x}: %{y:.3f}<extra></extra>")
    if fade is not None:
        line = {"color": PALETTE[1], "width": 3, "dash": "dash"}
        figure.add_scatter(x=steps, y=fade, mode="lines", name="Cross-fade", line=line, hovertemplate="%{x}: %{y:.3f}<extra></extra>")
    figure.update_xaxes(title="From frame → to frame")
    figure.update_yaxes(title="Change, 0 to 1", rangemode="tozero", exponentformat="none")
    return plain(figure, height=300)


def rate_distortion(
    rates: Sequence[float], distortions: Sequence[float], betas: Sequence[float], current: int, *, errors: Sequence[tuple[float, float]]
) -> go.Figure:
    """One point per model of a sweep, joined in the order of β; the chosen one is a labelled diamond on its line of equal loss.

    Args:
        rates, distortions: nats per image.
        betas: the KL weights.
        current: place of the chosen model.
        errors: the standard errors of R and of D, NaN where they are not known.
    """
    rate, distortion, beta = rates[current], distortions[current], betas[current]
    widest = 1.08 * max(rates) + 0.1
    margin = 0.12 * (max(distortions) - min(distortions)) + 0.1
    lowest, highest = min(distortions) - margin, max(distortions) + margin
    figure = go.Figure()
    figure.add_scatter(
        x=rates,
        y=distortions,
        mode="lines+markers",
        name="The models",
        customdata=[
            (beta, with_error(r, r_error, 4), with_error(d, d_error, 4))
            for beta, r, d, (r_error, d_error) in zip(betas, rates, distortions, errors, strict=True)
        ],
        error_x=_bars([of_rate for of_rate, _ in errors]),
        error_y=_bars([of_distortion for _, of_distortion in errors]),
        line={"color": PALETTE[0], "width": 2},
        marker={"size": 9},
        hovertemplate="β %{customdata[0]:g}<br>R %{customdata[1]}<br>D %{customdata[2]}<extra></extra>",
    )
    figure.add_scatter(
        x=[0, widest],
        y=[distortion + beta * rate, distortion - beta * (widest - rate)],
        mode="lines",
        name="Same D + β·R",
        hoverinfo="skip",
        line={"color": PALETTE[5], "width": 2, "dash": "dash"},
    )
    _add_current(figure, rate, distortion, f"β = {beta:g}")
    figure.update_xaxes(title="Rate R, nats per image", range=[-0.02 * widest, widest], zeroline=False)
    figure.update_yaxes(title="Distortion D, nats per image", range=[lowest, highest], zeroline=False)
    return plain(figure.update_layout(dragmode=False), height=360)


def _bars(errors: Sequence[float]) -> dict[str, Any]:
    """A standard error to both sides; none where it is not known."""
    return {"array": [0.0 if math.isnan(error) else error for error in errors], "thickness": 1.5, "width": 4, "color": PALETTE[0]}


def over_beta(
    values: Sequence[float],
    betas: Sequence[float],
    current: int,
    *,
    title: str,
    unit: str,
    errors: Sequence[float],
    logarithmic: bool = False,
) -> go.Figure:
    """A figure at each step of β with its standard error, the chosen one a labelled diamond; the steps stand at equal distances."""
    labels = [three_digits(beta) for beta in betas]
    figure = go.Figure()
    figure.add_scatter(
        x=labels,
        y=values,
        customdata=[with_error(*each, 4) for each in zip(values, errors, strict=True)],
        error_y=_bars(errors),
        mode="lines+markers",
        line={"color": PALETTE[0], "width": 2},
        marker={"size": 9},
        showlegend=False,
        hovertemplate=f"β %{{x}}<br>%{{customdata}}{unit}<extra></extra>",
    )
    _add_current(figure, labels[current], values[current], f"{three_digits(values[current])}{unit}")
    figure.update_xaxes(title="KL weight β", type="category")
    figure.update_yaxes(title=title, rangemode="tozero", type="log" if logarithmic else "linear")
    return plain(figure.update_layout(dragmode=False, showlegend=False), height=300)


_LEAST_BAR = 0.015  # of a linear axis


def kl_bars(kl_per_dim: NDArray[np.float64], names: Sequence[str], *, limit: float, top: float, logarithmic: bool) -> go.Figure:
    """The mean KL of each latent dimension, the largest first; those below `limit` nats are grey and hatched.

    The axis reaches to `top` nats, the same for all models that are compared. No bar is so short that it cannot be seen, so that
    as many are there as are said to be used: on the logarithmic axis a tenth of the limit, else 1.5 % of the axis.
    """
    order = np.argsort(-kl_per_dim, kind="stable")
    labels, values = np.array(names)[order], kl_per_dim[order]
    bottom = limit / 10
    figure = go.Figure()
    seen = bottom if logarithmic else _LEAST_BAR * max(top, limit)
    for name, members, colour, pattern in (("Used", values >= limit, PALETTE[0], ""), ("Unused", values < limit, OTHERS, "/")):
        figure.add_bar(
            x=labels[members],
            y=np.maximum(values[members], seen),
            customdata=values[members],
            name=name,
            showlegend=True,
            marker={"color": colour, "pattern": {"shape": pattern}},
            hovertemplate="%{x}: %{customdata:.4f} nats<extra></extra>",
        )
    figure.add_hline(y=limit, line={"dash": "dot", "width": 2, "color": PALETTE[5]}, name=f"{limit:g} nats", showlegend=True)
    if logarithmic:
        figure.update_yaxes(type="log", range=[np.log10(bottom / 2), np.log10(2 * max(1.0, top))], dtick=1)
    else:
        figure.update_yaxes(range=[0, 1.05 * max(top, limit)])
    figure.update_xaxes(type="category", categoryorder="array", categoryarray=labels)
    figure.update_yaxes(title="Mean KL, nats")
    return plain(figure.update_layout(dragmode=False), height=300)


_DIVERGING = ((0.0, PALETTE[5]), (0.5, "#F7F7F7"), (1.0, PALETTE[0]))
_MOST_NATS = 5.0  # beyond, a place is as empty or as full as can be shown


def coverage_map(ratio: NDArray[np.float64], places: NDArray[np.float64], *, hole: float, names: tuple[str, str]) -> go.Figure:
    """log q − log p over a 2-D latent space: orange where the prior expects more codes than there are, blue where fewer.

    Args:
        ratio: in nats, [up, across].
        places: coordinates in both directions.
        hole: nats below which a place is a hole; a line surrounds the holes.
        names: of the two dimensions.
    """
    figure = go.Figure()
    figure.add_heatmap(
        x=places,
        y=places,
        z=ratio.clip(-_MOST_NATS, _MOST_NATS),
        customdata=ratio,
        zmin=-_MOST_NATS,
        zmax=_MOST_NATS,
        colorscale=_DIVERGING,
        colorbar={
            "title": {"text": "log q − log p, nats", "side": "top"},
            "orientation": "h",
            "y": -0.15,
            "yanchor": "top",
            "tickvals": [-_MOST_NATS, 0, _MOST_NATS],
            "ticktext": [f"≤ −{_MOST_NATS:g}", "0", f"≥ {_MOST_NATS:g}"],
            "thickness": 12,
            "len": 0.8,
        },
        hovertemplate="%{x:.2f}, %{y:.2f}: %{customdata:.1f} nats<extra></extra>",
    )
    line = {"start": hole, "end": hole, "size": 1, "coloring": "none"}
    figure.add_contour(
        x=places,
        y=places,
        z=ratio,
        contours=line,
        line={"color": "black", "width": 2},
        name="Edge of the holes",
        showlegend=True,
        showscale=False,
        hoverinfo="skip",
    )
    around = np.linspace(0, 2 * np.pi, 121)
    for share, dash in ((0.5, "dot"), (0.95, "dash")):
        radius = np.sqrt(-2 * np.log1p(-share))  # of a standard normal in the plane
        figure.add_scatter(
            x=radius * np.cos(around),
            y=radius * np.sin(around),
            mode="lines",
            name=f"{100 * share:.0f} % of the prior",
            line={"color": "#555555", "width": 2, "dash": dash},
            hoverinfo="skip",
        )
    figure.update_xaxes(title=names[0], range=[places[0], places[-1]], constrain="domain", zeroline=False, showgrid=False)
    figure.update_yaxes(title=names[1], range=[places[0], places[-1]], scaleanchor="x", constrain="domain", zeroline=False, showgrid=False)
    return plain(figure.update_layout(dragmode=False), height=520)


_SIGNS = ("circle", "x", "diamond", "square", "triangle-up", "star", "cross", "hexagon", "triangle-down", "pentagon", "bowtie", "hourglass")


def drawn_map(
    others: NDArray[np.float32], points: NDArray[np.float32], labels: NDArray[np.int64], names: Sequence[str], axes: tuple[str, str]
) -> go.Figure:
    """Drawings of a class among other points [M, 2]: at `points` [N, 2], each with the colour and the sign of its class.

    Args:
        others: what lies behind them, in grey.
        points: where they lie.
        labels: their classes [N], which index `names`.
        names: of the classes, at most twelve.
        axes: what to write at the horizontal and the vertical axis.
    """
    figure = go.Figure()
    figure.add_scatter(
        x=others[:, 0], y=others[:, 1], mode="markers", name="the model's images", marker={"size": 3, "color": OTHERS}, hoverinfo="skip"
    )
    for label, (name, sign) in enumerate(zip(names, _SIGNS, strict=False)):
        some = points[labels == label]
        colour = CLASS_COLOURS[label] if label < len(CLASS_COLOURS) else OTHERS
        marker = {"size": 11, "symbol": sign, "color": colour, "line": {"color": "white", "width": 1}}
        figure.add_scatter(x=some[:, 0], y=some[:, 1], mode="markers", name=html.escape(name), marker=marker, hoverinfo="name")
    figure.update_xaxes(title=axes[0], zeroline=False)
    figure.update_yaxes(title=axes[1], zeroline=False)
    return plain(figure, height=420)


def _add_current(figure: go.Figure, x: float | str, y: float, text: str) -> None:
    """The chosen point: set apart by its shape and its label, not by its colour alone."""
    figure.add_scatter(
        x=[x],
        y=[y],
        mode="markers+text",
        text=[f"<b>{text}</b>"],
        textposition="top right" if isinstance(x, float) else "top center",
        marker={"symbol": "diamond", "size": 17, "color": PALETTE[5], "line": {"color": "white", "width": 2}},
        showlegend=False,
        cliponaxis=False,
        hoverinfo="skip",
    )
