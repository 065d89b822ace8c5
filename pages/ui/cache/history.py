"""The snapshots of a run's training, how they unfold, and their pictures on one sheet."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.ui.cache.bounded import in_memory
from vae_core.analysis.unfolding import Unfolding, unfolding
from vae_core.export.replay_content import sheet_of
from vae_core.training import snapshots
from vae_core.training.snapshots import History

_Version = tuple[tuple[str, int], ...]


class Unfolded(NamedTuple):
    """The snapshots of a run as they were on the disk at one moment, and in one plane."""

    run: Path
    version: _Version
    history: History
    unfolding: Unfolding


@in_memory(8)
def _unfolded(run: Path, version: _Version, variational: bool) -> Unfolded | None:
    history = snapshots.read(run)
    return None if history is None else Unfolded(run, version, history, unfolding(history, variational=variational))


def unfolded(run: Path, *, variational: bool) -> Unfolded | None:
    """The snapshots of the run in this directory as they are on the disk now; None where it has none."""
    return _unfolded(run, snapshots.version(run), variational)


@st.cache_data(max_entries=16, show_spinner=False)
def _sheet(run: Path, version: _Version, shown: tuple[int, ...], _history: History) -> bytes:
    return sheet_of(_history, shown)


def snapshot_sheet(found: Unfolded, shown: tuple[int, ...]) -> bytes:
    """A PNG: the images of these numbers side by side, below them their reconstructions, a row for each snapshot."""
    return _sheet(found.run, found.version, shown, found.history)
