"""The Train page's settings: what model, and how it is trained; filled in to suit the data set."""

from __future__ import annotations

import math
from collections.abc import Mapping

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.wording import of_objective
from pages.ui.screens.train import objective
from pages.ui.screens.train.compared import compare
from pages.ui.screens.train.likelihood import choose_likelihood
from vae_core.analysis.suiting import Suits, expectations, suits
from vae_core.base.config import (
    Body,
    ModelConfig,
    RunConfig,
    TrainConfig,
    default_enlarging,
    default_hidden,
    default_shrinking,
    parse,
    weights_name,
)
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.runs.catalogue import MAX_NAME
from vae_core.training.pace import suggested_epochs

BODIES: dict[str, Body] = {"Fully connected": "mlp", "Convolutional": "conv", "Linear": "linear"}


def run_settings(name: str, title: str, images: Images) -> RunConfig:
    """What the page asks for.

    Raises:
        InputError: a setting is out of its limits.
    """
    fitting = suits(images)
    _suggest(name, images, fitting)
    body, plain, every = _kind()
    _suggest_pace(name, images, fitting, every=every)
    latent, beta, beta_range, epochs = _size_and_weight(plain=plain, every=every)
    training = len(images.split().train)
    st.caption(fitting.why)
    cautions, comparisons = st.container(), st.container()
    channels, height, width = images.shape
    with st.expander("More settings", icon=":material/tune:"):
        pixel = choose_likelihood(images)
        hidden, batch, lr, seed, place_of_name = _more_settings(body, default_hidden(body, height, width))
    if batch > training:
        raise InputError(f"A batch of {batch:,} is more than the {training:,} training images of this set: choose a smaller batch.")
    train = parse(TrainConfig, {"beta": beta, "epochs": epochs, "batch": batch, "lr": lr, "seed": seed, **pixel.train})
    shape = {"channels": channels, "height": height, "width": width, "latent": latent, "hidden": hidden}
    kind = {"body": body, "variational": not plain, "beta_range": beta_range, "widths": "free"}
    drawing = {"enlarge": default_enlarging(body), "shrink": default_shrinking(body, pixel.model["likelihood"])}
    model = parse(ModelConfig, {**kind, **shape, **pixel.model, **drawing})
    for sentence in expectations(training, images.shape, model.latent):
        cautions.warning(sentence, icon=":material/warning:")
    if not plain:  # a plain autoencoder learns from its distortion alone
        with st.expander("Objective and schedule", icon=":material/timeline:"):
            train, split = objective.halves(train, every=every)
            model = parse(ModelConfig, model.model_dump() | {"split": split})
            train = objective.choose(train, math.ceil(training / batch) * train.epochs, model)
    if train.shapes_the_rate or train.beta_sigma is not None:
        st.caption(of_objective(train))
    suggested = f"{title} {weights_name(model, train)} {body} z{latent}"
    run_name = place_of_name.text_input("Name of the model", placeholder=suggested, max_chars=MAX_NAME, key=state.TRAIN_NAME) or suggested
    config = parse(RunConfig, {"name": run_name, "data": name, "model": model, "train": train})
    with comparisons:
        compare(config, images)
    return config


def _kind() -> tuple[Body, bool, bool]:
    """The body, whether the model is a plain autoencoder, and whether one model for every KL weight is asked for."""
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
        every = not plain and st.toggle(
            "One model for every KL weight",
            key=state.TRAIN_EVERY_WEIGHT,
            bind="query-params",
            help="The model is told the KL weight with each picture and learns a whole range of them at once.",
        )
    return BODIES[shown or next(iter(BODIES))], plain, every


def _size_and_weight(*, plain: bool, every: bool) -> tuple[int | None, float | None, tuple[float, float] | None, int | None]:
    """K, the KL weight, the range of a model for every one, and the epochs, each None where its field is empty.

    A plain autoencoder has no field for a weight.
    """
    columns = st.columns(2 if plain else 4 if every else 3, vertical_alignment="bottom")
    latent = columns[0].number_input(
        "Latent dimensions",
        2,
        128,
        None,
        key=state.TRAIN_LATENT,
        bind="query-params",
        help="2 can be seen at once on the map; more keep more detail.",
    )
    beta: float | None = 1.0
    beta_range = None
    if every:
        beta, beta_range = _every_weight(columns[1:3])
    elif not plain:
        beta = _weight(columns[1])
    epochs = columns[-1].number_input(
        "Epochs",
        1,
        10_000,
        None,
        key=state.TRAIN_EPOCHS,
        bind="query-params",
        help="Passes over the training images. Filled in so that there are enough steps: a small set has few in an epoch.",
    )
    return latent, beta, beta_range, epochs


def _weight(column: DeltaGenerator) -> float | None:
    return column.number_input(
        "KL weight",
        0.0,
        10_000.0,
        None,
        step=0.5,
        format="%g",
        key=state.TRAIN_KL_WEIGHT,
        bind="query-params",
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


def _suggest(name: str, images: Images, fitting: Suits) -> None:
    """Fill in what suits a data set where a field is empty, and in all fields when another set is chosen.

    The fields themselves have no value of their own to begin with, or the address could not ask for just that value.
    """
    noisy = fitting.likelihood == "gaussian"  # its distortion is counted in far more nats
    values = {
        state.TRAIN_BODY: next(shown for shown, body in BODIES.items() if body == fitting.body),
        state.TRAIN_LATENT: 16 if math.prod(images.shape) > 256 else 8,
        state.TRAIN_KL_WEIGHT: 1.0,
        state.TRAIN_WEIGHT_FROM: 10.0 if noisy else 0.01,
        state.TRAIN_WEIGHT_TO: 1000.0 if noisy else 10.0,
        state.TRAIN_PIXEL: LIKELIHOODS[fitting.likelihood].title,
        state.TRAIN_BATCH: _batch(images),
    }
    _fill_in(values, state.TRAIN_SUGGESTED, name)


def _suggest_pace(name: str, images: Images, fitting: Suits, *, every: bool) -> None:
    """The same for epochs and learning rate, which suit the data set and whether the model is for every KL weight."""
    epochs = suggested_epochs(len(images.split().train), _batch(images), fitting.body, every=every)
    values = {state.TRAIN_EPOCHS: epochs, state.TRAIN_LEARNING_RATE: 4e-3 if every else 2e-3}
    _fill_in(values, state.TRAIN_SUGGESTED_PACE, (name, every))


def _batch(images: Images) -> int:
    return min(128, len(images.split().train))


def _fill_in(values: Mapping[str, object], remembered: str, occasion: object) -> None:
    """Set the fields that are empty; all of them where they were last filled in on another occasion."""
    another = state.get(remembered) not in (None, occasion)
    for key, value in values.items():
        (state.put if another else state.default)(key, value)
    state.put(remembered, occasion)


def _hidden_sizes(text: str) -> tuple[int, ...]:
    """The widths typed as "512, 512"."""
    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError:
        raise InputError("Hidden sizes are whole numbers separated by commas, such as 512, 512.") from None
