"""Which answers the figures of the lesson give: cases in which they are plain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vae_core.analysis.fidelity import Fidelity
from vae_core.analysis.lesson import dreams, weighed
from vae_core.analysis.tradeoff import Samples, Tradeoff

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
