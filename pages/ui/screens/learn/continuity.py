"""Step 4: how much pictures change over a small step of their codes, with an autoencoder and with a variational one."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.figures import plain
from pages.ui.ground.wording import percent
from pages.ui.screens.learn.found import AUTOENCODER, MODEL, Found, model, show_chart
from pages.ui.screens.learn.language import say
from vae_core.analysis.lesson import off
from vae_core.base.colours import PALETTE

_KINDS = ((AUTOENCODER, PALETTE[5], "circle"), (MODEL, PALETTE[0], "diamond"))
_TENTH = 0.1


def picture() -> Found:
    """A strip of dots for each model, one dot an image, and its middle."""
    label, names = say("Step, as a share of how far the codes spread"), (say("Autoencoder"), say("Variational"))
    share = st.slider(label, 0.02, 1.0, _TENTH, 0.02, key=state.LEARN_STRIDE, bind="query-params")
    figure, lengths, tenths, middles = go.Figure(), {}, {}, {}
    for place, (key, colour, symbol) in enumerate(_KINDS):
        found, lengths[key] = cache.changes(model(key).folder, share)
        tenths[key] = float(np.median(cache.changes(model(key).folder, _TENTH)[0]))
        height = place + np.random.default_rng(place).uniform(-0.25, 0.25, len(found))
        marker = {"color": colour, "size": 4, "symbol": symbol, "opacity": 0.6}
        figure.add_scattergl(x=100 * found, y=height, mode="markers", marker=marker, name=names[place], hoverinfo="skip")
        middle = 100 * float(np.median(found))
        middles[key] = off(float(np.median(found)))
        figure.add_scatter(
            x=[middle, middle], y=[place - 0.35, place + 0.35], mode="lines", line={"color": colour, "width": 4}, hoverinfo="skip"
        )
        figure.add_annotation(x=middle, y=place + 0.42, text=say("half change by more than {middle}", middle=middles[key]), showarrow=False)
    figure.update_layout(showlegend=False)
    figure.update_yaxes(tickvals=[0, 1], ticktext=names, range=[-0.6, 1.6], zeroline=False)
    figure.update_xaxes(title=say("Change of the picture, %"), rangemode="tozero")
    show_chart(plain(figure, height=380), alt=say("Change of 500 pictures over one step, of both models."))
    coverage = {key: cache.sample_quality(model(key)) for key, *_ in _KINDS}
    shares = {key: 0.0 if found is None else found.coverage for key, found in coverage.items()}
    ratio = tenths[AUTOENCODER] / tenths[MODEL]
    return Found(
        {
            "share": percent(share),
            "ae_length": f"{lengths[AUTOENCODER]:.2f}",
            "vae_length": f"{lengths[MODEL]:.2f}",
            "ae_tenth": off(tenths[AUTOENCODER]),
            "vae_tenth": off(tenths[MODEL]),
            "ae_coverage": percent(shares[AUTOENCODER]),
            "vae_coverage": percent(shares[MODEL]),
        },
        right=2 if abs(ratio - 1) <= _TENTH else 0 if ratio < 1 else 1,
        settings={
            say("Step, as a share of the spread"): percent(share),
            say("Half change by more than, autoencoder"): middles[AUTOENCODER],
            say("Half change by more than, variational autoencoder"): middles[MODEL],
        },
        pictures={},
    )
