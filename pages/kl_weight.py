"""KL weight: the same model trained at several β, and what turning β does to pictures and numbers."""

from __future__ import annotations

import math

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache, figures, panels, readout, sampling, state, sweeping
from vae_core import explore, sweeps
from vae_core.catalogue import Entry
from vae_core.display import dimension_name
from vae_core.errors import InputError
from vae_core.objectives import UNUSED_NATS
from vae_core.sweeps import Measures, Sweep

SIDE = 72  # screen pixels of a picture: eight stand beside their lesson on a desktop, four in a row on a phone
BESIDE = [3, 2]
LESSONS = cache.lessons("kl_weight")
CHART = {"displayModeBar": False}
NOT_HERE = ":material/info: The images of this sweep are not on this computer"


def choose_beta(betas: list[float]) -> float:
    """The slider over the KL weights that are trained."""
    if len(betas) == 1:
        st.info("Only one KL weight is trained so far, so there is nothing to compare it with yet.", icon=":material/info:")
        return betas[0]
    chosen: float = st.select_slider(
        "KL weight β",
        betas,
        betas[len(betas) // 2],
        format_func=lambda beta: f"{beta:g}",
        key=state.BETA,
        bind="query-params",
        help="Each stop is a model of its own, trained with the loss D + β·R. Everything else about the models is the same.",
    )
    return chosen


def reconstructions(entry: Entry, beta: float) -> None:
    """The same eight images, whatever β is, and their reconstructions."""
    model, images = panels.opened(entry).model, cache.images_of(entry)
    st.subheader("Images and reconstructions")
    if images is None:
        st.caption(f"{NOT_HERE}, so there are no reconstructions to show. The figures are those on the models' cards.")
    else:
        originals = images.take(sweeps.examples(images))
        row, lesson = st.columns(BESIDE, gap="medium", vertical_alignment="center")
        with row, st.container(horizontal=True, gap="xsmall"):
            for original, reconstruction in zip(originals, explore.reconstruct(model, originals), strict=True):
                with st.container(width="content", gap="xxsmall"):
                    panels.picture(original, alt="Validation image", target=SIDE)
                    panels.picture(reconstruction, alt=f"Its reconstruction at β = {beta:g}", target=SIDE)
        lesson.caption(f"Below each original its reconstruction, decoded from the mean of its code. {LESSONS['Reconstructions']}")


def samples(entry: Entry, beta: float) -> DeltaGenerator:
    """Eight random codes from the prior, the same at every β; returns the place below for those from the mixture."""
    st.subheader("Samples")
    row, lesson = st.columns(BESIDE, gap="medium")
    with row:
        sampling.row(entry, sampling.prior(entry), at=f"β = {beta:g}", target=SIDE)
        place = st.container()
    lesson.caption(f"The prior's {sampling.COUNT} random codes are the same at every β. {LESSONS['Samples']}")
    lesson.caption(LESSONS["Mixture"])
    return place


def mixture_samples(entry: Entry, beta: float) -> None:
    """Eight random codes from the mixture by the same seed at every β, and how far it is from the prior."""
    mixture = sampling.fitted(entry)
    if mixture is not None:
        sampling.row(entry, sampling.of_mixture(mixture), at=f"β = {beta:g}", target=SIDE)
        st.caption(sampling.verdict(mixture))


def charts(rows: list[Measures], current: int) -> None:
    """The curve, the dimensions and the sharpness; the table says the same in numbers."""
    now, betas = rows[current], [row.beta for row in rows]
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Rate and distortion")
        curve = figures.rate_distortion([row.rate for row in rows], [row.distortion for row in rows], betas, current)
        alt = f"Distortion over rate, one point per β. At β = {now.beta:g}: D {now.distortion:.1f}, R {now.rate:.2f} nats."
        st.plotly_chart(curve, config=CHART, alt=alt)
        st.caption(LESSONS["Curve"])
    with right:
        st.subheader("KL per dimension")
        if now.kl_per_dim is None:
            st.caption(f"{NOT_HERE}, and no codes of them were kept.")
        else:
            names = [dimension_name(dimension) for dimension in range(len(now.kl_per_dim))]
            top = max(float(row.kl_per_dim.max()) for row in rows if row.kl_per_dim is not None)
            logarithmic = st.toggle("Logarithmic axis", key="kl_log")
            bars = figures.kl_bars(now.kl_per_dim, names, limit=UNUSED_NATS, top=top, logarithmic=logarithmic)
            st.plotly_chart(
                bars, config=CHART, alt=f"Mean KL of each of {len(names)} dimensions at β = {now.beta:g}; {now.unused} are unused."
            )
            st.caption(LESSONS["Dimensions"])
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Sharpness")
        if math.isnan(now.sharpness):
            st.caption(f"{NOT_HERE}, and sharpness compares reconstructions with them.")
        else:
            curve = figures.sharpness_curve([row.sharpness for row in rows], betas, current)
            st.plotly_chart(curve, config=CHART, alt=f"Sharpness over β; {readout.percent(now.sharpness)} at β = {now.beta:g}.")
            st.caption(LESSONS["Sharpness"])
    with right:
        readout.table(rows, current)


@st.fragment
def view(sweep: Sweep) -> None:
    """The slider and everything that follows it."""
    for run in sweep.ended_early:
        st.text(f"β = {run.config.train.beta:g} is missing: {run.status.message or run.status.state}")
    if not sweep.trained:
        st.caption(":material/hourglass: The first model of this sweep is still in training. It appears here when it is done.")
        return
    beta = choose_beta(list(sweep.trained))
    entry = sweep.trained[beta]
    reconstructions(entry, beta)
    below_samples = samples(entry, beta)
    rows = [cache.measures(entry) for entry in sweep.trained.values()]  # seconds when seen for the first time, so it stands below
    current = list(sweep.trained).index(beta)
    readout.numbers(rows[current])
    charts(rows, current)
    with st.expander("What is β in my code?", icon=":material/calculate:"):
        sweeping.translator(sweep.model, beta)
    panels.link_to_view()
    with below_samples:  # a second or more when seen for the first time, so it comes last
        mixture_samples(entry, beta)


st.title("KL weight")
st.write(
    "The same model, trained several times with nothing changed but β in the loss D + β·R. Turn β and see what it gains and what it blurs."
)
sweep = sweeping.choose()
if sweep is not None:
    try:
        view(sweep)
    except InputError as error:
        panels.refuse(error)
with st.expander("Train a sweep", icon=":material/model_training:", expanded=sweep is None, key="kl_train", on_change="rerun") as box:
    if box.open:
        sweeping.form()
