"""β read back from a model: the KL weight at which its codes would be as good as they are, whatever its training said.

At the least of D + β·R no change of the encoder helps. Make all widths σ a little larger, by the same share, and leave the means alone: D
rises by Σ σ·E[ε·∂D/∂z] and R falls by Σ (1 − σ²), so the two must balance at β. The same for the means: D falls by −Σ μ·E[∂D/∂z] and R
rises by Σ μ². What β would balance them is read from gradients of the decoder alone, for any likelihood. Both steps are open to an encoder
whose last layer has a bias and a scale of its own, as all of ours have.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from vae_core.base.errors import InputError
from vae_core.model.vae import VAE
from vae_core.training.objectives import UNUSED_NATS

PAIRS = 8
"""Pairs of noise, ε and −ε, for each image."""
_BATCH, _RESAMPLES = 256, 400


class ReadBack(NamedTuple):
    """The KL weights that balance D and R at a model's codes; NaN where no dimension is used.

    Attributes:
        of_widths: β̂_σ. The noise of codes moves it, so it is sure to a per cent or so, at every β.
        of_means: β̂_μ. Where β is small the means cost next to nothing, and training leaves it far from β.
    """

    of_widths: float
    of_means: float


def read_back(
    model: VAE, pixels: Tensor, *, beta: float | tuple[float, float] | None = None, noise: torch.Generator | int = 0, pairs: int = PAIRS
) -> ReadBack:
    """Read the KL weight of D_σ and that of D_μ from a model; at an optimum of D + β·R both are β.

    β̂_σ = Σ σ·E[ε·∂D/∂z] / Σ (1 − σ²) and β̂_μ = −Σ μ·E[∂D/∂z] / Σ μ², with D(z) the distortion of an image decoded at z = μ + σ·ε, and sums
    over the images and the dimensions whose mean KL over them is at least 0.01 nats.

    Args:
        model: a variational autoencoder; its weights and its mode are left as they are.
        pixels: images as it was trained on them, uint8 [N, C, H, W], or numbers in [0, 1].
        beta: the weight, or the two, at which to take a multi-rate model; None for a model of one weight.
        noise: a generator on the model's device, or the seed of one.
        pairs: of antithetic noise for each image.

    Raises:
        InputError: the model is a plain autoencoder, or `beta` is not one that it takes.
    """
    totals, count = torch.zeros(5, model.config.latent, dtype=torch.float64), 0
    for chunk in balances(model, pixels, beta=beta, noise=noise, pairs=pairs):
        totals += chunk.sum(0)
        count += len(chunk)
    return weights_of(totals / count)


def weights_of(means: Tensor) -> ReadBack:
    """The KL weights from the means over images of `balances`, float64 [5, K]."""
    kl, rise, widths, fall, squares = means
    used = kl >= UNUSED_NATS
    of_widths, of_means = rise[used].sum() / widths[used].sum(), fall[used].sum() / squares[used].sum()
    return ReadBack(of_widths.item(), of_means.item())


def errors_of(parts: Tensor) -> ReadBack:
    """The standard errors of both weights, from the `balances` of the images that they are read from, float64 [N, 5, K].

    Their standard deviations over draws of as many images with replacement (Efron 1979). Where codes are narrow, the means of single images
    pull in all directions: of MNIST in two dimensions β̂_μ of 1,000 images is known to 0.4 only, at every β.
    """
    count = len(parts)
    drawn = np.random.default_rng(0).multinomial(count, np.full(count, 1 / count), _RESAMPLES) / count
    resampled = (torch.from_numpy(drawn) @ parts.flatten(1)).reshape(-1, *parts.shape[1:])
    return ReadBack(*np.std([weights_of(each) for each in resampled], axis=0).tolist())


def balances(
    model: VAE, pixels: Tensor, *, beta: float | tuple[float, float] | None = None, noise: torch.Generator | int = 0, pairs: int = PAIRS
) -> Iterator[Tensor]:
    """What the KL weights are read from: of each image and dimension KL, σ·E[ε·∂D/∂z], 1 − σ², −μ·E[∂D/∂z] and μ².

    Args:
        model, pixels, beta, noise, pairs: as in `read_back`.

    Returns:
        float64 [B, 5, K] of some images at a time, on the processor.

    Raises:
        InputError: as `read_back`.
    """
    if not model.config.variational:
        raise InputError("A plain autoencoder gives each image a point without width, so no KL weight can be read from it.")
    plain = model if model.config.beta_range is None and beta is None else model.at(_given(beta, model))
    weight = next(plain.parameters())
    generator = noise if isinstance(noise, torch.Generator) else torch.Generator(weight.device).manual_seed(noise)
    training = plain.training
    plain.eval()
    for chunk in torch.split(pixels, _BATCH):
        x = chunk.to(weight)
        yield _balance(plain, x / 255 if chunk.dtype == torch.uint8 else x, generator, pairs).cpu()
    plain.train(training)


def _given(beta: float | tuple[float, float] | None, model: VAE) -> float | tuple[float, float]:
    """The weight that a multi-rate model must be told; `at` refuses one that is none of the model's."""
    if beta is None:
        assert model.config.beta_range is not None
        low, high = model.config.beta_range
        raise InputError(f"This model is one for every KL weight from {low:g} to {high:g}: say which.")
    return beta


def _balance(model: VAE, x: Tensor, generator: torch.Generator, pairs: int) -> Tensor:
    """Of images x [B, C, H, W] in [0, 1], float64 [B, 5, K]."""
    with torch.no_grad():
        posterior = model.encode(x)
    mean, std = posterior.mean, posterior.std
    rise, fall = torch.zeros_like(mean), torch.zeros_like(mean)
    for _ in range(pairs):
        drawn = torch.empty_like(mean).normal_(generator=generator)
        for noise in (drawn, -drawn):
            z = (mean + std * noise).requires_grad_()
            (slope,) = torch.autograd.grad(model.likelihood.nll(model.decode(z), x).sum(), z)
            rise += std * noise * slope
            fall -= mean * slope
    parts = (posterior.kl_per_dim(), rise / (2 * pairs), -torch.expm1(posterior.logvar), fall / (2 * pairs), mean.square())
    return torch.stack([part.double() for part in parts], dim=1)
