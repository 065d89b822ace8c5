"""Ways to write a picture down, side by side: each against its parts, and the rate of components against the linear model's."""

from __future__ import annotations

import numpy as np
import pytest

from tests.training.test_objectives import digits, model, optimum
from vae_core.analysis import boltzmann, compression, explore, methods
from vae_core.analysis.boltzmann import Machine
from vae_core.analysis.fidelity import Judge
from vae_core.analysis.methods import Deep, Linear, Method, Network, Restricted
from vae_core.analysis.pictures import of_images
from vae_core.data import load

SHAPE = (1, 8, 8)
RNG = np.random.default_rng(0)
LOWER = Machine(RNG.normal(size=(6, 64)), RNG.normal(size=6), RNG.normal(size=64))
UPPER = Machine(RNG.normal(size=(5, 6)), RNG.normal(size=5), RNG.normal(size=6))


def test_components_rebuild_as_they_are_and_their_codes_spread_as_the_prior_does() -> None:
    pixels = digits()[:500]
    found = compression.components(pixels, 3)
    linear = Linear(found, SHAPE)
    codes = linear.encode(pixels)
    np.testing.assert_allclose(codes.std(axis=0), 1, rtol=1e-9)
    np.testing.assert_allclose(codes.mean(axis=0), 0, atol=1e-12)
    assert np.abs(linear.decode(codes).astype(int) - compression.by_components(pixels, found, 3)).max() <= 1
    np.testing.assert_array_equal(linear.draw(4, seed=3), linear.decode(explore.sample_prior(3, 4, seed=3)))


def test_the_rate_of_components_is_that_of_the_linear_variational_model() -> None:
    found = compression.components((digits() * 1), 10)
    assert found.rate() == pytest.approx(optimum(1.0, 10).model.encode(optimum(1.0, 10).x).kl().mean().item(), abs=1e-6)


def test_a_machine_encodes_decodes_and_draws_by_its_chances() -> None:
    pixels = digits()[:5]
    flat = pixels.reshape(5, 64) / 255
    alone, deep = Restricted(LOWER, SHAPE), Deep(LOWER, UPPER, SHAPE)
    np.testing.assert_allclose(alone.encode(pixels), LOWER.hidden(flat))
    np.testing.assert_allclose(deep.encode(pixels), UPPER.hidden(LOWER.hidden(flat)))
    grey = (255 * LOWER.visible(LOWER.hidden(flat))).reshape(5, *SHAPE)
    assert np.abs(alone.decode(alone.encode(pixels)) - grey).max() <= 0.51
    grey = (255 * LOWER.visible(UPPER.visible(deep.encode(pixels)))).reshape(5, *SHAPE)
    assert np.abs(deep.decode(deep.encode(pixels)) - grey).max() <= 0.51
    grey = (255 * boltzmann.dream(LOWER, UPPER, 3, methods.ROUNDS, seed=2)).reshape(3, *SHAPE)
    assert np.abs(deep.draw(3, seed=2) - grey).max() <= 0.51


@pytest.mark.parametrize("method", [Network(model()), Restricted(LOWER, SHAPE), Deep(LOWER, UPPER, SHAPE)])
def test_a_walk_begins_and_ends_at_what_is_rebuilt(method: Method) -> None:
    ends = digits()[:2]
    walked = methods.walk(method, ends, 5)
    assert walked.shape == (5, *SHAPE)
    rebuilt = method.decode(method.encode(ends))
    assert np.abs(walked[[0, -1]].astype(int) - rebuilt).max() <= 1
    assert methods.error(method, ends) == pytest.approx((compression.error(ends, rebuilt), compression.error_spread(ends, rebuilt)))


def test_what_is_drawn_is_judged_as_a_networks_samples_are() -> None:
    judge, network = Judge(of_images(load("digits"))), model()
    assert methods.quality(Network(network), judge) == judge.prior(network)
