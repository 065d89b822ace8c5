"""Sweeps on the KL weight page: the list of them, the form that trains one, and how far it is."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import choose_id
from pages.ui.ground.refusals import refuse
from vae_core import data
from vae_core.base.config import Body, ModelConfig, RunConfig, TrainConfig, default_hidden, parse
from vae_core.base.display import BODIES, duration
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import directory, jobs, sweeps
from vae_core.runs.catalogue import MAX_NAME, Entry
from vae_core.runs.sweeps import Sweep

_POLL_SECONDS = 2.0
_OFFERED_BODIES: tuple[Body, ...] = ("mlp", "conv")
_LIKELIHOODS = {1: "bernoulli", 3: "gaussian"}
_BETAS = {1: "0.1, 0.3, 1, 3, 10, 30", 3: "1, 5, 25, 125, 625"}  # a colour image has far more nats to trade


def listing() -> dict[str, Sweep]:
    """The sweeps as they are now, by id."""
    return sweeps.listing(cache.models().values(), directory.own())


def title(sweep: Sweep) -> str:
    """What to call a sweep, however much of it is trained."""
    return f"{sweep.title}, {BODIES[sweep.model.body]}, {sweep.model.latent} dimensions, {sweep.train.epochs} epochs"


@st.fragment(run_every=_POLL_SECONDS)
def progress(seen: dict[str, Sweep]) -> None:
    """The sweeps in training; the whole page is drawn anew when a model is done that is not in `seen`, or nothing is left to wait for."""
    jobs.tend()
    now = listing()
    in_training = [sweep for sweep in now.values() if sweep.active]
    if not in_training or any(key not in seen or sweep.trained.keys() != seen[key].trained.keys() for key, sweep in now.items()):
        st.rerun()
    with st.container(border=True):
        for sweep in in_training:
            first = min(sweep.active, key=lambda run: run.status.state != "running")
            done, part = len(sweep.trained), first.status.step / max(1, first.status.steps)
            doing = f"training β = {first.config.train.beta:g}" if first.status.state == "running" else "waiting for its turn"
            st.text(title(sweep))
            st.progress((done + part) / len(sweep.members), f"{done} of {len(sweep.members)} models trained, {doing}")
        st.button("Stop all", icon=":material/stop:", on_click=_stop, args=(in_training,), help="Models that are trained already stay.")


def _stop(in_training: list[Sweep]) -> None:
    for run in [run for sweep in in_training for run in sweep.active]:
        directory.request_stop(run.folder)


def form() -> None:
    """What to train at which KL weights, how long it takes, and the button that queues it."""
    titles = {name: info.title for name, info in data.known().items()}
    name = choose_id(
        label="Data set",
        options=titles,
        key=state.KL_SWEEP_DATA,
        help="Of MNIST and Fashion-MNIST these are the 10,000 test images, until you get all on the Train page.",
    )
    try:
        images = cache.images(name)
        channels, height, width = images.shape
        training = len(images.split().train)
        st.caption(f"{len(images):,} images. Licence: {images.licence}.")
        with st.grid("auto", min_column_width=210):
            bodies = _OFFERED_BODIES if channels == 1 else _OFFERED_BODIES[::-1]
            body = st.selectbox(
                "Body", bodies, format_func=lambda body: BODIES[body].capitalize(), key=state.part(state.KL_SWEEP_BODY, channels)
            )
            latent = st.number_input("Latent dimensions", 2, 128, 10, key=state.KL_SWEEP_LATENT)
            epochs = st.number_input(
                "Epochs", 1, 500, 20, key=state.KL_SWEEP_EPOCHS, help="Passes over the training images, for each model."
            )
        limits = f"2 to {sweeps.MAX_BETAS} numbers from {sweeps.MIN_BETA:g} to {sweeps.MAX_BETA:g}; each one is a model of its own."
        text = st.text_input("KL weights", _BETAS[channels], key=state.part(state.KL_SWEEP_WEIGHTS, channels), max_chars=200, help=limits)
        betas = sweeps.parse_betas(text)
        shape = {"channels": channels, "height": height, "width": width, "likelihood": _LIKELIHOODS[channels]}
        model = parse(ModelConfig, {"body": body, "latent": latent, "hidden": default_hidden(body, height, width), **shape})
        train = TrainConfig(epochs=epochs, batch=min(128, training))
        config = RunConfig(name=f"{titles[name][:60]} {body} z{latent}", data=images.name, model=model, train=train)
        st.caption(_plan(config, betas, images))
        if st.button("Train this sweep", icon=":material/play_arrow:", type="primary"):
            state.put(state.KL_SWEEP_STARTED, sweeps.start(config, betas))
            st.rerun()
    except InputError as error:
        refuse(error)


def _plan(config: RunConfig, betas: Sequence[float], images: Images) -> str:
    """What a sweep would train, how long that takes and in how much memory, and what is there already."""
    missing = sweeps.missing(config, betas, cache.models().values(), directory.listing())
    there = len(betas) - len(missing)
    if not missing:
        return f"All {there} models are trained already, or on their way: nothing is trained twice."
    kept = f" {there} of the {len(betas)} are trained already, or on their way: nothing is trained twice." if there else ""
    seen = len(missing) * config.train.epochs * len(images.split().train)
    seconds = cache.seconds_per_image(config.model, config.train) * seen
    memory = cache.bytes_foreseen(config.model, config.train, len(images)) / 1e6
    return (
        f"{len(missing)} model{'s' if len(missing) > 1 else ''} to train, one after another: about {duration(seconds)} in all, at the "
        f"speed of this computer now, with about {memory:,.0f} MB of memory besides torch itself.{kept}"
    )


def follow(found: dict[str, Sweep]) -> None:
    """The sweeps in training, of those there are; one that was just started becomes the choice."""
    if any(sweep.active for sweep in found.values()):
        progress(found)
    started = state.take(state.KL_SWEEP_STARTED)
    if started in found:
        state.choose(state.KL_SWEEP, started)


def beside(entry: Entry) -> None:
    """A button that queues models of one KL weight each, of the same shape as a multi-rate model, to hold against it."""
    card = entry.card
    assert card.model.beta_range is not None
    images = cache.images_of(entry)
    if images is None or cache.unseen_by(entry) is not None:
        st.caption(f":material/info: The images of {card.data.title} are not on this computer, so nothing can be trained on them.")
        return
    low, high = card.model.beta_range
    betas = [float(f"{beta:.3g}") for beta in np.geomspace(low, high, min(sweeps.MAX_BETAS, 1 + math.ceil(math.log10(high / low))))]
    model = card.model.model_copy(update={"beta_range": None, "split": False})
    train = card.train.model_copy(update={"epochs": math.ceil(card.epochs / 2), "lr": TrainConfig().lr, "beta_sigma": None})
    training = len(images.split().train)
    seconds = cache.seconds_per_image(model, train) * training * train.epochs * len(betas)
    st.caption(
        f"This trains {len(betas)} models of the same shape, β = {', '.join(f'{beta:g}' for beta in betas)}, each for {train.epochs} "
        f"epochs: about {duration(seconds)} in all. They appear on the curve as marks, and at the top of the page as a sweep."
    )
    if st.button("Train models of one KL weight", icon=":material/play_arrow:", key=state.KL_BESIDE_TRAIN):
        sweeps.start(RunConfig(name=entry.name[: MAX_NAME - 12], data=card.data.name, model=model, train=train), betas)
        st.rerun()
