"""Train: choose images, set a model, start it and watch it learn."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import link_to_view, next_page
from pages.ui.ground.refusals import refuse
from pages.ui.ground.wording import duration
from pages.ui.train import datasets, monitor, settings
from vae_core import data
from vae_core.base.config import RunConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import jobs


def ask(name: str, images: Images) -> RunConfig | None:
    """The settings; None where one cannot be used, which is said."""
    try:
        known = data.info(name)
        config = settings.run_settings(name, name if known is None else known.title, images)
        cache.parameter_count(config.model)
    except InputError as error:
        refuse(error)
        return None
    return config


def start(config: RunConfig) -> None:
    """Queue the run and watch it."""
    try:
        state.choose(state.TRAIN_RUN, jobs.submit(config))
        st.toast("It starts in a few seconds: watch it below.", icon=":material/arrow_downward:")
    except InputError as error:
        refuse(error)


st.title("Train")
st.markdown("Choose images, set a model, and watch it learn. Training goes on in a process of its own: you may close this tab.")
st.header("1. Images")
chosen = datasets.choose_images()
st.header("2. Model")
config = ask(*chosen) if chosen else None
if chosen is None:
    st.caption("Choose a set of images first.")
with st.container(horizontal=True, vertical_alignment="center"):
    started = st.button("Start training", type="primary", icon=":material/play_arrow:", disabled=config is None)
    estimate = st.container(width="stretch")
if started and config is not None:
    start(config)
st.header("3. Training")
monitor.watch()
link_to_view()
run = state.get(state.TRAIN_RUN)
learnt = {state.MODEL: run} if run in cache.models() else {}
next_page("models", "Models", "See its figures beside those of all others, name it, and take it with you.", **learnt)
if chosen and config:
    with estimate:  # measured last, so that nothing waits for it
        seconds = cache.seconds_per_image(config.model, config.train) * len(chosen[1].split().train) * config.train.epochs
        st.text(f"About {duration(seconds)} on this machine, {cache.parameter_count(config.model):,} parameters.")
