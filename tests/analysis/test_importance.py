"""importance: a model whose posterior is exact, likelihoods by integration over all codes, and the noise that was drawn."""

from __future__ import annotations

import copy
import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.distributions import MultivariateNormal

from tests.training.test_objectives import digits, model, optimum, seeded
from vae_core.analysis.importance import estimates, log_weights, nll
from vae_core.base.errors import InputError
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.priors import GaussianMixture, Prior, StandardNormal
from vae_core.model.vae import VAE
from vae_core.training.objectives import average


def small() -> VAE:
    """Untrained, float64, of two dimensions that an integral can cover; the decoder says more than at the start of a training."""
    vae = model(latent=2).double().requires_grad_(False)
    last = vae.decoder[-2]
    assert isinstance(last, nn.Linear)
    last.weight.mul_(4)
    return vae


def pixels(count: int) -> NDArray[np.uint8]:
    return np.where(digits()[:count] >= 8 * 15, 255, 0).astype(np.uint8)


def scaled(images: NDArray[np.uint8]) -> Tensor:
    return torch.from_numpy(images).double() / 255


def mixture() -> GaussianMixture:
    return GaussianMixture.fit(torch.randn(50, 2, generator=seeded(2)).numpy() + 0.5, components=2)


@pytest.mark.parametrize("latent", [2, 10])
def test_every_weight_of_an_exact_posterior_is_the_likelihood(latent: int) -> None:
    best = optimum(1.0, latent)
    up = best.model.decoder[0]
    assert isinstance(up, nn.Linear)
    covariance = up.weight @ up.weight.T + best.model.config.sigma**2 * torch.eye(64, dtype=torch.float64)
    exact = MultivariateNormal(up.bias, covariance).log_prob(best.x.flatten(1)).detach()
    generator, q = seeded(), best.model.encode(best.x)
    weights = [log_weights(best.model, best.x, q, q.sample(generator), StandardNormal(latent)).detach() for _ in range(20)]
    assert torch.stack(weights).std(0).max() < 1e-10
    torch.testing.assert_close(weights[0], exact, rtol=0, atol=1e-10)
    np.testing.assert_allclose(nll(best.model, digits(), samples=3), -exact, rtol=0, atol=1e-10)


def test_widening_makes_up_for_a_posterior_that_is_too_narrow_to_the_last_digit() -> None:
    """The widths of an exact posterior divided by 1.35: widened by as much, every weight is the likelihood again."""
    vae, images = copy.deepcopy(optimum(1.0, 10).model), digits()[:200]
    exact = nll(vae, images, samples=1)
    head = vae.encoder[-1]
    assert isinstance(head, nn.Linear)
    with torch.no_grad():
        head.bias[10:] -= 2 * math.log(1.35)
    *_, narrow = estimates(vae, images, samples=20)
    *_, widened = estimates(vae, images, samples=20, widen=1.35)
    np.testing.assert_allclose(widened.nll, exact, rtol=0, atol=1e-9)
    np.testing.assert_allclose(widened.effective, 20, rtol=1e-9)
    assert np.median(narrow.effective) < 15
    assert narrow.nll.mean() > exact.mean() + 0.05  # too high: they miss codes of large weight


@pytest.mark.parametrize("widen", [0.9, 1.35])
def test_any_proposal_has_the_same_limit(widen: float) -> None:
    best = optimum(1.0, 2)
    images = digits()[:100]
    exact = nll(best.model, images, samples=1)
    *_, found = estimates(best.model, images, samples=500, widen=widen)
    error = np.sqrt(1 / found.effective - 1 / 500)  # of each log p̂, by the delta method
    assert abs((found.nll - exact).mean()) < 4 * np.sqrt(np.square(error).sum()) / 100 + (0.5 * np.square(error)).mean()
    assert np.square((found.nll - exact) / error).mean() == pytest.approx(1, abs=0.6)


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["normal", "mixture"])
@pytest.mark.parametrize("likelihood", ["bernoulli", "gaussian"])
def test_the_likelihood_by_integration_over_all_codes(likelihood: str, kind: str) -> None:
    vae, images = small(), pixels(8)
    if likelihood == "gaussian":
        gaussian = model(latent=2, likelihood="gaussian", sigma=0.5).double().requires_grad_(False)
        gaussian.load_state_dict(vae.state_dict())
        vae = gaussian
    x = scaled(images)
    priors: dict[str, Prior] = {"normal": StandardNormal(2), "mixture": mixture()}
    prior = priors[kind]
    axis = torch.linspace(-7, 7, 141, dtype=torch.float64)
    z = torch.cartesian_prod(axis, axis)
    params = vae.decode(z)
    exact = [torch.logsumexp(prior.log_prob(z) - vae.likelihood.nll(params, one.expand_as(params)), 0) + 2 * math.log(0.1) for one in x]
    draws = np.stack([nll(vae, images, samples=200, seed=seed, prior=prior) for seed in range(10)])
    error = np.abs(draws.mean(0) + np.array(exact))
    assert (error < 4 * draws.std(0, ddof=1) / math.sqrt(10)).all()
    assert draws.std() > 0


