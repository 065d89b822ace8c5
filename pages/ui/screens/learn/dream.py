"""Step 2: random codes in an autoencoder and in a variational one, twins but for the KL term."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.figures import plain
from pages.ui.ground.pictures import show_tiles
from pages.ui.ground.wording import percent
from pages.ui.screens.learn.found import AUTOENCODER, MODEL, Found, choose_seed, model, show_chart
from pages.ui.screens.learn.language import say
from vae_core.analysis import explore, lesson
from vae_core.base.colours import CLASS_COLOURS

_POINTS, _COUNT, _SIDE = 1_500, 10, 56


def picture() -> Found:
    """Both maps with the circle of random codes, and what the same random codes become in each."""
    shown = st.container()
    seed = choose_seed(state.LEARN_SEED)
    names = {
        AUTOENCODER: (say("Autoencoder"), say("Random codes in the autoencoder")),
        MODEL: (say("Variational autoencoder"), say("Random codes in the variational autoencoder")),
    }
    codes = {key: cache.codes(model(key)) for key in names}
    reach = max(float(np.quantile(np.abs(found.posterior.mean), 0.99)) for found in codes.values() if found is not None)
    spreads, rows = {}, {}
    for column, (key, (name, of_random)) in zip(shown.columns(2), names.items(), strict=True):
        found = codes[key]
        assert found is not None  # the digits ship with the app
        mean = found.posterior.mean
        spreads[key] = float(np.sqrt(mean.var(axis=0).mean()))
        with column:
            st.markdown(f"**{name}**")
            drawn = explore.sample_prior(2, _COUNT, seed=seed)
            alt = say("{name}: codes of images, with the circle that holds 86 % of random codes.", name=name)
            show_chart(_map(mean[:_POINTS], found.labels, drawn, reach), alt=alt)
            samples = rows[of_random] = explore.decode(cache.opened(model(key).folder).model, drawn)
            labels = [say("{name}, random code {number}", name=name, number=place + 1) for place in range(_COUNT)]
            show_tiles(samples, names=labels, target=_SIDE)
    return _found(seed, spreads, rows)


def _found(seed: int, spreads: dict[str, float], rows: dict[str, NDArray[np.uint8]]) -> Found:
    autoencoder, variational = model(AUTOENCODER), model(MODEL)
    plain_one, other = cache.sample_quality(autoencoder), cache.sample_quality(variational)
    assert plain_one is not None
    assert other is not None
    answer = lesson.dreams(plain_one, other)
    return Found(
        {**answer.figures, "ae_spread": f"{spreads[autoencoder.id]:.1f}", "vae_spread": f"{spreads[variational.id]:.1f}"},
        right=answer.right,
        settings={
            say("Seed"): str(seed),
            say("Real digits with the picture of a random code close by, autoencoder"): percent(plain_one.coverage),
            say("The same, variational autoencoder"): percent(other.coverage),
        },
        pictures=rows,
    )


def _map(codes: NDArray[np.float32], labels: NDArray[np.int64] | None, drawn: NDArray[np.float32], reach: float) -> go.Figure:
    figure = go.Figure()
    shown = None if labels is None else labels[: len(codes)]
    dots = {"size": 3, "color": "#999999" if shown is None else [CLASS_COLOURS[label] for label in shown]}
    figure.add_scattergl(x=codes[:, 0], y=codes[:, 1], mode="markers", marker=dots, text=shown, hovertemplate="%{text}<extra></extra>")
    stars = {"symbol": "star", "size": 8, "color": "white", "line": {"width": 1, "color": "black"}}  # no class has these colours
    figure.add_scattergl(x=drawn[:, 0], y=drawn[:, 1], mode="markers", marker=stars, hoverinfo="skip")
    for colour, width in (("white", 5), ("black", 2)):
        figure.add_shape(type="circle", x0=-2, x1=2, y0=-2, y1=2, line={"color": colour, "width": width})
    figure.update_layout(showlegend=False)
    figure.update_xaxes(range=[-reach, reach], zeroline=False)
    figure.update_yaxes(range=[-reach, reach], zeroline=False, scaleanchor="x")
    return plain(figure, height=240)
