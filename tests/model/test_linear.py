"""The linear VAE proves the pipeline: what is known of it in closed form comes out of our objective, likelihood and figures.

Its optimum is probabilistic PCA for β = 1 (Tipping & Bishop 1999; Lucas et al. 2019) and reverse water-filling for every β (Cover &
Thomas, §10.3.3). `optimum` in test_objectives sets a model to it.
"""

from __future__ import annotations

import math
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from tests.training.test_objectives import digits, expected_distortion, optimum, seeded
from vae_core.analysis.decomposition import active_units, kl_parts
from vae_core.analysis.importance import nll
from vae_core.base.config import ModelConfig
from vae_core.model.likelihoods import Gaussian, LearnedSigma
from vae_core.model.vae import VAE
from vae_core.training.objectives import elbo

# The pixels of the digits are 0 to 16. Ours are these sixteenths over 17, which the published figures have over 16: a density of 64
# numbers that are smaller by 16/17 is greater by its power.
TO_SIXTEENTHS = 64 * math.log(17 / 16)
PCA_LOG_LIKELIHOOD = {2: 0.005707, 8: 14.209788, 10: 17.451947, 32: 35.247022}
WATER_FILLING = {0.1: (-34.748088, 24.309066), 1.0: (-30.248088, 12.796141), 10.0: (9.614172, 1.892887)}  # D and R, ten dimensions


def spectrum(latent: int = 10) -> tuple[NDArray[np.float64], float]:
    """The variances that PCA keeps, descending, and the mean of those that it discards."""
    variances = np.linalg.eigvalsh(np.cov(digits().reshape(-1, 64).T / 255, bias=True))[::-1].astype(np.float64)
    return variances[:latent], float(variances[latent:].mean())


@pytest.mark.parametrize("latent", PCA_LOG_LIKELIHOOD)
def test_the_likelihood_is_that_of_probabilistic_pca(latent: int) -> None:
    best = optimum(1.0, latent)
    kept, noise = spectrum(latent)
    exact = -0.5 * (64 * math.log(2 * math.pi) + np.log(kept).sum() + (64 - latent) * math.log(noise) + 64)
    assert exact - TO_SIXTEENTHS == pytest.approx(PCA_LOG_LIKELIHOOD[latent], abs=1e-6)
    assert -nll(best.model, digits(), samples=2).mean() == pytest.approx(exact, abs=1e-8)
    loss = (expected_distortion(best.model, best.x) + best.model.encode(best.x).kl()).mean().item()
    assert -loss == pytest.approx(exact, abs=1e-8)


@pytest.mark.parametrize("beta", WATER_FILLING)
def test_rate_and_distortion_are_the_known_figures(beta: float) -> None:
    best = optimum(beta)
    distortion, rate = WATER_FILLING[beta]
    assert expected_distortion(best.model, best.x).mean().item() + TO_SIXTEENTHS == pytest.approx(distortion, abs=1e-6)
    assert best.model.encode(best.x).kl().mean().item() == pytest.approx(rate, abs=1e-6)


@pytest.mark.parametrize("beta", [0.1, 1.0, 10.0, 50.0])
def test_the_kl_of_each_dimension_is_its_depth_over_the_water(beta: float) -> None:
    kept, noise = spectrum()
    expected = 0.5 * np.log(np.maximum(kept / (beta * noise), 1))
    np.testing.assert_allclose(optimum(beta).model.encode(optimum(beta).x).kl_per_dim().detach().mean(0), expected, rtol=0, atol=1e-8)


@pytest.mark.slow
def test_the_slope_of_distortion_over_rate_is_minus_beta() -> None:
    points = []
    for beta in np.geomspace(0.5, 20, 50).tolist():
        best = optimum(beta)
        points.append((beta, best.model.encode(best.x).kl().mean().item(), expected_distortion(best.model, best.x).mean().item()))
    for (low, rate, distortion), (high, next_rate, next_distortion) in pairwise(points):
        assert low <= (next_distortion - distortion) / (rate - next_rate) <= high


def test_a_unit_dies_at_the_beta_that_its_variance_over_the_noise_tells() -> None:
    kept, noise = spectrum()
    for dead, variance in enumerate(kept[::-1]):
        for share, active in ((0.98, 10 - dead), (1.001, 9 - dead)):
            best = optimum(share * variance / noise)
            means = best.model.encode(best.x).mean.detach().numpy()
            assert active_units(means).sum() == active


@pytest.mark.slow
def test_the_parts_of_the_kl_are_those_of_the_optimum() -> None:
    best = optimum(1.0)
    q = best.model.encode(best.x)
    found = [kl_parts(q, seed=seed) for seed in range(4)]
    sums = [parts.mutual_information.value + parts.total_correlation.value + parts.dimension_wise for parts in found]
    assert abs(np.mean(sums) - best.rate) < 4 * np.std(sums, ddof=1) / math.sqrt(len(sums))
    assert all(0 < parts.mutual_information.value < math.log(len(best.x)) for parts in found)


@pytest.mark.slow
def test_training_reaches_probabilistic_pca() -> None:
    """On all images at a time, from a wide σ: with the right σ from the start the same steps end half a nat lower."""
    x = optimum(1.0).x.float() * 17 / 16
    config = ModelConfig(body="linear", channels=1, height=8, width=8, latent=10, likelihood="gaussian", sigma=1.0, sigma_is="learned")
    vae, steps, generator = VAE(config), 3000, seeded()
    optimiser = torch.optim.Adam(vae.parameters(), lr=0.05, fused=True)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, steps)
    for _ in range(steps):
        optimiser.zero_grad()
        elbo(vae, x, beta=1.0, generator=generator).loss.mean().backward()
        optimiser.step()
        schedule.step()
    vae, x = vae.double().requires_grad_(False), x.double()
    bound = -(expected_distortion(vae, x) + vae.encode(x).kl()).mean().item()
    assert PCA_LOG_LIKELIHOOD[10] - 0.02 < bound < PCA_LOG_LIKELIHOOD[10]
    assert isinstance(vae.likelihood, Gaussian)
    assert isinstance(vae.likelihood.sigma, LearnedSigma)
    assert vae.likelihood.sigma().square().item() == pytest.approx(spectrum()[1] * (17 / 16) ** 2, rel=0.01)
