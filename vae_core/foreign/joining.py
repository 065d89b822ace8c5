"""Images for a model that was trained elsewhere: in its size, grey or in colour as it takes them."""

from __future__ import annotations

import math

import numpy as np
from PIL import Image

from vae_core import data
from vae_core.base.errors import InputError
from vae_core.data import Images
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
    channels, height, width = shape
    _, high, wide = images.shape
    if high * width != wide * height:
        raise InputError(
            f"The images are {high} × {wide} pixels and the model takes {height} × {width}: bring images of that aspect ratio."
        )
    if len(images) * math.prod(shape) > MAX_BYTES:
        raise InputError(f"{len(images):,} images of {height} × {width} pixels take over {MAX_BYTES // 2**30} GB: bring fewer.")
    known = data.info(images.name)
    title = f"{images.name if known is None else known.title}, {height} × {width}"
    kept = next((name for name, info in data.imported().items() if info.title == title), None)
    if kept is not None and len(found := data.load_imported(kept)) == len(images) and found.shape == shape:
        return found
    made = np.concatenate(
        [_resized(images.take(np.arange(first, min(first + 512, len(images)))), shape) for first in range(0, len(images), 512)]
    )
    copy = Images(
        name=title,
        pixels=made,
        labels=images.labels,
        class_names=images.class_names,
        factors=images.factors,
        factor_names=images.factor_names,
        factor_values=images.factor_values,
        test_start=images.test_start,
        licence=images.licence,
    )
    return data.load_imported(data.save_imported(copy, title))


def _resized(some: np.ndarray, shape: tuple[int, int, int]) -> np.ndarray:
    channels, height, width = shape
    mode = "L" if channels == 1 else "RGB"
    made = np.empty((len(some), *shape), np.uint8)
    for place, image in enumerate(some):
        picture = Image.fromarray(image[0] if len(image) == 1 else np.moveaxis(image, 0, -1)).convert(mode)
        resized = np.asarray(picture.resize((width, height), Image.Resampling.BILINEAR))
        made[place] = resized[None] if channels == 1 else np.moveaxis(resized, -1, 0)
    return made
