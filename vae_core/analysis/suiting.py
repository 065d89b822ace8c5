"""What suits a data set before anything is trained on it, and what not to expect of it; in sentences."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np

from vae_core.base.config import Body, LikelihoodName
from vae_core.data import Images

_LOOKED_AT = 300  # images
_NEARLY = 40  # levels from black or from white, of 255
_DRAWN = 0.5  # of all pixels: so many are nearly black or white in a drawing, hardly a quarter in a photograph
_CONV_SIDE = 28  # from this side on, photographs and colour are learnt better by a convolutional model
_HANDFUL, _FEW = 100, 1_000  # training images


class Suits(NamedTuple):
    """A model's first settings for a set, and why, as a sentence."""

    body: Body
    likelihood: LikelihoodName
    why: str


def suits(images: Images) -> Suits:
    """What to begin with; reads up to 300 images from all over the set.

    Raises:
        InputError: the file that the pixels are mapped from has changed or is gone.
    """
    channels, height, width = images.shape
    body: Body = "conv" if min(height, width) >= _CONV_SIDE else "mlp"
    size = "convolutional, which sees neighbouring pixels together" if body == "conv" else "fully connected, enough for small pictures"
    noise = "A pixel is a brightness with noise: σ 0.1, a tenth of the way from black to white, forgives what no code can hold."
    if channels == 3:
        return Suits(body, "gaussian", f"Filled in for colour: {size}. {noise}")
    pixels = images.take(np.linspace(0, len(images) - 1, min(len(images), _LOOKED_AT)).astype(np.int64))
    if ((pixels < _NEARLY) | (pixels > 255 - _NEARLY)).mean() >= _DRAWN:
        return Suits("mlp", "bernoulli", "Filled in for drawings: most pixels are nearly black or white, so a pixel is a chance of white.")
    return Suits(body, "gaussian", f"Filled in for grey photographs: {size}. {noise}")


def expectations(training_images: int, shape: tuple[int, int, int], latent: int) -> tuple[str, ...]:
    """What to say of a set and a number of latent dimensions before training, the gravest first; often nothing.

    Args:
        training_images: how many there are to train on.
        shape: (C, H, W) of an image.
        latent: K.
    """
    said, values = [], math.prod(shape)
    if latent > values:
        said.append(f"K = {latent} is more than the {values} numbers of an image: the code could copy it. Take a smaller K.")
    if latent > training_images:
        said.append(
            f"K = {latent} is more than the {training_images:,} training images: a code can tell each one apart without describing any. "
            "Take a smaller K."
        )
    if training_images < _HANDFUL:
        said.append(f"Only {training_images:,} training images: expect these learnt by heart and new ones drawn badly. Take some thousand.")
    elif training_images < _FEW:
        said.append(
            f"{training_images:,} training images are few: expect blurred pictures of new images, and watch the validation curve turn up. "
            "Take some thousand."
        )
    return tuple(said)
