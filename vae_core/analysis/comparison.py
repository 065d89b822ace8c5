"""Whether two models' distortions of the same images measure the same thing; only then do their losses and ELBOs compare."""

from __future__ import annotations

import numpy as np

from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.data import Images
from vae_core.model.likelihoods import LIKELIHOODS, Measure


def measure(model: ModelConfig, train: TrainConfig, *, black_and_white: bool) -> Measure:
    """What a model's distortion measures.

    Args:
        model: with its likelihood.
        train: with its binarisation. Nothing else in it matters: D and R are counted alike for every objective.
        black_and_white: whether the images have no greys to begin with (`is_black_and_white`); to binarise them changes nothing.
    """
    of_greys = LIKELIHOODS[model.likelihood].measure
    if of_greys is not Measure.CROSS_ENTROPY:
        return of_greys
    if black_and_white:
        return Measure.PROBABILITY
    return Measure.CROSS_ENTROPY if train.binarise == "no" else Measure.DRAWN


def not_comparable(one: Measure, other: Measure) -> str | None:
    """Why two distortions of the same images do not compare, as a sentence; None where they do."""
    pair = {one, other}
    if len(pair) == 1:
        return None
    if Measure.CROSS_ENTROPY in pair:
        return (
            "Cross-entropy of grey pixels is not a likelihood: its least value is the pixels' own entropy, so it compares with "
            "no likelihood."
        )
    if Measure.DRAWN in pair:
        return "One model is judged on images drawn in black and white, the other on the grey ones: these are different images."
    return "A probability is at most 1 and a density may be above it: their logarithms are on different scales."


def is_black_and_white(images: Images) -> bool:
    """Whether all pixels are 0 or 255; reads little more than the first grey.

    Raises:
        InputError: the file that the pixels are mapped from has changed or is gone.
    """
    # Modulo 256 the two become 255 and 254, and every grey less than that.
    return all(bool((pixels - np.uint8(1) >= 254).all()) for pixels in images.chunks())
