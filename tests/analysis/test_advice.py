"""Warnings at a KL weight: each comes when it should, says what to do, and does not come otherwise."""

from __future__ import annotations

import numpy as np
import pytest

from vae_core.analysis.advice import Rival, at_the_ends, given, of_samples
from vae_core.analysis.fidelity import Fidelity

USED = np.full(16, 1.5)
CURVE = [Rival(0.1, 60, 60), Rival(1.0, 75, 25), Rival(10.0, 140, 4)]


def test_a_model_that_uses_its_dimensions_and_is_the_best_for_its_beta_gets_no_given() -> None:
    for own in CURVE:
        assert given(USED, own, CURVE) == ()
    assert at_the_ends({"β": 1.0}, (0.01, 10.0)) == ()
    assert given(USED, CURVE[1], []) == ()


@pytest.mark.parametrize(
    ("unused", "said"),
    [
        (7, None),
        (
            8,
            "8 of 16 dimensions are unused: at this β they cost more than they help. Lower β to bring them back, or",
        ),
        (15, "train with 1 dimension, which should do about as well."),
        (16, "All 16 dimensions are unused: the code says nothing, and every picture is the same average (posterior collapse). Lower β"),
    ],
)
def test_unused_dimensions(unused: int, said: str | None) -> None:
    kl = np.where(np.arange(16) < unused, 0.009, 0.02)
    found = given(kl, CURVE[1], CURVE)
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


def test_a_plain_autoencoder_has_no_rate_and_so_beats_nobody() -> None:
    assert given(USED, CURVE[1], [Rival(0.0, 50, float("nan")), *CURVE]) == ()


def test_beaten_by_a_larger_weight_is_learnt_by_heart() -> None:
    overfit = Rival(0.1, 80, 60)  # 86 by its own measure, at β = 1 it would be 77.5
    (found,) = given(USED, overfit, [overfit, *CURVE[1:]])
    assert found == (
        "Even counted with this β, unseen images cost 8.5 nats less at β = 1, the mark of a model that has learnt its training images by "
        "heart. Raise β, train on more images, or stop training earlier."
    )


def test_beaten_by_a_smaller_weight_is_badly_trained() -> None:
    (found,) = given(USED, Rival(10.0, 340, 4), CURVE[:2])
    assert "cost 55.0 nats less at β = 1, so training has not found" in found


@pytest.mark.parametrize(("ahead", "warned"), [(0.9, False), (1.1, True)])
def test_an_advantage_that_may_be_chance_is_none(ahead: float, warned: bool) -> None:
    own, rival = Rival(0.1, 80 + ahead, 10), Rival(0.2, 80, 10)
    assert bool(given(USED, own, [own, rival])) == warned
    far = Rival(1000.0, 1000.0, 0.0)  # where D ranges over a thousand nats, one of them is little
    assert given(USED, own, [own, rival, far]) == ()


@pytest.mark.parametrize(
    ("beta", "said"),
    [(0.01, "β = 0.01: the end of"), (10.0, "β = 10: the end of"), (0.02, None), (9.0, None), (10.5, "β = 10.5: outside 0.01 to 10")],
)
def test_the_ends_of_the_range(beta: float, said: str | None) -> None:
    found = at_the_ends({"β": beta}, (0.01, 10.0))
    assert len(found) == (said is not None)
    assert said is None or said in found[0]


def test_of_two_weights_each_at_an_end_is_named() -> None:
    assert at_the_ends({"β_μ": 1.0, "β_σ": 0.01}, (0.01, 10.0))[0].startswith("β_σ = 0.01: the end of")
    assert at_the_ends({"β_μ": 0.01, "β_σ": 10.0}, (0.01, 10.0))[0].startswith("β_μ = 0.01 and β_σ = 10: the ends of")


def test_the_gravest_comes_first() -> None:
    found = given(np.zeros(2), Rival(10.0, 400, 0), CURVE[:2])
    assert [sentence.split()[0] for sentence in found] == ["All", "Even"]


def of(*figures: tuple[float, float], count: int = 1000) -> str:
    """What is said of samples of this precision and recall at β = 0.01, 1 and 10, without the figures."""
    said = of_samples([0.01, 1.0, 10.0], [Fidelity(*pair, 1.0, 1.0) for pair in figures], Fidelity(0.95, 0.94, 1.0, 0.97), count)
    return said.split("reach 95\N{NO-BREAK SPACE}% and 94\N{NO-BREAK SPACE}%. ")[1].replace("\N{NO-BREAK SPACE}", " ")


GOOD = (0.95, 0.9)
LESS = "they show less of the set than at β = 1, where 90 % have one close by"


@pytest.mark.parametrize(
    ("figures", "said"),
    [
        ((GOOD, GOOD, GOOD), "So at the left end samples are as good as anywhere. At the right end they are as good."),
        (((0.20, 0.9), (0.95, 0.88), (1.0, 0.02)), "samples are worse at the left end than at β = 1, where 95 % lie among images."),
        (((0.20, 0.9), (0.95, 0.88), (1.0, 0.02)), "At the right end they are all alike. A blurred average lies among"),
        (((0.99, 0.5), GOOD, GOOD), f"At the left end {LESS}"),
        ((GOOD, GOOD, (0.95, 0.7)), f"At the right end {LESS.replace('β = 1', 'β = 0.01')}"),
        ((GOOD, GOOD, (0.6, 0.9)), "At the right end they are worse again."),
    ],
)
def test_what_is_said_of_samples_at_both_ends_is_what_was_counted(figures: tuple[tuple[float, float], ...], said: str) -> None:
    assert said in of(*figures)


def test_a_difference_within_the_noise_of_counting_is_none() -> None:
    assert "worse" in of((0.90, 0.9), (0.95, 0.9), (0.95, 0.9), count=1000)
    assert "worse" not in of((0.90, 0.9), (0.95, 0.9), (0.95, 0.9), count=100)
