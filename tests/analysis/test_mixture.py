"""explore's mixture: against a known density, scikit-learn, closed forms, and codes with a hole where the prior is densest."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn import mixture
from torch.distributions import Categorical, MixtureSameFamily, MultivariateNormal

from vae_core.analysis.explore import sample_prior
from vae_core.analysis.mixture import Mixture, fit_mixture, sample_mixture
from vae_core.analysis.posterior import Posterior
from vae_core.base.errors import InputError

pytestmark = pytest.mark.slow

Floats = NDArray[np.float32]


def posterior(mean: Floats, variance: float) -> Posterior:
    with np.errstate(divide="ignore"):
        return Posterior(mean, np.full_like(mean, np.log(np.float32(variance))))


def ring(images: int = 1000, variance: float = 0.01) -> Posterior:
    """Codes on a circle of radius 3, with nothing inside, where N(0, I) is densest."""
    angle = np.random.default_rng(0).uniform(0, 2 * math.pi, images)
    return posterior(3 * np.stack([np.cos(angle), np.sin(angle)], axis=1).astype(np.float32), variance)


def gaussian(variance: float, images: int = 2000, latent: int = 1) -> Posterior:
    """Codes that together are N(0, variance), a tenth of it from the posteriors and the rest from their means."""
    mean = np.random.default_rng(0).standard_normal((images, latent), dtype=np.float32) * np.sqrt(np.float32(0.9 * variance))
    return posterior(mean, 0.1 * variance)


def clusters(latent: int, images: int = 2000) -> Posterior:
    """Ten narrow clusters far apart."""
    rng = np.random.default_rng(1)
    centres = 2 * rng.standard_normal((10, latent))
    return posterior((centres[rng.integers(10, size=images)] + 0.1 * rng.standard_normal((images, latent))).astype(np.float32), 0.01)


def test_where_the_codes_leave_a_hole_the_mixture_draws_codes_and_the_prior_does_not() -> None:
    fitted = fit_mixture(ring())
    ours, prior = (np.linalg.norm(z, axis=1) for z in (sample_mixture(fitted, 1000, seed=0), sample_prior(2, 1000, seed=0)))
    on_the_ring = [(abs(radius - 3) < 0.6).mean() for radius in (ours, prior)]
    assert on_the_ring[0] > 0.97
    assert on_the_ring[1] < 0.1
    assert fitted.missed > 0.9
    assert fitted.log_density > fitted.log_prior + 2


def test_codes_that_fill_the_prior_say_so() -> None:
    fitted = fit_mixture(gaussian(1.0, latent=2))
    assert fitted.missed == pytest.approx(0.01, abs=0.01)
    assert fitted.log_density == pytest.approx(fitted.log_prior, abs=0.05)


@pytest.mark.parametrize("variance", [0.25, 0.5, 1.0])
def test_the_figures_are_the_closed_forms_of_one_normal(variance: float) -> None:
    fitted = fit_mixture(gaussian(variance))
    assert fitted.log_density == pytest.approx(-0.5 * (1 + math.log(2 * math.pi * variance)), abs=0.08)
    assert fitted.log_prior == pytest.approx(-0.5 * (variance + math.log(2 * math.pi)), abs=0.06)
    edge = 2.5758 * math.sqrt(variance)  # 99 % of the codes are nearer to 0
    assert fitted.missed == pytest.approx(math.erfc(edge / math.sqrt(2)), abs=0.04)


def test_a_known_mixture_is_found_again() -> None:
    scale = torch.tensor([[[1.0, 0.0], [0.8, 0.5]], [[0.6, 0.0], [-0.4, 0.7]], [[0.5, 0.0], [0.0, 0.5]]])
    apart = MultivariateNormal(torch.tensor([[0.0, 3.0], [-4.0, -1.0], [3.0, -2.0]]), scale_tril=scale)
    truth = MixtureSameFamily(Categorical(torch.tensor([0.5, 0.3, 0.2])), apart)
    torch.manual_seed(0)
    fitted = fit_mixture(posterior(truth.sample((5000,)).numpy(), 0.0))
    z = truth.sample((5000,))
    divergence = truth.log_prob(z).double() - fitted.density.log_prob(z)
    assert 0 < divergence.mean() < 0.03
    assert fitted.log_density == pytest.approx(truth.log_prob(z).mean().item(), abs=0.15)


def test_the_density_is_that_of_scikit_learn() -> None:
    ours = fit_mixture(clusters(4)).density
    covariances = (ours.scale @ ours.scale.mT).numpy()
    theirs = mixture.GaussianMixture(len(ours.weights))
    theirs.weights_, theirs.means_, theirs.covariances_ = ours.weights.numpy(), ours.means.numpy(), covariances
    theirs.precisions_cholesky_ = np.linalg.cholesky(np.linalg.inv(covariances))
    z = sample_prior(4, 100, seed=1)
    np.testing.assert_allclose(ours.log_prob(torch.from_numpy(z)), theirs.score_samples(z.astype(float)), rtol=1e-6)


def test_an_unused_dimension_keeps_the_width_of_the_prior() -> None:
    """Of its means alone a mixture would draw it as 0, which the decoder has hardly ever seen."""
    mean = clusters(3).mean
    mean[:, 1] = 0
    logvar = np.full_like(mean, -5)
    logvar[:, 1] = 0
    z = sample_mixture(fit_mixture(Posterior(mean, logvar)), 4000, seed=0)
    assert z[:, 1].mean() == pytest.approx(0, abs=0.08)
    assert z[:, 1].std() == pytest.approx(1, abs=0.06)


@pytest.mark.parametrize(
    ("codes", "components"),
    [(clusters(4), 10), (gaussian(1.0, images=1000, latent=48), 1)],
    ids=["ten clusters", "one normal of many dimensions"],
)
def test_there_are_as_many_components_as_left_out_codes_bear_out(codes: Posterior, components: int) -> None:
    assert len(fit_mixture(codes).density.weights) == components


def test_the_images_that_judge_had_no_part_in_the_fit() -> None:
    """A mixture learns so few points by heart: it must show where it is asked about others."""
    points = np.random.default_rng(0).standard_normal((40, 30), dtype=np.float32)
    fitted = fit_mixture(posterior(points, 1e-4))
    own = fitted.density.log_prob(torch.from_numpy(sample_mixture(fitted, 500, seed=0))).mean()
    assert fitted.log_density < own - 20


@pytest.mark.parametrize("images", [1, 10])
def test_few_points_of_a_deterministic_autoencoder_are_no_obstacle(images: int) -> None:
    points = np.tile(np.eye(4, 3, dtype=np.float32), (3, 1))[:images]
    z = sample_mixture(fit_mixture(posterior(points, 0.0)), 200, seed=0)
    away = np.linalg.norm(z[:, None] - points, axis=-1).min(axis=1)
    assert away.max() < (0.02 if images == 1 else 2)


def test_codes_are_cut_where_the_sliders_end() -> None:
    wide = 100 * np.random.default_rng(0).standard_normal((500, 3), dtype=np.float32)
    wide[:, 2] = 0
    z = sample_mixture(fit_mixture(posterior(wide, 0.0)), 500, seed=0)
    assert np.abs(z).max() == 10
    assert np.abs(z[:, 2]).max() < 0.01


def test_codes_that_are_no_numbers_are_refused() -> None:
    broken = gaussian(1.0)
    broken.mean[:] = np.nan
    with pytest.raises(InputError, match="not numbers, so no mixture"):
        fit_mixture(broken)


def same(first: Mixture, second: Mixture) -> bool:
    return torch.equal(first.density.means, second.density.means) and first.missed == second.missed


def test_seeds_decide_and_global_randomness_does_not() -> None:
    codes, state, numpy_state = clusters(3, images=500), torch.get_rng_state(), np.random.get_state()[1].copy()  # type: ignore[index]
    first, again, other = (fit_mixture(codes, seed=seed) for seed in (0, 0, 1))
    assert same(first, again)
    assert not same(first, other)
    z = sample_mixture(first, 5, seed=3)
    assert z.dtype == np.float32
    assert np.array_equal(z, sample_mixture(again, 5, seed=3))
    assert not np.array_equal(z, sample_mixture(first, 5, seed=4))
    assert torch.equal(torch.get_rng_state(), state)
    assert np.array_equal(np.random.get_state()[1], numpy_state)  # type: ignore[index]
