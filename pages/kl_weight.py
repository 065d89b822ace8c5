"""KL weight: turn β, of one model that knows every β or of several that know one each, and see what it does."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground.menus import next_page
from pages.ui.ground.models import heading_bar
from pages.ui.screens.kl_weight import choosing, train_sweep
from pages.ui.screens.kl_weight.multirate_view import multirate_view
from pages.ui.screens.kl_weight.sweep_view import sweep_view

IN_PICTURES = "Drag β. To the right, pictures blur and their codes draw together; to the left, each picture keeps a place of its own."

models, found = cache.models(), train_sweep.listing()
bar = heading_bar("KL weight", IN_PICTURES)
train_sweep.follow(found)
offers = choosing.offered(models, found)
if offers:
    chosen = choosing.choose(offers, bar)
    if chosen in found:
        sweep_view(found[chosen])
    elif chosen is not None:
        multirate_view(models[chosen], models)
else:
    st.info("There is no model to turn yet. Train one for every KL weight, or several with one weight each.", icon=":material/info:")
    st.page_link("pages/train.py", label="Train one model for every KL weight", icon=":material/model_training:")
    st.subheader("Train a sweep")
    train_sweep.form()
next_page("compare", "Compare", "See what other ways make of the same images, and lay two models over each other.")
