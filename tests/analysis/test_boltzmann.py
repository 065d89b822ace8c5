"""The machine against sums over all of its states, and its chain against the distribution that it must come to."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import product

import numpy as np
import pytest

from vae_core.analysis.boltzmann import (
    Doubles,
    Machine,
    chain,
    dream,
    estimate_log_partition,
    learn,
    learn_slowly,
    pseudo_likelihood,
    terms,
)
from vae_core.base.errors import InputError

VISIBLE, HIDDEN = 5, 3
RNG = np.random.default_rng(0)
SMALL = Machine(RNG.normal(size=(HIDDEN, VISIBLE)), RNG.normal(size=HIDDEN), RNG.normal(size=VISIBLE))
STATES = np.array(list(product((0.0, 1.0), repeat=VISIBLE)))


def by_brute_force(machine: Machine) -> Doubles:
    """P(v) of all states, each a sum over all states of the hidden units."""
    hidden = np.array(list(product((0.0, 1.0), repeat=HIDDEN)))
    energies = STATES @ machine.weights.T @ hidden.T + (STATES @ machine.visible_bias)[:, None] + hidden @ machine.hidden_bias
    weights: Doubles = np.exp(energies).sum(axis=1)
    return weights / weights.sum()


def test_every_state_has_its_exact_probability() -> None:
    found = np.exp(SMALL.log_unnormalised(STATES) - SMALL.log_partition())
    np.testing.assert_allclose(found, by_brute_force(SMALL), rtol=1e-12)


def test_the_chain_comes_to_the_machines_distribution() -> None:
    """After 60 steps from one state, 40,000 chains visit each state as often as they should, to 5 standard errors; after 1 they do not."""
    chains = 40_000
    for steps, right in ((60, True), (1, False)):
        means = chain(SMALL, np.zeros((chains, VISIBLE)), [steps])[0]
        counted = np.random.default_rng(1).random(means.shape) < means
        share = np.bincount(counted @ (1 << np.arange(VISIBLE)[::-1]), minlength=len(STATES)) / chains
        expected = by_brute_force(SMALL)
        off = np.abs(share - expected) / np.sqrt(expected * (1 - expected) / chains)
        assert bool(off.max() < 5) == right


@pytest.mark.parametrize("learn", [learn, partial(learn_slowly, passes=150)])
def test_learning_raises_the_exact_likelihood_of_the_data(learn: Callable[..., Machine]) -> None:
    """Two patterns, each with one unit in ten flipped: by far likelier than under independent units, which know the means alone."""
    rng = np.random.default_rng(0)
    patterns = np.array([[1, 1, 1, 1, 0, 0, 0, 0], [0, 0, 0, 0, 1, 1, 1, 1]], np.float64)
    data = np.abs(patterns[rng.integers(0, 2, 500)] - (rng.random((500, 8)) < 0.1))
    machine = learn(data, 4)
    found = (machine.log_unnormalised(data) - machine.log_partition()).mean()
    means = data.mean(axis=0)
    assert found > (data * np.log(means) + (1 - data) * np.log(1 - means)).sum(axis=1).mean() + 1
    left, right = np.split(dream(machine, learn(machine.hidden(data), 4), 200, 100), 2, axis=1)
    assert np.corrcoef(left.mean(axis=1), right.mean(axis=1))[0, 1] < -0.5  # of the halves one is on, as in both patterns


def test_the_pseudo_likelihood_is_the_product_of_the_chances_of_each_unit_given_all_others() -> None:
    exact = by_brute_force(SMALL).reshape((2,) * VISIBLE)
    given_others = [exact / exact.sum(axis=unit, keepdims=True) for unit in range(VISIBLE)]
    np.testing.assert_allclose(pseudo_likelihood(SMALL, STATES), np.log(np.prod(given_others, axis=0)).ravel(), rtol=1e-12)


def test_annealing_finds_z_from_afar() -> None:
    """Within 4 of its standard errors, which are small; a machine with few steps on the way is far off, or says that it is unsure."""
    large = Machine(3 * SMALL.weights, SMALL.hidden_bias, SMALL.visible_bias)
    for steps, most in ((1_000, 0.05), (3, 10.0)):
        found, error = estimate_log_partition(large, np.full(VISIBLE, 0.3), steps=steps)
        assert error < most
        assert abs(found - large.log_partition()) < 4 * error
    assert error > 0.1


def test_distortion_and_rate_add_up_to_the_likelihood_and_in_a_deep_network_to_more() -> None:
    """In an RBM for any draw; in a network of two the mean over draws is above −log p(v), by KL(q(h|v) ‖ p(h|v))."""
    exact = -np.log(by_brute_force(SMALL))
    for seed in range(3):
        distortion, rate = terms(SMALL, SMALL.turned(), SMALL.turned().log_partition(), STATES, seed=seed)
        np.testing.assert_allclose(distortion + rate, exact, rtol=1e-12)
    upper = Machine(RNG.normal(size=(4, HIDDEN)), RNG.normal(size=4), RNG.normal(size=HIDDEN))
    hidden = np.array(list(product((0.0, 1.0), repeat=HIDDEN)))
    log_prior = upper.log_unnormalised(hidden) - upper.log_partition()
    log_given = np.array([(STATES * np.log(p) + (1 - STATES) * np.log(1 - p)).sum(axis=1) for p in SMALL.visible(hidden)]).T
    log_q = np.array([(hidden * np.log(p) + (1 - hidden) * np.log(1 - p)).sum(axis=1) for p in SMALL.hidden(STATES)])
    expected = -(np.exp(log_q) * log_given).sum(axis=1), (np.exp(log_q) * (log_q - log_prior)).sum(axis=1)
    draws = np.array([terms(SMALL, upper, upper.log_partition(), STATES, seed=seed) for seed in range(2_000)])
    off = np.abs(draws.mean(axis=0) - expected) / (draws.std(axis=0, ddof=1) / np.sqrt(len(draws)))
    assert off.max() < 4.5  # of 64 means
    assert (sum(expected) > -np.log(np.exp(log_given + log_prior).sum(axis=1))).all()


def test_a_large_machine_has_no_exact_sum() -> None:
    with pytest.raises(InputError, match="at most 20 of these, not 21"):
        Machine(np.zeros((21, 4)), np.zeros(21), np.zeros(4)).log_partition()
