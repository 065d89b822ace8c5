"""Train: choose images, set a model, start it and watch it learn."""

from __future__ import annotations

from typing import Any

import streamlit as st

from pages.ui import cache, datasets, monitor, panels, state
from vae_core import data, jobs
from vae_core.config import ModelConfig, RunConfig, TrainConfig, default_hidden, parse
from vae_core.data import Images
from vae_core.errors import InputError

BODIES = {"Fully connected": "mlp", "Convolutional": "conv", "Linear": "linear"}
LIKELIHOODS = {"Chance of white (Bernoulli)": "bernoulli", "Brightness with noise (Gaussian)": "gaussian"}
CONV_SIDE = 28  # from this side on, colour pictures are learnt better by a convolutional model
WORK = {"Fully connected": 500_000, "Convolutional": 100_000}  # images that a default run sees: about a minute


def suggest(name: str, images: Images) -> None:
    """Fill in the settings that suit a data set, once after it is chosen; the address wins when the page opens."""
    before = state.get(state.SUGGESTED)
    if before == name:
        return
    channels, height, width = images.shape
    body = "Convolutional" if channels == 3 and min(height, width) >= CONV_SIDE else "Fully connected"
    epochs = min(100, max(5, WORK[body] // len(images.split().train)))
    for key, value in {state.BODY: body, state.LATENT: 16 if channels * height * width > 256 else 8, state.EPOCHS: epochs}.items():
        (state.default if before is None else state.put)(key, value)
    state.put(state.SUGGESTED, name)


def hidden_sizes(text: str) -> tuple[int, ...]:
    """The widths typed as "512, 512"."""
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InputError("Hidden sizes are whole numbers separated by commas, such as 512, 512.") from None


def settings(name: str, title: str, images: Images) -> RunConfig:
    """What the page asks for.

    Raises:
        InputError: a setting is out of its limits.
    """
    suggest(name, images)
    state.default(state.KL_WEIGHT, 1.0)
    channels, height, width = images.shape
    with st.container(horizontal=True, vertical_alignment="bottom"):
        label = st.segmented_control(
            "Body",
            BODIES,
            required=True,
            key=state.BODY,
            bind="query-params",
            help="Fully connected: quick, for small pictures. Convolutional: looks at neighbouring pixels, for larger ones. Linear: no hidden layer.",
        )
        plain = st.toggle(
            "Plain autoencoder",
            key="plain",
            help="Without sampling and without the KL term: codes are points, and nothing fills the gaps between them.",
        )
    columns = st.columns(4, vertical_alignment="bottom")
    latent = columns[0].number_input(
        "Latent dimensions", 2, 128, key=state.LATENT, bind="query-params", help="2 can be seen at once on the map; more keep more detail."
    )
    beta = columns[1].number_input(
        "KL weight",
        0.0,
        10_000.0,
        step=0.5,
        format="%g",
        key=state.KL_WEIGHT,
        bind="query-params",
        disabled=plain,
        help="β in loss = distortion + β × rate. More makes the codes simpler and the pictures blurrier.",
    )
    epochs = columns[2].number_input("Epochs", 1, 10_000, key=state.EPOCHS, bind="query-params", help="Passes over the training images.")
    meaning = columns[3].selectbox(
        "A pixel is",
        LIKELIHOODS,
        key="likelihood",
        persist_state="session",
        help="What the decoder's output means: the chance that the pixel is white, or its brightness, give or take some noise.",
    )
    body = BODIES[label]
    with st.expander("More settings", icon=":material/tune:"):
        columns = st.columns(4)
        default = ", ".join(map(str, default_hidden(body, height, width)))
        hidden = columns[0].text_input(
            "Hidden sizes",
            placeholder=default,
            key=f"hidden_{body}",
            disabled=body == "linear",
            max_chars=60,
            help=f"Empty means {default or 'none'}. Fully connected: layer widths. Convolutional: channels after each halving of the picture, then a dense width.",
        )
        batch = columns[1].number_input("Batch", 1, 65_536, 128, key="batch", help="Images per step.")
        lr = columns[2].number_input(
            "Learning rate", 1e-6, 1.0, 2e-3, step=5e-4, format="%g", key="lr", help="Of Adam. Lower it where training diverges."
        )
        seed = columns[3].number_input(
            "Seed", 0, 2**31 - 1, 0, key="train_seed", help="Of the first weights, the order of the images and the noise."
        )
        sigma = columns[0].number_input(
            "Noise σ",
            0.001,
            10.0,
            0.1,
            step=0.05,
            format="%g",
            key="sigma",
            disabled=LIKELIHOODS[meaning] != "gaussian",
            help="Of the Gaussian, where white is 1.",
        )
        suggested = f"{title} {'autoencoder' if plain else f'β{beta:g}'} {body} z{latent}"
        run_name = columns[1].text_input("Name of the model", placeholder=suggested, max_chars=120, key="run_name")
    training_images = len(images.split().train)
    if batch > training_images:
        raise InputError(f"A batch of {batch:,} is more than the {training_images:,} training images of this set: choose a smaller batch.")
    model = parse(
        ModelConfig,
        {
            "body": body,
            "channels": channels,
            "height": height,
            "width": width,
            "latent": latent,
            "hidden": hidden_sizes(hidden) or default_hidden(body, height, width),
            "likelihood": LIKELIHOODS[meaning],
            "sigma": sigma,
            "variational": not plain,
        },
    )
    train = parse(TrainConfig, {"beta": beta, "epochs": epochs, "batch": batch, "lr": lr, "seed": seed})
    return parse(RunConfig, {"name": run_name or suggested, "data": name, "model": model, "train": train})


st.title("Train")
st.markdown("Choose images, set a model, and watch it learn. Training goes on in a process of its own: you may close this tab.")
st.header("1. Images")
chosen = datasets.choose_images()
st.header("2. Model")
if chosen is None:
    st.caption("Choose a set of images first.")
else:
    name, images = chosen
    try:
        config = settings(name, data.known()[name].title, images)
        seconds = cache.seconds_per_image(config.model, config.train.batch) * len(images.split().train) * config.train.epochs
    except InputError as error:
        panels.refuse(error)
    else:
        with st.container(horizontal=True, vertical_alignment="center"):
            if st.button("Start training", type="primary", icon=":material/play_arrow:"):
                try:
                    state.choose(state.RUN, jobs.submit(config))
                except InputError as error:
                    panels.refuse(error)
            st.text(f"About {panels.duration(seconds)} on this machine, {cache.parameter_count(config.model):,} parameters.")
st.header("3. Training")
monitor.watch()
panels.link_to_view()
