"""How a model came to be, as the Train and the Map page show it: the snapshots of its run, in words too, and as a GIF."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import cache
from pages.ui.cache import Unfolded
from pages.ui.ground import wording
from pages.ui.live.replay import replay
from vae_core.base.config import RunConfig
from vae_core.export.unfolding_gif import unfolding_gif
from vae_core.training import snapshots


def snapshots_of(folder: Path, config: RunConfig) -> Unfolded | None:
    """The snapshots in a folder, of a run of this configuration; None where there are none."""
    return cache.unfolded(folder, variational=config.model.variational)


def none_of(folder: Path) -> str:
    """Why a run that has been trained has no snapshots in its folder."""
    if snapshots.version(folder):
        return "The snapshots of this run are damaged, so there is no way back through its training."
    return "This run was trained before runs kept snapshots, so there is no way back through its training."


def show(model_id: str, config: RunConfig, found: Unfolded, *, key: str) -> None:
    """The snapshots of the model with this id under a slider."""
    replay(run=model_id, found=found, variational=config.model.variational, key=key)


def about(config: RunConfig, found: Unfolded) -> None:
    """What the snapshots show, in sentences, and the button that makes a GIF of them."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(words(config, found), width="stretch")
        st.download_button(
            "Export as GIF",
            lambda: unfolding_gif(found.history, found.unfolding, variational=config.model.variational),
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
