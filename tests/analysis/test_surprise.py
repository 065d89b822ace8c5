"""surprise: the costs of pixels sum to the likelihood's own, and a bell curve's are those of SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from vae_core import data
from vae_core.analysis import bound, explore
from vae_core.analysis.surprise import surprise
from vae_core.runs import catalogue


def test_costs_of_pixels_are_those_of_the_likelihood_and_of_a_bell_curve_beside_no_error() -> None:
    model, digit = catalogue.load("digits-2d").model, data.load("digits").pixels[0]
    code = explore.encode(model, digit[None]).mean[0]
    found = surprise(model, digit, code)
    assert found.costs.sum() == pytest.approx(-bound.log_likelihood(model, digit, code[None])[0], rel=1e-5)
    assert found.costs.shape == digit.shape
    assert (found.costs >= 0).all()
    np.testing.assert_allclose(np.rint(255 * found.white), explore.decode(model, code[None])[0], atol=1)
    for spread in (0.1, 0.3):
        wanted = (norm.logpdf(0, 0, spread) - norm.logpdf(digit / 255, found.white, spread)).sum()
        assert found.by_bell_curve(spread) == pytest.approx(wanted)
