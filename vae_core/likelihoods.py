"""p(x|z): what the decoder's output means, its cost in nats and its mean image."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor
from torch.nn import functional as F


class Likelihood(Protocol):
    """A distribution over images, its parameters given by the decoder."""

    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z) in nats per image, summed over pixels: [B, C, H, W] twice → [B]."""
        ...

    def mean(self, params: Tensor) -> Tensor:
        """E[x|z], the image to show: [B, C, H, W] → [B, C, H, W]."""
        ...


@dataclass(frozen=True)
class Bernoulli:
    """Each pixel is the probability of white; the decoder gives logits.

    For grey pixels this is cross-entropy and not a likelihood: its least value is the pixels' own entropy, not zero.
    """

    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """Cross-entropy from logits; from probabilities float32 loses the gradient at logit 17."""
        if x.min() < 0 or x.max() > 1:
            raise ValueError(f"Bernoulli pixels must be in [0, 1], not [{x.min():g}, {x.max():g}]")
        return F.binary_cross_entropy_with_logits(params, x, reduction="none").flatten(1).sum(1)

    def mean(self, params: Tensor) -> Tensor:
        """The probability of white."""
        return torch.sigmoid(params)


@dataclass(frozen=True)
class Gaussian:
    """Each pixel is normal around the decoder's output with one fixed standard deviation, in units of the [0, 1] pixel scale."""

    sigma: float

    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """½((x − m)/σ)² + log σ + ½ log 2π per pixel, the constant included; a density, so it may be negative."""
        constant = math.log(self.sigma) + 0.5 * math.log(2 * math.pi)
        return (0.5 * ((x - params) / self.sigma).square() + constant).flatten(1).sum(1)

    def mean(self, params: Tensor) -> Tensor:
        """The decoder's output itself."""
        return params


LIKELIHOODS: Mapping[str, Callable[[float], Likelihood]] = {"bernoulli": lambda sigma: Bernoulli(), "gaussian": Gaussian}
"""Name in a configuration → likelihood for the configured σ (which Bernoulli does not use)."""
