"""The Train page's settings: what model, and how it is trained; filled in to suit the data set."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.wording import of_objective
from pages.ui.train import objective
from pages.ui.train.compared import compare
from pages.ui.train.likelihood import choose_likelihood
from vae_core.base.config import Body, ModelConfig, RunConfig, TrainConfig, default_enlarging, default_hidden, parse, weights_name
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.runs.catalogue import MAX_NAME

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
            key=state.TRAIN_BODY,
            bind="query-params",
            help="Fully connected: quick, for small pictures. Convolutional: sees neighbouring pixels together, for larger ones. "
            "Linear: no hidden layer.",
        )
        plain = st.toggle(
            "Plain autoencoder",
            key=state.TRAIN_PLAIN,
            persist_state="session",
            help="Without sampling and without the KL term: codes are points, and nothing fills the gaps between them.",
        )
        asked = st.toggle(
            "One model for every KL weight",
            key=state.TRAIN_EVERY_WEIGHT,
            bind="query-params",
            disabled=plain,
            help="The model is told the KL weight with each picture and learns a whole range of them at once. "
            "A plain autoencoder has no KL weight.",
        )
    every = asked and not plain
    _suggest_pace(name, images, every=every)
    columns = st.columns(4 if every else 3, vertical_alignment="bottom")
    latent = columns[0].number_input(
        "Latent dimensions",
        2,
        128,
        None,
        key=state.TRAIN_LATENT,
        bind="query-params",
        help="2 can be seen at once on the map; more keep more detail.",
    )
    beta, beta_range = _every_weight(columns[1:3]) if every else (_weight(columns[1], disabled=plain), None)
    epochs = columns[-1].number_input(
        "Epochs", 1, 10_000, None, key=state.TRAIN_EPOCHS, bind="query-params", help="Passes over the training images."
    )
    pixel = choose_likelihood(images)
    comparisons = st.container()
    body = BODIES[shown or next(iter(BODIES))]
    with st.expander("More settings", icon=":material/tune:"):
        hidden, batch, lr, seed, place_of_name = _more_settings(body, default_hidden(body, height, width))
    training = len(images.split().train)
    if batch > training:
        raise InputError(f"A batch of {batch:,} is more than the {training:,} training images of this set: choose a smaller batch.")
    train = parse(TrainConfig, {"beta": beta, "epochs": epochs, "batch": batch, "lr": lr, "seed": seed, **pixel.train})
    with st.expander("Objective and schedule", icon=":material/timeline:"):
        train, split = objective.halves(train, every=every) if not plain else (train, False)
        shape = {"channels": channels, "height": height, "width": width, "latent": latent, "hidden": hidden}
        kind = {"body": body, "enlarge": default_enlarging(body), "variational": not plain, "beta_range": beta_range, "split": split}
        model = parse(ModelConfig, {**kind, **shape, **pixel.model})
        if plain:
            st.caption("A plain autoencoder learns from its distortion alone: there is nothing more to set.")
        else:
            train = objective.choose(train, math.ceil(training / batch) * train.epochs, model)
    if train.shapes_the_rate or train.beta_sigma is not None:
        st.caption(of_objective(train))
    suggested = f"{title} {'autoencoder' if plain else weights_name(model, train)} {body} z{latent}"
    run_name = place_of_name.text_input("Name of the model", placeholder=suggested, max_chars=MAX_NAME, key=state.TRAIN_NAME) or suggested
    config = parse(RunConfig, {"name": run_name, "data": name, "model": model, "train": train})
    with comparisons:
        compare(config, images)
    return config


def _weight(column: DeltaGenerator, *, disabled: bool) -> float | None:
    return column.number_input(
        "KL weight",
        0.0,
        10_000.0,
        None,
        step=0.5,
        format="%g",
        key=state.TRAIN_KL_WEIGHT,
        bind="query-params",
        disabled=disabled,
        help="β in loss = distortion + β × rate. More makes the codes simpler and the pictures blurrier.",
    )


def _every_weight(columns: list[DeltaGenerator]) -> tuple[float, tuple[float, float]]:
    """The KL weight at which the model is judged, and its range."""
    low, high = (
        column.number_input(label, 1e-6, 10_000.0, None, step=step, format="%g", key=key, bind="query-params", help=words)
        for column, label, step, key, words in (
            (
                columns[0],
                "KL weights from",
                0.01,
                state.TRAIN_WEIGHT_FROM,
                "The smallest β: the sharpest pictures, the least orderly codes.",
            ),
            (columns[1], "KL weights to", 1.0, state.TRAIN_WEIGHT_TO, "The largest β: the simplest codes, the blurriest pictures."),
        )
    )
    assert low is not None  # `_suggest` leaves no field empty
    assert high is not None
    beta = min(max(1.0, low), high)
    st.caption(f"{cache.lessons('train')['Every KL weight']} Other pages show the model as it is at β = {beta:g}.")
    return beta, (low, high)


def _more_settings(body: str, default: tuple[int, ...]) -> tuple[tuple[int, ...], int, float | None, int, DeltaGenerator]:
    """Hidden sizes, batch, learning rate, seed, and where the name is to be asked for."""
    columns = st.columns(3)
    sizes = ", ".join(map(str, default))
    hidden = columns[0].text_input(
        "Hidden sizes",
        placeholder=sizes or "none",
        key=state.part(state.TRAIN_HIDDEN, body),
        persist_state="session",
        disabled=not default,
        max_chars=60,
        help="Fully connected: the widths of the layers. Convolutional: channels after each halving of the picture, then a dense width.",
    )
    batch = columns[1].number_input("Batch", 1, 65_536, key=state.TRAIN_BATCH, persist_state="session", help="Images per step.")
    lr = columns[2].number_input(
        "Learning rate",
        1e-6,
        1.0,
        None,
        step=5e-4,
        format="%g",
        key=state.TRAIN_LEARNING_RATE,
        persist_state="session",
        help="Of Adam. Lower it where training diverges.",
    )
    seed = columns[0].number_input(
        "Seed",
        0,
        2**31 - 1,
        key=state.TRAIN_SEED,
        persist_state="session",
        help="Of the first weights, the order of the images and the noise.",
    )
    return _hidden_sizes(hidden) or default, batch, lr, seed, columns[1]


def _suggest(name: str, images: Images) -> None:
    """Fill in what suits a data set where a field is empty, and in all fields when another set is chosen.

    The fields themselves have no value of their own to begin with, or the address could not ask for just that value.
    """
    channels, height, width = images.shape
    values = {
        state.TRAIN_BODY: _body(images),
        state.TRAIN_LATENT: 16 if channels * height * width > 256 else 8,
        state.TRAIN_KL_WEIGHT: 1.0,
        state.TRAIN_WEIGHT_FROM: 10.0 if channels == 3 else 0.01,
        state.TRAIN_WEIGHT_TO: 1000.0 if channels == 3 else 10.0,
        state.TRAIN_PIXEL: LIKELIHOODS["gaussian" if channels == 3 else "bernoulli"].title,
        state.TRAIN_BATCH: min(128, len(images.split().train)),
    }
    _fill_in(values, state.TRAIN_SUGGESTED, name)


def _suggest_pace(name: str, images: Images, *, every: bool) -> None:
    """The same for epochs and learning rate, which suit the data set and whether the model is for every KL weight."""
    first = min(100, max(5, WORK[_body(images)] // len(images.split().train)))
    values = (
        {state.TRAIN_EPOCHS: 2 * first, state.TRAIN_LEARNING_RATE: 4e-3}
        if every
        else {state.TRAIN_EPOCHS: first, state.TRAIN_LEARNING_RATE: 2e-3}
    )
    _fill_in(values, state.TRAIN_SUGGESTED_PACE, (name, every))


def _fill_in(values: Mapping[str, object], remembered: str, occasion: object) -> None:
    """Set the fields that are empty; all of them where they were last filled in on another occasion."""
    another = state.get(remembered) not in (None, occasion)
    for key, value in values.items():
        (state.put if another else state.default)(key, value)
    state.put(remembered, occasion)


def _body(images: Images) -> str:
    """What suits the images, of `BODIES`."""
    channels, height, width = images.shape
    return "Convolutional" if channels == 3 and min(height, width) >= CONV_SIDE else "Fully connected"


def _hidden_sizes(text: str) -> tuple[int, ...]:
    """The widths typed as "512, 512"."""
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InputError("Hidden sizes are whole numbers separated by commas, such as 512, 512.") from None
