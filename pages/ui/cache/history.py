"""The snapshots of a run's training, and how they unfold."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import streamlit as st

from vae_core.analysis.unfolding import Unfolding, unfolding
from vae_core.training import snapshots
from vae_core.training.snapshots import History


class Unfolded(NamedTuple):
    """The snapshots of a run as they are, and in one plane."""

    history: History
    unfolding: Unfolding


@st.cache_resource(max_entries=8, show_spinner=False)
def _unfolded(run: Path, version: tuple[tuple[str, int], ...], variational: bool) -> Unfolded | None:
    history = snapshots.read(run)
    return None if history is None else Unfolded(history, unfolding(history, variational=variational))


def unfolded(run: Path, *, variational: bool) -> Unfolded | None:
    """The snapshots of the run in this directory as they are on the disk now; None where it has none."""
    return _unfolded(run, snapshots.version(run), variational)
