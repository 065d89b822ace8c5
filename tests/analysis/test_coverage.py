"""Coverage of the prior, against quadrature, closed forms and the parts of the KL."""

from __future__ import annotations

import math
from collections.abc import Callable
from itertools import pairwise

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.integrate import quad, trapezoid
from scipy.special import entr
from scipy.stats import chi2, norm

from vae_core.analysis import coverage as module
from vae_core.analysis.blur import draw, mixture
from vae_core.analysis.coverage import BALL, HOLE, Coverage, Estimate, coverage, covered, grid, holes, log_ratio
from vae_core.analysis.decomposition import kl_parts
from vae_core.analysis.posterior import Posterior
from vae_core.base.errors import InputError
from vae_core.model.gaussian import DiagonalGaussian

LINE_MEAN = np.array([[-2.4], [-1.0], [-0.7], [1.3], [2.5]], np.float32)
LINE_LOGVAR = np.log(np.array([[0.1], [0.05], [0.2], [0.02], [0.3]], np.float32))


def within(found: Estimate, exact: float, errors: float = 4) -> bool:
    return 0 < found.error < 0.02 and abs(found.value - exact) < errors * found.error


def line() -> Coverage:
    """The exact figures of five posteriors on a line, each integrated by quadrature."""
    mean, std = LINE_MEAN[:, 0].astype(np.float64), np.exp(0.5 * LINE_LOGVAR[:, 0].astype(np.float64))

    def parts(z: float) -> NDArray[np.float64]:
        return np.exp(-0.5 * ((z - mean) / std) ** 2) / (math.sqrt(2 * math.pi) * std)

    def q(z: float) -> float:
        return float(parts(z).mean())

    def p(z: float) -> float:
        return math.exp(-0.5 * z**2) / math.sqrt(2 * math.pi)

    def effective(z: float) -> float:
        weights = parts(z) / parts(z).sum()
        return math.exp(entr(weights).sum())

    def integral(function: Callable[[float], float], low: float = -6.0, high: float = 7.0) -> float:
        return sum(quad(function, a, b)[0] for a, b in pairwise(np.linspace(low, high, 40)))

    places = np.linspace(-10, 10, 200_001)
    empty = norm.pdf(places[:, None], mean, std).mean(1) < HOLE * norm.pdf(places)
    edge = math.sqrt(chi2.ppf(BALL, 1))
    kl = integral(lambda z: q(z) * math.log(q(z) / p(z)))
    rate = integral(lambda z: float((parts(z) * np.log(np.maximum(parts(z), 1e-300) / p(z))).mean()))
    return Coverage(
        rate,
        Estimate(rate - kl, 0),
        Estimate(kl, 0),
        Estimate(float(trapezoid(norm.pdf(places) * empty, places)), 0),
        Estimate(1 - integral(q, -edge, edge), 0),
        Estimate(integral(lambda z: q(z) * effective(z)), 0),
    )


def test_a_line_integrated_by_quadrature() -> None:
    found, exact = coverage(Posterior(LINE_MEAN, LINE_LOGVAR), draws=20_000), line()
    assert found.rate == pytest.approx(exact.rate, rel=1e-6)
    for name in ("mutual_information", "kl", "holes", "outside", "effective"):
        assert within(getattr(found, name), getattr(exact, name).value), name
    assert 0.1 < exact.holes.value < 0.9
    assert 0.1 < exact.outside.value < 0.9  # so that neither is at an end


def test_the_standard_errors_are_those_of_many_seeds() -> None:
    found = [coverage(Posterior(LINE_MEAN, LINE_LOGVAR), draws=500, seed=seed) for seed in range(200)]
    for name in ("mutual_information", "kl", "holes", "outside", "effective"):
        values, errors = np.array([getattr(one, name) for one in found]).T
        assert values.std(ddof=1) / errors.mean() == pytest.approx(1, abs=0.2), name


