"""What lies halfway between two pictures: on the way between their codes, and between their pixels."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import explore
from vae_core.analysis.explore import Floats, Pixels
from vae_core.analysis.neighbours import k_nearest
from vae_core.model.vae import VAE


class Halfway(NamedTuple):
    """How far pictures are from the nearest image, root mean squared over a picture's values on the [0, 1] scale; means over all pairs.

    Attributes:
        ends: what the codes themselves decode to.
        walk: what the codes halfway decode to.
        fade: the average of both ends' pixels.
    """

    ends: float
    walk: float
    fade: float


def halfway(model: VAE, starts: Floats, ends: Floats, images: Pixels) -> Halfway:
    """Of the ways from each code of `starts` [n, K] to that of `ends` [n, K], beside `images` [N, C, H, W]."""
    first, last = explore.decode(model, starts), explore.decode(model, ends)
    middle = explore.decode(model, ((starts + ends) / 2).astype(np.float32))
    faded = np.rint((first.astype(np.float64) + last) / 2)
    known = _flat(images)
    both = np.concatenate([first, last])
    return Halfway(*(_off(known, _flat(pictures)) for pictures in (both, middle, faded)))


def _off(known: Floats, pictures: Floats) -> float:
    return float(k_nearest(known, 1, pictures)[1].mean() / np.sqrt(known.shape[1]))


def _flat(pictures: NDArray[np.uint8] | NDArray[np.float64]) -> Floats:
    return (pictures.reshape(len(pictures), -1) / 255).astype(np.float32)