def test_one_sample_is_the_elbo_and_more_come_closer_from_above() -> None:
    vae, images = model(), digits()[:200]
    exact_kl = average(vae, torch.from_numpy(images), beta=1, seed=0).rate
    runs = np.array([[estimate.nll.mean() for estimate in estimates(vae, images, samples=50, seed=seed)] for seed in range(20)])
    distortions = [average(vae, torch.from_numpy(images), beta=1, seed=100 + seed).distortion for seed in range(20)]
    gap = runs[:, 0].mean() - (np.mean(distortions) + exact_kl)
    assert abs(gap) < 4 * math.hypot(runs[:, 0].std(ddof=1), np.std(distortions, ddof=1)) / math.sqrt(20)
    falling = runs.mean(0)[[0, 1, 4, 9, 49]]
    assert (np.diff(falling) < 0).all()


@pytest.mark.parametrize("samples", [1, 7])
def test_exactly_as_many_samples_as_asked_for(samples: int) -> None:
    vae, images = small(), pixels(5)
    x, generator = scaled(images), seeded(3)
    q = vae.encode(x)
    weights = torch.stack([log_weights(vae, x, q, q.sample(generator), StandardNormal(2)) for _ in range(samples)])
    found = nll(vae, images, samples=samples, seed=3)
    np.testing.assert_allclose(found, -(weights.exp().mean(0).log()), rtol=1e-12)
    assert found.dtype == np.float64
    *_, last = estimates(vae, images, samples=samples, seed=3)
    shares = torch.softmax(weights, 0)
    np.testing.assert_allclose(last.effective, 1 / shares.square().sum(0), rtol=1e-10)


def test_the_estimates_on_the_way_are_those_of_fewer_samples() -> None:
    vae, images = model(), digits()[:20]
    found = list(estimates(vae, images, samples=7, seed=1))
    assert len(found) == 7
    np.testing.assert_array_equal(found[4].nll, nll(vae, images, samples=5, seed=1))


@pytest.mark.parametrize("batch", [1, 3, 19])
def test_the_batch_changes_nothing(batch: int) -> None:
    vae, images = small(), pixels(20)
    np.testing.assert_allclose(nll(vae, images, samples=4, batch=batch), nll(vae, images, samples=4), rtol=1e-12)


def test_the_seed_decides_and_the_images_stay() -> None:
    vae, images = model(), digits()[:10].copy()
    one, same, other = (nll(vae, images, samples=3, seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one, same)
    assert (one != other).all()
    assert np.array_equal(images, digits()[:10])


def test_float32_weights_are_summed_in_float64() -> None:
    vae, images = model(), digits()[:5]
    x = torch.from_numpy(images) / 255
    q = vae.encode(x)
    assert log_weights(vae, x, q, q.mode, StandardNormal(4)).dtype == torch.float64
    narrow = DiagonalGaussian(q.mean, torch.full_like(q.mean, -9.0))
    z = narrow.sample(seeded())
    exact = DiagonalGaussian(q.mean.double(), narrow.logvar.double()).log_prob(z.double())
    expected = StandardNormal(4).log_prob(z.double()) - exact - vae.likelihood.nll(vae.decode(z), x)
    torch.testing.assert_close(log_weights(vae, x, narrow, z, StandardNormal(4)), expected, rtol=1e-12, atol=0)


def test_a_model_in_training_is_judged_as_it_will_be_used() -> None:
    vae = model(likelihood="gaussian", sigma_is="optimal").train()  # in training mode an image's cost would depend on its batch
    one, halves = (nll(vae, digits()[:8], samples=1, batch=batch) for batch in (8, 4))
    np.testing.assert_allclose(halves, one, rtol=1e-5)
    assert not vae.training


def test_what_has_no_likelihood_is_refused() -> None:
    with pytest.raises(InputError, match="A deterministic autoencoder gives no probability"):
        nll(model(variational=False), digits()[:5], samples=5)
    with pytest.raises(InputError, match="at least 1 sample for each image, not 0"):
        nll(model(), digits()[:5], samples=0)
    for widen in (0, -1, math.nan, 11):
        with pytest.raises(InputError, match="widened by a factor above 0 and at most 10, not"):
            estimates(model(), digits()[:5], samples=5, widen=widen)
