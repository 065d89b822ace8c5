"""The blur of the KL weight, counted: how many images the best decoder averages at a code, which, and what it then shows.

For a fixed encoder, training minimises (1/N) Σᵢ E_q(z|xᵢ) ℓ(xᵢ, d(z)) over decoders d. At each z by itself that is Σᵢ q(z|xᵢ) ℓ(xᵢ, d), and
for a squared error or a cross-entropy its derivative is 0 where Σᵢ q(z|xᵢ) (d − xᵢ) is. So the best decoder shows
x*(z) = Σ wᵢ xᵢ with wᵢ = q(z|xᵢ) / Σⱼ q(z|xⱼ), the mean of the images that could have had this code (for Gaussians also Fyffe 2019,
arXiv:1912.10309); no decoder is sharper without a greater error. N_eff = exp(−Σ wᵢ log wᵢ) counts those images.

The posteriors are those of the N training images; codes come as z, [M, K]. Memory holds 2K + 1 numbers for each image and blocks of some
megabytes, however many images and codes there are.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis.posterior import Doubles, Posterior
from vae_core.base.errors import InputError

_CODES, _IMAGES = 256, 512  # of one block of densities: what fits a cache is twice as fast


class Mixture(NamedTuple):
    """q(z) = (1/N) Σ q(z|xᵢ), the distribution of all codes together, at M codes.

    Attributes:
        log_prob: log q(z) in nats, float64 [M].
        effective: N_eff, from 1 to N, float64 [M].
    """

    log_prob: Doubles
    effective: Doubles


class Ideal(NamedTuple):
    """What the best decoder shows at M codes.

    Attributes:
        images: x*(z) on the [0, 1] scale, float32 [M, C, H, W].
        spread: Σ wᵢ |xᵢ − x*|² as a mean over the pixel values, float64 [M]; 0 where one image has all the weight.
        effective: N_eff, float64 [M].
        top: the images that weigh most, heaviest first, indices into the posteriors, int64 [M, n].
        weights: of these images, float32 [M, n]; the weights of all N images sum to 1.
    """

    images: NDArray[np.float32]
    spread: Doubles
    effective: Doubles
    top: NDArray[np.int64]
    weights: NDArray[np.float32]


def mixture(posterior: Posterior, z: NDArray[Any]) -> Mixture:
    """log q(z) and N_eff of each code, exactly: all N posteriors are summed.

    Raises:
        InputError: the posteriors are those of a deterministic autoencoder.
    """
    return _mixture(_factors(posterior), _powers(z))


def ideal(posterior: Posterior, take: Callable[[NDArray[np.int64]], NDArray[np.uint8]], z: NDArray[Any], *, count: int = 12) -> Ideal:
    """x*(z) of each code and the images that it is made of.

    Args:
        posterior: of the N images.
        take: the pictures of some posteriors, indices [n] → uint8 [n, C, H, W], as the model was trained on them. They are asked for in
            order, some at a time, once for every 256 codes.
        z: the codes.
        count: n, how many of the images that weigh most are named; N where there are fewer.

    Raises:
        InputError: the posteriors are those of a deterministic autoencoder.
    """
    factors, powers = _factors(posterior), _powers(z)
    parts = [_ideal(factors, take, powers[first : first + _CODES], count) for first in range(0, len(z), _CODES)]
    return Ideal(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def refuse_points(posterior: Posterior) -> None:
    """Raise InputError where a posterior has no width (log σ² = −∞), as those of a deterministic autoencoder."""
    if np.isneginf(posterior.logvar).any():
        raise InputError("A deterministic autoencoder gives each image a point without width, so no images share a code: choose a VAE.")


def draw(posterior: Posterior, count: int, *, seed: int) -> Doubles:
    """`count` codes of q(z), float64 [count, K]: each from the posterior of an image chosen at random."""
    random = np.random.default_rng(seed)
    chosen = random.integers(len(posterior.mean), size=count)
    codes: Doubles = posterior.of(chosen).sample(random.standard_normal((count, posterior.mean.shape[1])))
    return codes


def _factors(posterior: Posterior) -> Doubles:
    """What `_powers(z)` is multiplied with to give the `log_prob` of each posterior, [2K + 1, N].

    The square is multiplied out, so that all codes and images are one matrix product. In float64 what cancels leaves an error below
    1e-6 nats even in 64 dimensions at log σ² = −10 and coordinates up to 30; in float32 it would be 0.02 nats in two dimensions at
    log σ² = −8, and tens of nats there.
    """
    refuse_points(posterior)
    mu, spread = (part.T.astype(np.float64) for part in posterior)
    precision = np.exp(-spread)
    constant = np.square(mu) * precision + spread + math.log(2 * math.pi)
    return np.concatenate([-0.5 * precision, mu * precision, -0.5 * constant.sum(0, keepdims=True)])


def _powers(z: NDArray[Any]) -> Doubles:
    """z², z and 1 of each code, [M, 2K + 1]."""
    codes = z.astype(np.float64)
    return np.concatenate([np.square(codes), codes, np.ones((len(codes), 1))], axis=1)


def _blocks(factors: Doubles) -> Iterator[slice]:
    """The images, some at a time."""
    images = factors.shape[1]
    return (slice(first, min(first + _IMAGES, images)) for first in range(0, images, _IMAGES))


def _mixture(factors: Doubles, powers: Doubles) -> Mixture:
    parts = [_sums(factors, powers[first : first + _CODES]) for first in range(0, len(powers), _CODES)]
    return Mixture(*(np.concatenate(part) for part in zip(*parts, strict=True)))


def _sums(factors: Doubles, powers: Doubles) -> Mixture:
    """The same for as many codes as a block takes: S = Σ e^s and T = Σ s·e^s over s = log q(z|xᵢ) − the greatest so far."""
    top = (powers @ factors[:, :1])[:, 0]
    total, weighted = np.zeros_like(top), np.zeros_like(top)
    for block in _blocks(factors):
        offsets = powers @ factors[:, block]
        higher = np.maximum(top, offsets.max(1))
        shift = top - higher
        offsets -= higher[:, None]
        terms = np.exp(offsets)
        weighted = np.exp(shift) * (weighted + shift * total) + np.einsum("mn,mn->m", offsets, terms)
        total = np.exp(shift) * total + terms.sum(1)
        top = higher
    return Mixture(top + np.log(total) - math.log(factors.shape[1]), np.exp(np.log(total) - weighted / total))


def _ideal(factors: Doubles, take: Callable[[NDArray[np.int64]], NDArray[np.uint8]], powers: Doubles, count: int) -> Ideal:
    found = _sums(factors, powers)
    total = found.log_prob[:, None] + math.log(factors.shape[1])
    images: Any = 0
    squares = np.zeros(len(powers))
    top, heaviest = np.empty((len(powers), 0), np.int64), np.empty((len(powers), 0), np.float32)
    for block in _blocks(factors):
        rows = np.arange(block.start, block.stop)
        weights = np.exp(powers @ factors[:, block] - total).astype(np.float32)
        pixels = take(rows).astype(np.float32)
        images = images + np.tensordot(weights, pixels, 1)
        squares += weights @ np.square(pixels).mean((1, 2, 3))
        top = np.concatenate([top, np.broadcast_to(rows, weights.shape)], axis=1)
        heaviest = np.concatenate([heaviest, weights], axis=1)
        kept = np.argsort(-heaviest, axis=1, kind="stable")[:, :count]
        top, heaviest = np.take_along_axis(top, kept, 1), np.take_along_axis(heaviest, kept, 1)
    spread = np.maximum(squares - np.square(images).mean((1, 2, 3)), 0) / 255**2  # of one image alone rounding may leave a little below 0
    return Ideal(images / 255, spread, found.effective, top, heaviest)
