"""The figures of a sweep in numbers: those of one β, and the table over all."""

from __future__ import annotations

import math

import streamlit as st

from pages.ui import cache
from pages.ui.ground.wording import mean, mean_percent
from vae_core.analysis.fidelity import Fidelity, share_error
from vae_core.runs import sweeps
from vae_core.runs.sweeps import Measures
from vae_core.training.objectives import UNUSED_NATS

LESSONS = cache.lessons("kl_weight")

NAMES = Fidelity._fields


def of_samples(found: Fidelity, name: str, count: int) -> str:
    """A figure of samples with its standard error, of so many; that of the density, which is no share, is not known."""
    value: float = getattr(found, name)
    return mean(value, math.nan if name == "density" else share_error(value, count))


def numbers(now: Measures) -> None:
    """The chosen model's figures, and a warning where its codes say nothing."""
    with st.grid("auto", min_column_width=140, gap="small"):
        st.metric("Distortion D", mean(now.distortion, now.errors.distortion), help="What the reconstruction misses, nats per image.")
        most = "KL(q(z|x) ‖ p(z)), nats per image: the most that the code can tell about the image. A part of it, KL(q ‖ p), tells nothing."
        st.metric("Rate R", mean(now.rate, now.errors.rate), help=most)
        st.metric("Loss D + β·R", mean(now.loss, now.loss_error), help=LESSONS["Table"])
        unused = "–" if now.kl_per_dim is None else f"{now.unused} of {len(now.kl_per_dim)}"
        limit = f"Dimensions whose mean KL over the validation images is below {UNUSED_NATS:g} nats."
        st.metric("Unused dimensions", unused, help=limit)
        st.metric("Sharpness", mean_percent(now.sharpness, now.errors.sharpness), help=LESSONS["Sharpness"])
        st.metric("N_eff", mean(now.effective, now.errors.effective), help=LESSONS["N_eff"])
    if now.kl_per_dim is not None and now.unused == len(now.kl_per_dim):
        st.warning(LESSONS["Collapse"], icon=":material/warning:")
    st.caption(LESSONS["Trade-off"])
    if now.distortion < 0:
        st.caption(LESSONS["Density"])


def table(rows: list[Measures], current: int) -> None:
    """All figures over β, to read and to take away."""
    columns = {}
    if all(row.samples is not None for row in rows):
        columns = {name.capitalize(): [of_samples(row.samples, name, row.compared) for row in rows if row.samples] for name in NAMES}
    st.table(
        {
            "β": [f"**{row.beta:g}** ◆" if index == current else f"{row.beta:g}" for index, row in enumerate(rows)],
            "D": [mean(row.distortion, row.errors.distortion) for row in rows],
            "R": [mean(row.rate, row.errors.rate) for row in rows],
            "D + R": [mean(row.distortion + row.rate, row.elbo_error) for row in rows],
            "Unused": ["–" if row.unused is None else f"{row.unused}" for row in rows],
            "N_eff": [mean(row.effective, row.errors.effective) for row in rows],
            "Sharpness": [mean_percent(row.sharpness, row.errors.sharpness) for row in rows],
            **columns,
        },
        hide_index=True,
    )
    st.caption(f"◆ marks the chosen one. Nats per image, means over the validation images. {LESSONS['Errors']} {LESSONS['Table']}")
    st.download_button(
        "Download as CSV", sweeps.csv_table(rows), "kl_weight.csv", "text/csv", icon=":material/download:", on_click="ignore"
    )
