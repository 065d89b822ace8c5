"""What came before: a restricted Boltzmann machine and a deep belief network, to hold a variational autoencoder against.

An RBM gives each pair of visible and hidden units, all 0 or 1, the probability exp(vᵀWᵀh + aᵀv + bᵀh) / Z (Smolensky 1986; Hinton 2002).
Its training and its samples need a chain that flips all hidden units, then all visible ones, again and again: Gibbs sampling.
scikit-learn trains it by persistent contrastive divergence (Tieleman 2008). A deep belief network stacks two: the upper one learns what the
hidden units of the lower one do, and only the upper one needs a chain (Hinton, Osindero & Teh 2006).

Both have a bound as a variational autoencoder has it, of which the hidden units are the code: log p(v) ≥ −D − R with
D = E_q[−log p(v|h)], R = KL(q(h|v) ‖ p(h)) and q(h|v) = P(h|v) of the lower machine. The prior p(h) is what its own chain draws, or that of
the machine above. In an RBM alone q is the true posterior, so there the bound is log p(v) itself.
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

    def hidden(self, visible: NDArray[np.floating]) -> Doubles:
        """P(h = 1 | v), [N, V] → [N, H]."""
        return _logistic(visible @ self.weights.T + self.hidden_bias)

    def visible(self, hidden: NDArray[np.floating]) -> Doubles:
        """P(v = 1 | h), [N, H] → [N, V]."""
        return _logistic(hidden @ self.weights + self.visible_bias)

    def log_unnormalised(self, visible: Doubles) -> Doubles:
        """log Σ_h exp(vᵀWᵀh + aᵀv + bᵀh), minus the free energy, [N, V] → [N]."""
        inputs = visible @ self.weights.T + self.hidden_bias
        found: Doubles = visible @ self.visible_bias + np.logaddexp(0, inputs).sum(axis=1)
        return found

    def turned(self) -> Machine:
        """The same machine with hidden and visible units in each other's place."""
        return Machine(self.weights.T, self.visible_bias, self.hidden_bias)

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


def learn(visible: NDArray[np.floating], hidden: int, *, seed: int = 0) -> Machine:
    """Train an RBM on rows of numbers from 0 to 1, [N, V]."""
    from sklearn.neural_network import BernoulliRBM

    found = BernoulliRBM(hidden, learning_rate=_RATE, batch_size=_BATCH, n_iter=_PASSES, random_state=seed).fit(visible)
    return _machine(found.components_, found.intercept_hidden_, found.intercept_visible_)


def learn_slowly(visible: NDArray[np.floating], hidden: int, *, passes: int, rate: float = 0.1, batch: int = 100, seed: int = 0) -> Machine:
    """The same for many rows, in random order, with a rate that falls to 0 and a chain for each row of a batch.

    With a constant rate the last steps dig wells around what the chains have come to, and all chains fall into a few of them.
    """
    from sklearn.neural_network import BernoulliRBM

    rng = np.random.default_rng(seed)
    found = BernoulliRBM(hidden, batch_size=batch, random_state=seed)  # which is also the number of chains
    steps = len(visible) // batch
    for done in range(passes):
        order = rng.permutation(len(visible))
        for step in range(steps):
            found.learning_rate = rate * (1 - (done * steps + step) / (passes * steps))
            found.partial_fit(visible[order[step * batch : (step + 1) * batch]])
    return _machine(found.components_, found.intercept_hidden_, found.intercept_visible_)


def _machine(*parts: NDArray[np.floating]) -> Machine:
    return Machine(*(part.astype(np.float64) for part in parts))


def pseudo_likelihood(machine: Machine, visible: Doubles) -> Doubles:
    """log Π_i P(v_i | all others) in nats of rows of 0 and 1, [N, V] → [N]: what can be known of a likelihood without Z (Besag 1975)."""
    inputs = visible @ machine.weights.T + machine.hidden_bias
    here = np.logaddexp(0, inputs).sum(axis=1)
    found = np.zeros(len(visible))
    for unit, weights in enumerate(machine.weights.T):
        change = 1 - 2 * visible[:, unit]  # of this unit, were it flipped
        there = np.logaddexp(0, inputs + change[:, None] * weights).sum(axis=1)
        found -= np.logaddexp(0, there - here + change * machine.visible_bias[unit])
    return found


def estimate_log_partition(
    machine: Machine, means: Doubles, *, chains: int = 100, steps: int = 10_000, seed: int = 0
) -> tuple[float, float]:
    """log Z of a machine of any size, estimated, and the standard error of that.

    Annealed importance sampling (Salakhutdinov & Murray 2008): chains begin at independent visible units, whose Z is known, and take a
    Gibbs step at each of many machines between these and the one asked for. The mean of the
    weights is Z, so its logarithm is rather too low.

    Args:
        machine: whose Z is asked for.
        means: chance that each visible unit is 1 where the chains begin, [V], such as the mean of the data; kept from 0.01 to 0.99.
        chains: weights that are averaged.
        steps: machines on the way.
        seed: of all chains.
    """
    rng = np.random.default_rng(seed)
    likely = means.clip(0.01, 0.99)
    start = np.log(likely / (1 - likely))
    visible = _flipped(np.tile(likely, (chains, 1)), rng)

    def between(share: float) -> Machine:
        return Machine(share * machine.weights, share * machine.hidden_bias, (1 - share) * start + share * machine.visible_bias)

    weights, before = np.zeros(chains), between(0)
    for share in np.linspace(0, 1, steps + 1)[1:]:
        after = between(float(share))
        weights += after.log_unnormalised(visible) - before.log_unnormalised(visible)
        visible = _flipped(after.visible(_flipped(after.hidden(visible), rng)), rng)
        before = after
    known = len(machine.hidden_bias) * np.log(2) + np.logaddexp(0, start).sum()
    shares = np.exp(weights - weights.max())
    return float(known + weights.max() + np.log(shares.mean())), float(shares.std(ddof=1) / shares.mean() / np.sqrt(chains))


def terms(lower: Machine, prior: Machine, log_partition: float, visible: Doubles, *, seed: int = 0) -> tuple[Doubles, Doubles]:
    """D and R in nats of rows of numbers from 0 to 1, [N, V] → [N] each, with one draw of the hidden units for each row.

    Args:
        lower: its P(h|v) is the encoder, its P(v|h) the decoder.
        prior: gives the hidden units of `lower` their probability, as its own visible units: the machine above in a deep belief network,
            and `lower.turned()` for an RBM alone.
        log_partition: log Z of the prior.
        visible: grey levels count as cross-entropy, as in a variational autoencoder.
        seed: of the draws.
    """
    up = visible @ lower.weights.T + lower.hidden_bias
    hidden = _flipped(_logistic(up), np.random.default_rng(seed))
    down = hidden @ lower.weights + lower.visible_bias
    distortion: Doubles = (np.logaddexp(0, down) - visible * down).sum(axis=1)
    rate: Doubles = (hidden * up - np.logaddexp(0, up)).sum(axis=1) - prior.log_unnormalised(hidden) + log_partition
    return distortion, rate


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


def _logistic(inputs: NDArray[np.floating]) -> Doubles:
    chances: Doubles = np.exp(-np.logaddexp(0, -inputs))
    return chances
