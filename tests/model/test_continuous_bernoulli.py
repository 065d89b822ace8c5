"""The continuous Bernoulli: its normaliser, its mean and its gradient, to the last digit."""

from __future__ import annotations

from decimal import Decimal, localcontext

import numpy as np
import pytest
import torch
from scipy.integrate import quad
from torch import distributions

from tests.model.test_likelihoods import images, params, pixel
from vae_core.model.likelihoods import (
    ContinuousBernoulli,
)

LOGITS = [-100.0, -20.0, -3.0, -0.7, -0.5, -0.49, -0.1, -1e-3, -1e-6, 0.0, 1e-6, 1e-3, 0.1, 0.49, 0.5, 0.7, 3.0, 20.0, 100.0]


def normaliser(logit: float) -> float:
    """A(η) = log((e^η − 1)/η) with 150 digits, of which near 0 most cancel."""
    with localcontext(prec=150):
        eta = Decimal(logit)
        return float(((eta.exp() - 1) / eta).ln()) if eta else 0.0


def mean_of(logit: float) -> float:
    """1/(1 − e^−η) − 1/η with 150 digits."""
    with localcontext(prec=150):
        eta = Decimal(logit)
        return float(1 / (1 - (-eta).exp()) - 1 / eta) if eta else 0.5


def around(logit: float) -> list[float]:
    """The logit with its neighbours in single precision, so that every branch is met on both sides of its end."""
    value = np.float32(logit)
    return [float(np.nextafter(value, np.float32(-np.inf))), float(value), float(np.nextafter(value, np.float32(np.inf)))]


@pytest.mark.parametrize("logit", [neighbour for logit in LOGITS for neighbour in around(logit)])
def test_continuous_bernoulli_has_the_normaliser_and_the_mean_of_many_digits(logit: float) -> None:
    black = torch.zeros(1, 1, 1, 1)
    for dtype, relative in ((torch.float32, 3e-7), (torch.float64, 2e-8)):
        params = torch.full((1, 1, 1, 1), logit, dtype=dtype)
        assert ContinuousBernoulli().nll(params, black.to(dtype)).item() == pytest.approx(normaliser(logit), rel=relative, abs=1e-30)
        assert ContinuousBernoulli().mean(params).item() == pytest.approx(mean_of(logit), rel=relative, abs=1e-7 if logit < 0 else 0)


@pytest.mark.parametrize("logit", LOGITS)
def test_continuous_bernoulli_integrates_to_one_and_its_mean_image_is_its_mean(logit: float) -> None:
    def density(x: float) -> float:
        return torch.exp(-ContinuousBernoulli().nll(pixel(logit), pixel(x))).item()

    edge = min(0.5, 5 / max(1e-9, abs(logit)))
    total, _ = quad(density, 0, 1, points=[edge, 1 - edge])
    mean, _ = quad(lambda x: x * density(x), 0, 1, points=[edge, 1 - edge])
    assert total == pytest.approx(1, abs=1e-8)
    assert ContinuousBernoulli().mean(pixel(logit)).item() == pytest.approx(mean, abs=1e-8)


def test_continuous_bernoulli_is_that_of_torch_where_that_one_is_right() -> None:
    x, logits = images(), params()
    expected = -distributions.ContinuousBernoulli(logits=logits).log_prob(x).sum((1, 2, 3))
    torch.testing.assert_close(ContinuousBernoulli().nll(logits, x), expected, rtol=1e-6, atol=1e-6)  # its series has two terms


def test_continuous_bernoullis_gradient_is_mean_minus_pixel_without_a_jump() -> None:
    inside = [logit for logit in LOGITS if abs(logit) != 0.5]  # finite differences would see the change of formula
    logits = torch.tensor(inside, dtype=torch.float64).view(-1, 1, 1, 1).requires_grad_()
    x = torch.full_like(logits, 0.3).detach()
    assert torch.autograd.gradcheck(ContinuousBernoulli().nll, (logits, x))
    assert torch.autograd.gradcheck(ContinuousBernoulli().mean, (logits,))
    (slope,) = torch.autograd.grad(ContinuousBernoulli().nll(logits, x).sum(), logits)
    torch.testing.assert_close(slope, ContinuousBernoulli().mean(logits).detach() - x, rtol=0, atol=1e-7)
    assert slope[inside.index(0.0)].item() == pytest.approx(0.5 - 0.3, abs=1e-15)
    for end in (-0.5, 0.5):
        sides = torch.tensor([end - 1e-12, end, end + 1e-12], dtype=torch.float64).view(-1, 1, 1, 1).requires_grad_()
        costs = ContinuousBernoulli().nll(sides, torch.zeros_like(sides))
        (slopes,) = torch.autograd.grad(costs.sum(), sides)
        assert costs.diff().abs().max() < 2e-9
        assert slopes.diff(dim=0).abs().max() < 2e-8


@pytest.mark.parametrize("logit", [-1e15, -100.0, -0.5, 0.0, 0.5, 100.0, 1e15])
def test_continuous_bernoulli_has_finite_gradients_in_single_precision(logit: float) -> None:
    for function in (lambda p: ContinuousBernoulli().nll(p, torch.full_like(p, 0.3)), ContinuousBernoulli().mean):
        logits = torch.full((1, 1, 1, 1), logit, requires_grad=True)
        value = function(logits)
        value.sum().backward()
        assert value.isfinite().all()
        assert logits.grad is not None
        assert logits.grad.isfinite().all()
