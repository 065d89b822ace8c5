"""What training minimises, in nats per image: loss = D + β·R."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.model import VAE

UNUSED_NATS = 0.01
"""A latent dimension whose mean KL over the data set is below this carries nothing."""


class Terms(NamedTuple):
    """Per image, in nats, [B] each. β is in the loss only; the rate is the plain KL."""

    loss: Tensor
    distortion: Tensor
    rate: Tensor


def elbo(model: VAE, x: Tensor, *, beta: float, generator: torch.Generator) -> Terms:
    """One-sample estimate of D + β·R; at β = 1 it is −ELBO (Kingma & Welling 2013, eq. 7; β: Higgins et al. 2017, eq. 4).

    Args:
        model: the autoencoder; a deterministic one has rate 0.
        x: images in [0, 1], [B, C, H, W].
        beta: the KL weight, at least 0.
        generator: source of the posterior sample.
    """
    passage = model(x, generator)
    distortion = model.likelihood.nll(passage.params, x)
    rate = passage.posterior.kl() if model.config.variational else torch.zeros_like(distortion)
    return Terms(distortion + beta * rate, distortion, rate)


@dataclass(frozen=True)
class Averages:
    """Means over a set of images, in nats per image; `kl_per_dim` float64 [K] sums to `rate`."""

    loss: float
    distortion: float
    rate: float
    kl_per_dim: NDArray[np.float64]


@torch.inference_mode()
def average(model: VAE, pixels: Tensor, *, beta: float, seed: int, batch: int = 512) -> Averages:
    """Mean distortion, rate and KL per dimension over uint8 images [N, C, H, W].

    Sums over all images and divides once: a mean of batch means would weigh the images of a short last batch more.
    """
    generator = torch.Generator().manual_seed(seed)
    distortion, kl = 0.0, torch.zeros(model.config.latent, dtype=torch.float64)
    for chunk in torch.split(pixels, batch):
        x = chunk.float().div_(255)
        passage = model(x, generator)
        distortion += model.likelihood.nll(passage.params, x).double().sum().item()
        if model.config.variational:
            kl += passage.posterior.kl_per_dim().double().sum(0)
    kl_per_dim = (kl / len(pixels)).numpy()
    rate = float(kl_per_dim.sum())
    return Averages(distortion / len(pixels) + beta * rate, distortion / len(pixels), rate, kl_per_dim)
