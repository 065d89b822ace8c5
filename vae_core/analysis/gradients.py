"""The gradient of the distortion with the reparameterisation trick and without: both are right on average, one of them trembles.

∂/∂μ E_q[D(z)] for q = N(μ, diag(σ²)) is E[∂D/∂z] at z = μ + σ·ε: the noise is put in from outside, and the gradient flows through it
(Kingma & Welling 2014, §2.4). Without the trick it is E[D(z)·(z − μ)/σ²], the score function estimator (Williams 1992), which asks only
what D is, not where it rises.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.analysis.posterior import Doubles
from vae_core.model.vae import VAE


class Gradients(NamedTuple):
    """Estimates of ∂/∂μ E_q[D(z)] from one code each, float64 [S, K], in nats per unit of z; the same S codes for both."""

    pathwise: Doubles
    score: Doubles

    @property
    def spreads(self) -> tuple[Doubles, Doubles]:
        """The standard deviation of one estimate, [K] each: with the trick, and without."""
        return self.pathwise.std(axis=0, ddof=1), self.score.std(axis=0, ddof=1)


def gradients(
    model: VAE, picture: NDArray[np.uint8], mean: NDArray[np.floating], std: NDArray[np.floating], *, draws: int, seed: int = 0
) -> Gradients:
    """Estimate the gradient of the distortion of one image, uint8 [C, H, W], by the mean of its posterior.

    Args:
        model: decodes.
        picture: the image.
        mean, std: μ and σ of q, [K] each.
        draws: S, how many codes.
        seed: of the noise.
    """
    weight = next(model.parameters())
    noise = torch.randn(draws, model.config.latent, generator=torch.Generator().manual_seed(seed), dtype=weight.dtype)
    width = torch.tensor(np.asarray(std), dtype=weight.dtype)
    codes = (torch.tensor(np.asarray(mean), dtype=weight.dtype) + width * noise).requires_grad_()
    x = torch.tensor(picture)[None].to(weight.dtype) / 255
    costs = model.likelihood.nll(model.decode(codes), x.expand(draws, *x.shape[1:]))
    (slopes,) = torch.autograd.grad(costs.sum(), codes)
    scores = costs.detach()[:, None] * noise / width
    return Gradients(slopes.double().numpy(), scores.double().numpy())
