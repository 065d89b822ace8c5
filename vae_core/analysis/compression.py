"""What is left of an image when only its K most telling numbers are kept: of a model's code, and of the principal components."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import explore
from vae_core.analysis.explore import Pixels
from vae_core.model.vae import VAE


class Components(NamedTuple):
    """The principal components of images, on the [0, 1] scale.

    Attributes:
        mean: of the images, [D].
        directions: the strongest, orthonormal rows [K, D].
        variances: of the images along these, descending, [K].
        noise: mean variance along all other directions, the σ² of probabilistic PCA (Tipping & Bishop 1999).
    """

    mean: NDArray[np.float64]
    directions: NDArray[np.float64]
    variances: NDArray[np.float64]
    noise: float

    def rate(self) -> float:
        """R in nats per image, on average over the images that the components are of: what a code of probabilistic PCA tells of an image.

        Its posterior has the width √(σ²/λ) in a direction of variance λ, and its means have variance 1 − σ²/λ there, so that the KL
        divergences from N(0, 1) come to ½ Σ log(λ/σ²).
        """
        return float(0.5 * np.log(self.variances / self.noise).sum())


def components(pixels: Pixels, count: int) -> Components:
    """The `count` strongest components of images [N, C, H, W]: no linear code of so many numbers loses less (Eckart & Young 1936)."""
    from sklearn.decomposition import PCA

    flat = pixels.reshape(len(pixels), -1) / 255
    found = PCA(count, svd_solver="covariance_eigh").fit(flat)
    unbiased = len(pixels) / (len(pixels) - 1)  # scikit-learn divides by N − 1
    return Components(found.mean_, found.components_, found.explained_variance_ / unbiased, float(found.noise_variance_ / unbiased))


def by_components(pixels: Pixels, found: Components, kept: int) -> Pixels:
    """Images [N, C, H, W] rebuilt from their first `kept` components."""
    rows = found.directions[:kept]
    flat = pixels.reshape(len(pixels), -1) / 255
    rebuilt = found.mean + (flat - found.mean) @ rows.T @ rows
    return np.round(255 * rebuilt.clip(0, 1)).astype(np.uint8).reshape(pixels.shape)


def by_model(model: VAE, pixels: Pixels, order: NDArray[np.int64], kept: int) -> Pixels:
    """Images [N, C, H, W] rebuilt from the first `kept` numbers of their codes in this order; the others are 0, the prior's middle."""
    codes = explore.encode(model, pixels).mean
    codes[:, order[kept:]] = 0
    return explore.decode(model, codes)


def error(pixels: Pixels, rebuilt: Pixels) -> float:
    """The root mean square difference over all values of all images, on the [0, 1] scale."""
    return float(np.sqrt(_squares(pixels, rebuilt).mean()))


def error_spread(pixels: Pixels, rebuilt: Pixels) -> float:
    """The standard error of `error` over the images: that of their mean squares, to first order in the root."""
    squares = _squares(pixels, rebuilt)
    return float(squares.std(ddof=1) / np.sqrt(len(squares)) / (2 * np.sqrt(squares.mean())))


def _squares(pixels: Pixels, rebuilt: Pixels) -> NDArray[np.float64]:
    """Mean square difference of each image, [N]."""
    found: NDArray[np.float64] = np.square((pixels.astype(np.float64) - rebuilt) / 255).mean(axis=(1, 2, 3))
    return found
