"""The Train page's settings: what model, and how it is trained; filled in to suit the data set."""

from __future__ import annotations

import math

import streamlit as st

from pages.ui import objective, pixels, state
from pages.ui.wording import BERNOULLI, GAUSSIAN, of_objective
from vae_core.catalogue import MAX_NAME
from vae_core.config import Body, ModelConfig, RunConfig, TrainConfig, default_hidden, parse
from vae_core.data import Images
from vae_core.errors import InputError

BODIES: dict[str, Body] = {"Fully connected": "mlp", "Convolutional": "conv", "Linear": "linear"}
CONV_SIDE = 28  # from this side on, colour pictures are learnt better by a convolutional model
WORK = {"Fully connected": 500_000, "Convolutional": 100_000}  # images that a first run sees: a minute or two


def run_settings(name: str, title: str, images: Images) -> RunConfig:
    """What the page asks for.

    Raises:
        InputError: a setting is out of its limits.
    """
    _suggest(name, images)
    channels, height, width = images.shape
    with st.container(horizontal=True, vertical_alignment="bottom"):
        shown = st.segmented_control(
            "Body",
            list(BODIES),
            required=True,
            key=state.BODY,
            bind="query-params",
            help="Fully connected: quick, for small pictures. Convolutional: sees neighbouring pixels together, for larger ones. "
            "Linear: no hidden layer.",
        )
        plain = st.toggle(
            "Plain autoencoder",
            key="plain",
            persist_state="session",
            help="Without sampling and without the KL term: codes are points, and nothing fills the gaps between them.",
        )
    columns = st.columns(3, vertical_alignment="bottom")
    latent = columns[0].number_input(
        "Latent dimensions",
        2,
        128,
        None,
        key=state.LATENT,
        bind="query-params",
        help="2 can be seen at once on the map; more keep more detail.",
    )
    beta = columns[1].number_input(
        "KL weight",
        0.0,
        10_000.0,
        None,
        step=0.5,
        format="%g",
        key=state.KL_WEIGHT,
        bind="query-params",
        disabled=plain,
        help="β in loss = distortion + β × rate. More makes the codes simpler and the pictures blurrier.",
    )
    epochs = columns[2].number_input(
        "Epochs", 1, 10_000, None, key=state.EPOCHS, bind="query-params", help="Passes over the training images."
    )
    pixel = pixels.choose(images)
    comparisons = st.container()
    body = BODIES[shown or next(iter(BODIES))]
    suggested = f"{title} {'autoencoder' if plain else f'β{beta:g}'} {body} z{latent}"
    with st.expander("More settings", icon=":material/tune:"):
        hidden, batch, lr, seed, run_name = _more_settings(body, default_hidden(body, height, width), suggested)
    training = len(images.split().train)
    if batch > training:
        raise InputError(f"A batch of {batch:,} is more than the {training:,} training images of this set: choose a smaller batch.")
    train = parse(TrainConfig, {"beta": beta, "epochs": epochs, "batch": batch, "lr": lr, "seed": seed, **pixel.train})
    with st.expander("Objective and schedule", icon=":material/timeline:"):
        train = objective.choose(train, math.ceil(training / batch) * train.epochs, variational=not plain)
    if train.shapes_the_rate:
        st.caption(of_objective(train))
    shape = {"channels": channels, "height": height, "width": width, "latent": latent, "hidden": hidden}
    model = parse(ModelConfig, {"body": body, "variational": not plain, **shape, **pixel.model})
    config = parse(RunConfig, {"name": run_name, "data": name, "model": model, "train": train})
    with comparisons:
        pixels.compare(config, images)
    return config


def _more_settings(body: str, default: tuple[int, ...], suggested: str) -> tuple[tuple[int, ...], int, float, int, str]:
    """Hidden sizes, batch, learning rate, seed and name."""
    columns = st.columns(3)
    sizes = ", ".join(map(str, default))
    hidden = columns[0].text_input(
        "Hidden sizes",
        placeholder=sizes or "none",
        key=f"hidden_{body}",
        persist_state="session",
        disabled=not default,
        max_chars=60,
        help="Fully connected: the widths of the layers. Convolutional: channels after each halving of the picture, then a dense width.",
    )
    batch = columns[1].number_input("Batch", 1, 65_536, key=state.BATCH, persist_state="session", help="Images per step.")
    lr = columns[2].number_input(
        "Learning rate",
        1e-6,
        1.0,
        2e-3,
        step=5e-4,
        format="%g",
        key="lr",
        persist_state="session",
        help="Of Adam. Lower it where training diverges.",
    )
    seed = columns[0].number_input(
        "Seed",
        0,
        2**31 - 1,
        key="train_seed",
        persist_state="session",
        help="Of the first weights, the order of the images and the noise.",
    )
    name = columns[1].text_input("Name of the model", placeholder=suggested, max_chars=MAX_NAME, key="run_name")
    return _hidden_sizes(hidden) or default, batch, lr, seed, name or suggested


def _suggest(name: str, images: Images) -> None:
    """Fill in what suits a data set where a field is empty, and in all fields when another set is chosen.

    The fields themselves have no value of their own to begin with, or the address could not ask for just that value.
    """
    channels, height, width = images.shape
    body = "Convolutional" if channels == 3 and min(height, width) >= CONV_SIDE else "Fully connected"
    training = len(images.split().train)
    values = {
        state.BODY: body,
        state.LATENT: 16 if channels * height * width > 256 else 8,
        state.KL_WEIGHT: 1.0,
        state.EPOCHS: min(100, max(5, WORK[body] // training)),
        state.PIXEL: GAUSSIAN if channels == 3 else BERNOULLI,
        state.BATCH: min(128, training),
    }
    another = state.get(state.SUGGESTED) not in (None, name)
    for key, value in values.items():
        (state.put if another else state.default)(key, value)
    state.put(state.SUGGESTED, name)


def _hidden_sizes(text: str) -> tuple[int, ...]:
    """The widths typed as "512, 512"."""
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InputError("Hidden sizes are whole numbers separated by commas, such as 512, 512.") from None
