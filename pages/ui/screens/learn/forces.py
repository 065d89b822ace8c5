"""Step 7: what this image costs, its KL by the formula and by draws, and a training in which both costs pull."""

from __future__ import annotations

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.figures import plain
from pages.ui.ground.pictures import show_picture
from pages.ui.live.replay import replay
from pages.ui.screens.learn.found import MODEL, REPLAYED, Found, choose_digit, model, show_chart
from pages.ui.screens.learn.language import say
from vae_core.analysis import bound, explore
from vae_core.analysis.posterior import Doubles, Posterior
from vae_core.analysis.surprise import surprise
from vae_core.base.colours import PALETTE
from vae_core.training import snapshots

_MOST = 5_000
_NARROW, _WIDE = 0.1, 0.3  # spreads of bell curves that the text names
_SIDE = 84  # screen pixels


def picture() -> Found:
    """What the decoder says of the image, the two costs as bars, and the estimate of the KL after 1, 2, … draws."""
    vae = cache.opened(model(MODEL).folder).model
    _, digit = choose_digit()
    draws = st.select_slider(say("Draws"), (10, 30, 100, 300, 1_000, _MOST), 300, key=state.LEARN_DRAWS, bind="query-params")
    own = explore.encode(vae, digit[None])
    rate = float(own.kl().sum())
    distortion = -bound.elbo(vae, digit, own.mean[0], own.std[0]) - rate
    said = surprise(vae, digit, own.mean[0])
    white, dear = (np.rint(255 * part).astype(np.uint8) for part in (said.white, said.costs / said.costs.max()))
    pictures, bars = st.columns([4, 5])
    with pictures, st.container(horizontal=True, gap="small"):
        for shown, caption in (
            (digit, say("image x")),
            (white, say("p(x|z): how likely white")),
            (dear, say("cost of each pixel")),
        ):
            with st.container(width=_SIDE):
                show_picture(shown, alt=caption, caption=caption, target=_SIDE)
    costs = go.Figure(
        go.Bar(
            x=[distortion, rate],
            y=[say("D, what the picture misses"), say("R, what the code tells")],
            orientation="h",
            textposition="outside",
            cliponaxis=False,
            text=[f"{distortion:.1f} {say('nats')}", f"{rate:.1f} {say('nats')}"],
            marker={"color": [PALETTE[5], PALETTE[0]], "pattern": {"shape": ["/", ""]}},
        )
    )
    costs.update_xaxes(range=[0, 1.5 * distortion])
    with bars:
        show_chart(plain(costs, height=120), alt=say("D is {distortion:.1f} nats, R is {rate:.1f} nats.", distortion=distortion, rate=rate))
    ratios = own.kl_draws(_MOST)[:draws, 0]
    estimate, error = float(ratios.mean()), float(ratios.std(ddof=1) / np.sqrt(draws))
    alt = say(
        "After {draws} draws the KL is estimated as {estimate:.2f} ± {error:.2f} nats; the formula says {rate:.2f}.",
        draws=draws,
        estimate=estimate,
        error=error,
        rate=rate,
    )
    show_chart(_running(ratios, rate), alt=alt)
    if not state.get(state.LEARN_PRESENT):
        _replayed()
    return Found(
        {
            "draws": f"{draws:,}",
            "estimate": f"{estimate:.2f}",
            "error": f"{error:.2f}",
            "rate": f"{rate:.2f}",
            "terms": _terms(own),
            "narrow": f"{said.by_bell_curve(_NARROW):,.0f}",
            "wide": f"{said.by_bell_curve(_WIDE):,.0f}",
        },
        right=1,
        settings={
            say("D, what the picture misses"): f"{distortion:.1f} {say('nats')}",
            say("R, by the formula"): f"{rate:.2f} {say('nats')}",
            say("R, by {draws} draws", draws=f"{draws:,}"): f"{estimate:.2f} ± {error:.2f} {say('nats')}",
        },
        pictures={say("The image, what the decoder says of it, and what each pixel costs"): np.stack([digit, white, dear])},
    )


def _replayed() -> None:
    """The training of a small model, where its snapshots are at hand."""
    entry = model(REPLAYED)
    variational = entry.card.model.variational
    found = cache.unfolded(snapshots.place_of(entry.folder), variational=variational)
    if found is None:
        return
    with st.expander(say("Watch both forces in a training"), icon=":material/history:"):
        st.caption(
            say(
                "A small model of digits. At first all images have nearly the same code, and the same blurred picture. D pulls the codes "
                "apart, so that the pictures sharpen; R keeps most of them within the circles of the prior."
            )
        )
        replay(run=entry.id, found=found, variational=variational, key=state.LEARN_REPLAY)


def _running(ratios: Doubles, rate: float) -> go.Figure:
    counts = np.arange(1, len(ratios) + 1)
    means = np.cumsum(ratios) / counts
    shown = np.unique(np.geomspace(1, len(ratios), 200).astype(int)) - 1
    figure = go.Figure()
    figure.add_scatter(x=counts[shown], y=means[shown], mode="lines", name=say("Mean of the draws so far"), line={"color": PALETTE[0]})
    formula = say("the formula: {rate:.2f}", rate=rate)
    figure.add_hline(y=rate, line={"color": PALETTE[5], "dash": "dash"}, annotation_text=formula, annotation_position="bottom left")
    figure.update_xaxes(title=say("Draws"), type="log", dtick=1)
    figure.update_yaxes(title=say("KL, nats"))
    return plain(figure, height=215)


def _terms(own: Posterior) -> str:
    """The closed form with the numbers of this image, dimension by dimension."""
    formula = r"$\mathrm{KL} = \sum_j \tfrac12\left(\mu_j^2 + \sigma_j^2 - 1 - \ln\sigma_j^2\right)$"
    rows = [say("{formula} (Kingma & Welling 2014, appendix B).", formula=formula)]
    for place, (mean, std, nats) in enumerate(zip(own.mean[0], own.std[0], own.kl()[0], strict=True)):
        inner = rf"({mean:.2f})^2 + {std:.3f}^2 - 1 - \ln {std:.3f}^2"
        term = rf"$\tfrac12\left({inner}\right) = {nats:.2f}$"
        rows.append(say("Dimension {number}: {term} nats.", number=place, term=term))
    return "\n\n".join(rows)
