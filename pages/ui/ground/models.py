"""The model of a page: which one it is, its checkpoint, and where one can go with it."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state, wording
from pages.ui.ground.menus import choose_id
from pages.ui.ground.refusals import refuse
from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry
from vae_core.training.checkpoint import Checkpoint

MODEL_KINDS = {"bundled": "bundled", "run": "trained here", "upload": "uploaded"}


def choose_model() -> Entry:
    """The model selector, the same choice on every page; stops the page with a sentence where there is no model at all."""
    listed = cache.models()
    if not listed:
        st.info("There is no model yet. Train one, it takes about a minute.", icon=":material/info:")
        st.page_link("pages/train.py", label="Train a model", icon=":material/model_training:")
        st.stop()
    chosen = choose_id(
        label="Model",
        options={model_id: f"{entry.name} ({_kind(entry)})" for model_id, entry in listed.items()},
        key=state.MODEL,
        help="Every page uses this model. The Models page lists them all with their figures.",
    )
    return listed[chosen]


def _kind(entry: Entry) -> str:
    """Where a model is from, and the KL weights of a multi-rate one."""
    weights = "" if entry.card.model.beta_range is None else f", β {wording.of_kl_weight(entry.card.model, entry.card.train)}"
    return MODEL_KINDS[entry.kind] + weights


def open_or_stop(entry: Entry) -> Checkpoint:
    """The chosen model's checkpoint; a damaged one is said on the page, which then ends."""
    try:
        return cache.opened(entry.folder)
    except InputError as error:
        refuse(error)
        st.stop()


def links_to_pages(model_id: str, model: ModelConfig) -> None:
    """Where one can go with a model."""
    if model.beta_range is not None:
        asked = {state.KL_SWEEP: model_id}
        st.page_link("pages/kl_weight.py", label="Turn its KL weight", icon=":material/balance:", query_params=asked)
    for page, label, icon in (
        ("map", "See its map", "scatter_plot"),
        ("sliders", "Move its sliders", "tune"),
        ("interpolate", "Interpolate", "animation"),
    ):
        st.page_link(f"pages/{page}.py", label=label, icon=f":material/{icon}:", query_params={state.MODEL: model_id})


def trained_sigma(folder: Path) -> float:
    """The σ that a trained model has now, learned or optimal or as it was set.

    Args:
        folder: of `catalogue.Entry`; its model's likelihood has a σ.

    Raises:
        InputError: the checkpoint is damaged.
    """
    sigma = cache.opened(folder).model.likelihood.trained_sigma()
    assert sigma is not None
    return sigma


def gaussian_sigma(entry: Entry) -> float | None:
    """`trained_sigma` of a Gaussian model; None of another."""
    return trained_sigma(entry.folder) if entry.card.model.likelihood == "gaussian" else None
