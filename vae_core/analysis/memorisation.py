"""Which images a model has memorised (van den Burg & Williams 2021, "On Memorization in Probabilistic Deep Generative Models").

An image near to what a model draws proves nothing: it may be an ordinary one, of a kind that the model knows. The score asks what the image
itself has done: M(x) = log P(x | trained with x) − log P(x | trained without x), in nats. P is the mean of p(x) over trainings that differ
in their seed and in what else is left out, so that its logarithm is a log-mean-exp over these. No image needs a training of its own: each
training leaves out a fold, and counts for the images of the fold as "without" and for all others as "with".

Copies of an image leave together. Else the other copies would stand in for the one that is left out, and an image that the set holds fifty
times would seem to be unknown to the model.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import importance
from vae_core.analysis.explore import Pixels
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.data.imageset import Split
from vae_core.model.vae import VAE
from vae_core.training import binarise
from vae_core.training.train import fit

Rows = NDArray[np.int64]
Doubles = NDArray[np.float64]

SAMPLES = 64
"""Codes of each image by which log p(x) is estimated."""


class Fold(NamedTuple):
    """One training: the rows that it leaves out, ascending, and its seed."""

    left_out: Rows
    seed: int


class Memorised(NamedTuple):
    """In nats, float64 [N] each: the score, and the two logarithms of which it is the difference."""

    score: Doubles
    known: Doubles
    unknown: Doubles


def copies(pixels: Pixels) -> Rows:
    """Which of the different images each of N images is, [N]: the same number for the same pixels."""
    return np.unique(pixels.reshape(len(pixels), -1), axis=0, return_inverse=True)[1].reshape(-1)


def folds(which: Rows, count: int, repeats: int, *, seed: int = 0) -> list[Fold]:
    """`count` folds, each of about as many different images, drawn anew `repeats` times.

    Args:
        which: as `copies` gives it, [N].
        count: of the folds, at least 2.
        repeats: how often all images are left out once.
        seed: of the draws; the trainings have seeds of their own.

    Raises:
        InputError: there are fewer different images than folds, or fewer than 2 folds, or no repeat.
    """
    different = int(which.max()) + 1
    if count < 2 or repeats < 1 or different < count:
        raise InputError(f"{different} different images cannot be left out in {count} folds, {repeats} times: take 2 folds or more.")
    rng = np.random.default_rng(seed)
    orders = [rng.permutation(different) for _ in range(repeats)]
    parts = [part for order in orders for part in np.array_split(order, count)]
    return [Fold(np.flatnonzero(np.isin(which, part)), seed + number) for number, part in enumerate(parts)]


def scores(trained: Sequence[Fold], log_p: Sequence[Doubles]) -> Memorised:
    """The score of each image from log p(x) of all N images after each training, [N] each.

    Raises:
        InputError: an image is in all trainings or in none.
    """
    found = np.array(log_p)
    without = np.zeros(found.shape, dtype=np.bool_)
    for row, fold in zip(without, trained, strict=True):
        row[fold.left_out] = True
    if without.all(axis=0).any() or not without.any(axis=0).all():
        raise InputError("Each image must be left out of one training and be part of another.")
    known, unknown = _log_mean(found, ~without), _log_mean(found, without)
    return Memorised(known - unknown, known, unknown)


def _log_mean(log_p: Doubles, counted: NDArray[np.bool_]) -> Doubles:
    """The logarithm of the mean of p over the counted rows, for each column."""
    total: Doubles = np.logaddexp.reduce(np.where(counted, log_p, -np.inf), axis=0)
    mean: Doubles = total - np.log(counted.sum(axis=0))
    return mean


@dataclass(frozen=True, eq=False)
class _WithoutFold(Images):
    """Images of which one fold is not learnt from."""

    left_out: Rows = field(default_factory=lambda: np.zeros(0, np.int64))

    def split(self, seed: int = 0) -> Split:
        return Split(np.setdiff1d(np.arange(len(self)), self.left_out), self.left_out, np.zeros(0, np.int64))


def log_likelihoods(pixels: Pixels, fold: Fold, model: ModelConfig, train: TrainConfig) -> Generator[float, None, Doubles]:
    """Train without a fold: yields the part done after each epoch, and returns log p(x) in nats of all images, float64 [N].

    Estimated by importance sampling (Burda et al. 2016), with the same noise of the codes after each training.

    Args:
        pixels: of N images; those with copies count as often as they are there.
        fold: what to leave out, and the seed of weights, order and noise.
        model: a variational one of one KL weight.
        train: how; its seed is that of the fold.

    Raises:
        InputError: the model gives no probability to an image, or the training diverged.
    """
    if not model.variational:
        raise InputError("A plain autoencoder gives no probability to an image, so it has no score: choose a variational one.")
    vae = VAE(model, seed=fold.seed)
    images = _WithoutFold(name="without a fold", pixels=pixels, left_out=fold.left_out)
    for record in fit(vae, images, train.model_copy(update={"seed": fold.seed})):
        if record.validation is not None:  # once an epoch
            yield record.step / record.steps
    vae.cpu()  # it may have been trained elsewhere
    return -importance.nll(vae, binarise.for_evaluation(pixels, train), samples=SAMPLES)


def whole(pixels: Pixels, fold: Fold, model: ModelConfig, train: TrainConfig) -> Doubles:
    """What `log_likelihoods` returns, without its steps."""
    parts = log_likelihoods(pixels, fold, model, train)
    while True:
        try:
            next(parts)
        except StopIteration as end:
            found: Doubles = end.value
            return found
