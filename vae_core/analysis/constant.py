"""A trained model against the cheapest one there is: a constant picture, the mean of the training images, whatever the image was."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.display import with_error
from vae_core.data import Images
from vae_core.model.gathered import gathered
from vae_core.model.likelihoods import LEAST_SIGMA, LIKELIHOODS, Likelihood
from vae_core.training import binarise
from vae_core.training.figures import Figures

Verdict = Literal["learnt", "hardly", "worse"]

_CHUNK = 512  # images at a time
_FARTHEST, _HALVINGS = 1e7, 100  # of a decoder's output, and of that range: to the last bit
_MATTERS = 0.1  # of the spread of the constant picture's cost from image to image


class Constant(NamedTuple):
    """What the constant picture costs on the validation images, in nats per image: the mean, and the standard deviation over images."""

    cost: float
    spread: float


@torch.inference_mode()
def constant_picture(images: Images, model: ModelConfig, train: TrainConfig) -> Constant:
    """The cost of saying nothing: no rate, and each validation image under the model's likelihood around the mean training image.

    No pixel's mean is nearer to black or white than half an image of the set would bring it, or one white pixel where all training images
    are black would cost infinitely much. Where the model's σ is learned or optimal, the constant picture has the best σ for itself, that
    of its training images.
    """
    split = images.split()
    count, sums, squares = len(split.train), torch.zeros(images.shape, dtype=torch.float64), 0.0
    for x in _chunks(images, split.train, train):
        sums += x.sum(0)
        squares += x.square().sum().item()
    mean = sums / count
    variance = squares / (count * mean.numel()) - mean.square().mean().item()
    fixed = model.sigma_is == "fixed"
    sigma = model.sigma if fixed else max(LEAST_SIGMA, math.sqrt(max(0.0, variance)))
    likelihood = LIKELIHOODS[model.likelihood].of_sigma["fixed"](sigma)
    least = 0.5 / (count + 1)
    params = parameters_of_mean(likelihood, mean.clamp(least, 1 - least))
    costs = gathered(likelihood.nll(params.expand_as(x), x)[:, None] for x in _chunks(images, split.validation, train))
    return Constant(costs.mean().item(), costs.std(correction=0).item())


def parameters_of_mean(likelihood: Likelihood, mean: Tensor) -> Tensor:
    """The decoder's output whose picture is `mean`, float64 of any shape with values between 0 and 1; found by halving a range.

    The mean of every likelihood rises with the decoder's output.
    """
    low, high = torch.full_like(mean, -_FARTHEST), torch.full_like(mean, _FARTHEST)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        below = likelihood.mean(middle) < mean
        low, high = torch.where(below, middle, low), torch.where(below, high, middle)
    return (low + high) / 2


def verdict(loss: float, constant: Constant) -> Verdict:
    """How a loss in nats per validation image stands to that of the constant picture.

    A difference counts where it is at least a tenth of how much the constant picture's own cost differs from image to image: a measure
    that does not depend on the likelihood's zero, which is arbitrary for densities.
    """
    gain, matters = constant.cost - loss, _MATTERS * constant.spread
    if gain < -matters:
        return "worse"
    return "learnt" if gain > matters else "hardly"


def sentence(figures: Figures, constant: Constant, *, variational: bool) -> str:
    """The verdict with its two figures and what to do, in words that suit the kind of model; both are means over the same images."""
    count = figures.images
    counted = "" if count is None else f", over {count:,} validation images,"
    error = math.nan if count is None else constant.spread / math.sqrt(count)
    compared = (
        f"{with_error(figures.loss, figures.error('loss'))} nats per image{counted} against {with_error(constant.cost, error)} "
        "for the mean of the training images, always the same picture"
    )
    found = verdict(figures.loss, constant)
    if found == "learnt":
        return f"It has learnt: {compared}."
    if found == "worse":
        return f"Worse than a constant picture: {compared}. Lower the learning rate, or train longer where the loss was still falling."
    advice = "Train longer, or lower the KL weight" if variational else "Train longer, or try another learning rate"
    return f"Hardly better than the mean picture: {compared}. {advice}."


def _chunks(images: Images, rows: NDArray[np.int64], train: TrainConfig) -> Iterator[Tensor]:
    """The images of these rows as the model is judged on them, float64 in [0, 1], some at a time."""
    for first in range(0, len(rows), _CHUNK):
        pixels = binarise.for_evaluation(images.take(rows[first : first + _CHUNK]), train)
        yield torch.tensor(pixels).double().div_(255)
