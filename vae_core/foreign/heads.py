"""Which numbers of an encoder are means and which are widths: found by names and shapes, confirmed by the user, made one layer list."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from vae_core.base.errors import InputError
from vae_core.base.layers import Pointwise, Reshape, Take
from vae_core.foreign.halves import Halves
from vae_core.foreign.names import role
from vae_core.foreign.translation import Live, Network
from vae_core.training.origin import ENCODER_GIVES, WIDTHS, Width


class Heads(NamedTuple):
    """Where mean and width are.

    Attributes:
        gives: one of `ENCODER_GIVES`.
        mean: the output that is the mean, or all 2K numbers.
        width: the output that is the width; None where it is in the same one, or nowhere.
        why: how this was found, a sentence.
    """

    gives: str
    mean: str
    width: str | None
    why: str


def candidates(halves: Halves, asked: str | None) -> list[Heads]:
    """The readings that names and shapes allow: one where they leave no doubt.

    Args:
        halves: the model.
        asked: what the user says the encoder gives, one of `ENCODER_GIVES`; None for whatever is found.

    Raises:
        InputError: nothing fits, or what fits cannot be told apart without a word from the user.
    """
    if asked is not None and asked not in ENCODER_GIVES:
        raise InputError(f'What the encoder gives is one of {"  ".join(ENCODER_GIVES)}, not "{asked[:40]}".')
    latent = math.prod(halves.decoder.shape)
    sizes = {name: math.prod(value.shape) for name, value in halves.outputs.items()}
    singles = [name for name, size in sizes.items() if size == latent]
    doubles = [name for name, size in sizes.items() if size == 2 * latent]
    found = [*_apart(singles, asked), *_in_one(doubles, asked)]
    if not found and singles and asked in (None, "mean"):
        found = _alone(singles)
    if not found:
        says = ", ".join(f"{name} of {size}" for name, size in sizes.items())
        wanted = f"to be read as {asked}" if asked else "to be a mean, or mean and width"
        raise InputError(f"{halves.label} gives {says} numbers, of which none fit {wanted} for a decoder that takes a code of {latent}.")
    return found


def _apart(singles: list[str], asked: str | None) -> list[Heads]:
    """Mean and width as two outputs of K numbers."""
    if len(singles) < 2 or (asked is not None and not asked.startswith("mean,")):
        return []
    roles = {name: role(name) for name in singles}
    means = [name for name in singles if roles[name] == "mean"]
    widths = [name for name in singles if roles[name] in WIDTHS]
    rest = [name for name in singles if roles[name] != "code"]
    if len(means) == len(widths) == 1:
        width = asked.split(",")[1] if asked else str(roles[widths[0]])
        why = f"Mean and width are its outputs {means[0]} and {widths[0]}, by their names{' and as was said' if asked else ''}."
        return [Heads(f"mean,{width}", means[0], widths[0], why)]
    if asked is not None and len(rest) == 2:
        mean = means[0] if len(means) == 1 else next(name for name in rest if name not in widths)
        other = next(name for name in rest if name != mean)
        return [Heads(asked, mean, other, f"Mean and width are its outputs {mean} and {other}, in this order, as was said.")]
    if len(rest) >= 2:
        raise InputError(
            f"The names of the encoder's outputs ({', '.join(singles)}) do not say which is the mean and what the other is: say what the "
            f"encoder gives, one of {', '.join(f'mean,{width}' for width in WIDTHS)}, or name them mean and logvar when you export."
        )
    return []


def _in_one(doubles: list[str], asked: str | None) -> list[Heads]:
    """One output of 2K numbers. Which half is which shows only in pictures: both arrangements are given back, of log-variances."""
    if not doubles or (asked is not None and asked.split(",")[0] not in ("joined", "interleaved")):
        return []
    name = doubles[0]
    if asked is not None:
        return [Heads(asked, name, None, f"Mean and width are in its output {name}, {asked.split(',')[0]}, as was said.")]
    return [
        Heads(f"{arrangement},logvar", name, None, f"Its output {name} has mean and width in one; read as {arrangement}, log-variances.")
        for arrangement in ("joined", "interleaved")
    ]


def _alone(singles: list[str]) -> list[Heads]:
    means = [name for name in singles if role(name) == "mean"] or singles
    name = means[0]
    return [Heads("mean", name, None, f"Its output {name} is the code itself: a plain autoencoder, without a width.")]


def put_on(network: Network, outputs: dict[str, Live], heads: Heads) -> Network:
    """The encoder whose output is the K means and then the K log-variances, or the means alone."""
    mean = _flat(network, outputs[heads.mean])
    arrangement, _, width = heads.gives.partition(",")
    if not width:
        return network.ended_at(mean)
    if heads.width is not None:
        wide = _flat(network, outputs[heads.width])
    else:
        (size,) = mean.shape
        latent = size // 2
        starts, step = ((0, latent), 1) if arrangement == "joined" else ((0, 1), 2)
        both = mean
        mean, wide = (network.add(Take(axis=0, start=start, step=step, count=latent), both) for start in starts)
    wide = _log_variance(network, wide, width)  # type: ignore[arg-type]  # a width, by the pattern of `gives`
    return network.ended_at(network.joined([mean, wide], 0))


def _log_variance(network: Network, value: Live, width: Width) -> Live:
    if width in ("std", "variance"):
        value = network.add(Pointwise(function="log"), value)
    if width in ("std", "logstd"):
        value = network.affine(value, np.array(2.0), None, alone=False)
    return value


def _flat(network: Network, value: Live) -> Live:
    return value if len(value.shape) == 1 else network.add(Reshape(shape=(math.prod(value.shape),)), value)
