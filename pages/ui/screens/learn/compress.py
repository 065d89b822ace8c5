"""Step 1: a digit rebuilt from K numbers, by a network and by principal components."""

from __future__ import annotations

import plotly.graph_objects as go
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.figures import plain
from pages.ui.ground.pictures import show_picture
from pages.ui.screens.learn.found import MODEL, SIXTEEN, Found, choose_digit, model, show_chart
from pages.ui.screens.learn.language import say
from vae_core.analysis import compression
from vae_core.analysis.lesson import MOST, Losses, off
from vae_core.base.colours import PALETTE

_SIDE = 168  # screen pixels


def picture() -> Found:
    """The digit and both reconstructions, and what each further number is worth."""
    entry, of_two = model(SIXTEEN), model(MODEL)
    _, digit = choose_digit()
    kept = st.slider(say("Numbers kept"), 1, MOST, 4, key=state.LEARN_KEPT, bind="query-params")
    order = cache.axes(entry).order
    by_model = compression.by_model(cache.opened(entry.folder).model, digit[None], order, kept)
    by_components = compression.by_components(digit[None], cache.components(), kept)
    names = (say("The digit"), say("By the network, {kept} numbers", kept=kept), say("By components, {kept} numbers", kept=kept))
    with st.container(horizontal=True, gap="small"):  # which wraps on a telephone
        for name, shown in zip(names, (digit[None], by_model, by_components), strict=True):
            with st.container(width="content", gap="xsmall"):
                show_picture(shown[0], alt=name, target=_SIDE)
                st.caption(name)
    losses = cache.losses(entry, of_two)
    show_chart(_chart(losses, kept), alt=say("Error of unseen digits over the numbers kept, by network and by components."))
    st.caption(
        say(
            "Error of 500 digits that neither has seen, as a share of the way from black to white. "
            "The star: a network made for two numbers from the start."
        )
    )
    return Found(
        {
            "two": off(losses.of_two),
            "pca_2": off(losses.components[1]),
            "kept": str(kept),
            "own": off(compression.error(digit[None], by_model)),
            "own_pca": off(compression.error(digit[None], by_components)),
        },
        right=1 if losses.of_two < losses.components[1] else 0,
        settings={
            say("Numbers kept"): str(kept),
            say("Off, by the network"): off(compression.error(digit[None], by_model)),
            say("Off, by components"): off(compression.error(digit[None], by_components)),
        },
        pictures=dict(zip(names, (digit[None], by_model, by_components), strict=True)),
    )


def _chart(losses: Losses, kept: int) -> go.Figure:
    figure = go.Figure()
    counts = list(range(1, len(losses.model) + 1))
    for name, errors, dash, colour in (
        (say("The network of sixteen numbers"), losses.model, "solid", PALETTE[0]),
        (say("Principal components"), losses.components, "dash", PALETTE[5]),
    ):
        line = {"color": colour, "dash": dash}
        figure.add_scatter(x=counts, y=[100 * error for error in errors], name=name, mode="lines+markers", line=line)
    star = {"symbol": "star", "size": 14, "color": PALETTE[1]}
    figure.add_scatter(x=[2], y=[100 * losses.of_two], name=say("A network made for two"), mode="markers", marker=star)
    figure.add_vline(x=kept, line={"color": "#999999", "dash": "dot"})
    figure.update_xaxes(title=say("Numbers kept"), dtick=2)
    figure.update_yaxes(title=say("Error, %"), rangemode="tozero")
    return plain(figure, height=190)
