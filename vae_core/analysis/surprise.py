"""What a decoder that says how likely each pixel is to be white says of one image, and what its errors would cost by another choice.

The decoder gives p(x|z), a distribution over images. Black and white pixels cost their cross-entropy. A bell curve of spread s around each
pixel's grey charges a pixel that is off by e, beside one that is right, e²/2s² nats: −log N(x; x̂, s²) less its constant.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.analysis.posterior import Doubles
from vae_core.model.vae import VAE

_LEAST, _MOST = 1e-12, 1 - 2**-24  # as in assets/live/lesson/likelihood.js: chances of which the logarithm is finite


class Surprise(NamedTuple):
    """Of one image, float64 [C, H, W] each: how likely its pixels are to be white, how far that is from them, and their costs in nats."""

    white: Doubles
    errors: Doubles
    costs: Doubles

    def by_bell_curve(self, spread: float) -> float:
        """What the errors would cost in all, in nats, by a bell curve of this spread around each grey; no error costs 0."""
        return float(np.square(self.errors).sum() / (2 * spread**2))


@torch.inference_mode()
def surprise(model: VAE, picture: NDArray[np.uint8], code: NDArray[np.floating]) -> Surprise:
    """What a model with a Bernoulli decoder says of an image, uint8 [C, H, W], at a code, [K]; its costs sum to −log p(x|z)."""
    decoded = model.decode(torch.tensor(np.asarray(code)[None], dtype=torch.float32))
    white = model.likelihood.mean(decoded)[0].double().numpy()
    x, chance = picture / 255, np.clip(white, _LEAST, _MOST)
    return Surprise(white, x - white, -(x * np.log(chance) + (1 - x) * np.log1p(-chance)))
