"""Where validation images lie among the codes while a run trains: a small map, as the run published it last."""

from __future__ import annotations

import html
import math

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui.ground import figures, state, wording
from vae_core.base.colours import CLASS_COLOURS, OTHERS
from vae_core.base.config import RunConfig
from vae_core.base.display import dimension_name
from vae_core.runs.codes import Published

HEIGHT = 280
_NAMED = len(CLASS_COLOURS)  # classes that have a colour of their own
_LONGEST = 14  # letters of a class's name on the map
_RING = 2.0  # standard deviations of the prior


def show(published: Published, config: RunConfig) -> None:
    """The map; `words` are its text alternative, and stand below the pictures."""
    figure = _figure(published, ring=config.model.variational)
    st.plotly_chart(figure, key=state.TRAIN_RUN_CODES, config={"displayModeBar": False}, alt=words(published, config))


def words(published: Published, config: RunConfig) -> str:
    """What the map shows, in sentences."""
    model, (across, up) = config.model, map(dimension_name, published.dims)
    what = "the mean of its posterior" if model.variational else "its code"
    said = [f"{len(published.means):,} validation images after step {published.step:,}, each at {what}."]
    if model.beta_range is not None:
        said.append(f"At KL weight {wording.at_weights(config)}.")
    if model.latent > 2:
        carries = "carry most" if model.variational else "vary most"
        said.append(f"Across {across}, up {up}: of {model.latent} dimensions the two that {carries}.")
    if published.labels is not None:
        said.append("A class has one colour, and its name at its centre.")
    said.append(
        f"The dotted circle is {_RING:g} standard deviations of the prior." if model.variational else "Nothing draws the codes together."
    )
    return " ".join(said)


def _figure(published: Published, *, ring: bool) -> go.Figure:
    figure = go.Figure()
    means, limit = published.means, _limit(published, ring=ring)
    labels = np.zeros(len(means), np.int64) if published.labels is None else published.labels
    for label in np.unique(labels).tolist():
        points = means[labels == label]
        colour = CLASS_COLOURS[label] if label < _NAMED else OTHERS
        marker = {"size": 5, "color": colour, "opacity": 0.7}
        name = published.class_names[label] if label < len(published.class_names) else str(label)
        name = html.escape(name[:_LONGEST])
        hover = "skip" if published.labels is None else "text"
        figure.add_scatter(x=points[:, 0], y=points[:, 1], mode="markers", marker=marker, text=name, hoverinfo=hover)
        if published.labels is not None and label < _NAMED:
            across, up = np.median(points, axis=0).tolist()
            ground = "rgba(255,255,255,0.85)"
            figure.add_annotation(
                x=across,
                y=up,
                text=name,
                showarrow=False,
                font={"size": 12, "color": "black"},
                bgcolor=ground,
                bordercolor=colour,
                borderpad=1,
            )
    if ring:
        line = {"color": OTHERS, "dash": "dot", "width": 2}
        figure.add_shape(type="circle", x0=-_RING, y0=-_RING, x1=_RING, y1=_RING, line=line)
    across_name, up_name = map(dimension_name, published.dims)
    figure.update_xaxes(title=across_name, range=[-limit, limit], constrain="domain", zeroline=False)
    figure.update_yaxes(title=up_name, range=[-limit, limit], scaleanchor="x", constrain="domain", zeroline=False)
    figure.update_layout(showlegend=False, dragmode=False)
    return figures.plain(figure, height=HEIGHT)


def _limit(published: Published, *, ring: bool) -> float:
    """How far the axes reach: in steps of √2, so that they stay for long while the codes grow."""
    farthest = max(1e-6, float(np.quantile(np.abs(published.means), 0.995)))
    fitted = 2 ** (math.ceil(2 * math.log2(1.05 * farthest)) / 2)
    return max(1.5 * _RING, fitted) if ring else fitted
