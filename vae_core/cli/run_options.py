"""The options that say what a run trains, its images apart, and the configuration that they make: for ``train`` and ``sweep``."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path
from typing import get_args

from vae_core import data
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
from vae_core.cli.config_options import add_fields, field_values
from vae_core.cli.data_option import is_path
from vae_core.cli.values import whole, wholes
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.training.pace import suggested_epochs

FLAGS = {"body": "--model", "variational": "--deterministic"}
"""Fields whose option has another name."""

NOT_DERIVED = {
    "body": "a new model cannot be one that was made elsewhere",
    "graph": "only a model that was made elsewhere has it",
    "channels": "the images have them",
    "height": "the images have it",
    "width": "the images have it",
    "hidden": "its default depends on the body and the images, and commas separate its numbers",
    "enlarge": "it follows from the body",
    "shrink": "it follows from the body and the likelihood",
    "widths": "they are free in every new model",
    "variational": "its option says the opposite",
    "epochs": "its default depends on the number of images",
}
"""Fields that have no option, or one that is not made from the field, each with the reason."""


def add_run(command: argparse.ArgumentParser) -> None:
    """Add the options of the model and its training, and its name."""
    model = command.add_argument_group("the model")
    add_fields(model, ModelConfig, without=NOT_DERIVED, flags=FLAGS, defaults={"latent": 16})
    model.add_argument("--model", dest="body", choices=get_args(Body), default="mlp", help="kind of network (default: %(default)s)")
    model.add_argument("--hidden", metavar="512,512", help="mlp: layer widths; conv: channels after each halving, then a dense width")
    model.add_argument("--deterministic", dest="variational", action="store_false", help="a plain autoencoder: no sampling, no rate")
    training = command.add_argument_group("its training")
    add_fields(training, TrainConfig, without=NOT_DERIVED)
    training.add_argument(
        "--epochs",
        type=whole,
        metavar="N",
        help="passes over the training images, at least 1 (default: as many as give a run enough steps; it says how many)",
    )
    command.add_argument("--name", help="what to call the model")


def train_of(chosen: argparse.Namespace) -> TrainConfig:
    """How the arguments ask to train; the number of epochs, where none is given, is that of `config_of`.

    Raises:
        InputError: a value is out of bounds.
    """
    return parse(TrainConfig, field_values(chosen, TrainConfig, without=() if chosen.epochs is not None else ("epochs",)))


def config_of(
    chosen: argparse.Namespace, train: TrainConfig, images: Images, check: Callable[[ModelConfig, TrainConfig], None] | None = None
) -> RunConfig:
    """What the arguments ask to train on these images; images of the user's own are kept in the library, so that the app can show them.

    Args:
        chosen: the arguments.
        train: that of `train_of`.
        images: those of --data.
        check: refuses what cannot be trained, before anything is kept.

    Raises:
        InputError: a value is out of bounds, or refused by `check`.
    """
    if chosen.epochs is None:
        every = chosen.beta_range is not None
        train = train.model_copy(update={"epochs": suggested_epochs(len(images.split().train), train.batch, chosen.body, every=every)})
    channels, height, width = images.shape
    rest = {
        "body": chosen.body,
        "channels": channels,
        "height": height,
        "width": width,
        "hidden": default_hidden(chosen.body, height, width) if chosen.hidden is None else wholes("--hidden", chosen.hidden),
        "enlarge": default_enlarging(chosen.body),
        "shrink": default_shrinking(chosen.body, chosen.likelihood),
        "widths": "free",
        "variational": chosen.variational,
    }
    model = parse(ModelConfig, field_values(chosen, ModelConfig, without=NOT_DERIVED) | rest)
    if check is not None:
        check(model, train)
    source = Path(chosen.data).resolve().name
    known = not is_path(chosen.data)
    name = images.name if known else data.save_imported(images, source)
    title = shown(chosen.name or f"{chosen.data if known else source} {model.body} z{model.latent} {weights_name(model, train)}")
    return parse(RunConfig, {"name": title, "data": name, "model": model, "train": train})
