"""The figures of the models of a sweep."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.pictures import data_name_of, images, pictures, unseen_by
from vae_core.analysis.fidelity import QUALITY, Fidelity, Judge, compared, judge_of
from vae_core.analysis.precomputed import shipped
from vae_core.runs import sweeps
from vae_core.runs.catalogue import Entry
from vae_core.runs.sweeps import Measures


@st.cache_data(max_entries=64, show_spinner="Measuring the models of the sweep …")
def _measures(folder: Path, data_name: str | None) -> Measures:
    return sweeps.measure(opened(folder), None if data_name is None else pictures(folder, data_name))


@st.cache_resource(max_entries=3, show_spinner="Learning what to compare samples by …")
def _judge(_folder: Path, data_name: str, *, unseen: bool) -> Judge | None:  # all models that are shown with the same images share it
    return judge_of(pictures(_folder, data_name))


@st.cache_data(max_entries=64, show_spinner="Comparing samples with images …")
def _sample_quality(folder: Path, data_name: str, *, unseen: bool) -> Fidelity | None:
    def fresh() -> Fidelity | None:
        judge = _judge(folder, data_name, unseen=unseen)
        return None if judge is None else judge.prior(opened(folder).model)

    return shipped(QUALITY, folder, images(data_name).identity, fresh, variant=f"{unseen}")


def sample_quality(entry: Entry) -> Fidelity | None:
    """How good a plain model's samples from the prior are; None where too few of its images are on this computer."""
    data_name = data_name_of(entry)
    return None if data_name is None else _sample_quality(entry.folder, data_name, unseen=unseen_by(entry) is not None)


def samples_compared(entry: Entry) -> int:
    """Of how many samples, and as many images, `sample_quality` has the shares."""
    data_name = data_name_of(entry)
    return 0 if data_name is None else compared(pictures(entry.folder, data_name))


def measures(entry: Entry) -> Measures:
    """A model's figures on the validation images; from its card where the images are not on this computer."""
    return _measures(entry.folder, data_name_of(entry))
