"""`DiagonalGaussian`: the posterior q(z|x), and the only place where its formulas live."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn import functional as F

from vae_core.model import noise

_HIGHEST, _ROOM = 10.0, 4.0


def bound_logvar(raw: Tensor, lowest: float) -> Tensor:
    """Keep a log-variance inside (lowest, 10) without ever stopping its gradient.

    The identity from lowest + 4 to 6; beyond, the excess e becomes 4e / (4 + |e|), which meets the identity with equal slope and
    approaches the bound. A hard clamp would have no gradient outside, a softplus one none in float32 far outside.

    Args:
        raw: what the encoder's last layer says, any shape.
        lowest: the bound below, under 2.

    Returns:
        Tensor of the same shape.
    """
    inner = raw.clamp(lowest + _ROOM, _HIGHEST - _ROOM)
    return inner + _ROOM * F.softsign((raw - inner) / _ROOM)


@dataclass(frozen=True)
class DiagonalGaussian:
    """Independent normal distributions over K latent dimensions, one row per image.

    Attributes:
        mean: μ, [B, K].
        logvar: log σ², [B, K].
    """

    mean: Tensor
    logvar: Tensor

    @property
    def mode(self) -> Tensor:
        """The most probable code, which is the mean, [B, K]."""
        return self.mean

    @property
    def std(self) -> Tensor:
        """σ, [B, K]."""
        return torch.exp(0.5 * self.logvar)

    def sample(self, generator: torch.Generator) -> Tensor:
        """One reparameterised draw z = μ + σ·ε per row, [B, K] (Kingma & Welling 2013, §2.4)."""
        drawn = torch.empty_like(noise.widened(self.mean, generator)).normal_(generator=generator)
        return self.mean + self.std * noise.own(drawn, generator)

    def kl_per_dim(self) -> Tensor:
        """KL(q ‖ N(0, 1)) of each dimension in nats, [B, K], never negative (Kingma & Welling 2013, appendix B).

        ½(μ² + (e^ℓ − 1) − ℓ) with ``expm1``: the plain form loses all digits for ℓ near 0 in float32.
        """
        return 0.5 * (self.mean.square() + torch.expm1(self.logvar) - self.logvar)

    def kl_halves_per_dim(self) -> tuple[Tensor, Tensor]:
        """D_μ = ½μ² and D_σ = ½(σ² − 1 − ln σ²) of each dimension in nats, [B, K] each, never negative: their sum is the KL.

        What it costs to move the means from 0, and what to make the widths other than 1.
        """
        return 0.5 * self.mean.square(), 0.5 * (torch.expm1(self.logvar) - self.logvar)

    def kl(self) -> Tensor:
        """KL(q ‖ N(0, I)) in nats per image, [B]."""
        return self.kl_per_dim().sum(1)

    def log_prob_per_dim(self, z: Tensor) -> Tensor:
        """log q(z_j) of each dimension in nats, [..., K]; z of shape [M, 1, K] asks every row about each of M codes, [M, B, K]."""
        squared = (z - self.mean).square() * torch.exp(-self.logvar)
        return -0.5 * (squared + self.logvar + math.log(2 * math.pi))

    def log_prob(self, z: Tensor) -> Tensor:
        """log q(z) in nats, [...], for z of shape [..., K] as in `log_prob_per_dim`."""
        return self.log_prob_per_dim(z).sum(-1)
