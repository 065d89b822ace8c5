"""A short film of a model: an endless walk through a few codes."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.data.images import gif_bytes, png_bytes
from vae_core.model.vae import VAE

_STEPS, _MILLISECONDS, _SIDE = 12, 90, 192


class Film(NamedTuple):
    """The walk as a GIF that begins again where it ends, and its first frame as a PNG, both with sides of about 192 pixels or more."""

    moving: bytes
    still: bytes


def through(model: VAE, stops: Floats) -> Film:
    """From each code to the next in twelve steps, and from the last to the first; codes [n, K]."""
    legs = [explore.interpolate(stop, onward, _STEPS + 1)[:-1] for stop, onward in zip(stops, np.roll(stops, -1, axis=0), strict=True)]
    frames = explore.decode(model, np.concatenate(legs))
    scale = max(1, _SIDE // max(frames.shape[2:]))
    return Film(gif_bytes(frames, milliseconds=_MILLISECONDS, scale=scale), png_bytes(frames[0], scale))
