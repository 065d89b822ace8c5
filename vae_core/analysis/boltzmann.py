"""What came before: a restricted Boltzmann machine and a deep belief network, to hold a variational autoencoder against.

An RBM gives each pair of visible and hidden units, all 0 or 1, the probability exp(vᵀWᵀh + aᵀv + bᵀh) / Z (Smolensky 1986; Hinton 2002).
Its training and its samples need a chain that flips all hidden units, then all visible ones, again and again: Gibbs sampling.
scikit-learn trains it by persistent contrastive divergence (Tieleman 2008). A deep belief network stacks two: the upper one learns what the
hidden units of the lower one do, and only the upper one needs a chain (Hinton, Osindero & Teh 2006).
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError

Doubles = NDArray[np.float64]
MOST_ENUMERATED = 20
_PASSES, _BATCH, _RATE = 30, 20, 0.05


class Machine(NamedTuple):
    """An RBM: weights [H, V], and the biases of hidden [H] and of visible units [V]."""

    weights: Doubles
    hidden_bias: Doubles
    visible_bias: Doubles

    def hidden(self, visible: Doubles) -> Doubles:
        """P(h = 1 | v), [N, V] → [N, H]."""
        return _logistic(visible @ self.weights.T + self.hidden_bias)

    def visible(self, hidden: Doubles) -> Doubles:
        """P(v = 1 | h), [N, H] → [N, V]."""
        return _logistic(hidden @ self.weights + self.visible_bias)

    def log_unnormalised(self, visible: Doubles) -> Doubles:
        """log Σ_h exp(vᵀWᵀh + aᵀv + bᵀh), minus the free energy, [N, V] → [N]."""
        inputs = visible @ self.weights.T + self.hidden_bias
        found: Doubles = visible @ self.visible_bias + np.logaddexp(0, inputs).sum(axis=1)
        return found

    def log_partition(self) -> float:
        """log Z, exact: a sum over all 2^H states of the hidden units.

        Raises:
            InputError: there are more than 20 hidden units.
        """
        count = len(self.hidden_bias)
        if count > MOST_ENUMERATED:
            raise InputError(f"Z is a sum over all states of the hidden units: at most {MOST_ENUMERATED} of these, not {count}.")
        states = ((np.arange(2**count)[:, None] >> np.arange(count)) & 1).astype(np.float64)
        terms = states @ self.hidden_bias + np.logaddexp(0, states @ self.weights + self.visible_bias).sum(axis=1)
        top = terms.max()
        return float(top + np.log(np.exp(terms - top).sum()))


def learn(visible: Doubles, hidden: int, *, seed: int = 0) -> Machine:
    """Train an RBM on rows of numbers from 0 to 1, [N, V]."""
    from sklearn.neural_network import BernoulliRBM

    found = BernoulliRBM(hidden, learning_rate=_RATE, batch_size=_BATCH, n_iter=_PASSES, random_state=seed).fit(visible)
    return Machine(found.components_.astype(np.float64), found.intercept_hidden_, found.intercept_visible_)


def chain(machine: Machine, visible: Doubles, stops: Sequence[int], *, seed: int = 0) -> list[Doubles]:
    """P(v = 1 | h) after so many Gibbs steps, ascending, from rows of 0 and 1, [N, V] each; after 0 steps the rows themselves."""
    rng = np.random.default_rng(seed)
    found, means, steps = [], visible, 0
    for stop in stops:
        for _ in range(stop - steps):
            hidden = _flipped(machine.hidden(visible), rng)
            means = machine.visible(hidden)
            visible = _flipped(means, rng)
        steps = stop
        found.append(means)
    return found


def dream(lower: Machine, upper: Machine, count: int, steps: int, *, seed: int = 0) -> Doubles:
    """Pictures of a deep belief network, [count, V]: a chain in the upper machine, from chance, then one pass down."""
    rng = np.random.default_rng(seed)
    start = rng.integers(0, 2, (count, len(lower.hidden_bias))).astype(np.float64)
    (hidden,) = chain(upper, start, [steps], seed=seed)
    return lower.visible(_flipped(hidden, rng))


def _flipped(means: Doubles, rng: np.random.Generator) -> Doubles:
    """0 or 1 each, 1 with this probability."""
    return (rng.random(means.shape) < means).astype(np.float64)


def _logistic(inputs: Doubles) -> Doubles:
    return np.exp(-np.logaddexp(0, -inputs))
