"""Posterior: KL, density and draws, against torch's own normal distribution in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.distributions import Normal, kl_divergence

from vae_core.analysis.posterior import Posterior, joined
from vae_core.model.gaussian import DiagonalGaussian


def posterior(images: int = 50, latent: int = 4) -> Posterior:
    random = np.random.default_rng(0)
    return Posterior(2 * random.standard_normal((images, latent), np.float32), random.uniform(-9, 3, (images, latent)).astype(np.float32))


def in_torch(ours: Posterior) -> Normal:
    mean, logvar = (torch.from_numpy(part).double() for part in ours)
    return Normal(mean, (0.5 * logvar).exp())


def test_kl_is_that_of_torch_and_infinite_without_width() -> None:
    ours = posterior()
    found = ours.kl()
    assert found.dtype == np.float64
    np.testing.assert_allclose(found, kl_divergence(in_torch(ours), Normal(0.0, 1.0)), rtol=1e-12, atol=1e-12)
    assert np.isposinf(ours._replace(logvar=np.full_like(ours.mean, -np.inf)).kl()).all()


def test_kl_near_the_prior_is_never_negative() -> None:
    near = Posterior(np.zeros((100, 1), np.float32), np.linspace(-1e-4, 1e-4, 100, dtype=np.float32)[:, None])
    exact = np.square(near.logvar.astype(np.float64)) / 4
    assert (near.kl() >= 0).all()
    np.testing.assert_allclose(near.kl(), exact, rtol=1e-3, atol=1e-15)


def test_density_is_that_of_torch_for_a_code_of_each_image_and_for_every_pair() -> None:
    ours, theirs = posterior(), in_torch(posterior())
    z = np.random.default_rng(1).standard_normal((50, 4))
    found = ours.log_prob(z)
    assert found.shape == (50,)
    np.testing.assert_allclose(found, theirs.log_prob(torch.from_numpy(z)).sum(1), rtol=1e-12)
    pairs = ours.log_prob(z[:7, None])
    assert pairs.shape == (7, 50)
    np.testing.assert_allclose(pairs, theirs.log_prob(torch.from_numpy(z[:7, None])).sum(2), rtol=1e-12)


def test_density_and_kl_are_those_of_the_posterior_in_torch() -> None:
    ours, z = posterior(), np.random.default_rng(1).standard_normal((50, 4))
    theirs = DiagonalGaussian(*(torch.from_numpy(part).double() for part in ours))
    np.testing.assert_allclose(ours.log_prob(z), theirs.log_prob(torch.from_numpy(z)), rtol=1e-12)
    np.testing.assert_allclose(ours.kl(), theirs.kl_per_dim(), rtol=1e-12, atol=1e-12)


def test_a_draw_is_the_noise_moved_and_scaled() -> None:
    ours = posterior(3, 2)
    assert np.array_equal(ours.sample(np.zeros((3, 2), np.float32)), ours.mean)
    np.testing.assert_allclose(ours.std, in_torch(ours).stddev, rtol=1e-6)
    noise = np.random.default_rng(2).standard_normal((40_000, 3, 2), np.float32)
    codes = ours.sample(noise)
    assert codes.shape == noise.shape
    assert codes.dtype == np.float32
    assert (abs(codes.mean(0) - ours.mean) < 4 * ours.std / 200).all()
    np.testing.assert_allclose(codes.std(0), ours.std, rtol=0.02)


@pytest.mark.parametrize("rows", [np.array([4, 1, 1]), np.arange(50) < 3], ids=["indices", "mask"])
def test_some_of_the_images(rows: np.ndarray) -> None:
    ours = posterior()
    some = ours.of(rows)
    assert np.array_equal(some.mean, ours.mean[rows])
    assert np.array_equal(some.logvar, ours.logvar[rows])


def test_lots_are_joined_in_order() -> None:
    ours = posterior()
    whole = joined([ours.of(np.arange(20)), ours.of(np.arange(20, 50))])
    assert all(np.array_equal(part, same) for part, same in zip(whole, ours, strict=True))


def test_the_kl_is_the_mean_of_its_draws() -> None:
    """To 4 standard errors, for every image."""
    ours, count = posterior(), 20_000
    draws = ours.kl_draws(count)
    assert draws.shape == (count, 50)
    off = np.abs(draws.mean(axis=0) - ours.kl().sum(axis=1)) / (draws.std(axis=0) / np.sqrt(count))
    assert off.max() < 4
