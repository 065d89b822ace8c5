"""The figures of a sweep in numbers: those of one β, and the table over all."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground.wording import image_count, nats, percent
from vae_core.analysis.fidelity import Fidelity
from vae_core.runs import sweeps
from vae_core.runs.sweeps import Measures
from vae_core.training.objectives import UNUSED_NATS

LESSONS = cache.lessons("kl_weight")


def numbers(now: Measures) -> None:
    """The chosen model's figures, and a warning where its codes say nothing."""
    with st.grid("auto", min_column_width=140, gap="small"):
        st.metric("Distortion D", nats(now.distortion), help="What the reconstruction misses, nats per image.")
        most = "KL(q(z|x) ‖ p(z)), nats per image: the most that the code can tell about the image. A part of it, KL(q ‖ p), tells nothing."
        st.metric("Rate R", f"{now.rate:.2f}", help=most)
        st.metric("Loss D + β·R", nats(now.loss), help=LESSONS["Table"])
        unused = "–" if now.kl_per_dim is None else f"{now.unused} of {len(now.kl_per_dim)}"
        limit = f"Dimensions whose mean KL over the validation images is below {UNUSED_NATS:g} nats."
        st.metric("Unused dimensions", unused, help=limit)
        st.metric("Sharpness", percent(now.sharpness), help=LESSONS["Sharpness"])
        st.metric("N_eff", image_count(now.effective), help=LESSONS["N_eff"])
    if now.kl_per_dim is not None and now.unused == len(now.kl_per_dim):
        st.warning(LESSONS["Collapse"], icon=":material/warning:")
    st.caption(LESSONS["Trade-off"])
    if now.distortion < 0:
        st.caption(LESSONS["Density"])


def table(rows: list[Measures], current: int) -> None:
    """All figures over β, to read and to take away."""
    counted = [row.samples for row in rows if row.samples is not None]
    columns = {}
    if len(counted) == len(rows):
        columns = {name.capitalize(): [f"{getattr(one, name):.2f}" for one in counted] for name in Fidelity._fields}
    st.table(
        {
            "β": [f"**{row.beta:g}** ◆" if index == current else f"{row.beta:g}" for index, row in enumerate(rows)],
            "D": [nats(row.distortion) for row in rows],
            "R": [f"{row.rate:.2f}" for row in rows],
            "D + R": [nats(row.distortion + row.rate) for row in rows],
            "Unused": ["–" if row.unused is None else f"{row.unused}" for row in rows],
            "N_eff": [image_count(row.effective) for row in rows],
            "Sharpness": [percent(row.sharpness) for row in rows],
            **columns,
        },
        hide_index=True,
    )
    st.caption(f"◆ marks the chosen one. Nats per image, means over the validation images. {LESSONS['Table']}")
    st.download_button(
        "Download as CSV", sweeps.csv_table(rows), "kl_weight.csv", "text/csv", icon=":material/download:", on_click="ignore"
    )
