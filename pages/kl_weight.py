"""KL weight: turn β, of one model that knows every β or of several that know one each, and see what it does."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import choose_id, next_page
from pages.ui.ground.wording import of_kl_weight
from pages.ui.kl_weight import train_sweep
from pages.ui.kl_weight.multirate_view import multirate_view
from pages.ui.kl_weight.sweep_view import sweep_view

FIRST = "mnist-rates"  # of the bundled models: digits that every class knows, large enough to see them blur


def view() -> bool:
    """The menu of what can be turned, and what was chosen in it; False where there is nothing yet."""
    models, found = cache.models(), train_sweep.listing()
    train_sweep.follow(found)
    bundled_first = sorted(models.values(), key=lambda entry: (entry.id != FIRST, entry.kind != "bundled"))
    rated = {entry.id: entry for entry in bundled_first if entry.card.model.beta_range}
    titles = {key: f"{entry.name} (one model, β {of_kl_weight(entry.card.model, entry.card.train)})" for key, entry in rated.items()}
    titles |= {key: f"{train_sweep.title(sweep)}: {len(sweep.members)} models" for key, sweep in found.items()}
    if not titles:
        st.info("There is no model to turn yet. Train one for every KL weight, or several with one weight each.", icon=":material/info:")
        st.page_link("pages/train.py", label="Train one model for every KL weight", icon=":material/model_training:")
        return False
    help_text = "One model for every KL weight: its slider moves freely. Or a sweep: models that differ only in the KL weight."
    chosen = choose_id(label="Model or sweep", options=titles, key=state.KL_SWEEP, help=help_text)
    if chosen in rated:
        multirate_view(rated[chosen], models)
    else:
        sweep_view(found[chosen])
    return True


st.title("KL weight")
st.write("β in the loss D + β·R decides how much a code may tell. Turn it and see what pictures and codes gain, and what they lose.")
something = view()
with st.expander("Train a sweep", icon=":material/model_training:", expanded=not something, key=state.KL_TRAIN, on_change="rerun") as box:
    if box.open:
        train_sweep.form()
next_page("train", "Train", "Make such a model from images of your own and watch it learn.")
