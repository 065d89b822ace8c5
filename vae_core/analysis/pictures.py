"""The pictures that a model is judged by and shown with, and those that it learnt from.

They are the images of its data set; or where no more is at hand the test images of that set, which it has not seen; or where nothing
is at hand stand-ins that it draws.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vae_core import data
from vae_core.analysis import encoding, explore, folding, projection
from vae_core.analysis.encoding import Rows, Take
from vae_core.analysis.posterior import Posterior
from vae_core.base.config import TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.training import binarise
from vae_core.training.checkpoint import Card, Checkpoint

_THUMBNAILS = 4
_CHUNK = 512
"""How many pictures are drawn in black and white at a time."""


@dataclass(frozen=True)
class Pictures:
    """A model's images, or what is shown in their place.

    Attributes:
        take: the pixels of rows, whole numbers [n] → uint8 [n, C, H, W].
        labels: int64 [N], indices into the class names; None where there are no classes.
        training, validation: rows, int64; for stand-ins both hold all rows.
        original: whether they are images, not stand-ins.
        learnt: whether the model learnt from the training rows. It has seen none of its set's test images: there the training rows play
            the part of those it learnt from.
    """

    take: Take
    labels: Rows | None
    training: Rows
    validation: Rows
    original: bool
    learnt: bool = True

    def chosen(self, count: int, *, training: bool = False) -> Rows:
        """At most `count` of the validation rows, or of the training rows: the same each time, and each class keeps its share."""
        rows = self.training if training else self.validation
        return rows[projection.subsample(len(rows), count, None if self.labels is None else self.labels[rows], seed=0)]


def of_images(images: Images) -> Pictures:
    """The images themselves."""
    split = images.split()
    return Pictures(images.take, images.labels, split.train, split.validation, True)


def of_test_part(images: Images) -> Pictures:
    """Images of which the model has seen none: eight tenths in the part of those it learnt from, and two tenths to judge it by."""
    split = images.split()
    return Pictures(images.take, images.labels, split.train, np.sort(np.concatenate([split.validation, split.test])), True, learnt=False)


def shown_with(card: Card, load: Callable[[str], Images] = data.load_exactly) -> Images | None:
    """The images that a model is shown with: those it learnt from, else the test images of the same set, where these ship with the app.

    None where neither are on this computer, or they are not the same any more. `card.data.identity` tells which of the two they are.

    Args:
        card: of the model.
        load: gives a set by its exact name.

    Raises:
        InputError: the images are damaged.
    """
    shape = (card.model.channels, card.model.height, card.model.width)
    if data.complete(card.data.name):
        found = load(card.data.name)
        if (found.identity, found.shape) == (card.data.identity, shape):
            return found
    part = data.test_part(card.data.name, card.data.images)
    unseen = None if part is None else load(part)
    return unseen if unseen is not None and unseen.shape == shape else None


def stand_ins(loaded: Checkpoint) -> Pictures:
    """What a model draws from the means of its kept codes; a multi-rate model at its lowest KL weight, where the codes tell the most.

    Args:
        loaded: a checkpoint as `checkpoint.load` gives it.

    Raises:
        InputError: no codes were kept.
    """
    if loaded.codes is None:
        raise InputError(f"The images of {loaded.card.data.title} are not on this computer, and the model has no codes of them to draw.")
    pixels = folding.drawn(loaded.model, loaded.codes)
    every = np.arange(len(pixels))
    return Pictures(pixels.__getitem__, loaded.codes.labels, every, every, False)


def thumbnails(loaded: Checkpoint) -> NDArray[np.uint8]:
    """Pictures that a model draws and by which people know it, uint8 [n, C, H, W], n from 1 to 4: of its kept codes, else of the prior."""
    plain = folding.plain(loaded)
    latent = plain.card.model.latent
    if plain.codes is not None:
        codes = plain.codes.mean[np.linspace(0, len(plain.codes.mean) - 1, _THUMBNAILS).astype(int)]
    elif plain.card.model.variational:
        codes = explore.sample_prior(latent, _THUMBNAILS, seed=0)
    else:
        codes = np.zeros((1, latent), np.float32)
    return explore.decode(plain.model, codes)


@dataclass(frozen=True)
class Learnt:
    """The pictures that a model learnt from, N of them, as it saw them: in black and white where it was trained so.

    Attributes:
        take: the pixels of indices from 0 to N − 1, int64 [n] → uint8 [n, C, H, W].
        labels: int64 [N], indices into the class names; None where there are no classes.
        count: N.
    """

    take: Take
    labels: Rows | None
    count: int

    def encode(self, model: VAE) -> Posterior:
        """The posteriors of all of them; only some of the pictures are in memory at a time."""
        return encoding.encode(model, self.take, np.arange(self.count))


def learnt(pictures: Pictures, train: TrainConfig, most: int) -> Learnt:
    """At most `most` of the training pictures; those that are drawn in black and white stay in memory, as each draw takes time."""
    rows = pictures.chosen(most, training=True)
    labels = None if pictures.labels is None else pictures.labels[rows]
    if train.binarise == "no":
        return Learnt(lambda some: pictures.take(rows[some]), labels, len(rows))
    drawn = np.concatenate([binarise.fixed_draw(pictures.take(some)) for some in np.split(rows, range(_CHUNK, len(rows), _CHUNK))])
    return Learnt(drawn.__getitem__, labels, len(rows))


def unseen(pictures: Pictures, loaded: Checkpoint, most: int) -> Posterior:
    """The posteriors of at most `most` of the validation pictures, which a plain model sees in the way it saw its training pictures."""
    return explore.encode(loaded.model, binarise.for_evaluation(pictures.take(pictures.chosen(most)), loaded.card.train))
