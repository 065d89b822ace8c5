"""A model's card on screen: one line of the list, all of it as text, or what is asked before it is deleted.

Figures are those on the validation images.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state, wording
from pages.ui.ground.model_cards import origin_of
from pages.ui.ground.names import names_of
from pages.ui.ground.refusals import attempt
from vae_core.base.display import BODIES, class_list, dimension_name, duration, known
from vae_core.data.images import shown
from vae_core.export.card_words import axes_of_space, figure, from_elsewhere, judged_on
from vae_core.runs.catalogue import Entry
from vae_core.training.checkpoint import Card

MOST_OWN = 100
"""Lines of the list for models of the user's own: everybody who opens the page is sent them."""

COLUMNS = {
    "Model": st.column_config.TextColumn(width=240),
    "Data": st.column_config.TextColumn(width=125),
    "Latent": st.column_config.NumberColumn(width="small", help="Number of latent dimensions."),
    "KL weight": st.column_config.TextColumn(
        width=175, help="β in loss = distortion + β × rate. A model for every KL weight has its figures at one of them."
    ),
    "Loss (nats)": st.column_config.NumberColumn(
        format="localized",
        help="A mean over validation images. Each figure is rounded to where the second digit of its standard error stands.",
    ),
    "Distortion (nats)": st.column_config.NumberColumn(format="localized"),
    "Rate (nats)": st.column_config.NumberColumn(format="localized"),
}


def row(entry: Entry) -> dict[str, Any]:
    """One line of the list: by what one tells models apart and chooses. The card has the rest."""
    card = entry.card
    return {
        "Model": entry.name,
        "Data": shown(card.data.title),
        "Latent": card.model.latent,
        "KL weight": wording.of_kl_weight(card),
        "Loss (nats)": _mean(card, "loss"),
        "Distortion (nats)": _mean(card, "distortion"),
        "Rate (nats)": _mean(card, "rate") if card.model.variational else None,
        "From": origin_of(entry),
        "Made": card.created[:10],
    }


def _mean(card: Card, name: str) -> float | None:
    """A figure as far as it is known; None where nobody measured it."""
    return None if card.validation is None else known(getattr(card.validation, name), card.validation.error(name))[0]


def whole_card(entry: Entry) -> str:
    """The card as text, one fact a line."""
    card, model, train = entry.card, entry.card.model, entry.card.train
    hidden = f"hidden sizes {', '.join(map(str, model.hidden)) or 'none'}"
    if model.graph is not None:
        hidden = f"{len(model.graph.encoder)} layers and {len(model.graph.decoder)}"
    facts = {
        "Name": entry.name if entry.name == card.name else f"{entry.name} (made as {card.name})",
        "Id": entry.id,
        "Data": f"{card.data.title}, {card.data.images:,} images",
        "Licence": card.data.licence,
        "Classes": class_list(card.data.class_names),
        "Images": f"{model.height} × {model.width} pixels (height × width), {'grey' if model.channels == 1 else 'RGB'}",
        "Model": f"{BODIES[model.body]}, {hidden}, {'variational' if model.variational else 'a plain autoencoder'}",
        "Latent": f"{model.latent:,} dimensions{axes_of_space(model)}",
        "Likelihood": model.likelihood_words,
        "Parameters": f"{cache.parameter_count(model):,}",
        "KL weight": wording.of_kl_weight(card) or "none",
        "Training": f"{card.epochs:g} of {train.epochs} epochs, batch {train.batch}, learning rate {train.lr:g}, seed {train.seed}, "
        f"on {card.device} in {card.precision}",
        "Time": f"{duration(card.seconds)}, {card.images_per_second:,.0f} images per second",
        "Loss": figure(card, "loss"),
        "Distortion": figure(card, "distortion"),
        "Rate": figure(card, "rate") if model.variational else "not defined",
        "Judged on": judged_on(card),
        "Made": f"{card.created.replace('T', ' ').replace('+00:00', ' UTC')}, Latent Loom {card.version}",
    }
    if card.origin is not None:
        facts |= from_elsewhere(card.origin)
        del facts["Time"]
    if card.validation is None:
        facts |= dict.fromkeys(("Loss", "Distortion", "Rate"), "not measured, without images") | {"Data": card.data.title}
    if entry.kind == "bundled":
        facts["Pinned"] = "it came with the app: nobody can rename or delete it"
    unseen = cache.unseen_by(entry)
    if unseen is not None:
        facts["Shown on"] = f"{wording.of_unseen(unseen)} ({unseen.licence})"
    if model.beta_range is not None:
        facts["KL weight"] = f"every one from {facts['KL weight']}, shown at β = {wording.of_weights(train.weights)}"
    names = names_of(entry)
    if names:
        facts["Dimensions"] = ", ".join(f"{dimension_name(place)} {name}" for place, name in enumerate(names) if name)
    if train.shapes_the_rate:
        facts["Objective"] = wording.of_objective(train)
    if model.faint_words:
        facts["Details"] = model.faint_words
    if train.binarise != "no":
        facts["Greys"] = wording.of_greys(train)
    return "\n".join(f"{name:12}{fact}" for name, fact in facts.items())


@st.dialog("Delete this model?")
def ask_to_delete(entry: Entry, delete: Callable[[str, str], None]) -> None:
    """Ask for a second word before `delete` is given the model's id and name: on a server it may be somebody else's."""
    st.text(f"{entry.name}, {'uploaded' if entry.kind == 'upload' else 'trained here'}, {entry.card.created[:10]}")
    st.write("Everybody who uses this server loses it. It stays in the trash for a week; Undo on this page brings it back.")
    with st.container(horizontal=True):
        if st.button("Yes, delete it", type="primary", key=state.MODELS_DELETE, on_click=attempt, args=(delete, entry.id, entry.name)):
            st.rerun()
        if st.button("Keep it"):
            st.rerun()
