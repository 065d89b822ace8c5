"""Blocks of the KL weight page beside its view: train a sweep, follow its progress, translate β."""

from __future__ import annotations

import math

import streamlit as st

from pages.ui import cache, panels, pixels, state
from vae_core import data, jobs, runs, sweeps
from vae_core.config import Body, ModelConfig, RunConfig, TrainConfig, default_hidden, parse
from vae_core.display import BODIES
from vae_core.errors import InputError
from vae_core.sweeps import Sweep

_POLL_SECONDS = 2.0
_OFFERED_BODIES: tuple[Body, ...] = ("mlp", "conv")
_LIKELIHOODS = {1: "bernoulli", 3: "gaussian"}
_BETAS = {1: "0.1, 0.3, 1, 3, 10, 30", 3: "1, 5, 25, 125, 625"}  # a colour image has far more nats to trade


def listing() -> dict[str, Sweep]:
    """The sweeps as they are now, by id."""
    return sweeps.listing(cache.models().values(), runs.listing())


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
        runs.request_stop(run.folder)


def form() -> None:
    """What to train at which KL weights, how long it takes, and the button that queues it."""
    titles = {name: info.title for name, info in data.known().items() if data.available(name)}
    name = panels.choose(
        label="Data set", options=titles, key=state.SWEEP_DATA, help="A set that needs a download is here once it is downloaded."
    )
    try:
        images = cache.images(name)
        channels, height, width = images.shape
        training = len(images.split().train)
        with st.grid("auto", min_column_width=210):
            bodies = _OFFERED_BODIES if channels == 1 else _OFFERED_BODIES[::-1]
            body = st.selectbox("Body", bodies, format_func=lambda body: BODIES[body].capitalize(), key=f"{state.SWEEP_BODY}_{channels}")
            latent = st.number_input("Latent dimensions", 2, 128, 10, key=state.SWEEP_LATENT)
            epochs = st.number_input("Epochs", 1, 500, 20, key=state.SWEEP_EPOCHS, help="Passes over the training images, for each model.")
        limits = f"2 to {sweeps.MAX_BETAS} numbers from {sweeps.MIN_BETA:g} to {sweeps.MAX_BETA:g}; each one is a model of its own."
        text = st.text_input("KL weights", _BETAS[channels], key=f"{state.SWEEP_BETAS}_{channels}", max_chars=200, help=limits)
        betas = sweeps.parse_betas(text)
        shape = {"channels": channels, "height": height, "width": width, "likelihood": _LIKELIHOODS[channels]}
        model = parse(ModelConfig, {"body": body, "latent": latent, "hidden": default_hidden(body, height, width), **shape})
        train = TrainConfig(epochs=epochs, batch=min(128, training))
        config = RunConfig(name=f"{titles[name][:60]} {body} z{latent}", data=name, model=model, train=train)
        seconds = cache.seconds_per_image(model, train) * training * epochs * len(betas)
        st.caption(f"{len(betas)} models, one after another: about {panels.duration(seconds)} in all, as busy as this computer is now.")
        if st.button("Train this sweep", icon=":material/play_arrow:", type="primary"):
            state.put(state.SWEEP_STARTED, sweeps.start(config, betas))
            st.rerun()
    except InputError as error:
        panels.refuse(error)


def choose() -> Sweep | None:
    """The menu of sweeps; one that was just started is chosen at once. None where there is no sweep."""
    found = listing()
    if any(sweep.active for sweep in found.values()):
        progress(found)
    started = state.take(state.SWEEP_STARTED)
    if started in found:
        state.choose(state.SWEEP, started)
    if not found:
        st.info(
            "There is no sweep yet: two or more models that differ in nothing but the KL weight. Train one below.", icon=":material/info:"
        )
        return None
    titles = {key: title(sweep) for key, sweep in found.items()}
    return found[panels.choose(label="Sweep", options=titles, key=state.SWEEP, help="Models that differ in nothing but the KL weight.")]


def translator(model: ModelConfig, beta: float) -> None:
    """What β is called in code that averages its squared error over all pixel values; starts from the chosen model and β."""
    st.markdown(
        "Much code minimises *squared error averaged over the P pixel values of an image + w · KL*, with the KL summed over the latent "
        "dimensions. Here D is summed over the pixels: D = squared error / 2σ² + a constant. Multiply that code's loss by P / 2σ² and the "
        "two agree:"
    )
    st.latex(r"\beta = \frac{w\,P}{2\sigma^2} \qquad\qquad w = \frac{2\sigma^2\,\beta}{P}")
    values = model.channels * model.height * model.width
    start = _sigma(model, beta)
    with st.grid("auto", min_column_width=180):
        weight = st.number_input("w in that code", 0.0, 1e6, 0.001, 0.001, format="%.6g", key="kl_w")
        count = st.number_input("P, pixel values per image", 1, 10**8, values, key=f"kl_p_{values}", help="Channels × height × width.")
        sigma = st.number_input("σ, on the scale of the pixels", 0.001, 1000.0, start, 0.01, format="%.6g", key=f"kl_s_{start}")
    implied = math.sqrt(sweeps.beta_from_mean_loss(weight, count, 1.0))
    st.markdown(
        f"w = {weight:g} is **β = {sweeps.beta_from_mean_loss(weight, count, sigma):.4g}** at this σ. It is a plain VAE, β = 1, "
        f"for σ = {implied:.4g}. The slider's β = {beta:g} is **w = {sweeps.mean_loss_from_beta(beta, count, sigma):.4g}** in that code."
    )
    st.caption("With cross-entropy averaged over the pixels in place of the squared error, β = w · P.")


def _sigma(model: ModelConfig, beta: float) -> float:
    """The σ that these models' distortion has, that of the model at β where it is not the same for all; said where it is not as set."""
    if model.likelihood != "gaussian":
        st.caption(f"These models have no such σ: their likelihood is {model.likelihood_words}. The figures are for a Gaussian one.")
        return model.sigma
    sweep = listing().get(state.get(state.SWEEP)) if model.sigma_is != "fixed" else None
    if sweep is None or beta not in sweep.trained:
        return model.sigma
    sigma = round(pixels.trained_sigma(sweep.trained[beta].folder), 6)
    st.caption(f"σ of the model at β = {beta:g} is {'learned' if model.sigma_is == 'learned' else 'its own error'}: {sigma:.4g}.")
    return sigma
