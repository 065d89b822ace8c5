"""Why are my samples bad: where the codes lie in the prior, in numbers with their errors and, of two dimensions, as a map."""

from __future__ import annotations

import math

import streamlit as st

from pages.ui import cache
from pages.ui.cache import Covered
from pages.ui.ground import figures as charts
from pages.ui.ground.refusals import refuse
from vae_core.analysis.coverage import DRAWS, HOLE, Estimate, fate
from vae_core.analysis.decomposition import NEAR_LOG_N
from vae_core.analysis.folding import Beta
from vae_core.analysis.posterior import Doubles
from vae_core.base.display import dimension_name
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

LESSONS = cache.lessons("kl_weight")


@st.fragment
def coverage_panel(*, entry: Entry, beta: Beta | None = None) -> None:
    """The verdict, the figures and the map.

    Args:
        entry: a model of one KL weight, or a multi-rate one.
        beta: of a multi-rate model.
    """
    if not entry.card.model.variational:
        st.caption("A deterministic autoencoder has no prior: nothing in its training says where its codes should lie.")
        return
    try:
        population = cache.population(entry, beta)
        if population is None:
            st.caption(":material/info: The images that the model learnt from are not on this computer, and no codes of them were kept.")
            return
        found = cache.covered(entry, beta, population)
    except InputError as error:
        refuse(error)
        return
    st.markdown(verdict(found))
    images = "training images" if population.learnt else "test images, which the model has not seen"
    kind = images if found.original else "codes kept with the model"
    if found.ratio is None or found.places is None:
        _numbers(found, kind)
        return
    left, right = st.columns([3, 2], gap="medium")
    with left:
        _numbers(found, kind)
    with right:
        _map(found, found.ratio, found.places)


def verdict(found: Covered) -> str:
    """What is wrong with samples of the prior, if anything, as Markdown."""
    figures, unseen, how = found.figures, found.unseen, fate(found)
    holes, effective = figures.holes, figures.effective.value
    if how == "outside":
        return (
            f"**The prior has hardly any holes, but {_percent(figures.outside)} of the codes lie outside it,** where its draws seldom "
            "come: samples show less than the images do. Raise β to draw the codes in."
        )
    if how == "fills":
        blurred = ", and the best decoder averages several images at a code, N_eff above: where samples are blurred, that is why"
        return (
            f"**The codes fill the prior.** Only {_percent(holes)} of its draws land in holes, where hardly any image has its "
            f"code{blurred if effective > 2 else ''}."
        )
    if how == "few":
        return (
            f"**{found.count:,} images are too few to fill the prior.** {_percent(holes)} of its draws land in holes, but so do "
            f"{_percent(unseen)} of the codes of other images: each image spends {figures.rate:.1f} nats, and so few images fill only "
            f"{math.log(found.count):.1f}. Here holes say little about samples; a larger β makes each code wider."
        )
    return (
        f"**Random codes land where no image has its code.** {_percent(holes)} of the prior's draws fall into holes, and only "
        f"{_percent(unseen)} of the codes of images that were not learnt. There the decoder has not learnt what to draw: raise β, or draw "
        "from the mixture."
    )


def _numbers(found: Covered, kind: str) -> None:
    """Each figure with its standard error and one sentence."""
    figures, draws = found.figures, DRAWS
    most = math.log(found.count)
    too_few = most - figures.mutual_information.value < NEAR_LOG_N
    near = f"– (within {NEAR_LOG_N:g} of log N: {found.count:,} images are too few)" if too_few else ""
    rows = (
        (
            _share(figures.holes, draws),
            f"**Prior in holes.** Its draws that land where it comes at least {1 / HOLE:.0f} times as often as codes do.",
        ),
        (
            _share(found.unseen, found.others),
            f"**Unseen images in holes.** The same for the codes of {found.others:,} other images, to compare.",
        ),
        (
            _share(figures.outside, draws),
            "**Codes outside the prior.** Beyond the ball that holds 95 % of it. If they filled it, this would be 5 %.",
        ),
        (near or _nats(figures.kl), "**KL(q ‖ p).** How far all codes together are from the prior: nats that tell nothing about an image."),
        (
            near or _nats(figures.mutual_information),
            f"**Mutual information.** What a code tells about its image, at most log N = {most:.1f}.",
        ),
        (f"{figures.rate:.2f} nats", "**Rate R.** The two together, of the same images: what is paid for each."),
    )
    st.table({"Figure": [value for value, _ in rows], "What it means": [meaning for _, meaning in rows]})
    st.caption(f"q is made of the codes of {found.count:,} {kind}; ± is the standard error of the draws. {LESSONS['Coverage']}")
    with st.popover("What these mean", icon=":material/school:"):
        for heading in ("Holes", "Outside", "Mutual information"):
            st.markdown(f"**{heading}.** {LESSONS[heading]}")


def _map(found: Covered, ratio: Doubles, places: Doubles) -> None:
    """Where the holes are, of two latent dimensions."""
    chart = charts.coverage_map(ratio, places, hole=math.log(HOLE), names=(dimension_name(0), dimension_name(1)))
    alt = (
        f"Map of log q − log p with the edge of the holes, in which {_percent(found.figures.holes)} of the prior lies, and circles around "
        "50 and 95 % of the prior."
    )
    st.plotly_chart(chart, config={"displayModeBar": False}, alt=alt)
    st.caption(LESSONS["Map of holes"])


def _percent(share: Estimate) -> str:
    return f"{100 * share.value:.{0 if share.value >= 0.1 else 1}f}\N{NO-BREAK SPACE}%"


def _share(share: Estimate, draws: int) -> str:
    """With its standard error; of no draw at all or of all, where that is 0, what it is below or above."""
    if share.error == 0:
        bound = f"{300 / draws:.1g} %"
        return f"under {bound}" if share.value < 0.5 else f"all but {bound}"
    return f"{100 * share.value:.1f} ± {100 * share.error:.1f} %"


def _nats(amount: Estimate) -> str:
    return f"{amount.value:.2f} ± {amount.error:.2f} nats"
