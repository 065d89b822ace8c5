"""Both estimators of a gradient against the closed form of the linear model, whose cost is a parabola in z."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.training.test_objectives import digits, optimum
from vae_core.analysis.gradients import gradients

DRAWS = 200_000


@pytest.mark.parametrize("std", [0.1, 0.5])
def test_means_and_spreads_of_both_are_the_closed_forms(std: float) -> None:
    """D(μ + σε) = c + Σ bε + dε², as the two directions are orthogonal. One estimate for a dimension is (b + 2dε)/σ with the trick, and
    D·ε/σ without it; their moments are those of ε."""
    model, picture, mean = optimum(1.0, 2).model, digits()[4], np.array([0.3, -0.5])
    x = torch.tensor(picture)[None].double() / 255
    places = torch.tensor(mean + std * np.array([[0, 0], [1, 0], [-1, 0], [0, 1], [0, -1]]))
    costs = model.likelihood.nll(model.decode(places), x.expand(5, *x.shape[1:])).detach().numpy()
    c, b, d = costs[0], (costs[1::2] - costs[2::2]) / 2, (costs[1::2] + costs[2::2]) / 2 - costs[0]
    beside = c + d[::-1], c**2 + b[::-1] ** 2 + 3 * d[::-1] ** 2 + 2 * c * d[::-1]  # mean and mean square of what the other dimension gives
    spread = 2 * abs(d) / std, np.sqrt(beside[1] + 2 * b**2 + 15 * d**2 + 6 * beside[0] * d) / std
    found = gradients(model, picture, mean, np.full(2, std), draws=DRAWS)
    for estimates, expected in zip(found, spread, strict=True):
        assert np.all(abs(estimates.mean(0) - b / std) < 4 * expected / np.sqrt(DRAWS))
    np.testing.assert_allclose(found.spreads, spread, rtol=0.02)
    assert np.all(found.spreads[0] < found.spreads[1])


def test_the_slope_is_that_of_the_distortion() -> None:
    """With next to no width both ask for the slope at the mean: here by differences."""
    model, picture = optimum(1.0, 2).model, digits()[9]
    x, mean = torch.tensor(picture)[None].double() / 255, np.array([0.4, -0.2])
    ends = torch.tensor(mean + 1e-4 * np.array([[1, 0], [-1, 0], [0, 1], [0, -1]]))
    costs = model.likelihood.nll(model.decode(ends), x.expand(4, *x.shape[1:])).detach().numpy()
    found = gradients(model, picture, mean, np.full(2, 1e-6), draws=8)
    np.testing.assert_allclose(found.pathwise.mean(0), (costs[::2] - costs[1::2]) / 2e-4, rtol=1e-4)
