"""Blocks of the KL weight page beside its view: train a sweep, follow its progress, translate β."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import panels, state
from vae_core import data
from vae_core.analysis.conventions import CONVENTIONS, Convention, plain_sigma
from vae_core.base.config import Body, ModelConfig, RunConfig, TrainConfig, default_hidden, parse
from vae_core.base.display import BODIES
from vae_core.base.errors import InputError
from vae_core.runs import directory, jobs, sweeps
from vae_core.runs.catalogue import MAX_NAME, Entry
from vae_core.runs.sweeps import Sweep

_POLL_SECONDS = 2.0
_OFFERED_BODIES: tuple[Body, ...] = ("mlp", "conv")
_LIKELIHOODS = {1: "bernoulli", 3: "gaussian"}
_BETAS = {1: "0.1, 0.3, 1, 3, 10, 30", 3: "1, 5, 25, 125, 625"}  # a colour image has far more nats to trade


def listing() -> dict[str, Sweep]:
    """The sweeps as they are now, by id."""
    return sweeps.listing(cache.models().values(), directory.listing())


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
    titles = {name: info.title for name, info in data.known().items() if data.available(name)}
    name = panels.choose(
        label="Data set", options=titles, key=state.KL_SWEEP_DATA, help="A set that needs a download is here once it is downloaded."
    )
    try:
        images = cache.images(name)
        channels, height, width = images.shape
        training = len(images.split().train)
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
        config = RunConfig(name=f"{titles[name][:60]} {body} z{latent}", data=name, model=model, train=train)
        seconds = cache.seconds_per_image(model, train) * training * epochs * len(betas)
        st.caption(f"{len(betas)} models, one after another: about {panels.duration(seconds)} in all, as busy as this computer is now.")
        if st.button("Train this sweep", icon=":material/play_arrow:", type="primary"):
            state.put(state.KL_SWEEP_STARTED, sweeps.start(config, betas))
            st.rerun()
    except InputError as error:
        panels.refuse(error)


def follow(found: dict[str, Sweep]) -> None:
    """The sweeps in training, of those there are; one that was just started becomes the choice."""
    if any(sweep.active for sweep in found.values()):
        progress(found)
    started = state.take(state.KL_SWEEP_STARTED)
    if started in found:
        state.choose(state.KL_SWEEP, started)


def beside(entry: Entry) -> None:
    """A button that queues models of one KL weight each, of the same shape as a model of many, to hold against it."""
    card = entry.card
    assert card.model.beta_range is not None
    images = cache.images_of(entry)
    if images is None:
        st.caption(f":material/info: The images of {card.data.title} are not on this computer, so nothing can be trained on them.")
        return
    low, high = card.model.beta_range
    betas = [float(f"{beta:.3g}") for beta in np.geomspace(low, high, min(sweeps.MAX_BETAS, 1 + math.ceil(math.log10(high / low))))]
    model = card.model.model_copy(update={"beta_range": None, "split": False})
    train = card.train.model_copy(update={"epochs": math.ceil(card.epochs / 2), "lr": TrainConfig().lr, "beta_sigma": None})
    training = len(images.split().train)
    seconds = cache.seconds_per_image(model, train) * training * train.epochs * len(betas)
    st.caption(
        f"Trains {len(betas)} models of the same shape, β = {', '.join(f'{beta:g}' for beta in betas)}, each for {train.epochs} epochs: "
        f"about {panels.duration(seconds)} in all. They stand on the curve as marks, and in the menu above as a sweep."
    )
    if st.button("Train models of one KL weight", icon=":material/play_arrow:", key=state.KL_BESIDE_TRAIN):
        sweeps.start(RunConfig(name=entry.name[: MAX_NAME - 12], data=card.data.name, model=model, train=train), betas)
        st.rerun()


class _Code(NamedTuple):
    """How other code writes a loss, and β of ours for its w."""

    title: str
    loss: str
    beta: str


_CODES = {
    "mean": _Code(
        "Squared error averaged over the pixels + w · KL", r"\tfrac{1}{P}\textstyle\sum(x-\hat x)^2+w\,R", r"\frac{w\,P}{2\sigma^2}"
    ),
    "means": _Code(
        "Squared error averaged over the pixels + w · KL averaged over the dimensions",
        r"\tfrac{1}{P}\textstyle\sum(x-\hat x)^2+\tfrac{w}{K}\,R",
        r"\frac{w\,P}{2\sigma^2K}",
    ),
    "sum": _Code("Squared error summed over the pixels + w · KL", r"\textstyle\sum(x-\hat x)^2+w\,R", r"\frac{w}{2\sigma^2}"),
    "half": _Code("Half the squared error, summed + w · KL", r"\tfrac{1}{2}\textstyle\sum(x-\hat x)^2+w\,R", r"\frac{w}{\sigma^2}"),
    "entropy": _Code("Cross-entropy averaged over the pixels + w · KL", r"\tfrac{1}{P}\,D+w\,R", r"w\,P"),
    "normalised": _Code("β normalised by the sizes of code and image (Higgins et al. 2017)", r"D+w\,\tfrac{P}{K}\,R", r"\frac{w\,P}{K}"),
}
"""By the names of `conventions.CONVENTIONS`."""


def translator(model: ModelConfig, beta: float, sigma: float | None = None) -> None:
    """What β is called in other code; starts from a model, the β chosen on the page, and the model's σ where that is not as configured."""
    start = model.sigma if sigma is None else round(sigma, 6)
    own = "entropy" if model.likelihood == "bernoulli" else "mean"
    name = st.selectbox(
        "The loss in that code",
        sorted(_CODES, key=lambda name: name != own),
        format_func=lambda name: _CODES[name].title,
        key=state.part(state.KL_LOSS, own),
        help="Its KL is summed over the latent dimensions where it does not say otherwise, and both parts are averaged over the images.",
    )
    convention, code = CONVENTIONS[name], _CODES[name]
    needs_sigma = convention.squared or (name == "normalised" and model.likelihood == "gaussian")
    st.latex(rf"{code.loss}\quad\text{{is ours for}}\quad\beta={code.beta}")
    _about_sigma(model, beta, start, convention)
    values = model.channels * model.height * model.width
    with st.grid("auto", min_column_width=150):
        weight = st.number_input("w in that code", 0.0, 1e6, 0.001, 0.001, format="%.6g", key=state.KL_LOSS_WEIGHT)
        count, latent = values, model.latent
        if convention.pixels == "mean":
            count = st.number_input(
                "P, pixel values per image",
                1,
                10**8,
                values,
                key=state.part(state.KL_LOSS_PIXELS, values),
                help="Channels × height × width.",
            )
        if convention.latent == "mean":
            latent = st.number_input("K, latent dimensions", 1, 10**6, model.latent, key=state.part(state.KL_LOSS_LATENT, model.latent))
        if needs_sigma:
            words = "σ, on the scale of the pixels"
            start = st.number_input(words, 0.001, 1000.0, start, 0.01, format="%.6g", key=state.part(state.KL_LOSS_SIGMA, start))
    translated = convention.beta(weight, values=count, latent=latent, sigma=start)
    back = convention.weight(beta, values=count, latent=latent, sigma=start)
    plain = f" It is a plain VAE, β = 1, for σ = {plain_sigma(translated, start):.4g}." if needs_sigma else ""
    st.markdown(
        f"w = {weight:g} is **β = {translated:.4g}**{' at this σ' if convention.squared else ''}.{plain} "
        f"The page's β = {beta:g} is **w = {back:.4g}** in that code."
    )
    st.caption(
        "Code that sums the KL over the images of a batch, and averages the error over them, weighs it by the size of the batch once more: "
        "multiply its w by that size first."
    )


def _about_sigma(model: ModelConfig, beta: float, sigma: float, convention: Convention) -> None:
    """Where the σ comes from that the squared error is counted with; or that this model's D is not what the loss has."""
    if convention.squared and model.likelihood != "gaussian":
        st.caption(f"These models have no such σ: their likelihood is {model.likelihood_words}. The figures are for a Gaussian one.")
    elif convention.squared and model.sigma_is != "fixed":
        st.caption(f"σ of the model at β = {beta:g} is {'learned' if model.sigma_is == 'learned' else 'its own error'}: {sigma:.4g}.")
    elif convention == CONVENTIONS["entropy"] and model.likelihood != "bernoulli":
        st.caption(f"These models have another D: their likelihood is {model.likelihood_words}. The figures are for a Bernoulli one.")
