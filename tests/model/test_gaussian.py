"""gaussian: every formula against torch.distributions, sampling or its own derivative."""

from __future__ import annotations

import itertools

import pytest
import torch
from torch import Tensor
from torch.distributions import Independent, Normal, kl_divergence

from vae_core.model.gaussian import DiagonalGaussian, bound_logvar

BOUNDS = (-10.0, -24.0)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def posterior(rows: int = 7, dims: int = 5) -> DiagonalGaussian:
    """float64, log-variances over the whole range that `bound_logvar` allows older models."""
    mean = 3 * torch.randn(rows, dims, generator=seeded(), dtype=torch.float64)
    return DiagonalGaussian(mean, torch.linspace(-10, 10, rows * dims, dtype=torch.float64).view(rows, dims))


def theirs(q: DiagonalGaussian) -> Normal:
    return Normal(q.mean, torch.exp(0.5 * q.logvar))


@pytest.mark.slow
def test_kl_is_that_of_torch() -> None:
    q = posterior()
    expected = kl_divergence(theirs(q), Normal(torch.zeros_like(q.mean), torch.ones_like(q.mean)))
    torch.testing.assert_close(q.kl_per_dim(), expected, rtol=1e-12, atol=1e-12)
    torch.testing.assert_close(q.kl(), expected.sum(1), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(("dtype", "close"), [(torch.float32, 1e-6), (torch.float64, 1e-12)])
def test_the_halves_are_of_the_means_and_of_the_widths_and_their_sum_is_the_kl(dtype: torch.dtype, close: float) -> None:
    q = DiagonalGaussian(posterior().mean.to(dtype), posterior().logvar.to(dtype))
    means, widths = q.kl_halves_per_dim()
    torch.testing.assert_close(means + widths, q.kl_per_dim(), rtol=close, atol=close)
    standard = Normal(torch.zeros_like(q.mean), torch.ones_like(q.mean))
    torch.testing.assert_close(means, kl_divergence(Normal(q.mean, torch.ones_like(q.mean)), standard), rtol=close, atol=close)
    torch.testing.assert_close(widths, kl_divergence(Normal(torch.zeros_like(q.mean), q.std), standard), rtol=10 * close, atol=10 * close)


def test_the_half_of_the_widths_is_never_negative_and_keeps_its_digits_where_it_is_small() -> None:
    logvar = torch.cat([torch.logspace(-12, 1, 500), -torch.logspace(-12, 1, 500)])
    means, widths = DiagonalGaussian(torch.zeros_like(logvar), logvar).kl_halves_per_dim()
    assert not means.any()
    assert (widths >= 0).all()
    small = logvar.abs() < 0.01
    series = (logvar.double() ** 2 / 4 + logvar.double() ** 3 / 12)[small]
    torch.testing.assert_close(widths[small].double(), series, rtol=0, atol=1e-9)


def test_kl_is_the_mean_of_log_q_minus_log_p_over_samples() -> None:
    q = DiagonalGaussian(torch.tensor([[0.5, -1.0, 0.0]]).double(), torch.tensor([[-2.0, 0.7, 0.0]]).double())
    draws = 100_000
    many = DiagonalGaussian(q.mean.expand(draws, -1), q.logvar.expand(draws, -1))
    z = many.sample(seeded())
    ratio = many.log_prob(z) - Normal(0.0, 1.0).log_prob(z).sum(1)
    assert abs(ratio.mean() - q.kl()) < 4 * ratio.std() / draws**0.5


def test_kl_of_independent_parts_adds_up() -> None:
    q = posterior(dims=6)
    left, right = DiagonalGaussian(q.mean[:, :2], q.logvar[:, :2]), DiagonalGaussian(q.mean[:, 2:], q.logvar[:, 2:])
    torch.testing.assert_close(left.kl() + right.kl(), q.kl(), rtol=1e-12, atol=0)


@pytest.mark.parametrize("size", [1e-1, 1e-2, 1e-3, 1e-4, 1e-5])
def test_kl_keeps_its_digits_near_zero_in_float32(size: float) -> None:
    logvar = size * torch.linspace(-1, 1, 41)[:, None]
    small = DiagonalGaussian(torch.zeros_like(logvar), logvar).kl()
    exact = DiagonalGaussian(torch.zeros_like(logvar).double(), logvar.double()).kl()
    assert (small >= 0).all()
    assert small[20] == 0
    assert (small.double() - exact).abs().max() < 2e-3 * max(exact.max().item(), 1e-7)


def test_kl_is_never_negative_in_float32() -> None:
    q = DiagonalGaussian(1e-3 * torch.randn(1000, 4, generator=seeded(1)), torch.randn(1000, 4, generator=seeded(2)))
    assert (q.kl_per_dim() >= 0).all()


def test_kl_gradient_is_that_of_finite_differences() -> None:
    mean = torch.randn(3, 2, generator=seeded(), dtype=torch.float64, requires_grad=True)
    logvar = torch.randn(3, 2, generator=seeded(1), dtype=torch.float64, requires_grad=True)

    def kl(mean: Tensor, logvar: Tensor) -> Tensor:
        return DiagonalGaussian(mean, logvar).kl()

    def log_prob(mean: Tensor, logvar: Tensor) -> Tensor:
        return DiagonalGaussian(mean, logvar).log_prob(torch.ones(3, 2, dtype=torch.float64))

    assert torch.autograd.gradcheck(kl, (mean, logvar))
    assert torch.autograd.gradcheck(log_prob, (mean, logvar))


def test_log_prob_is_that_of_torch() -> None:
    q = posterior()
    z = q.sample(seeded())
    torch.testing.assert_close(q.log_prob(z), Independent(theirs(q), 1).log_prob(z), rtol=1e-12, atol=1e-12)


def test_mode_is_the_most_probable_code() -> None:
    q = posterior()
    assert (q.log_prob(q.mode) > q.log_prob(q.mode + 1e-3)).all()
    assert (q.log_prob(q.mode) > q.log_prob(q.mode - 1e-3)).all()


def test_the_generator_decides_the_sample() -> None:
    q = posterior()
    before = torch.get_rng_state()
    assert torch.equal(q.sample(seeded(3)), q.sample(seeded(3)))
    assert not torch.equal(q.sample(seeded(3)), q.sample(seeded(4)))
    assert torch.equal(torch.get_rng_state(), before)


def test_samples_have_the_mean_and_the_spread_of_the_posterior() -> None:
    draws = 50_000
    q = DiagonalGaussian(torch.tensor([[-2.0, 0.0, 5.0]]).expand(draws, -1), torch.tensor([[-4.0, 0.0, 2.0]]).expand(draws, -1))
    z = q.sample(seeded())
    standard = (z - q.mean) / q.std
    assert standard.mean(0).abs().max() < 4 / draws**0.5
    assert (standard.var(0) - 1).abs().max() < 4 * (2 / draws) ** 0.5
    assert (standard.T.cov() - torch.eye(3)).triu(1).abs().max() < 4 / draws**0.5
    torch.testing.assert_close(q.std[0], torch.tensor([0.1353353, 1.0, 2.7182818]))


def test_the_gradient_passes_through_a_sample() -> None:
    mean, logvar = torch.zeros(1, 3, requires_grad=True), torch.full((1, 3), 0.4, requires_grad=True)
    q = DiagonalGaussian(mean, logvar)
    z = q.sample(seeded())
    z.sum().backward()
    assert torch.equal(mean.grad, torch.ones(1, 3))  # type: ignore[arg-type]
    torch.testing.assert_close(logvar.grad, (z / 2).detach())


@pytest.mark.parametrize("lowest", BOUNDS)
def test_bounded_log_variance_is_the_identity_where_it_matters(lowest: float) -> None:
    raw = torch.linspace(lowest + 4, 6, 1001)
    assert torch.equal(bound_logvar(raw, lowest), raw)


@pytest.mark.parametrize("excess", [0.5, 24.0, 1e4])
@pytest.mark.parametrize(("lowest", "below"), [*itertools.product(BOUNDS, [True]), (-24.0, False)])
def test_bounded_log_variance_stays_inside_its_bounds_and_keeps_a_gradient(excess: float, lowest: float, below: bool) -> None:
    knee, sign = (lowest + 4, -1) if below else (6, 1)
    x = torch.tensor(knee + sign * excess, requires_grad=True)
    y = bound_logvar(x, lowest)
    y.backward()
    assert y.item() == pytest.approx(knee + sign * 4 * excess / (4 + excess))
    assert lowest < y.item() < 10
    assert x.grad is not None
    assert x.grad.item() == pytest.approx((4 / (4 + excess)) ** 2, rel=1e-3)


@pytest.mark.parametrize("lowest", BOUNDS)
def test_bounded_log_variance_rises_and_its_slope_has_no_jump(lowest: float) -> None:
    step = 1e-3
    raw = torch.arange(-40_000, 20_001, dtype=torch.float64).mul(step).requires_grad_()
    y = bound_logvar(raw, lowest)
    (slope,) = torch.autograd.grad(y.sum(), raw)
    assert (y.diff() > 0).all()
    assert (slope > 0).all()
    assert (slope <= 1).all()
    assert slope.diff().abs().max() < step  # the steepest change of slope is ½ per unit
