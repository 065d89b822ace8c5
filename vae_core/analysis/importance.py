"""−log p(x), estimated by importance sampling with the posterior (Burda et al. 2016)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.base.errors import InputError
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.priors import Prior, StandardNormal
from vae_core.model.vae import VAE


def log_weights(model: VAE, x: Tensor, posterior: DiagonalGaussian, z: Tensor, prior: Prior) -> Tensor:
    """log w = log p(x|z) + log p(z) − log q(z|x) of one code for each image, every constant included, float64 [B].

    Args:
        model: gives p(x|z).
        x: images in [0, 1], [B, C, H, W].
        posterior: q(z|x) of the images, from which z was drawn, [B, K].
        z: [B, K].
        prior: p(z).
    """
    exact = DiagonalGaussian(posterior.mean.double(), posterior.logvar.double())
    return prior.log_prob(z.double()) - exact.log_prob(z.double()) - model.likelihood.nll(model.decode(z), x).double()


def estimates(
    model: VAE, pixels: NDArray[np.uint8], *, samples: int, seed: int = 0, prior: Prior | None = None, batch: int = 512
) -> Iterator[NDArray[np.float64]]:
    """−log p̂(x) of uint8 images [N, C, H, W] in nats, float64 [N], after 1, 2, … and `samples` codes for each image.

    log p̂ = log (1/S) Σ w, a lower bound in expectation: the first estimate is −ELBO, and the mean falls with S towards −log p(x).
    The weights are summed as they come, in float64. Neither `batch` nor `samples` changes the noise of an image's codes.

    Args:
        model: a variational one; put into evaluation mode.
        pixels: the images.
        samples: S, at least 1.
        seed: of the codes.
        prior: p(z); None is N(0, I).
        batch: images decoded at a time.

    Raises:
        InputError: `samples` is below 1, or the model is deterministic and gives no probability to an image.
    """
    if samples < 1:
        raise InputError(f"The likelihood needs at least 1 sample for each image, not {samples}.")
    if not model.config.variational:
        raise InputError("A deterministic autoencoder gives no probability to an image: its likelihood cannot be estimated.")
    return _running(model, torch.tensor(pixels), samples, seed, StandardNormal(model.config.latent) if prior is None else prior, batch)


@torch.inference_mode()
def _running(model: VAE, pixels: Tensor, samples: int, seed: int, prior: Prior, batch: int) -> Iterator[NDArray[np.float64]]:
    model.eval()
    generator = torch.Generator().manual_seed(seed)
    images = torch.split(pixels, batch)
    posteriors = [model.encode(_scaled(chunk, model)) for chunk in images]
    posterior = DiagonalGaussian(*(torch.cat([getattr(part, name) for part in posteriors]) for name in ("mean", "logvar")))
    total = torch.full((len(pixels),), -torch.inf, dtype=torch.float64)
    for count in range(1, samples + 1):
        codes = torch.split(posterior.sample(generator), batch)
        weights = [log_weights(model, _scaled(x, model), q, z, prior) for x, q, z in zip(images, posteriors, codes, strict=True)]
        total = torch.logaddexp(total, torch.cat(weights))
        yield (math.log(count) - total).numpy()


def nll(
    model: VAE, pixels: NDArray[np.uint8], *, samples: int, seed: int = 0, prior: Prior | None = None, batch: int = 512
) -> NDArray[np.float64]:
    """The last of `estimates`: −log p̂(x) of each image from `samples` codes."""
    return deque(estimates(model, pixels, samples=samples, seed=seed, prior=prior, batch=batch), maxlen=1).pop()


def _scaled(pixels: Tensor, model: VAE) -> Tensor:
    """Pixels in [0, 1] in the precision of the model's weights."""
    return pixels.to(next(model.parameters()).dtype).div_(255)
