"""The machine against sums over all of its states, and its chain against the distribution that it must come to."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest

from vae_core.analysis.boltzmann import Doubles, Machine, chain, dream, learn
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


def test_learning_raises_the_exact_likelihood_of_the_data() -> None:
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


def test_a_large_machine_has_no_exact_sum() -> None:
    with pytest.raises(InputError, match="at most 20 of these, not 21"):
        Machine(np.zeros((21, 4)), np.zeros(21), np.zeros(4)).log_partition()
