"""`Posterior`: q(z|x) of many images in NumPy, and the only NumPy code of its formulas."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Doubles = NDArray[np.float64]


class Posterior(NamedTuple):
    """q(z|x) of N images: independent normal distributions over K latent dimensions, as `DiagonalGaussian` is in torch.

    Attributes:
        mean: μ, [N, K], float32 as a model gives it.
        logvar: log σ², [N, K]; −∞ for a deterministic autoencoder.
    """

    mean: NDArray[Any]
    logvar: NDArray[Any]

    @property
    def std(self) -> NDArray[Any]:
        """σ, [N, K]."""
        return np.exp(0.5 * self.logvar)

    def of(self, rows: NDArray[Any]) -> Posterior:
        """The posteriors of some of the images, by indices or by a mask, [n, K]."""
        return Posterior(self.mean[rows], self.logvar[rows])

    def kl(self) -> Doubles:
        """KL(q(z|x) ‖ N(0, 1)) in nats, of each image and dimension, float64 [N, K], never negative; ∞ for a deterministic autoencoder.

        ½(μ² + e^l − 1 − l) with l = log σ² (Kingma & Welling 2014, appendix B).
        """
        mean, logvar = (part.astype(np.float64) for part in self)
        kl: Doubles = 0.5 * (np.square(mean) + np.expm1(logvar) - logvar)
        return kl

    def kl_draws(self, count: int, *, seed: int = 0) -> Doubles:
        """log q(z|x) − log p(z) in nats of codes drawn from q(z|x), float64 [count, N]: noise whose mean is the KL of each image."""
        z = self.sample(np.random.default_rng(seed).normal(size=(count, *self.mean.shape)))
        prior: Doubles = -0.5 * (np.square(z) + math.log(2 * math.pi)).sum(-1)
        return self.log_prob(z) - prior

    def sample(self, noise: NDArray[Any]) -> NDArray[Any]:
        """One code z = μ + σ·ε of each image for standard normal noise ε, [N, K], or several for ε [S, N, K]; of the shape of the noise."""
        codes: NDArray[Any] = self.mean + self.std * noise
        return codes

    def log_prob(self, z: NDArray[Any]) -> Doubles:
        """log q(z|x) in nats, one code for each image: z [N, K] → float64 [N]; M codes for all of them as z [M, 1, K] → [M, N]."""
        mean, logvar = (part.astype(np.float64) for part in self)
        squared = np.square(z - mean) * np.exp(-logvar)
        density: Doubles = -0.5 * (squared + logvar + math.log(2 * math.pi)).sum(-1)
        return density


def joined(parts: list[Posterior]) -> Posterior:
    """The posteriors of several lots of images as one."""
    return Posterior(*map(np.concatenate, zip(*parts, strict=True)))
