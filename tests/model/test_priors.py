"""priors: densities against torch's and scikit-learn's mixtures, against their own integral, and against what they draw."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
import torch
from sklearn import mixture
from torch import Tensor
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal, Normal

from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.model.priors import GaussianMixture, Prior, StandardNormal
from vae_core.model.vae import VAE


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def by_hand() -> GaussianMixture:
    """Three correlated normals of unequal weight in two dimensions."""
    weights, means = [0.5, 0.3, 0.2], [[0.0, 1.0], [-2.0, 0.5], [1.5, -1.0]]
    scale = [[[1.0, 0.0], [0.8, 0.5]], [[0.6, 0.0], [-0.4, 0.7]], [[0.5, 0.0], [0.0, 0.5]]]
    return GaussianMixture(*(torch.tensor(part, dtype=torch.float64) for part in (weights, means, scale)))


def encoder() -> VAE:
    """An untrained model of two dimensions, made to give each image a posterior of its own."""
    vae = VAE(ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,))).double()
    with torch.no_grad():
        for parameter in vae.encoder.parameters():
            parameter.mul_(4)
    return vae.requires_grad_(False)


def images(count: int) -> Tensor:
    return torch.rand(count, 1, 8, 8, dtype=torch.float64, generator=seeded())


PRIORS: dict[str, Callable[[], Prior]] = {"normal": lambda: StandardNormal(2), "mixture": by_hand}
each = pytest.mark.parametrize("make", PRIORS.values(), ids=PRIORS)


def grid() -> tuple[Tensor, float]:
    """Points over all that the priors here reach, and the area of each."""
    axis = torch.linspace(-12, 12, 241, dtype=torch.float64)
    return torch.cartesian_prod(axis, axis), 0.1**2


@each
def test_a_density_adds_up_to_1(make: Callable[[], Prior]) -> None:
    points, area = grid()
    assert make().log_prob(points).exp().sum().item() * area == pytest.approx(1, abs=1e-8)


@each
def test_the_draws_have_the_density(make: Callable[[], Prior]) -> None:
    prior = make()
    points, area = grid()
    density = prior.log_prob(points).exp() * area
    z = prior.sample(50_000, seeded()).double()
    for statistic in (lambda p: p, lambda p: p.square(), lambda p: p[:, :1] * p[:, 1:], torch.tanh, torch.cos):
        seen, expected = statistic(z), density @ statistic(points)
        assert ((seen.mean(0) - expected).abs() < 4 * seen.std(0) / math.sqrt(len(z))).all()


@each
def test_shapes_and_seeds(make: Callable[[], Prior]) -> None:
    prior = make()
    z = prior.sample(7, seeded(3))
    assert z.shape == (7, 2)
    assert prior.log_prob(z).shape == (7,)
    assert torch.equal(z, prior.sample(7, seeded(3)))
    assert not torch.equal(z, prior.sample(7, seeded(4)))
    assert prior.log_prob(z[2:3]).item() == pytest.approx(prior.log_prob(z)[2].item(), rel=1e-6)


def test_the_standard_normal_is_that_of_torch() -> None:
    z = torch.randn(20, 5, dtype=torch.float64, generator=seeded())
    torch.testing.assert_close(StandardNormal(5).log_prob(z), Normal(0.0, 1.0).log_prob(z).sum(1), rtol=1e-12, atol=1e-12)


def test_the_mixture_is_that_of_torch() -> None:
    ours, z = by_hand(), 3 * torch.randn(50, 2, dtype=torch.float64, generator=seeded())
    theirs = MixtureSameFamily(Categorical(ours.weights), MultivariateNormal(ours.means, scale_tril=ours.scale))
    torch.testing.assert_close(ours.log_prob(z), theirs.log_prob(z), rtol=1e-12, atol=1e-12)


@pytest.mark.slow
def test_a_fitted_mixture_is_that_of_scikit_learn() -> None:
    codes = by_hand().sample(400, seeded()).numpy()
    theirs = mixture.GaussianMixture(3, random_state=np.random.RandomState(np.random.MT19937(5))).fit(codes.astype(np.float64))
    z = 3 * torch.randn(50, 2, dtype=torch.float64, generator=seeded())
    ours = GaussianMixture.fit(codes, components=3, seed=5)
    np.testing.assert_allclose(ours.log_prob(z), theirs.score_samples(z.numpy()), rtol=1e-12)


def test_a_fit_finds_the_mixture_that_the_codes_were_drawn_from() -> None:
    truth = by_hand()
    found = GaussianMixture.fit(truth.sample(20_000, seeded()).numpy(), components=3, seed=1)
    order = [int(torch.cdist(truth.means[[index]], found.means).argmin()) for index in range(3)]
    torch.testing.assert_close(found.weights[order], truth.weights, rtol=0, atol=0.05)
    torch.testing.assert_close(found.means[order], truth.means, rtol=0, atol=0.1)
    torch.testing.assert_close((found.scale @ found.scale.mT)[order], truth.scale @ truth.scale.mT, rtol=0, atol=0.1)


def test_codes_that_do_not_fill_the_prior_are_likelier_under_their_mixture() -> None:
    codes = by_hand().sample(2000, seeded())
    fitted = GaussianMixture.fit(codes[:1000].numpy(), components=3)
    gain = fitted.log_prob(codes[1000:]).mean() - StandardNormal(2).log_prob(codes[1000:]).mean()
    assert gain > 0.2


@pytest.mark.slow
def test_the_seed_decides_a_fit_and_may_be_as_large_as_a_run_has_it() -> None:
    codes = torch.randn(100, 3, generator=seeded()).numpy()
    first, again, other = (GaussianMixture.fit(codes, components=5, seed=seed) for seed in (2**63 - 1, 2**63 - 1, 1))
    assert torch.equal(first.means, again.means)
    assert not torch.equal(first.means, other.means)


def test_a_dimension_without_width_is_no_obstacle() -> None:
    codes = torch.randn(100, 3, generator=seeded()).numpy()
    codes[:, 1] = 0
    fitted = GaussianMixture.fit(codes, components=2)
    assert fitted.sample(50, seeded())[:, 1].abs().max() < 0.01


def test_a_mixture_needs_as_many_codes_as_components() -> None:
    with pytest.raises(InputError, match=r"^A mixture of 10 components needs at least as many codes, not 9\.$"):
        GaussianMixture.fit(np.zeros((9, 2), np.float32))
