"""Arrays → plotly figures; neither streamlit nor torch. One palette, safe for colour-blind readers; never meaning by colour alone."""

from __future__ import annotations

import plotly.graph_objects as go

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
