"""What is trained to find the images that a network keeps by heart, and what ships of that."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pages.ui.cache.checkpoints import opened
from pages.ui.cache.pictures import images_here
from vae_core.analysis import memorisation, projection
from vae_core.analysis.memorisation import Fold, Memorised
from vae_core.analysis.precomputed import Recipe, kept, shipped
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.runs.catalogue import Entry

TRIED, PLANTED = 1_000, 50
"""How many images a trial has unless one asks for others, and how often a planted one is there."""
FOLDS, REPEATS = 5, 2
_SEEN, _BATCH = 60_000, 64  # images that a training sees, passes over the same ones counted; and at a time
_MEMORISED = Recipe("memorised", Memorised)


class Trial(NamedTuple):
    """What is trained: N images, uint8 [N, C, H, W], the trainings, and the network with how it learns."""

    pixels: NDArray[np.uint8]
    folds: list[Fold]
    model: ModelConfig
    train: TrainConfig


def trial(entry: Entry, count: int, *, planted: bool) -> Trial:
    """So many of the model's images, each class in its share, perhaps with the first of them planted.

    Raises:
        InputError: the images are not on this computer, or the model is damaged.
    """
    images = images_here(entry)
    pixels = images.take(projection.subsample(len(images), count, images.labels, seed=0))
    if planted:
        pixels = np.concatenate([pixels, np.repeat(pixels[:1], PLANTED - 1, axis=0)])
    card = opened(entry.folder).card
    train = card.train.model_copy(update={"epochs": max(1, round(_SEEN / len(pixels))), "batch": min(_BATCH, card.train.batch)})
    return Trial(pixels, memorisation.folds(memorisation.copies(pixels), FOLDS, REPEATS), card.model, train)


def _variant(count: int, *, planted: bool) -> str:
    return f"{count} {planted}"


def memorised(entry: Entry, count: int, *, planted: bool) -> Memorised | None:
    """The scores that ship with a model for such a trial; None where none do."""
    return kept(_MEMORISED, entry.folder, images_here(entry).identity, variant=_variant(count, planted=planted))


def keep_memorised(entry: Entry) -> None:
    """Make the scores of the usual trial, with and without a planted image, and keep them beside the model; while `recording`."""
    for planted in (False, True):
        asked = trial(entry, TRIED, planted=planted)

        def measured(asked: Trial = asked) -> Memorised:
            return memorisation.scores(
                asked.folds, [memorisation.whole(asked.pixels, fold, asked.model, asked.train) for fold in asked.folds]
            )

        shipped(_MEMORISED, entry.folder, images_here(entry).identity, measured, variant=_variant(TRIED, planted=planted))
