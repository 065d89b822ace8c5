"""How a model came to be, as the Train and the Map page show it: the snapshots of its run, in words too, and as a GIF."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.cache import Unfolded
from pages.ui.ground import wording
from pages.ui.live.replay import replay
from vae_core.base.config import RunConfig
from vae_core.export.unfolding_gif import unfolding_gif
from vae_core.runs.directory import Run
from vae_core.training import snapshots


def snapshots_of(run: Run) -> Unfolded | None:
    """The snapshots of a run; None where it has none."""
    return cache.unfolded(run.folder, variational=run.config.model.variational)


def none_of(run: Run) -> str:
    """Why a run that has been trained has no snapshots."""
    if snapshots.version(run.folder):
        return "The snapshots of this run are damaged, so there is no way back through its training."
    return "This run was trained before runs kept snapshots, so there is no way back through its training."


def show(run: Run, found: Unfolded, *, key: str) -> None:
    """The snapshots under a slider."""
    replay(run=run.id, found=found, variational=run.config.model.variational, key=key)


def about(run: Run, found: Unfolded) -> None:
    """What the snapshots show, in sentences, and the button that makes a GIF of them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words(run.config, found), width="stretch")
        st.download_button(
            "Export as GIF",
            lambda: unfolding_gif(found.history, found.unfolding, variational=run.config.model.variational),
            "training.gif",
            "image/gif",
            icon=":material/gif_box:",
            on_click="ignore",
        )


def words(config: RunConfig, found: Unfolded) -> str:
    """What the snapshots show and what they leave out."""
    model, history = config.model, found.history
    subjects = history.subjects
    count, pictured = len(history.snapshots[-1].codes), len(subjects.pixels)
    what = "the mean of its posterior" if model.variational else "its code"
    said = [f"{count:,} validation images, the same in each of {len(history.snapshots)} snapshots, each at {what}."]
    if model.beta_range is not None:
        said.append(f"At KL weight {wording.at_weights(config)}.")
    if model.latent > 2:
        said.append(f"The axes are those of the newest snapshot. {found.unfolding.plane.note}")
    said.append("Dotted: the prior, at 1 and 2 standard deviations." if model.variational else "Nothing draws the codes together.")
    if pictured < count:
        said.append(f"{pictured:,} of the images have pictures, as many as 10 MB hold.")
    if subjects.shrunk > 1:
        said.append(f"For the same reason {subjects.shrunk} × {subjects.shrunk} pixels are one.")
    if history.damaged:
        said.append(f"{history.damaged} more could not be read and {'is' if history.damaged == 1 else 'are'} left out.")
    return " ".join(said)
