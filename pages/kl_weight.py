"""KL weight: turn β, of one model that knows every β or of several that know one each, and see what it does."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import choose_id, next_page
from pages.ui.ground.wording import of_kl_weight
from pages.ui.screens.kl_weight import train_sweep
from pages.ui.screens.kl_weight.multirate_view import multirate_view
from pages.ui.screens.kl_weight.sweep_view import sweep_view
from vae_core.runs.catalogue import Entry
from vae_core.runs.sweeps import Sweep

FIRST = "mnist-rates"  # of the bundled models: digits that every class knows, large enough to see them blur
IN_PICTURES = "Drag β. To the right, pictures blur and their codes draw together; to the left, each picture keeps a place of its own."


def titles(models: dict[str, Entry], found: dict[str, Sweep]) -> dict[str, str]:
    """What can be turned, by id: bundled models first, then own ones, then sweeps."""
    bundled_first = sorted(models.values(), key=lambda entry: (entry.id != FIRST, entry.kind != "bundled"))
    rated = [entry for entry in bundled_first if entry.card.model.beta_range]
    one = {entry.id: f"{entry.name} (one model, β {of_kl_weight(entry.card.model, entry.card.train)})" for entry in rated}
    return one | {key: f"{train_sweep.title(sweep)}: {len(sweep.members)} models" for key, sweep in found.items()}


models, found = cache.models(), train_sweep.listing()
listed = titles(models, found)
with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute", gap="small"):
    st.title("KL weight", width="content")
    menu = st.container(width="content")
st.write(IN_PICTURES)
train_sweep.follow(found)
if listed:
    with menu:
        help_text = "One model for every KL weight: its slider moves freely. Or a sweep: models that differ only in the KL weight."
        chosen = choose_id(label="Model or sweep", options=listed, key=state.KL_SWEEP, help=help_text, slim=True)
    if chosen in found:
        sweep_view(found[chosen])
    else:
        multirate_view(models[chosen], models)
else:
    st.info("There is no model to turn yet. Train one for every KL weight, or several with one weight each.", icon=":material/info:")
    st.page_link("pages/train.py", label="Train one model for every KL weight", icon=":material/model_training:")
    st.subheader("Train a sweep")
    train_sweep.form()
next_page("train", "Train", "Make such a model from images of your own and watch it learn.")
