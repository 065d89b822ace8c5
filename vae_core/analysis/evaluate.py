"""How good a model is on a set of images: rate, distortion, unused dimensions, sharpness."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.model.vae import VAE
from vae_core.training.objectives import Averages, average
from vae_core.training.objectives import unused as carries_nothing


@dataclass(frozen=True)
class Evaluation(Averages):
    """Means over images, and `unused`, the number of dimensions whose mean KL is below 0.01 nats.

    The rate is the plain KL; only the loss weighs it.
    """

    unused: int


def evaluate(model: VAE, pixels: NDArray[np.uint8], *, beta: float | tuple[float, float], seed: int = 0) -> Evaluation:
    """Evaluate on uint8 images [N, C, H, W], with one seeded posterior sample an image, at a KL weight, or the two of D_μ and D_σ."""
    means = average(model, torch.tensor(pixels), beta=beta, seed=seed)
    unused = int(carries_nothing(means.kl_per_dim).sum()) if model.config.variational else 0
    return Evaluation(**vars(means), unused=unused)


def sharpness(pictures: NDArray[np.uint8], originals: NDArray[np.uint8]) -> float:
    """High-frequency energy of `pictures` [N, C, H, W] as a share of that of `originals`; 1 is as sharp, 0 is flat.

    The energy is the sum of squares of the discrete Laplacian (4 x centre − the four neighbours) over all inner pixels.
    Undefined, and NaN, where the originals are flat.
    """
    energy = _laplacian_energy(originals).sum()
    return float(_laplacian_energy(pictures).sum() / energy) if energy else math.nan


def sharpness_error(pictures: NDArray[np.uint8], originals: NDArray[np.uint8]) -> float:
    """The standard error of `sharpness` over the images, which is a ratio of two means: that of its first-order change with both.

    NaN of one image, or where the originals are flat.
    """
    own, whole = _laplacian_energy(pictures), _laplacian_energy(originals)
    if len(own) < 2 or not whole.any():
        return math.nan
    apart = own - own.sum() / whole.sum() * whole
    return float(apart.std(ddof=1) / math.sqrt(len(own)) / whole.mean())


def _laplacian_energy(pictures: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Of each picture, [N]."""
    p = pictures.astype(np.int32)  # whole numbers: rounding would leave a flat picture some energy
    laplacian = 4 * p[..., 1:-1, 1:-1] - p[..., :-2, 1:-1] - p[..., 2:, 1:-1] - p[..., 1:-1, :-2] - p[..., 1:-1, 2:]
    found: NDArray[np.float64] = np.square(laplacian).sum(axis=(1, 2, 3), dtype=np.float64)
    return found
