"""The model of a page: which one it is, its checkpoint, and where one can go with it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.ground import model_cards, state
from pages.ui.ground.refusals import refuse
from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.runs import catalogue, damage
from vae_core.runs.catalogue import Entry
from vae_core.training.checkpoint import Checkpoint

FIRST = "mnist-2d"
"""The bundled model that pages open with until this browser chooses another: what it draws is known to everybody, on a flat map."""


def heading_bar(heading: str = "", sentence: str = "") -> DeltaGenerator:
    """The row with a page's title, to which what is chosen is added, and below it what the page is for."""
    bar = st.container(horizontal=True, vertical_alignment="center")
    with bar:
        if heading:
            st.title(heading, width="content")
    if sentence:
        st.write(sentence)
    return bar


def choose_model(heading: str = "", sentence: str = "") -> Entry:
    """The bar with the page's heading and the model, the same choice on every page; a click on the model opens all as cards.

    Stops the page with a sentence where there is no model at all, or where the address asks for one that is not here or is damaged:
    none is opened in its place, and the address stays.

    Args:
        heading: the page's title, in the same row.
        sentence: what the page is for, below.
    """
    entry = ask_model(heading, sentence)
    if entry is None:
        _way_to_damaged()
        st.stop()
    return entry


def ask_model(heading: str = "", sentence: str = "") -> Entry | None:
    """The same; None where the address asks for a model that cannot be opened, which is said."""
    listed = cache.models()
    bar = heading_bar(heading, sentence)
    if not listed:
        st.info("There is no model yet. Train one, it takes about a minute.", icon=":material/info:")
        st.page_link("pages/train.py", label="Train a model", icon=":material/model_training:")
        st.stop()
    asked = state.asked(state.MODEL)
    if asked is not None and asked not in listed:
        with bar:
            model_cards.button(model_cards.MODELS, model_cards.offers(listed.values()), None, help="Choose a model, for every page.")
        refuse(not_here(asked))
        return None
    state.settle(state.MODEL, _in_order(listed))
    entry = listed[state.get(state.MODEL)]
    weight = " β is the KL weight." if entry.card.model.variational else ""
    with bar:
        help_text = f"Choose another model, for every page. K is how many numbers a code has.{weight}"
        model_cards.button(model_cards.MODELS, model_cards.offers(listed.values()), entry.id, help=help_text)
    return entry


def not_here(model_id: str) -> InputError:
    """Why no model opens under an id: it is damaged, or there is none such."""
    found = damage.listing(cache.models()).get(model_id)
    return catalogue.unknown(model_id) if found is None else InputError(found.why)


def _way_to_damaged() -> None:
    st.page_link("pages/models.py", label="All models, and what can be done", icon=":material/inventory_2:")


def _in_order(listed: Mapping[str, Entry]) -> list[str]:
    """The ids, that one first which a page opens with: what this browser chose before, else one pinned for a lesson, else a bundled one."""
    rank = {model_id: 1 for model_id, entry in listed.items() if entry.pinned} | {FIRST: 2, state.remembered(): 0}
    return sorted(listed, key=lambda model_id: rank.get(model_id, 3 if listed[model_id].kind == "bundled" else 4))


def open_or_stop(entry: Entry) -> Checkpoint:
    """The chosen model's checkpoint; a damaged one is said on the page, which then ends."""
    try:
        return cache.opened(entry.folder)
    except InputError as error:
        refuse(InputError(damage.sentence(entry.name, error)))
        _way_to_damaged()
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
