"""What a KL weight does, block by block: to pictures, and to figures over β. Shared by sweeps and by multi-rate models."""

from __future__ import annotations

import math
from collections.abc import Sequence

import streamlit as st

from pages.ui import cache
from pages.ui.ground import figures, state
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.wording import mean, mean_percent
from pages.ui.panels import sampling
from vae_core.analysis import explore
from vae_core.analysis.explore import Pixels
from vae_core.analysis.fidelity import share_error
from vae_core.base.display import dimension_name, three_digits
from vae_core.model.vae import VAE
from vae_core.runs.sweeps import Measures
from vae_core.training.objectives import UNUSED_NATS

SIDE = 72  # screen pixels of a picture: eight stand beside their lesson on a desktop, four in a row on a phone
BESIDE = [3, 2]
LESSONS = cache.lessons("kl_weight")
CHART = {"displayModeBar": False}
_OF_SAMPLES = (
    (
        "Samples among the images",
        "The share of samples that are as near to a held-out image as such images are to each other. A blurred average is, too.",
    ),
    ("Images that samples reach", "The share of held-out images that are as near to a sample as samples are to each other."),
)
BARS = "Bars: one standard error; where there is none to see, it is smaller than the dot."
NOT_HERE = ":material/info: The images of this sweep are not on this computer"


def reconstructions(model: VAE, originals: Pixels, *, at: str, original: bool = True) -> None:
    """The same images [n, C, H, W], whatever β is, and their reconstructions; `at` says at which β, `original` if they are images."""
    row, lesson = st.columns(BESIDE, gap="medium", vertical_alignment="center")
    above = "Validation image" if original else "Stand-in"
    with row, st.container(horizontal=True, gap="xsmall"):
        for picture, reconstruction in zip(originals, explore.reconstruct(model, originals), strict=True):
            with st.container(width="content", gap="xxsmall"):
                show_picture(picture, alt=above, target=SIDE)
                show_picture(reconstruction, alt=f"Its reconstruction at {at}", target=SIDE)
    lesson.caption(f"Below each original is its reconstruction, decoded from the mean of its code. {LESSONS['Reconstructions']}")


def samples(model: VAE, *, at: str) -> None:
    """Eight random codes from the prior, the same at every β."""
    sampling.row(model, sampling.prior(model.config.latent), at=at, target=SIDE)


def charts(rows: Sequence[Measures], current: int) -> None:
    """The curve, the dimensions, the sharpness and N_eff; a table says the same in numbers."""
    now, betas = rows[current], [row.beta for row in rows]
    left, right = st.columns(2, gap="medium")
    with left:
        st.subheader("Rate and distortion")
        errors = [(row.errors.rate, row.errors.distortion) for row in rows]
        curve = figures.rate_distortion([row.rate for row in rows], [row.distortion for row in rows], betas, current, errors=errors)
        here = f"D {mean(now.distortion, now.errors.distortion)}, R {mean(now.rate, now.errors.rate)} nats"
        alt = f"Distortion over rate, one point per β. At β = {three_digits(now.beta)}: {here}."
        st.plotly_chart(curve, config=CHART, alt=alt)
        st.caption(f"{LESSONS['Curve']} {BARS}")
    with right:
        st.subheader("KL per dimension")
        if now.kl_per_dim is None:
            st.caption(f"{NOT_HERE}, and no codes of them were kept.")
        else:
            names = [dimension_name(dimension) for dimension in range(len(now.kl_per_dim))]
            top = max(float(row.kl_per_dim.max()) for row in rows if row.kl_per_dim is not None)
            logarithmic = st.toggle("Logarithmic axis", key=state.KL_LOGARITHMIC)
            bars = figures.kl_bars(now.kl_per_dim, names, limit=UNUSED_NATS, top=top, logarithmic=logarithmic)
            st.plotly_chart(
                bars,
                config=CHART,
                alt=f"Mean KL of each of {len(names)} dimensions at β = {three_digits(now.beta)}; {now.unused} are unused.",
            )
            st.caption(LESSONS["Dimensions"])
    left, right = st.columns(2, gap="medium")
    with left:
        _sharpness(rows, current)
    with right:
        _effective(rows, current)
    if all(row.samples is not None for row in rows):
        for side, name, words in zip(st.columns(2, gap="medium"), ("precision", "recall"), _OF_SAMPLES, strict=True):
            with side:
                _samples(rows, current, name, words)


def _sharpness(rows: Sequence[Measures], current: int) -> None:
    now, betas = rows[current], [row.beta for row in rows]
    st.subheader("Sharpness")
    if math.isnan(now.sharpness):
        st.caption(f"{NOT_HERE}, and sharpness compares reconstructions with them.")
        return
    percents = [100 * row.sharpness for row in rows]
    errors = [100 * row.errors.sharpness for row in rows]
    curve = figures.over_beta(percents, betas, current, title="Sharpness, %", unit=" %", errors=errors)
    here = mean_percent(now.sharpness, now.errors.sharpness)
    st.plotly_chart(curve, config=CHART, alt=f"Sharpness over β; {here} at β = {three_digits(now.beta)}.")
    st.caption(LESSONS["Sharpness"])


def _effective(rows: Sequence[Measures], current: int) -> None:
    now, betas = rows[current], [row.beta for row in rows]
    st.subheader("Images that share a code")
    if math.isnan(now.effective):
        st.caption(f"{NOT_HERE}, and N_eff counts them.")
        return
    counts, errors = [row.effective for row in rows], [row.errors.effective for row in rows]
    curve = figures.over_beta(counts, betas, current, title="N_eff, images", unit="", errors=errors, logarithmic=True)
    here = mean(now.effective, now.errors.effective)
    st.plotly_chart(curve, config=CHART, alt=f"N_eff over β; {here} images at β = {three_digits(now.beta)}.")
    st.caption(LESSONS["N_eff"])


def _samples(rows: Sequence[Measures], current: int, name: str, words: tuple[str, str]) -> None:
    """Precision or recall of samples, with a title and what it says."""
    betas, shares = [row.beta for row in rows], [getattr(row.samples, name) for row in rows]
    st.subheader(words[0])
    percents = [100 * share for share in shares]
    errors = [share_error(share, row.compared) for share, row in zip(shares, rows, strict=True)]
    known = [100 * error for error in errors]
    curve = figures.over_beta(percents, betas, current, title=f"{name.capitalize()}, %", unit=" %", errors=known)
    here = mean_percent(shares[current], errors[current])
    alt = f"{name.capitalize()} of samples over β; {here} at β = {three_digits(betas[current])}."
    st.plotly_chart(curve, config=CHART, alt=alt)
    st.caption(words[1])
