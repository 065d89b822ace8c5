"""likelihoods: each cost is minus the log of a distribution that adds up to one, and each image's cost is its own."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from scipy.integrate import quad  # type: ignore[import-untyped]
from torch import distributions

from vae_core.likelihoods import LIKELIHOODS, Bernoulli, Gaussian, Likelihood


def images(count: int = 6, *, seed: int = 0) -> torch.Tensor:
    return torch.rand(count, 3, 4, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def params(count: int = 6) -> torch.Tensor:
    return 8 * images(count, seed=1) - 4


def test_bernoulli_is_that_of_torch() -> None:
    x = images().round()
    expected = -distributions.Bernoulli(logits=params()).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(Bernoulli().nll(params(), x), expected, rtol=1e-12, atol=0)


def test_bernoulli_of_grey_pixels_is_their_cross_entropy() -> None:
    x, p = images(), torch.sigmoid(params())
    expected = -(x * p.log() + (1 - x) * (1 - p).log()).sum((1, 2, 3))
    torch.testing.assert_close(Bernoulli().nll(params(), x), expected, rtol=1e-12, atol=0)


@pytest.mark.parametrize("pixels", [1, 3, 10])
def test_bernoulli_adds_up_to_one_over_all_images(pixels: int) -> None:
    outcomes = torch.tensor(list(itertools.product([0.0, 1.0], repeat=pixels)), dtype=torch.float64).view(-1, 1, 1, pixels)
    logits = params().flatten()[:pixels].expand_as(outcomes)
    assert torch.exp(-Bernoulli().nll(logits, outcomes)).sum().item() == pytest.approx(1, abs=1e-12)


@pytest.mark.parametrize("logit", [-100.0, -17.0, 17.0, 100.0])
@pytest.mark.parametrize("target", [0.0, 1.0])
def test_bernoulli_keeps_value_and_gradient_at_extreme_logits(logit: float, target: float) -> None:
    logits = torch.full((1, 1, 1, 1), logit, requires_grad=True)
    nll = Bernoulli().nll(logits, torch.full_like(logits, target).detach())
    nll.backward()
    wrong = (logit > 0) != bool(target)
    assert nll.item() == pytest.approx(abs(logit) if wrong else 0, abs=1e-6)
    assert logits.grad is not None
    assert logits.grad.item() == pytest.approx((1 if logit > 0 else -1) if wrong else 0, abs=1e-6)


@pytest.mark.parametrize("pixel", [-0.01, 1.01, 255.0])
def test_bernoulli_refuses_pixels_that_are_no_probability(pixel: float) -> None:
    x = images()
    x[2, 1, 3, 4] = pixel
    with pytest.raises(ValueError, match=r"must be in \[0, 1\]"):
        Bernoulli().nll(params(), x)


@pytest.mark.parametrize("sigma", [0.001, 0.1, 1.0, 10.0])
def test_gaussian_is_that_of_torch(sigma: float) -> None:
    x, m = images(), params()
    expected = -distributions.Normal(m, sigma).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(Gaussian(sigma).nll(m, x), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 2.0])
def test_gaussian_integrates_to_one(sigma: float) -> None:
    def density(x: float) -> float:
        pixel, mean = (torch.full((1, 1, 1, 1), value, dtype=torch.float64) for value in (x, 0.4))
        return torch.exp(-Gaussian(sigma).nll(mean, pixel)).item()

    total, _ = quad(density, 0.4 - 12 * sigma, 0.4 + 12 * sigma, points=[0.4])
    assert total == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("likelihood", [Bernoulli(), Gaussian(0.2)], ids=["bernoulli", "gaussian"])
def test_an_images_cost_is_its_own(likelihood: Likelihood) -> None:
    x, p = images(), params()
    together = likelihood.nll(p, x)
    alone = torch.cat([likelihood.nll(p[i : i + 1], x[i : i + 1]) for i in range(len(x))])
    assert together.shape == (len(x),)
    torch.testing.assert_close(together, alone, rtol=1e-14, atol=0)


@pytest.mark.parametrize("likelihood", [Bernoulli(), Gaussian(0.2)], ids=["bernoulli", "gaussian"])
def test_the_best_constant_prediction_is_the_mean_image(likelihood: Likelihood) -> None:
    """Over a pixel's values the summed cost is least where `mean` is their average."""
    pixel = images(12).flatten()[:12].view(-1, 1, 1, 1)
    candidates = torch.linspace(-4, 4, 80_001, dtype=torch.float64).view(-1, 1, 1, 1)
    costs = sum((likelihood.nll(candidates, x.expand_as(candidates)) for x in pixel), torch.zeros(len(candidates)))
    best = candidates[costs.argmin()]
    assert likelihood.mean(best).item() == pytest.approx(pixel.mean().item(), abs=1e-4)


def test_mean_image_keeps_the_shape_and_bernoullis_is_a_probability() -> None:
    logits = torch.tensor([-100.0, 0.0, 100.0]).view(1, 1, 1, 3)
    np.testing.assert_allclose(Bernoulli().mean(logits).numpy(), np.array([0, 0.5, 1]).reshape(1, 1, 1, 3), atol=1e-30)
    assert torch.equal(Gaussian(0.1).mean(logits), logits)


def test_a_configured_name_gives_its_likelihood() -> None:
    assert {name: make(0.3) for name, make in LIKELIHOODS.items()} == {"bernoulli": Bernoulli(), "gaussian": Gaussian(0.3)}