@pytest.mark.slow
def test_posteriors_that_are_the_prior() -> None:
    found = coverage(Posterior(np.zeros((300, 5)), np.zeros((300, 5))), draws=20_000)
    assert found.rate == 0
    np.testing.assert_allclose([found.mutual_information, found.kl], 0, atol=1e-12)
    assert found.holes == (0, 0)
    assert within(found.outside, 0.05)
    np.testing.assert_allclose(found.effective, (300, 0), atol=1e-9)


@pytest.mark.parametrize("latent", [1, 2, 16])
def test_the_ball_is_that_of_chi_square(latent: int) -> None:
    mean = np.zeros((1, latent))
    found = coverage(Posterior(mean, np.full_like(mean, math.log(1.3))), draws=20_000).outside
    assert within(found, chi2.sf(chi2.ppf(0.95, latent) / 1.3, latent))


def test_codes_that_never_meet_tell_their_image_wholly() -> None:
    found = coverage(Posterior(np.arange(50.0)[:, None].repeat(2, 1), np.full((50, 2), -10.0)))
    assert found.mutual_information == pytest.approx((math.log(50), 0), rel=1e-12, abs=1e-12)
    assert found.effective == pytest.approx((1, 0), abs=1e-12)
    assert found.holes.value > 0.9


def test_the_rate_is_what_the_mixture_costs_and_what_it_tells() -> None:
    random = np.random.default_rng(0)
    mean, logvar = random.standard_normal((60, 4)), random.standard_normal((60, 4)) - 1
    q = DiagonalGaussian(torch.from_numpy(mean), torch.from_numpy(logvar))
    found = coverage(Posterior(mean, logvar))
    assert found.rate == pytest.approx(q.kl().mean().item(), rel=1e-12)
    assert found.rate == pytest.approx(found.mutual_information.value + found.kl.value, rel=1e-12)
    codes = draw(Posterior(mean, logvar), 20_000, seed=5)
    direct = log_ratio(Posterior(mean, logvar), codes)
    assert abs(direct.mean() - found.kl.value) < 4 * math.hypot(direct.std() / math.sqrt(len(codes)), found.kl.error)
    parts = [kl_parts(q, seed=seed).mutual_information.value for seed in range(100)]
    error = math.hypot(np.std(parts, ddof=1) / 10, found.mutual_information.error)
    assert abs(np.mean(parts) - found.mutual_information.value) < 4 * error


def test_holes_by_hand() -> None:
    variance = 0.01  # q(z) = N(0, 0.01): below 0.05 p(z) where ½ z² (100 − 1) > log (10 / 0.05)
    edge = math.sqrt(2 * math.log(10 / 0.05) / 99)
    mean, logvar = np.zeros((3, 1)), np.full((3, 1), math.log(variance))
    z = np.array([[0.0], [edge - 1e-6], [-edge - 1e-6], [edge + 1e-6], [2.0]])
    assert (log_ratio(Posterior(mean, logvar), z) < math.log(HOLE)).tolist() == [False, False, True, True, True]
    assert holes(Posterior(mean, logvar), z) == pytest.approx((0.6, math.sqrt(0.6 * 0.4 / 4)))
    assert within(coverage(Posterior(mean, logvar), draws=20_000).holes, 2 * norm.sf(edge))


def test_all_holes_together_hold_few_codes() -> None:
    random = np.random.default_rng(1)
    mean, logvar = 2 * random.standard_normal((40, 2)), random.standard_normal((40, 2)) - 2
    assert holes(Posterior(mean, logvar), draw(Posterior(mean, logvar), 20_000, seed=0)).value < HOLE


def test_the_map_holds_one_of_each_distribution() -> None:
    random = np.random.default_rng(0)
    mean, logvar = random.standard_normal((30, 2)), random.uniform(-3, -1, (30, 2))
    across, up = np.linspace(-6, 6, 301), np.linspace(-7, 7, 351)
    prior = norm.pdf(up)[:, None] * norm.pdf(across)
    ratio = grid(Posterior(mean, logvar), across, up)
    assert ratio.shape == (351, 301)
    assert trapezoid(trapezoid(np.exp(ratio) * prior, across), up) == pytest.approx(1, abs=1e-6)


