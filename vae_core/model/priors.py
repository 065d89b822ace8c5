"""p(z): where codes are expected before any image is seen. It draws new codes and weighs given ones."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, Self

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.base.errors import InputError


class Prior(Protocol):
    """A distribution over codes of K dimensions."""

    def log_prob(self, z: Tensor) -> Tensor:
        """log p(z) in nats: [B, K] → [B]."""
        ...

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """`count` codes, [count, K]."""
        ...


@dataclass(frozen=True)
class StandardNormal:
    """N(0, I) over `latent` dimensions: the prior that a VAE is trained with."""

    latent: int

    def log_prob(self, z: Tensor) -> Tensor:
        """−½ Σ (z² + log 2π)."""
        return -0.5 * (z.square() + math.log(2 * math.pi)).sum(-1)

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """`count` codes, float32 [count, K]."""
        return torch.randn(count, self.latent, generator=generator)


@dataclass(frozen=True)
class GaussianMixture:
    """M normal distributions with full covariances, fitted to the codes of a trained model.

    Where the codes of the images do not fill N(0, I), draws from N(0, I) look wrong though reconstructions are good. Draws from the
    mixture do not.

    Attributes:
        weights: float64 [M], their sum is 1.
        means: float64 [M, K].
        scale: lower Cholesky factors of the covariances, float64 [M, K, K].
    """

    weights: Tensor
    means: Tensor
    scale: Tensor

    @classmethod
    def fit(cls, codes: NDArray[Any], *, components: int = 10, seed: int = 0) -> Self:
        """Fit by expectation maximisation from a seeded k-means (scikit-learn).

        Args:
            codes: [N, K]. Codes drawn from the posteriors, so that the width of each posterior counts too; means alone would leave
                a mixture in which an unused dimension has no width.
            components: M.
            seed: of the start.

        Raises:
            InputError: fewer codes than components.
        """
        from sklearn.mixture import GaussianMixture as Fit

        if len(codes) < components:
            raise InputError(f"A mixture of {components} components needs at least as many codes, not {len(codes)}.")
        random = np.random.RandomState(np.random.MT19937(seed))  # scikit-learn itself takes seeds of 32 bits only
        fitted = Fit(components, random_state=random, max_iter=1000).fit(codes.astype(np.float64))
        weights, means, covariances = (torch.from_numpy(part) for part in (fitted.weights_, fitted.means_, fitted.covariances_))
        return cls(weights, means, torch.linalg.cholesky(covariances))

    def log_prob(self, z: Tensor) -> Tensor:
        """log Σ_m w_m N(z; μ_m, Σ_m), float64 [B]."""
        offsets = z.double().T - self.means[:, :, None]  # [M, K, B]
        squared = torch.linalg.solve_triangular(self.scale, offsets, upper=False).square().sum(1)  # [M, B]
        constant = self.weights.log() - self.scale.diagonal(dim1=1, dim2=2).log().sum(1) - 0.5 * len(offsets[0]) * math.log(2 * math.pi)
        return torch.logsumexp(constant[:, None] - 0.5 * squared, dim=0)

    def sample(self, count: int, generator: torch.Generator) -> Tensor:
        """`count` codes, float32 [count, K]: first a component by weight, then a code of it."""
        chosen = torch.multinomial(self.weights, count, replacement=True, generator=generator)
        noise = torch.randn(count, self.means.shape[1], 1, dtype=torch.float64, generator=generator)
        return (self.means[chosen] + (self.scale[chosen] @ noise).squeeze(-1)).float()
