"""decomposition: the aggregate posterior by brute force, and parts that are known in closed form."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from scipy.stats import norm, qmc
from torch import Tensor
from torch.distributions import Normal

from vae_core.analysis import decomposition
from vae_core.analysis.decomposition import NEAR_LOG_N, active_units, aggregate, kl_parts
from vae_core.model.gaussian import DiagonalGaussian


def random_posterior(images: int = 7, latent: int = 3, seed: int = 0) -> DiagonalGaussian:
    generator = torch.Generator().manual_seed(seed)
    mean, logvar = (torch.randn(images, latent, dtype=torch.float64, generator=generator) for _ in range(2))
    return DiagonalGaussian(2 * mean, logvar)


def draws(q: DiagonalGaussian, seed: int = 0) -> Tensor:
    return q.sample(torch.Generator().manual_seed(seed))


def normal_quantiles(count: int) -> Tensor:
    """`count` equally likely places of N(0, 1)."""
    return torch.from_numpy(norm.ppf((np.arange(count) + 0.5) / count))


def of_width(means: Tensor, variance: float) -> DiagonalGaussian:
    return DiagonalGaussian(means, torch.full_like(means, math.log(variance)))


def test_the_aggregate_posterior_by_brute_force() -> None:
    q = random_posterior()
    z = draws(q)[:4]
    joint, marginal, shares, shares_per_dim = aggregate(q, z)
    counted, counted_per_dim = torch.zeros(7, dtype=torch.float64), torch.zeros(7, 3, dtype=torch.float64)
    for i, code in enumerate(z):
        densities = torch.stack([Normal(mean, std).log_prob(code).exp() for mean, std in zip(q.mean, q.std, strict=True)])  # [N, K]
        assert joint[i].item() == pytest.approx(densities.prod(1).mean().log().item(), rel=1e-12)
        torch.testing.assert_close(marginal[i], densities.mean(0).log(), rtol=1e-12, atol=0)
        counted += densities.prod(1) / densities.prod(1).sum()
        counted_per_dim += densities / densities.sum(0)
    torch.testing.assert_close(shares, counted, rtol=1e-12, atol=1e-15)
    torch.testing.assert_close(shares_per_dim, counted_per_dim, rtol=1e-12, atol=1e-15)


def test_the_parts_add_up_to_the_kl_of_the_same_draws() -> None:
    q = random_posterior(50)
    z, parts = draws(q, 4), kl_parts(q, seed=4)
    whole = (Normal(q.mean, q.std).log_prob(z) - Normal(0.0, 1.0).log_prob(z)).sum(1).mean()
    assert parts.mutual_information.value + parts.total_correlation.value + parts.dimension_wise == pytest.approx(whole.item(), rel=1e-12)
    assert parts.dimension_wise == parts.per_dim.sum()


def test_the_parts_add_up_to_the_rate() -> None:
    q = random_posterior(200)
    sums = []
    for seed in range(30):
        parts = kl_parts(q, seed=seed)
        sums.append(parts.mutual_information.value + parts.total_correlation.value + parts.dimension_wise)
    assert abs(np.mean(sums) - q.kl().mean().item()) < 4 * np.std(sums, ddof=1) / math.sqrt(len(sums))


def test_neither_the_order_of_the_images_nor_the_chunks_matter(monkeypatch: pytest.MonkeyPatch) -> None:
    q = random_posterior(40)
    z, order = draws(q), torch.randperm(40, generator=torch.Generator().manual_seed(1))
    whole = aggregate(q, z)
    turned = aggregate(DiagonalGaussian(q.mean[order], q.logvar[order]), z)
    torch.testing.assert_close(turned[:2], whole[:2], rtol=1e-12, atol=0)
    torch.testing.assert_close(turned.shares, whole.shares[order], rtol=1e-12, atol=1e-15)
    for elements in (1, 7 * 40 * 3):
        monkeypatch.setattr(decomposition, "_ELEMENTS", elements)
        torch.testing.assert_close(aggregate(q, z), whole, rtol=1e-12, atol=1e-15)


def test_the_seed_decides_the_parts() -> None:
    q = random_posterior(20)
    one, same, other = (kl_parts(q, seed=seed).mutual_information.value for seed in (1, 1, 2))
    assert one == same != other


def test_a_collapsed_posterior_has_no_parts() -> None:
    parts = kl_parts(DiagonalGaussian(torch.zeros(300, 5), torch.zeros(300, 5)))
    np.testing.assert_allclose([*parts.mutual_information, *parts.total_correlation, *parts.per_dim], 0, atol=1e-12)


def test_codes_that_never_meet_tell_their_image_wholly() -> None:
    q = of_width(100 * torch.arange(50.0).double()[:, None].repeat(1, 2), 1.0)
    parts = kl_parts(q)
    assert parts.mutual_information.value == pytest.approx(math.log(50), rel=1e-12)
    assert parts.total_correlation.value == pytest.approx(math.log(50), rel=1e-12)  # one dimension tells the other wholly
    assert parts.too_few is not None
    assert "of 50 images cannot exceed log N = 3.91 nats and is within 1 of it" in parts.too_few


def test_so_many_images_as_share_a_code_decide_whether_there_is_a_figure() -> None:
    shared = of_width(100 * torch.arange(100.0).double().div(3, rounding_mode="floor")[:, None], 1.0)  # three at each place
    parts = kl_parts(shared)
    assert parts.log_images - parts.mutual_information.value == pytest.approx(math.log(3), abs=0.03)
    assert math.log(2) < NEAR_LOG_N < math.log(3)
    assert parts.too_few is None


def test_the_error_is_how_far_other_images_of_the_same_kind_give_other_figures() -> None:
    def of_other_images(seed: int) -> DiagonalGaussian:
        means = torch.randn(300, 2, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))
        turned = torch.stack([means[:, 0], 0.8 * means[:, 0] + 0.6 * means[:, 1]], dim=1)
        return of_width(0.8 * turned, 0.36)

    found = [kl_parts(of_other_images(seed), seed=seed) for seed in range(100)]
    for part in ("mutual_information", "total_correlation"):
        values, errors = np.array([getattr(parts, part) for parts in found]).T
        assert np.sqrt(np.square(errors).mean()) == pytest.approx(values.std(ddof=1), rel=0.25)


def test_mutual_information_is_within_its_bounds() -> None:
    for seed in range(10):
        q = random_posterior(30, seed=seed)
        mean = np.mean([kl_parts(q, seed=draw).mutual_information.value for draw in range(20)])
        assert 0 <= mean <= min(q.kl().mean().item(), math.log(30))


def test_independent_codes_have_no_total_correlation() -> None:
    q = of_width(torch.cartesian_prod(normal_quantiles(30), normal_quantiles(40)), 0.3)
    assert kl_parts(q).total_correlation.value == pytest.approx(0, abs=1e-12)


@pytest.mark.slow
def test_codes_that_fill_the_prior_cost_their_mutual_information_alone() -> None:
    variance = 0.25
    q = of_width(math.sqrt(1 - variance) * torch.cartesian_prod(normal_quantiles(40), normal_quantiles(40)), variance)
    found = [kl_parts(q, seed=seed) for seed in range(10)]
    mutual = [parts.mutual_information.value for parts in found]
    # −½ log(1 − ρ²) in each dimension, with ρ² = 1 − variance between a mean and its code
    assert abs(np.mean(mutual) + math.log(variance)) < 4 * np.std(mutual, ddof=1) / math.sqrt(len(mutual)) + 0.005
    assert abs(np.mean([parts.per_dim for parts in found])) < 0.005


@pytest.mark.slow
def test_the_total_correlation_of_correlated_normals() -> None:
    correlation = torch.tensor([[1.0, 0.7, 0.0], [0.7, 1.0, 0.3], [0.0, 0.3, 1.0]], dtype=torch.float64)
    variance = 0.2
    places = torch.from_numpy(norm.ppf(qmc.Sobol(3, rng=1).random(2048)))
    means = places @ torch.linalg.cholesky(correlation - variance * torch.eye(3, dtype=torch.float64)).T
    found = [kl_parts(of_width(means, variance), seed=seed).total_correlation.value for seed in range(6)]
    exact = -0.5 * torch.logdet(correlation).item()
    assert abs(np.mean(found) - exact) < 4 * np.std(found, ddof=1) / math.sqrt(len(found)) + 0.01


def test_a_dimension_is_active_where_its_means_vary_by_more_than_a_hundredth() -> None:
    means = np.array([[0.0, 5.0, 0.099, -0.101], [1.0, 5.0, -0.099, 0.101]], np.float32)  # variances 0.25, 0, 0.0098, 0.0102
    assert active_units(means).tolist() == [True, False, False, True]
