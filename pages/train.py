"""Train: choose images, set a model, start it and watch it learn."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import link_to_view, next_page
from pages.ui.ground.refusals import refuse
from pages.ui.screens.train import datasets, monitor, settings
from vae_core import data
from vae_core.base.config import RunConfig
from vae_core.base.display import duration
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import directory, jobs


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
    """Queue the run and watch it; from now on it stands first on the page."""
    try:
        state.choose(state.TRAIN_RUN, jobs.submit(config, state.get(state.TRAIN_RUN)))
        st.toast("It starts in a few seconds: watch it above.", icon=":material/arrow_upward:")
    except InputError as error:
        refuse(error)


st.title("Train")
live = st.container()  # the run first, as soon as there is one; until then the images that one would learn from
another = st.container()  # there before it holds anything: the button that starts the first run keeps its place, and so the focus
chosen = datasets.choose_images()
with st.container(horizontal=True, vertical_alignment="center"):
    button = st.container(width="content")
    estimate = st.container(width="stretch")
answer = st.container()  # to the button: below the settings nobody would see it
more = st.container()
config = ask(chosen.name, chosen.images) if chosen else None
with button:
    started = st.button("Start training", type="primary", icon=":material/play_arrow:", disabled=config is None)
if started and config is not None:
    with answer:
        start(config)
if directory.own():
    another.subheader("Train another model", anchor=monitor.ANOTHER)
with live:
    monitor.watch()
if chosen:
    with more:
        datasets.details(chosen)
link_to_view()
run = state.get(state.TRAIN_RUN)
learnt = {state.MODEL: run} if run in cache.models() else {}
next_page("models", "Models", "See its figures beside those of all others, name it, and take it with you.", **learnt)
if not chosen:
    estimate.text("It needs a set of images: choose one of the list, or keep your own files as one.")
elif config:
    with estimate:  # measured last, so that nothing waits for it
        seconds = cache.seconds_per_image(config.model, config.train) * len(chosen.images.split().train) * config.train.epochs
        st.text(f"About {duration(seconds)} on this machine, {cache.parameter_count(config.model):,} parameters.")
