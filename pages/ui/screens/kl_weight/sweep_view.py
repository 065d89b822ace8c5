"""A sweep on the KL weight page: one model for each KL weight, a slider with a stop for each, and what follows it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import link_to_view
from pages.ui.ground.models import gaussian_sigma, open_or_stop
from pages.ui.ground.refusals import refuse
from pages.ui.panels import sampling
from pages.ui.screens.kl_weight import over_beta, train_sweep, translator
from pages.ui.screens.kl_weight.blur_panel import blur_panel
from pages.ui.screens.kl_weight.coverage_panel import coverage_panel
from pages.ui.screens.kl_weight.over_beta import BESIDE, LESSONS, NOT_HERE, SIDE
from pages.ui.screens.kl_weight.sweep_figures import numbers, table
from pages.ui.screens.kl_weight.tabs import BLUR, CODE, COVERAGE, FIGURES, TRAINING, tabs
from vae_core.base.errors import InputError
from vae_core.runs import sweeps
from vae_core.runs.catalogue import Entry
from vae_core.runs.sweeps import Measures, Sweep


@st.fragment
def sweep_view(sweep: Sweep) -> None:
    """The slider and everything that follows it."""
    try:
        _view(sweep)
    except InputError as error:
        refuse(error)


def _view(sweep: Sweep) -> None:
    for run in sweep.ended_early:
        st.text(f"β = {run.config.train.beta:g} is missing: {run.status.message or run.status.state}")
    if not sweep.trained:
        st.caption(":material/hourglass: The first model of this sweep is still in training. It appears here when it is done.")
        tabs({TRAINING: train_sweep.form}, key=state.KL_SWEEP_TABS)
        return
    beta = _choose_beta(list(sweep.trained))
    entry, at = sweep.trained[beta], f"β = {beta:g}"
    model, images = open_or_stop(entry).model, cache.images_of(entry)
    st.subheader("Images and reconstructions")
    if images is None:
        st.caption(f"{NOT_HERE}, so there are no reconstructions to show. The figures are those on the models' cards.")
    else:
        over_beta.reconstructions(model, images.take(sweeps.examples(images)), at=at)
    st.subheader("Samples")
    row, lesson = st.columns(BESIDE, gap="medium")
    with row:
        over_beta.samples(model, at=at)
        below_samples = st.container()
    lesson.caption(f"The prior's {sampling.COUNT} random codes are the same at every β. {LESSONS['Samples']}")
    lesson.caption(LESSONS["Mixture"])
    # seconds when seen for the first time, so it stands below
    rows = [_measures(entry) for entry in sweep.trained.values()]
    current = list(sweep.trained).index(beta)
    numbers(rows[current])
    over_beta.charts(rows, current)
    contents: dict[str, Callable[[], object]] = {
        FIGURES: lambda: table(rows, current),
        BLUR: lambda: blur_panel(entry=entry, key=state.KL_SWEEP_BLUR),
        COVERAGE: lambda: coverage_panel(entry=entry),
        CODE: lambda: translator.translator(entry.card.model, beta, gaussian_sigma(entry)),
        TRAINING: train_sweep.form,
    }
    tabs(contents, key=state.KL_SWEEP_TABS)
    link_to_view()
    with below_samples:  # a second or more when seen for the first time, so it comes last
        _mixture_samples(entry, at)


def _measures(entry: Entry) -> Measures:
    found, (count, error) = cache.measures(entry), cache.effective(entry)
    samples, compared = cache.sample_quality(entry), cache.samples_compared(entry)
    return replace(found, effective=count, errors=found.errors._replace(effective=error), samples=samples, compared=compared)


def _choose_beta(betas: list[float]) -> float:
    """The slider over the KL weights that are trained."""
    if len(betas) == 1:
        st.info("Only one KL weight is trained so far, so there is nothing to compare it with yet.", icon=":material/info:")
        return betas[0]
    chosen: float = st.select_slider(
        "KL weight β",
        betas,
        betas[len(betas) // 2],
        format_func=lambda beta: f"{beta:g}",
        key=state.KL_BETA,
        bind="query-params",
        help="Each stop is a model of its own, trained with the loss D + β·R. Everything else about the models is the same.",
    )
    return chosen


def _mixture_samples(entry: Entry, at: str) -> None:
    """Eight random codes from the mixture by the same seed at every β, and how far it is from the prior."""
    mixture = sampling.fitted(entry)
    if mixture is not None:
        sampling.row(open_or_stop(entry).model, sampling.of_mixture(mixture), at=at, target=SIDE)
        st.caption(sampling.verdict(mixture))
