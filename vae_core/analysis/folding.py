"""A model of many KL weights as the plain one that it is at one of them, and the pictures to judge and to show a model with."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import explore, projection
from vae_core.analysis.explore import Pixels, Posterior
from vae_core.base.config import TrainConfig
from vae_core.base.errors import InputError
from vae_core.base.storage import sha256
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.training import binarise
from vae_core.training.checkpoint import Checkpoint, Codes, Figures

Rows = NDArray[np.int64]
Beta: TypeAlias = float | tuple[float, float]

_CHUNK = 512
"""Pictures at a time: as float32, all of them would fill the memory."""
_UNKNOWN = Figures.model_construct(loss=math.nan, distortion=math.nan, rate=math.nan)


@dataclass(frozen=True)
class Pictures:
    """A model's images; or where they are not at hand stand-ins, which the model draws itself.

    Attributes:
        take: the pixels of rows, whole numbers [n] → uint8 [n, C, H, W].
        labels: int64 [N], indices into the class names; None where there are no classes.
        training, validation: rows, int64; of stand-ins both are all.
        original: whether they are the images themselves.
    """

    take: Callable[[Rows], Pixels]
    labels: Rows | None
    training: Rows
    validation: Rows
    original: bool

    def chosen(self, count: int, *, training: bool = False) -> Rows:
        """At most `count` of the validation rows, or of the training rows: the same each time, in which each class keeps its share."""
        rows = self.training if training else self.validation
        return rows[projection.subsample(len(rows), count, None if self.labels is None else self.labels[rows], seed=0)]


def of_images(images: Images) -> Pictures:
    """The images themselves."""
    split = images.split()
    return Pictures(images.take, images.labels, split.train, split.validation, True)


def stand_ins(point: Checkpoint) -> Pictures:
    """What a model draws from the means of the codes kept with it; one of many KL weights at its lowest, where the codes tell the most.

    Args:
        point: a checkpoint as `checkpoint.load` gives it.

    Raises:
        InputError: no codes were kept.
    """
    if point.codes is None:
        raise InputError(f"The images of {point.card.data.title} are not on this computer, and the model has no codes of them to draw.")
    pixels = _drawn(point.model, point.codes)
    every = np.arange(len(pixels))
    return Pictures(pixels.__getitem__, point.codes.labels, every, every, False)


@dataclass(frozen=True)
class Learnt:
    """The pictures that a model learnt from, N of them, as it saw them: in black and white where it was trained so.

    Attributes:
        take: the pixels of indices from 0 to N − 1, int64 [n] → uint8 [n, C, H, W].
        labels: int64 [N], indices into the class names; None where there are no classes.
        count: N.
    """

    take: Callable[[Rows], Pixels]
    labels: Rows | None
    count: int

    def encode(self, model: VAE) -> Posterior:
        """The posteriors of all of them; only some of the pictures are in memory at a time."""
        starts = range(0, self.count, _CHUNK)
        chunks = [explore.encode(model, self.take(np.arange(first, min(first + _CHUNK, self.count)))) for first in starts]
        return Posterior(*map(np.concatenate, zip(*chunks, strict=True)))


def learnt(pictures: Pictures, train: TrainConfig, most: int) -> Learnt:
    """At most `most` of the training pictures; those that are drawn in black and white stay in memory, as each draw takes time."""
    rows = pictures.chosen(most, training=True)
    labels = None if pictures.labels is None else pictures.labels[rows]
    if train.binarise == "no":
        return Learnt(lambda some: pictures.take(rows[some]), labels, len(rows))
    drawn = np.concatenate([binarise.fixed_draw(pictures.take(some)) for some in np.split(rows, range(_CHUNK, len(rows), _CHUNK))])
    return Learnt(drawn.__getitem__, labels, len(rows))


def plain(point: Checkpoint) -> Checkpoint:
    """The checkpoint itself; one of many KL weights as `at` the β of its card."""
    return point if point.card.model.beta_range is None else at(point, point.card.train.weights)


def at(point: Checkpoint, beta: Beta) -> Checkpoint:
    """A checkpoint of many KL weights as that of the plain model that it is at β, or at (β_μ, β_σ).

    The card has this β; the figures of the validation images on it are NaN, except at the β at which it was judged. The codes kept with a
    model of many are those at its lowest β: here they are the codes of what it draws from those.

    Args:
        point: a checkpoint as `checkpoint.load` gives it.
        beta: in the model's range.

    Raises:
        InputError: β is outside the range, or the model has none.
    """
    of_means, of_widths = pair = _pair(beta)
    same = of_means == of_widths
    model = point.model.at(of_means if same else pair)
    card, codes = point.card, point.codes
    train = card.train.model_copy(update={"beta": of_means, "beta_sigma": None if same else of_widths})
    judged = card.validation if pair == _pair(card.train.weights) else _UNKNOWN
    card = card.model_copy(update={"model": model.config, "train": train, "validation": judged})
    if codes is not None:
        codes = Codes(*explore.encode(model, _drawn(point.model, codes)), codes.labels)
    return Checkpoint(model, card, codes, sha256(f"{point.weights_hash} at {of_means!r} {of_widths!r}".encode()))


def _pair(beta: Beta) -> tuple[float, float]:
    """The weights of D_μ and of D_σ."""
    of_means, of_widths = beta if isinstance(beta, tuple) else (beta, beta)
    return float(of_means), float(of_widths)


def _drawn(model: VAE, codes: Codes) -> Pixels:
    """The pictures of kept codes, uint8 [N, C, H, W]."""
    lowest = model if model.config.beta_range is None else model.at(model.config.beta_range[0])
    return explore.decode(lowest, codes.mean)
