"""RUN and ``--beta``: the model that a command uses, and the KL weight at which it uses it."""

from __future__ import annotations

import argparse
import contextlib
import math

from vae_core.analysis import folding
from vae_core.base.errors import InputError
from vae_core.cli.values import real
from vae_core.data.images import shown
from vae_core.runs import catalogue
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint


def add_model(command: argparse.ArgumentParser, *, several: bool = False) -> None:
    """Add RUN, or several of them, and --beta."""
    if several:
        command.add_argument("models", metavar="RUN", nargs="*", help="models, by id, name, or the path of their folder")
    else:
        command.add_argument("model", metavar="RUN", help="a model, by its id, its name, or the path of its folder")
    command.add_argument(
        "--beta",
        metavar="B[,B]",
        help="for a multi-rate model: the KL weight to use it at, or two, of D_μ and D_σ (default: the one it is judged at)",
    )


def model_of(chosen: argparse.Namespace) -> Checkpoint:
    """The model asked for; a multi-rate model is folded at --beta."""
    return opened(chosen.model, chosen.beta)


def opened(model: str, beta: str | None) -> Checkpoint:
    """The same, by the texts of the two options."""
    point = checkpoint.load(catalogue.find(model))
    return folding.plain(point) if beta is None else folding.at(point, _weights(beta))


def _weights(text: str) -> float | tuple[float, float]:
    """A KL weight, or the two of D_μ and D_σ."""
    with contextlib.suppress(argparse.ArgumentTypeError):
        match [real(part) for part in text.split(",")]:
            case [weight] if math.isfinite(weight):
                return weight
            case [of_means, of_widths] if math.isfinite(of_means + of_widths):
                return of_means, of_widths
    raise InputError(f'--beta takes a KL weight, or two separated by a comma, not "{shown(text)}".')
