"""Which answers the figures of the lesson give: cases in which they are plain."""

from __future__ import annotations

import math
from dataclasses import replace
from statistics import NormalDist

import numpy as np
import pytest

from vae_core import data
from vae_core.analysis import explore, lesson
from vae_core.analysis.fidelity import Fidelity
from vae_core.analysis.lesson import dreams, weighed
from vae_core.analysis.tradeoff import Samples, Tradeoff
from vae_core.runs import catalogue

MANY = Fidelity(1.0, 0.04, 4.0, 0.79)
NOTHING = np.zeros(3)


def measured(distortion: list[float], coverage: list[float]) -> Tradeoff:
    """At three weights."""
    samples = Samples(np.array([[1.0, 0.0, 4.0, share] for share in coverage]), MANY, 500)
    axis = np.array([0.0, 0.5, 10.0])
    return Tradeoff((axis,), np.array(distortion), *4 * (NOTHING,), np.zeros((3, 2)), np.zeros((3, 6)), 500, True, samples=samples)


@pytest.mark.parametrize(
    ("plain", "right"), [(Fidelity(0.2, 0.0, 0.1, 0.1), 0), (Fidelity(1.0, 0.0, 4.0, 0.002), 1), (Fidelity(1.0, 0.1, 4.0, 0.9), 2)]
)
def test_an_autoencoder_dreams_of_noise_of_few_kinds_or_of_all(plain: Fidelity, right: int) -> None:
    answer = dreams(plain, MANY)
    assert answer.right == right
    assert answer.figures["vae_coverage"] == "79\N{NO-BREAK SPACE}%"
    assert "0\N{NO-BREAK SPACE}%" not in answer.figures.values()  # of a share that is not 0


@pytest.mark.parametrize(
    ("distortion", "coverage", "right"),
    [([150, 100, 120], [0.79, 0.8, 0.8], 0), ([101, 100, 120], [0.4, 0.8, 0.7], 1), ([101, 100, 120], [0.79, 0.8, 0.8], 2)],
)
def test_without_a_kl_term_reconstructions_samples_or_neither_are_much_worse(
    distortion: list[float], coverage: list[float], right: int
) -> None:
    answer = weighed(measured(distortion, coverage))
    assert answer.right == right
    assert answer.figures["best_beta"] == "0.5"
    assert [answer.figures[f"{place}_distortion"] for place in ("left", "best", "right")] == [f"{nats:.1f}" for nats in distortion]
    with pytest.raises(ValueError, match="say nothing of samples"):
        weighed(replace(measured(distortion, coverage), samples=None))


def test_pairs_overlap_most_and_lie_farthest_apart_by_sums_over_a_grid() -> None:
    model, images = catalogue.load("mnist-2d").model, data.load_exactly(lesson.DIGITS)
    found = lesson.pairs(model, images)
    assert images.labels is not None
    assert images.labels[found.near[0]] != images.labels[found.near[1]]
    four = explore.encode(model, images.pixels[[*found.near, *found.far]])
    mean, std = four.mean.astype(np.float64), four.std.astype(np.float64)
    places = [np.linspace((mean[:2, k] - 9 * std[:2, k]).min(), (mean[:2, k] + 9 * std[:2, k]).max(), 801) for k in range(2)]
    both = [[NormalDist(mean[i, k], std[i, k]) for k in range(2)] for i in range(2)]
    roots = [np.array([math.sqrt(both[0][k].pdf(z) * both[1][k].pdf(z)) for z in places[k]]) for k in range(2)]
    assert found.overlap == pytest.approx(math.prod(np.trapezoid(roots[k], places[k]) for k in range(2)), abs=1e-6)
    spread = (std[2] ** 2 + std[3] ** 2) / 2
    assert found.apart == pytest.approx(math.sqrt(((mean[2] - mean[3]) ** 2 / spread).sum()), rel=1e-6)
    some = explore.encode(model, images.pixels[:500])
    others = np.sqrt(((some.mean - some.mean[0]) ** 2 / ((some.std**2 + some.std[0] ** 2) / 2)).sum(1))
    assert found.apart >= others.max()
