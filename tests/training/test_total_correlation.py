"""objectives: total correlation against closed forms and sums over everything."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import Tensor

from tests.training.test_objectives import model, of_step, seeded, uneven
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.training.objectives import stratified_weights, total_correlation


def posteriors(count: int, latent: int, *, seed: int = 0) -> DiagonalGaussian:
    means = torch.randn(count, latent, generator=seeded(seed), dtype=torch.float64)
    logvars = torch.randn(count, latent, generator=seeded(seed + 1), dtype=torch.float64) - 1
    return DiagonalGaussian(means, logvars)


def rows(posterior: DiagonalGaussian, chosen: Tensor) -> DiagonalGaussian:
    return DiagonalGaussian(posterior.mean[chosen], posterior.logvar[chosen])


def correlation_by_loops(posterior: DiagonalGaussian, z: Tensor) -> list[float]:
    """log q(z) − Σ_j log q(z_j) of each code under the mean of all N posteriors, number by number."""
    means, widths, codes = posterior.mean.numpy(), posterior.std.numpy(), z.numpy()
    found = []
    for code in codes:
        densities = np.exp(-0.5 * ((code - means) / widths) ** 2) / (widths * math.sqrt(2 * math.pi))
        found.append(float(np.log(densities.prod(axis=1).mean()) - np.log(densities.mean(axis=0)).sum()))
    return found


@pytest.mark.parametrize(("batch", "total"), [(2, 2), (2, 50), (7, 7), (7, 1000), (64, 10_000), (1, 10)])
def test_stratified_weights_are_those_of_chen_averaged_over_the_one_that_is_different(batch: int, total: int) -> None:
    """Diagonal layout: 1/N for the image of the code, (N − M)/(NM) for one other, 1/M for the rest, M = B − 1."""
    ours = stratified_weights(batch, total)
    torch.testing.assert_close(ours.sum(1), torch.ones(batch, dtype=torch.float64), rtol=1e-14, atol=0)
    if batch == 1:
        return
    m = batch - 1
    mean = torch.zeros_like(ours)
    for shift in range(1, batch):
        weights = torch.full_like(ours, 1 / m).fill_diagonal_(1 / total)
        weights[torch.arange(batch), (torch.arange(batch) + shift) % batch] = (total - m) / (total * m)
        mean += weights / m
    torch.testing.assert_close(ours, mean, rtol=1e-12, atol=0)


def test_total_correlation_is_exact_where_the_batch_is_the_whole_set() -> None:
    q = posteriors(50, 3)
    z = q.sample(seeded(4))
    np.testing.assert_allclose(total_correlation(q, z, 50).numpy(), correlation_by_loops(q, z), rtol=1e-10, atol=1e-10)


def test_total_correlation_does_not_depend_on_the_order_of_the_batch() -> None:
    q, order = posteriors(20, 4), torch.randperm(20, generator=seeded(5))
    z = q.sample(seeded(4))
    torch.testing.assert_close(
        total_correlation(rows(q, order), z[order], 900), total_correlation(q, z, 900)[order], rtol=1e-12, atol=1e-12
    )


def test_the_estimate_of_the_aggregate_density_has_no_bias() -> None:
    """q̂(z) over many random batches that hold the image of z has the mean q(z); its logarithm has not."""
    q, batch, draws = posteriors(40, 2), 5, 4000
    z = q.sample(seeded(6))[:1]
    exact = torch.exp(q.log_prob(z)).mean()
    generator = seeded(7)
    estimates = []
    for _ in range(draws):
        others = 1 + torch.randperm(39, generator=generator)[: batch - 1]
        chosen = torch.cat([torch.zeros(1, dtype=torch.int64), others])
        estimates.append(stratified_weights(batch, 40)[0] @ torch.exp(rows(q, chosen).log_prob(z)))
    found = torch.stack(estimates)
    assert abs(found.mean() - exact) < 4 * found.std() / draws**0.5


def test_a_collapsed_posterior_has_no_total_correlation() -> None:
    q = DiagonalGaussian(torch.zeros(30, 6), torch.zeros(30, 6))
    assert total_correlation(q, q.sample(seeded()), 5000).abs().max() < 1e-5


def test_one_image_alone_tells_nothing_of_the_total_correlation() -> None:
    q = posteriors(1, 4)
    torch.testing.assert_close(total_correlation(q, q.sample(seeded()), 100), torch.zeros(1, dtype=torch.float64), rtol=0, atol=1e-12)


@pytest.mark.parametrize("correlation", [0.0, 0.5, 0.8])
def test_total_correlation_of_gaussian_codes_is_that_of_the_closed_form(correlation: float) -> None:
    """Codes of all images together: N(0, R), of which −½ log det R."""
    covariance = torch.tensor([[1.0, correlation], [correlation, 1.0]], dtype=torch.float64)
    width, images = 0.4, 2000
    within = width**2 * torch.eye(2, dtype=torch.float64)
    means = torch.randn(images, 2, generator=seeded(), dtype=torch.float64) @ torch.linalg.cholesky(covariance - within).T
    q = DiagonalGaussian(means, torch.full_like(means, 2 * math.log(width)))
    parts = total_correlation(q, q.sample(seeded(1)), images)
    closed = -0.5 * torch.logdet(covariance).item()
    assert parts.mean().item() == pytest.approx(closed, abs=4 * parts.std().item() / images**0.5 + 0.01)  # 2,000 images are not all


def test_total_correlation_has_the_gradient_of_finite_differences() -> None:
    q, noise = posteriors(6, 3), torch.randn(6, 3, generator=seeded(2), dtype=torch.float64)

    def of_noise(mean: Tensor, logvar: Tensor) -> Tensor:
        return total_correlation(DiagonalGaussian(mean, logvar), mean + torch.exp(0.5 * logvar) * noise, 77)

    assert torch.autograd.gradcheck(of_noise, (q.mean.requires_grad_(), q.logvar.requires_grad_()))


def test_total_correlation_joins_the_loss_with_its_weight() -> None:
    vae, x = model(), uneven(6) / 255
    passage = vae(x, seeded(3))
    expected = total_correlation(passage.posterior, passage.z, 100)
    terms = of_step(vae, x, beta=2.0, tc=5.0)
    torch.testing.assert_close(terms.loss, terms.distortion + 2 * terms.rate + 5 * expected)
