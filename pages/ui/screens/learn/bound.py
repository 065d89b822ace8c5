"""Step 6: the true posterior of an image, the encoder's ellipse on it, and the bound that follows the ellipse."""

from __future__ import annotations

from functools import partial

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.figures import plain
from pages.ui.screens.learn.found import MODEL, Found, choose_digit, model, show_chart
from pages.ui.screens.learn.language import current, say
from vae_core.analysis import bound, explore
from vae_core.analysis.bound import Truth
from vae_core.analysis.posterior import Posterior
from vae_core.base.translation import translated

_TURN = np.linspace(0, 2 * np.pi, 73)
_SEEN = 1e-3  # of the highest density: what is below is left out at the edges
_DARK = "#00224E"  # where the scale of colours begins


def picture() -> Found:
    """The map of the posterior with the ellipse, and the three numbers."""
    entry = model(MODEL)
    vae = cache.opened(entry.folder).model
    number, digit = choose_digit()
    truth, own, best = cache.truth(entry.folder, number), explore.encode(vae, digit[None]), cache.best(entry.folder, number)
    left, right = st.columns([3, 2])
    with right:
        mean, std = _ellipse(own, best)
    reached = bound.elbo(vae, digit, mean, std)
    gap = truth.log_evidence - reached
    with left:
        alt = say(
            "The true posterior of the image, and an ellipse around {across:.2f}, {up:.2f}. The bound lacks {gap:.2f} nats.",
            across=mean[0],
            up=mean[1],
            gap=gap,
        )
        show_chart(_chart(truth, mean, std), alt=alt)
    cells = st.columns(3)
    for cell, label, amount in zip(
        cells, (say("The bound, ELBO"), say("What it lacks"), "log p(x)"), (reached, gap, truth.log_evidence), strict=True
    ):
        cell.metric(f"{label}, {say('nats')}", _nats(amount))
    return Found(
        {
            "bound": _nats(reached),
            "gap": _nats(gap),
            "evidence": _nats(truth.log_evidence),
            "own": _nats(bound.elbo(vae, digit, own.mean[0], own.std[0])),
            "best": _nats(bound.elbo(vae, digit, best.mean[0], best.std[0])),
        },
        right=2,
        settings={
            say("The ellipse stands at"): ", ".join(_nats(place) for place in mean.tolist()),
            say("The bound, ELBO"): f"{_nats(reached)} {say('nats')}",
            say("What it lacks"): f"{_nats(gap)} {say('nats')}",
            "log p(x)": f"{_nats(truth.log_evidence)} {say('nats')}",
        },
        pictures={say("The image"): digit[None]},
    )


def beginnings(language: str) -> tuple[str, str]:
    """Where the ellipse can begin, as the buttons say it in this language."""
    say = partial(translated, language=language)
    return say("The encoder's"), say("The best")


def _nats(amount: float) -> str:
    return f"{amount:.2f}".replace("-", "−")


def _ellipse(own: Posterior, best: Posterior) -> tuple[np.ndarray, np.ndarray]:
    """Where the user has the ellipse: shifts in units of its own spread, and a factor of that, from the encoder's or from the best one."""
    starts = beginnings(current())
    start = st.segmented_control(say("Begin from"), starts, default=starts[0], required=True, key=state.LEARN_Q, bind="query-params")
    from_where = own if start == starts[0] else best
    across, up, factor = (
        st.slider(label, low, high, middle, step, key=state.part(state.LEARN_ELLIPSE, number), bind="query-params")
        for number, (label, low, high, middle, step) in enumerate(
            (
                (say("Move across, in spreads"), -4.0, 4.0, 0.0, 0.1),
                (say("Move up, in spreads"), -4.0, 4.0, 0.0, 0.1),
                (say("Size"), 0.25, 3.0, 1.0, 0.05),
            )
        )
    )
    return from_where.mean[0] + from_where.std[0] * np.array([across, up]), from_where.std[0] * factor


def _chart(truth: Truth, mean: np.ndarray, std: np.ndarray) -> go.Figure:
    figure = go.Figure()
    across, up = truth.axes
    figure.add_heatmap(x=across, y=up, z=truth.density.T, colorscale="Cividis", showscale=False, hoverinfo="skip")
    for scale, dash in ((1, "solid"), (2, "dash")):
        line = {"color": "#FFFFFF", "dash": dash, "width": 2}
        x, y = mean[0] + scale * std[0] * np.cos(_TURN), mean[1] + scale * std[1] * np.sin(_TURN)
        figure.add_scatter(x=x, y=y, mode="lines", line=line, hoverinfo="skip")
    figure.update_layout(showlegend=False)
    for place, (turn, title) in enumerate(((figure.update_xaxes, "z₀"), (figure.update_yaxes, "z₁"))):
        seen = truth.axes[place][(truth.density > _SEEN * truth.density.max()).any(axis=1 - place)]
        turn(title=title, range=[min(seen[0], mean[place] - 3 * std[place]), max(seen[-1], mean[place] + 3 * std[place])])
    return plain(figure, height=340).update_layout(plot_bgcolor=_DARK)
