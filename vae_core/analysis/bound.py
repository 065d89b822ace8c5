"""The bound of a model with one or two latent dimensions beside the truth: log p(x) and the posterior p(z|x), summed over a grid.

For any normal q, log p(x) = ELBO(q) + KL(q ‖ p(z|x)) (Kingma & Welling 2014, eq. 1): the ELBO is below log p(x) by just as much as q
differs from the true posterior. With few dimensions all three can be computed without drawing a single code.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import product
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.analysis.posterior import Doubles, Posterior
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE

MOST_DIMENSIONS = 2
_REACH = 6.0  # the prior has all but 4e-9 of its mass within ±6
_FIRST_STEP = 0.1
_CLOSER = 2  # times that the grid is laid anew, where the one before was high
_DEPTH = 30.0  # nats below the highest place, beyond which the posterior has next to nothing
_PLACES = 161  # of the finer grids, in each direction
_NODES = 24  # of Gauss-Hermite quadrature, in each direction
_BATCH = 4096


@dataclass(frozen=True)
class Truth:
    """What the encoder approximates, for one image.

    Attributes:
        axes: places of each of the K dimensions, ascending and evenly spaced, K arrays of `_PLACES`.
        density: p(z|x) there, float64 [places, …], K axes in the order of `axes`; it integrates to 1 by the trapezoid rule.
        log_evidence: log p(x) in nats.
    """

    axes: tuple[Doubles, ...]
    density: Doubles
    log_evidence: float


@torch.inference_mode()
def truth(model: VAE, picture: NDArray[np.uint8]) -> Truth:
    """p(z|x) and log p(x) of one image, uint8 [C, H, W]: coarse grids find where the posterior is, the finest is summed.

    Raises:
        InputError: the model is a plain autoencoder, or has more than two latent dimensions.
    """
    _check(model)
    latent = model.config.latent
    steps = round(2 * _REACH / _FIRST_STEP) + 1
    axes: tuple[Doubles, ...] = (np.linspace(-_REACH, _REACH, steps),) * latent
    joint = _log_joint(model, picture, axes)
    for _ in range(_CLOSER):
        axes = tuple(_closer(places, row) for places, row in zip(axes, np.argwhere(joint > joint.max() - _DEPTH).T, strict=True))
        joint = _log_joint(model, picture, axes)
    top = joint.max()
    mass = _integral(np.exp(joint - top), axes)
    return Truth(axes, np.exp(joint - top) / mass, float(top + math.log(mass)))


@torch.inference_mode()
def log_likelihood(model: VAE, picture: NDArray[np.uint8], codes: NDArray[np.floating]) -> Doubles:
    """log p(x|z) of one image, uint8 [C, H, W], at many codes, [M, K] → float64 [M] in nats."""
    x = _image(model, picture)
    parts = []
    for chunk in torch.split(torch.tensor(codes, dtype=x.dtype), _BATCH):
        parts.append(-model.likelihood.nll(model.decode(chunk), x.expand(len(chunk), *x.shape[1:])).double())
    return torch.cat(parts).numpy()


@torch.inference_mode()
def elbo(model: VAE, picture: NDArray[np.uint8], mean: NDArray[np.floating], std: NDArray[np.floating]) -> float:
    """E_q[log p(x|z)] − KL(q ‖ p) in nats of one image for q = N(mean, diag(std²)), [K] each: by Gauss-Hermite quadrature, no draws.

    Raises:
        InputError: as `truth`.
    """
    _check(model)
    nodes, weights = np.polynomial.hermite_e.hermegauss(_NODES)
    latent = model.config.latent
    noise = np.array(list(product(nodes, repeat=latent)))
    shares = np.array([math.prod(row) for row in product(weights / weights.sum(), repeat=latent)])
    q = Posterior(np.asarray(mean, np.float64)[None], 2 * np.log(np.asarray(std, np.float64))[None])
    likelihood = log_likelihood(model, picture, q.sample(noise[:, None])[:, 0])
    return float(shares @ likelihood - q.kl().sum())


def gap(found: Truth, mean: NDArray[np.floating], std: NDArray[np.floating]) -> float:
    """KL(q ‖ p(z|x)) in nats, ∫ q log(q / p(z|x)), summed over the grid of `found`: right where the grid holds q and is finer than it."""
    q = Posterior(np.asarray(mean, np.float64), 2 * np.log(np.asarray(std, np.float64)))
    places = np.stack(np.meshgrid(*found.axes, indexing="ij"), axis=-1)
    log_q = q.log_prob(places)
    density = np.exp(log_q)
    with np.errstate(divide="ignore"):
        apart = log_q - np.log(found.density)
    return _integral(np.where(density > 0, density * np.where(density > 0, apart, 0), 0), found.axes)


def best(model: VAE, picture: NDArray[np.uint8], mean: NDArray[np.floating], std: NDArray[np.floating], steps: int = 200) -> Posterior:
    """The normal q that lifts the ELBO of one image the most, from the given one on: μ and log σ² of shape [1, K].

    The same antithetic noise in all steps, so that nothing trembles; Adam with a falling step size.
    """
    _check(model)
    x, weight = _image(model, picture), next(model.parameters())
    middle = torch.tensor(np.asarray(mean), dtype=weight.dtype).requires_grad_()
    log_std = torch.tensor(np.log(np.asarray(std)), dtype=weight.dtype).requires_grad_()
    half = torch.randn(64, model.config.latent, generator=torch.Generator().manual_seed(0), dtype=weight.dtype)
    noise = torch.cat([half, -half])
    adam = torch.optim.Adam([middle, log_std], lr=0.02)
    rates = torch.optim.lr_scheduler.CosineAnnealingLR(adam, steps)
    for _ in range(steps):
        adam.zero_grad()
        codes = middle + log_std.exp() * noise
        cost = model.likelihood.nll(model.decode(codes), x.expand(len(codes), *x.shape[1:])).mean()
        rate = 0.5 * (middle.square() + torch.expm1(2 * log_std) - 2 * log_std).sum()
        middle.grad, log_std.grad = torch.autograd.grad(cost + rate, [middle, log_std])
        adam.step()
        rates.step()
    return Posterior(middle.detach().numpy()[None], 2 * log_std.detach().numpy()[None])


def _closer(places: Doubles, high: NDArray[np.int64]) -> Doubles:
    """Places between those of indices `high`, and a step beyond."""
    step = places[1] - places[0]
    return np.linspace(places[high.min()] - step, places[high.max()] + step, _PLACES)


def _check(model: VAE) -> None:
    if not model.config.variational:
        raise InputError("A plain autoencoder gives no probability to an image, so it has no bound.")
    if model.config.latent > MOST_DIMENSIONS:
        raise InputError(
            f"The true posterior is summed over a grid, which takes at most {MOST_DIMENSIONS} latent dimensions; "
            f"this model has {model.config.latent}."
        )


def _image(model: VAE, picture: NDArray[np.uint8]) -> Tensor:
    return torch.tensor(picture)[None].to(next(model.parameters()).dtype) / 255


def _log_joint(model: VAE, picture: NDArray[np.uint8], axes: tuple[Doubles, ...]) -> Doubles:
    """log p(x|z) + log p(z) at all places of a grid."""
    places = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    codes = places.reshape(-1, len(axes))
    prior = -0.5 * (np.square(codes).sum(1) + len(axes) * math.log(2 * math.pi))
    found: Doubles = (log_likelihood(model, picture, codes) + prior).reshape(places.shape[:-1])
    return found


def _integral(values: Doubles, axes: tuple[Doubles, ...]) -> float:
    """By the trapezoid rule over the grid."""
    summed: Any = values
    for places in reversed(axes):
        summed = np.trapezoid(summed, places, axis=-1)
    return float(summed)