@pytest.mark.parametrize("width", [-1.0, -9.0])  # the narrow ones underflow over most of the map
def test_the_map_is_the_ratio_at_each_place(width: float, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_IMAGES", 7)
    random = np.random.default_rng(0)
    mean, logvar = random.standard_normal((30, 2)), width + 0.3 * random.standard_normal((30, 2))
    across, up = np.linspace(-4, 4, 23), np.linspace(-3, 5, 17)
    ratio = grid(Posterior(mean, logvar), across, up)
    for i, j in [(0, 0), (3, 11), (16, 22), (8, 5), (5, 8)]:
        assert ratio[i, j] == pytest.approx(log_ratio(Posterior(mean, logvar), np.array([[across[j], up[i]]]))[0], rel=1e-9)
    assert np.isfinite(ratio).all()
    assert (ratio.min() < -1000) == (width == -9)


def test_the_seed_decides() -> None:
    one, same, other = (coverage(Posterior(LINE_MEAN, LINE_LOGVAR), draws=100, seed=seed) for seed in (1, 1, 2))
    assert one == same
    assert one.mutual_information != other.mutual_information
    assert one.holes != other.holes  # the draws of the prior are seeded too


def test_blur_and_information_are_one() -> None:
    random = np.random.default_rng(0)
    mean, logvar = random.standard_normal((60, 2)), random.standard_normal((60, 2)) - 2
    found = coverage(Posterior(mean, logvar), seed=3)
    effective = mixture(Posterior(mean, logvar), draw(Posterior(mean, logvar), 4096, seed=3)).effective
    assert np.exp(np.log(effective).mean()) == pytest.approx(60 * math.exp(-found.mutual_information.value), rel=1e-12)


def test_a_deterministic_autoencoder_is_refused() -> None:
    mean = np.zeros((4, 2))
    points = Posterior(mean, np.full((4, 2), -np.inf))
    for ask in (
        lambda: coverage(points),
        lambda: grid(points, mean[0], mean[0]),
        lambda: log_ratio(points, mean),
    ):
        with pytest.raises(InputError, match="deterministic autoencoder"):
            ask()


def test_codes_of_other_images_are_judged_among_the_known_ones() -> None:
    random = np.random.default_rng(0)
    known = Posterior(random.standard_normal((60, 2)).astype(np.float32), np.full((60, 2), -2, np.float32))
    far = Posterior(np.full((30, 2), 3, np.float32), np.full((30, 2), -9, np.float32))
    found = covered(known, far)
    assert (found.count, found.others, found.original) == (60, 30, True)
    assert found.figures == coverage(known)
    noise = np.random.default_rng(0).standard_normal((30, 2), np.float32)
    assert found.unseen == holes(known, far.mean + np.exp(-4.5) * noise)
    assert found.places is not None
    assert found.ratio is not None
    assert (found.places[0], found.places[-1], len(found.places)) == (-3, 3, 101)
    assert found.ratio[70, 20] == pytest.approx(log_ratio(known, found.places[[[20, 70]]])[0])


def test_without_other_images_one_code_in_ten_plays_their_part() -> None:
    random = np.random.default_rng(0)
    known = Posterior(random.standard_normal((65, 3)).astype(np.float32), np.full((65, 3), -2, np.float32))
    found = covered(known, None)
    assert (found.count, found.others, found.original) == (58, 7, False)
    assert found.figures == coverage(known.of(np.arange(65) % 10 > 0))
    assert found.places is None
    assert found.ratio is None


def test_the_map_reaches_as_far_as_the_codes_do() -> None:
    wide = Posterior(np.linspace(-8, 8, 200, dtype=np.float32)[:, None].repeat(2, 1), np.zeros((200, 2), np.float32))
    places = covered(wide, wide).places
    assert places is not None
    assert places[-1] == pytest.approx(np.quantile(np.abs(wide.mean), 0.99))
