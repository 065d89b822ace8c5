"""likelihoods: each cost is minus the log of a distribution that adds up to one, and each image's cost is its own."""

from __future__ import annotations

import itertools
import math
from typing import get_args

import numpy as np
import pytest
import torch
from scipy import stats
from scipy.integrate import quad
from torch import Tensor, distributions

from tests.likelihoods import EVERY
from vae_core.base.config import SIGMAS_OF, LikelihoodName, SigmaIs
from vae_core.model.likelihoods import (
    LEAST_SIGMA,
    LEVELS,
    LIKELIHOODS,
    Bernoulli,
    ContinuousBernoulli,
    DiscretisedLogistic,
    Gaussian,
    LearnedSigma,
    Likelihood,
    Measure,
    OptimalGaussian,
)

every_likelihood = pytest.mark.parametrize(
    "likelihood", [LIKELIHOODS[name].of_sigma[sigma_is](0.2).eval() for name, sigma_is in EVERY], ids=["-".join(names) for names in EVERY]
)


LEVEL_VALUES = torch.arange(LEVELS, dtype=torch.float64).view(-1, 1, 1, 1) / (LEVELS - 1)


def images(count: int = 6, *, seed: int = 0) -> Tensor:
    return torch.rand(count, 3, 4, 5, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def params(count: int = 6) -> Tensor:
    return 8 * images(count, seed=1) - 4


def pixel(value: float) -> Tensor:
    return torch.full((1, 1, 1, 1), value, dtype=torch.float64)


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


@pytest.mark.parametrize("value", [-0.01, 1.01, 255.0])
@pytest.mark.parametrize("likelihood", [Bernoulli(), ContinuousBernoulli(), DiscretisedLogistic(0.1)])
def test_pixels_outside_the_range_of_the_distribution_are_refused(likelihood: Likelihood, value: float) -> None:
    x = images()
    x[2, 1, 3, 4] = value
    with pytest.raises(ValueError, match=r"must be in \[0, 1\]"):
        likelihood.nll(params(), x)


@pytest.mark.parametrize("sigma", [0.001, 0.1, 1.0, 10.0])
def test_gaussian_is_that_of_torch(sigma: float) -> None:
    x, m = images(), params()
    expected = -distributions.Normal(m, sigma).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(Gaussian(sigma).nll(m, x), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("sigma", [0.05, 0.3, 2.0])
def test_gaussian_integrates_to_one(sigma: float) -> None:
    def density(x: float) -> float:
        return torch.exp(-Gaussian(sigma).nll(pixel(0.4), pixel(x))).item()

    total, _ = quad(density, 0.4 - 12 * sigma, 0.4 + 12 * sigma, points=[0.4])
    assert total == pytest.approx(1, abs=1e-8)


@pytest.mark.parametrize("start", [0.001, 0.0011, 0.01, 0.2, 3.0])
def test_a_learned_sigma_starts_where_it_is_set(start: float) -> None:
    assert Gaussian(LearnedSigma(start)).trained_sigma() == pytest.approx(start, rel=0.006 if start == LEAST_SIGMA else 1e-5)


@pytest.mark.parametrize("log_sigma", [-20.0, -5.0, 0.0, 3.0])
def test_a_learned_sigma_is_a_parameter_with_a_floor_and_always_a_gradient(log_sigma: float) -> None:
    likelihood = Gaussian(LearnedSigma(0.2)).double()
    (parameter,) = likelihood.parameters()
    assert dict(likelihood.named_parameters()).keys() == {"sigma.log_sigma"}
    with torch.no_grad():
        parameter.fill_(log_sigma)
    sigma = math.sqrt(math.exp(2 * log_sigma) + LEAST_SIGMA**2)
    nll = likelihood.nll(params(), images())
    torch.testing.assert_close(nll, Gaussian(sigma).nll(params(), images()), rtol=1e-9, atol=0)
    nll.sum().backward()
    assert parameter.grad is not None
    assert parameter.grad != 0


@pytest.mark.slow
def test_a_learned_sigma_is_found_at_the_root_mean_squared_error() -> None:
    likelihood = Gaussian(LearnedSigma(0.1)).double()
    x = images()
    m = x + 0.3 * torch.randn(x.shape, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    optimiser = torch.optim.LBFGS(
        likelihood.parameters(), max_iter=100, tolerance_grad=1e-12, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimiser.zero_grad()
        loss = likelihood.nll(m, x).mean()
        loss.backward()
        return loss

    optimiser.step(closure)
    assert isinstance(likelihood.sigma, LearnedSigma)
    assert likelihood.sigma().item() == pytest.approx((x - m).square().mean().sqrt().item(), rel=1e-6)


def test_the_optimal_sigma_is_the_best_of_all_for_the_batch() -> None:
    likelihood = OptimalGaussian(0.1).train()
    x, m = images(), params()
    best = (x - m).square().mean().sqrt().item()
    torch.testing.assert_close(likelihood.nll(m, x), Gaussian(best).nll(m, x), rtol=1e-12, atol=0)
    mean = likelihood.nll(m, x).mean().item()
    assert mean == pytest.approx(x[0].numel() / 2 * (math.log(2 * math.pi * best**2) + 1), rel=1e-12)
    assert all(mean < Gaussian(best * factor).nll(m, x).mean().item() for factor in (0.5, 0.99, 1.01, 2))


def test_the_optimal_sigma_has_the_gradient_of_its_closed_form() -> None:
    x, m = images(), params().requires_grad_()
    (ours,) = torch.autograd.grad(OptimalGaussian(0.1).nll(m, x).mean(), m)
    (closed,) = torch.autograd.grad(x[0].numel() / 2 * (x - m).square().mean().log(), m)
    torch.testing.assert_close(ours, closed, rtol=1e-12, atol=0)


def test_in_evaluation_the_optimal_sigma_is_the_mean_over_the_last_batches() -> None:
    likelihood = OptimalGaussian(0.3).double()
    assert likelihood.variance.item() == pytest.approx(0.09, rel=1e-6)
    errors = [0.5, 0.1, 0.2, 0.4]
    for error in errors:
        likelihood.train().nll(pixel(0.5 + error), pixel(0.5))
    weights = [0.05 * 0.95 ** (len(errors) - 1 - i) for i in range(len(errors))]
    expected = sum(w * error**2 for w, error in zip(weights, errors, strict=True)) / sum(weights)
    assert likelihood.variance.item() == pytest.approx(expected, rel=1e-4)
    assert dict(likelihood.named_buffers()).keys() == {"running"} == set(likelihood.state_dict())
    kept = likelihood.running.clone()
    x, m = images(), params()
    nll = likelihood.eval().nll(m, x)
    assert torch.equal(likelihood.running, kept)
    torch.testing.assert_close(nll, Gaussian(math.sqrt(likelihood.variance.item())).nll(m, x), rtol=1e-12, atol=0)


def test_pictures_without_any_error_cost_a_finite_sum() -> None:
    likelihood = OptimalGaussian(0.1)
    for _ in range(100):
        nll = likelihood.nll(images(), images())
    torch.testing.assert_close(nll, Gaussian(LEAST_SIGMA).nll(images(), images()), rtol=1e-6, atol=0)
    torch.testing.assert_close(likelihood.eval().nll(images(), images()), nll, rtol=1e-6, atol=0)


@pytest.mark.parametrize("sigma", [0.001, 0.01, 0.1, 1.0, 10.0])
@pytest.mark.parametrize("location", [-100.0, -1.0, -0.01, 0.0, 0.3, 0.5, 1 - 0.5 / 255, 1.0, 1.7, 100.0])
def test_discretised_logistic_adds_up_to_one_over_the_levels(location: float, sigma: float) -> None:
    for dtype, close in ((torch.float64, 1e-12), (torch.float32, 1e-6)):
        levels = LEVEL_VALUES.to(dtype)
        costs = DiscretisedLogistic(sigma).nll(torch.full_like(levels, location), levels)
        assert costs.isfinite().all()
        assert (costs > -1e-6).all()
        assert torch.exp(-costs.double()).sum().item() == pytest.approx(1, abs=close)


@pytest.mark.parametrize("sigma", [0.01, 0.1, 1.0])
def test_discretised_logistic_has_scipys_mass_in_each_bin(sigma: float) -> None:
    """A logistic of standard deviation σ; the outer bins go on for ever."""
    edges = np.concatenate([[-np.inf], (np.arange(1, LEVELS) - 0.5) / (LEVELS - 1), [np.inf]])
    below = stats.logistic.cdf(edges, 0.4, sigma / stats.logistic.std())
    costs = DiscretisedLogistic(sigma).nll(torch.full_like(LEVEL_VALUES, 0.4), LEVEL_VALUES)
    np.testing.assert_allclose(torch.exp(-costs).numpy(), np.diff(below), rtol=1e-9, atol=1e-15)


def test_discretised_logistic_takes_a_pixel_for_its_nearest_level() -> None:
    m, offset = torch.full_like(LEVEL_VALUES, 0.4), 0.4 / (LEVELS - 1)
    exact = DiscretisedLogistic(0.1).nll(m, LEVEL_VALUES)
    for x in ((LEVEL_VALUES + offset).clamp(max=1), (LEVEL_VALUES - offset).clamp(min=0)):
        torch.testing.assert_close(DiscretisedLogistic(0.1).nll(m, x), exact, rtol=1e-12, atol=0)


def test_discretised_logistic_has_its_gradient_everywhere() -> None:
    locations = torch.tensor([-3.0, -0.1, 0.0, 0.2, 0.5, 0.9, 1.0, 4.0], dtype=torch.float64)
    grid = torch.cartesian_prod(locations, LEVEL_VALUES.flatten()[[0, 1, 51, 128, 254, 255]])
    m, x = (column.reshape(-1, 1, 1, 1).clone() for column in grid.T)
    likelihood = DiscretisedLogistic(LearnedSigma(0.1)).double()
    (log_sigma,) = likelihood.parameters()
    assert torch.autograd.gradcheck(lambda m, log_sigma: likelihood.nll(m, x), (m.requires_grad_(), log_sigma))
    single = torch.tensor([-1e4, 1e4, 0.5]).view(-1, 1, 1, 1).requires_grad_()
    DiscretisedLogistic(0.001).nll(single, torch.tensor([1.0, 0.0, 51 / 255]).view(-1, 1, 1, 1)).sum().backward()
    assert single.grad is not None
    assert single.grad.isfinite().all()
    assert single.grad.abs().min() > 100  # each is wrong by far and is told so


@pytest.mark.parametrize("sigma", [0.001, 0.02, 0.1, 1.0])
def test_discretised_logistics_mean_image(sigma: float) -> None:
    likelihood, scale = DiscretisedLogistic(sigma), sigma / stats.logistic.std()
    for location in (-0.7, 0.0, 0.3, 0.5, 1.0, 1.4):
        mean = likelihood.mean(pixel(location)).item()
        clipped, _ = quad(lambda c, m=location: stats.logistic.sf(c, m, scale), 0, 1, points=[min(1, max(0, location))], limit=200)
        assert mean == pytest.approx(clipped, abs=1e-8)
        masses = torch.exp(-likelihood.nll(torch.full_like(LEVEL_VALUES, location), LEVEL_VALUES))
        over_levels = (masses * LEVEL_VALUES.flatten()).sum().item()
        assert mean == pytest.approx(over_levels, abs=0.5 / 255 if sigma < 0.01 else 2e-5)


def test_bits_are_conserved() -> None:
    """The uniform density costs 8 bits a pixel; a density's bits after dequantisation are, by Jensen, hardly more than its levels' own."""
    flat = ContinuousBernoulli().nll(torch.zeros(1, 3, 4, 5), images(1).float()).item() / 60
    assert (flat + math.log(LEVELS)) / math.log(2) == 8.0
    places = (torch.arange(100 * LEVELS, dtype=torch.float64).view(-1, 1, 1, 1) + 0.5) / (100 * LEVELS)
    costs = ContinuousBernoulli().nll(torch.full_like(places, 3.0), places).view(LEVELS, 100)
    masses = torch.exp(-costs).mean(1) / LEVELS
    assert masses.sum().item() == pytest.approx(1, abs=1e-6)
    bits_of_levels = -masses.log2()
    bits_of_density = (costs.mean(1) + math.log(LEVELS)) / math.log(2)
    assert (bits_of_density >= bits_of_levels).all()
    torch.testing.assert_close(bits_of_density, bits_of_levels, rtol=0, atol=1e-4)


@every_likelihood
def test_an_images_cost_is_its_own(likelihood: Likelihood) -> None:
    x, p = (images() * 255).round() / 255, params()
    together = likelihood.nll(p, x)
    alone = torch.cat([likelihood.nll(p[i : i + 1], x[i : i + 1]) for i in range(len(x))])
    assert together.shape == (len(x),)
    torch.testing.assert_close(together, alone, rtol=1e-14, atol=0)


@pytest.mark.parametrize("likelihood", [Bernoulli(), ContinuousBernoulli(), Gaussian(0.2)], ids=["bernoulli", "continuous", "gaussian"])
def test_the_best_constant_prediction_is_the_mean_image(likelihood: Likelihood) -> None:
    """Over a pixel's values the summed cost is least where `mean` is their average."""
    values = images(12).flatten()[:12].view(-1, 1, 1, 1)
    candidates = torch.linspace(-4, 4, 80_001, dtype=torch.float64).view(-1, 1, 1, 1)
    costs = sum((likelihood.nll(candidates, x.expand_as(candidates)) for x in values), torch.zeros(len(candidates)))
    best = candidates[costs.argmin()]
    assert likelihood.mean(best).item() == pytest.approx(values.mean().item(), abs=1e-4)


@every_likelihood
def test_mean_image_keeps_the_shape_and_rises_with_the_parameter(likelihood: Likelihood) -> None:
    p = torch.linspace(-30, 30, 60).view(1, 3, 4, 5)
    mean = likelihood.mean(p)
    assert mean.shape == p.shape
    assert (mean.flatten().diff() > -1e-5).all()
    if likelihood.live_mean != "identity":
        assert 0 <= mean.min() < 0.04
        assert 0.96 < mean.max() < 1 + 1e-5


def test_bernoullis_mean_is_a_probability_and_gaussians_the_parameter_itself() -> None:
    logits = torch.tensor([-100.0, 0.0, 100.0]).view(1, 1, 1, 3)
    np.testing.assert_allclose(Bernoulli().mean(logits).numpy(), np.array([0, 0.5, 1]).reshape(1, 1, 1, 3), atol=1e-30)
    assert torch.equal(Gaussian(0.1).mean(logits), logits)
    assert torch.equal(OptimalGaussian(0.1).mean(logits), logits)


def test_a_configured_name_gives_its_likelihood() -> None:
    kinds = {
        ("bernoulli", "fixed"): Bernoulli,
        ("continuous_bernoulli", "fixed"): ContinuousBernoulli,
        ("gaussian", "fixed"): Gaussian,
        ("gaussian", "learned"): Gaussian,
        ("gaussian", "optimal"): OptimalGaussian,
        ("logistic", "fixed"): DiscretisedLogistic,
        ("logistic", "learned"): DiscretisedLogistic,
    }
    made = {(name, sigma_is): LIKELIHOODS[name].of_sigma[sigma_is](0.3) for name, sigma_is in EVERY}
    assert {name: type(likelihood) for name, likelihood in made.items()} == kinds
    for (_, sigma_is), likelihood in made.items():
        assert len(list(likelihood.parameters())) == (sigma_is == "learned")
        assert len(list(likelihood.buffers())) == (sigma_is == "optimal")
        if sigma_is == "fixed" and isinstance(likelihood, Gaussian | DiscretisedLogistic):
            assert likelihood.sigma == 0.3


def test_every_name_of_a_configuration_has_the_sigmas_that_it_allows() -> None:
    assert {name: tuple(family.of_sigma) for name, family in LIKELIHOODS.items()} == {
        name: SIGMAS_OF.get(name, ("fixed",)) for name in get_args(LikelihoodName)
    }
    for name, sigma_is in EVERY:
        sigma = LIKELIHOODS[name].of_sigma[sigma_is](0.3).trained_sigma()
        assert sigma == (pytest.approx(0.3, rel=1e-4) if name in SIGMAS_OF else None)


def test_the_titles_are_those_in_addresses() -> None:
    """The Train page puts a title in its address, so a link that somebody kept has it."""
    assert {name: family.title for name, family in LIKELIHOODS.items()} == {
        "bernoulli": "Chance of white (Bernoulli)",
        "continuous_bernoulli": "Share of white (continuous Bernoulli)",
        "gaussian": "Brightness with noise (Gaussian)",
        "logistic": "One of 256 levels (discretised logistic)",
    }


@pytest.mark.parametrize(("name", "sigma_is"), EVERY)
def test_every_likelihood_adds_up_to_one_as_its_measure_says(name: LikelihoodName, sigma_is: SigmaIs) -> None:
    """A density integrates to 1, masses of 256 levels add up to 1; those that are cross-entropy of greys do so over black and white."""
    likelihood, measure = LIKELIHOODS[name].of_sigma[sigma_is](0.2).double().eval(), LIKELIHOODS[name].measure
    if measure is Measure.DENSITY:
        bounds = (0.0, 1.0) if refuses(likelihood, 2.0) else (-20.0, 20.0)

        def density(x: float) -> float:
            return torch.exp(-likelihood.nll(pixel(0.4), pixel(x))).item()

        total, _ = quad(density, *bounds, points=[0.4], limit=200)
    else:
        values = LEVEL_VALUES if measure is Measure.PROBABILITY else LEVEL_VALUES[[0, -1]]
        total = torch.exp(-likelihood.nll(torch.full_like(values, 0.4), values)).sum().item()
    assert total == pytest.approx(1, abs=1e-6)


def refuses(likelihood: Likelihood, value: float) -> bool:
    try:
        likelihood.nll(pixel(0.4), pixel(value))
    except ValueError:
        return True
    return False
