"""A mixture of normals fitted to the codes of images, to draw new codes from where those of the prior look bad."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.analysis.posterior import Posterior
from vae_core.base.errors import InputError
from vae_core.model.priors import GaussianMixture, StandardNormal

_COMPONENTS = (1, 3, 10)
_LEFT_OUT = 5  # one image in this many stays out of the fit, to judge the mixture
_DRAWS = 4096
_COVERED = 0.99  # a draw from the prior misses where the mixture is thinner than around this share of the codes


@dataclass(frozen=True)
class Mixture:
    """Normal distributions fitted to the codes of a model's images, and how well the prior stands beside them.

    The two log-densities are means in nats over codes of images that had no part in the fit. Their difference is at most
    KL(q(z) ‖ p(z)), which is how far the aggregate posterior q(z) is from the prior, and reaches it as far as the mixture is q(z).

    Attributes:
        density: the mixture.
        log_density: of those codes under the mixture.
        log_prior: of those codes under N(0, I).
        missed: share of draws from N(0, I) that land where the mixture is thinner than around 99 % of those codes. Where the codes
            fill the prior it is 0.01.
    """

    density: GaussianMixture
    log_density: float
    log_prior: float
    missed: float


def _draw(posterior: Posterior, rows: NDArray[np.int64], rng: np.random.Generator, count: int) -> Floats:
    """Codes drawn from the posteriors of these images in turn, float32 [count, K], cut at ±10.

    Raises:
        InputError: one is not a number.
    """
    noise = rng.standard_normal((count, posterior.mean.shape[1]), dtype=np.float32)
    codes: Floats = posterior.of(np.resize(rows, count)).sample(noise)
    if np.isnan(codes).any():
        raise InputError("This model gives some of its images codes that are not numbers, so no mixture can be fitted to them.")
    return codes.clip(-explore.MAX_COORDINATE, explore.MAX_COORDINATE)


def fit_mixture(posterior: Posterior, *, seed: int = 0) -> Mixture:
    """Fit a mixture of normals with full covariances to codes drawn from the posteriors, cut at ±10 where the sliders end.

    The codes are drawn, because the decoder has learnt to draw from all of a posterior and not from its mean alone: an unused
    dimension has all its means at 0 and must yet come out as N(0, 1). It is fitted to 4,096 codes of four images in five. It has 1, 3 or 10
    components, whichever makes codes of the fifth most likely: with many dimensions ten covariances would be learnt by heart.

    Raises:
        InputError: a code is not a number.
    """
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(posterior.mean))
    aside = len(order) // _LEFT_OUT
    codes = _draw(posterior, order[aside:], rng, _DRAWS)
    left_out = torch.from_numpy(_draw(posterior, order[: max(aside, 1)], rng, _DRAWS // 2))
    different = len(np.unique(codes, axis=0))  # those of a deterministic autoencoder repeat
    fits = [GaussianMixture.fit(codes, components=count, seed=seed) for count in _COMPONENTS if count <= different]
    density = max(fits, key=lambda fit: fit.log_prob(left_out).mean().item())
    prior, likely = StandardNormal(codes.shape[1]), density.log_prob(left_out)
    draws = density.log_prob(torch.from_numpy(rng.standard_normal(codes.shape, dtype=np.float32)))
    missed = (draws < likely.quantile(1 - _COVERED)).double().mean().item()
    return Mixture(density, likely.mean().item(), prior.log_prob(left_out).mean().item(), missed)


def sample_mixture(mixture: Mixture, count: int, *, seed: int) -> Floats:
    """`count` codes drawn from a fitted mixture, float32 [count, K], cut at ±10."""
    codes: Floats = mixture.density.sample(count, torch.Generator().manual_seed(seed)).numpy()
    return codes.clip(-explore.MAX_COORDINATE, explore.MAX_COORDINATE)
