"""Images for a model that was trained elsewhere: in its size, grey or in colour as it takes them."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from vae_core import data
from vae_core.analysis.explore import Pixels
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.data.images import fit_image, to_pil
from vae_core.foreign import pixels
from vae_core.foreign.adopting import Choices
from vae_core.foreign.halves import Halves

MAX_BYTES = 2**30
"""Pixels of a set in another size, at most."""


def shape_of(halves: Halves, choices: Choices) -> tuple[int, int, int]:
    """(C, H, W) of the pictures that a model takes.

    Raises:
        InputError: its shapes are no picture's.
    """
    return pixels.layouts(halves, choices.image)[0].image


def fitted(images: Images, shape: tuple[int, int, int]) -> Images:
    """The images in this shape: themselves where they have it, else a resized copy, which is kept beside other imported sets.

    Raises:
        InputError: they are of another aspect ratio, or the copy would be larger than 1 GB.
    """
    if images.shape == shape:
        return images
    _, height, width = shape
    if len(images) * math.prod(shape) > MAX_BYTES:
        raise InputError(f"{len(images):,} images of {height} × {width} pixels take over {MAX_BYTES // 2**30} GB: bring fewer.")
    made = np.concatenate([resized(some, shape) for some in images.chunks()])
    known = data.info(images.name)
    title = f"{images.name if known is None else known.title}, {height} × {width}"
    copy = replace(images, name=title, pixels=made, source=None)
    return data.load_imported(data.save_imported(copy, title))


def resized(some: Pixels, shape: tuple[int, int, int]) -> Pixels:
    """Pictures uint8 [N, C, H, W] in another size, grey or in colour.

    Raises:
        InputError: they are of another aspect ratio.
    """
    channels, height, width = shape
    _, _, high, wide = some.shape
    if high * width != wide * height:
        raise InputError(f"The images are {high} × {wide} pixels and the model takes {height} × {width}: bring some of that aspect ratio.")
    return np.stack([fit_image(to_pil(image), channels=channels, height=height, width=width) for image in some])
