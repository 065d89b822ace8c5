"""Step 5: the reparameterisation trick: one draw with its numbers, and a thousand estimates of the slope with the trick and without."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.figures import plain
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.wording import nats
from pages.ui.screens.learn.found import MODEL, Found, choose_digit, model, show_chart
from pages.ui.screens.learn.language import say
from vae_core.analysis import bound, explore
from vae_core.analysis.gradients import Gradients, gradients
from vae_core.base.colours import PALETTE

_DRAWS = 1_000
_DIM = 0


def picture() -> Found:
    """ε → z → picture → D with the numbers of this draw, then both scatters."""
    vae = cache.opened(model(MODEL).folder).model
    _, digit = choose_digit()
    own = explore.encode(vae, digit[None])
    noise = st.slider(say("Noise ε"), -3.0, 3.0, 1.0, 0.1, key=state.LEARN_NOISE, bind="query-params")
    z = own.mean + own.std * np.array([[noise, 0]], np.float32)
    cost = -float(bound.log_likelihood(vae, digit, z)[0])
    steps = st.columns([2, 4, 2, 2], vertical_alignment="center")
    with steps[0]:
        show_picture(digit, alt=say("The digit"), caption=say("image x"), target=96)
    mean, std = float(own.mean[0, _DIM]), float(own.std[0, _DIM])
    said = f"z₀ = μ + σ·ε = {mean:.2f} + {std:.3f} · {noise:.1f} = {float(z[0, _DIM]):.2f}".replace("-", "−")
    steps[1].markdown(said)
    with steps[2]:
        decoded = explore.decode(vae, z)
        show_picture(decoded[0], alt=say("What the code drawn decodes to"), caption=say("from z"), target=96)
    steps[3].metric(say("D, what it misses"), nats(cost))
    found = gradients(vae, digit, own.mean[0], own.std[0], draws=_DRAWS)
    with_trick, without = (float(part[_DIM]) for part in found.spreads)
    alt = say(
        "A thousand estimates of the slope: they scatter by {with_trick:.0f} with the trick and by {without:.0f} without.",
        with_trick=with_trick,
        without=without,
    )
    show_chart(_scatter(found), alt=alt)
    times = without / with_trick
    return Found(
        {
            "with_trick": f"{with_trick:.0f}",
            "without": f"{without:,.0f}",
            "times": f"{times:.0f}",
            "more": f"{times**2:,.0f}",
            "mean": f"{mean:.2f}",
            "std": f"{std:.3f}",
            "cost": f"{cost:.1f}",
        },
        right=2 if times > 30 else 1 if times > 5 else 0,
        settings={
            say("The code drawn"): said,
            say("D, what it misses"): f"{cost:.1f} {say('nats')}",
            say("One estimate is off by, with the trick"): f"{with_trick:.0f} {say('nats per unit')}",
            say("Without it"): f"{without:,.0f} {say('nats per unit')}",
        },
        pictures={say("The image"): digit[None], say("Decoded from the code drawn"): decoded},
    )


def _scatter(found: Gradients) -> go.Figure:
    """Both on one scale, in strips; a line at the mean of each."""
    figure = go.Figure()
    rows = ((say("Without the trick"), found.score, PALETTE[5], "x"), (say("With the trick"), found.pathwise, PALETTE[0], "circle"))
    for place, (_, estimates, colour, symbol) in enumerate(rows):
        values = estimates[:, _DIM]
        height = place + np.random.default_rng(place).uniform(-0.3, 0.3, len(values))
        figure.add_scattergl(x=values, y=height, mode="markers", marker={"size": 4, "color": colour, "symbol": symbol, "opacity": 0.5})
    figure.add_vline(x=float(found.pathwise[:, _DIM].mean()), line={"color": "#999999", "dash": "dot"})
    figure.update_layout(showlegend=False)
    figure.update_yaxes(tickvals=[0, 1], ticktext=[name for name, *_ in rows], range=[-0.5, 1.5], zeroline=False)
    title = say("Estimate of the slope of D by μ₀, nats per unit; dotted: the mean")
    figure.update_xaxes(title=title.replace(", ", ",<br>", 1))  # two lines, as a phone has no room for one
    return plain(figure, height=256)
