"""disentangle: codes whose answer is known, each estimate against scikit-learn, NumPy or arithmetic by hand."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from itertools import product
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import entropy
from sklearn.metrics import mutual_info_score

from vae_core.analysis.disentangle import Gap, categorical, dci, factor_vae_score, follows, mig, sap, varying
from vae_core.base.errors import InputError

pytestmark = pytest.mark.slow

Array = NDArray[Any]
CATEGORICAL = (True, False, False)


def factors() -> Array:
    """Every combination of a category of three and two quantities of eight values, twice over, float32 [384, 3]."""
    return np.array([*product(range(3), range(8), np.linspace(-1, 1, 8))] * 2, np.float32)


def perfect() -> Array:
    """Each factor in a dimension of its own, of variance 1, and two dimensions of little noise; float32 [384, 5]."""
    known = factors()
    noise = 0.001 * np.random.default_rng(0).standard_normal((len(known), 2))
    return np.hstack([(known - known.mean(0)) / known.std(0), noise]).astype(np.float32)


def rotated() -> Array:
    """`perfect` with each pair of neighbouring factors turned by 45 degrees, one pair after the other."""
    codes = perfect()
    turn = np.array([[1, 1], [-1, 1]]) / math.sqrt(2)
    for pair in ([0, 1], [1, 2]):
        codes[:, pair] = codes[:, pair] @ turn
    return codes


def mixed() -> Array:
    """All factors in every dimension alike."""
    return perfect()[:, :3] @ np.array([[1.0, 1, 1, 1], [1, 1, -1, -1], [1, -1, 1, -1]], np.float32)


def mean_of_dci(codes: Array, known: Array) -> float:
    found = dci(codes, known, CATEGORICAL)
    return (found.disentanglement + found.completeness) / 2


MEASURES: dict[str, Callable[[Array, Array], float]] = {
    "mig": lambda codes, known: mig(codes, known).score,
    "sap": lambda codes, known: sap(codes, known, CATEGORICAL).score,
    "dci": mean_of_dci,
    "factor vae": factor_vae_score,
}
each = pytest.mark.parametrize("measure", MEASURES.values(), ids=MEASURES)


@each
def test_codes_that_are_the_factors_score_high(measure: Callable[[Array, Array], float]) -> None:
    assert 0.9 < measure(perfect(), factors()) <= 1 + 1e-9


@each
def test_the_order_of_the_dimensions_changes_nothing(measure: Callable[[Array, Array], float]) -> None:
    assert measure(perfect()[:, [4, 2, 0, 3, 1]], factors()) == pytest.approx(measure(perfect(), factors()), abs=0.005)


@pytest.mark.parametrize(("measure", "most"), [*zip(MEASURES.values(), (0.4, 0.4, 0.75, 0.8), strict=True)], ids=MEASURES)
def test_turning_the_codes_by_45_degrees_lowers_the_score(measure: Callable[[Array, Array], float], most: float) -> None:
    assert measure(rotated(), factors()) < most


@pytest.mark.parametrize(("measure", "most"), [*zip(MEASURES.values(), (0.05, 0.05, 0.2, 0.7), strict=True)], ids=MEASURES)
def test_factors_in_every_dimension_alike_score_low(measure: Callable[[Array, Array], float], most: float) -> None:
    assert measure(mixed(), factors()) < most


@each
def test_a_code_that_never_changes_scores_nothing(measure: Callable[[Array, Array], float]) -> None:
    assert measure(np.full((384, 4), 0.5, np.float32), factors()) == pytest.approx(0, abs=1e-9)


@each
def test_one_unused_dimension_is_no_obstacle(measure: Callable[[Array, Array], float]) -> None:
    codes = np.hstack([perfect()[:, :3], np.zeros((384, 2), np.float32)])
    assert measure(codes, factors()) > 0.9


def gaps(codes: Array, known: Array) -> list[Gap]:
    return [mig(codes, known), sap(codes, known, (*CATEGORICAL, False))]


def test_a_factor_of_one_value_is_left_out() -> None:
    known = np.hstack([factors(), np.full((384, 1), 7, np.float32)])
    assert varying(known).tolist() == [True, True, True, False]
    for without, found in zip(gaps(perfect(), factors()), gaps(perfect(), known), strict=True):
        assert np.isnan(found.gaps).tolist() == [False, False, False, True]
        assert np.isnan(found.merits).all(axis=1).tolist() == [False, False, False, True]
        assert found.score == without.score
    trees = dci(perfect(), known, (*CATEGORICAL, True))
    assert np.isnan(trees.scores).tolist() == [False, False, False, True]
    assert trees.disentanglement == dci(perfect(), factors(), CATEGORICAL).disentanglement
    assert factor_vae_score(perfect(), known) > 0.99


@each
def test_one_factor_cannot_be_told_from_others(measure: Callable[[Array, Array], float]) -> None:
    known = factors()
    known[:, 1:] = 0
    with pytest.raises(InputError, match="at least two factors that vary; here it is 1 of 3"):
        measure(perfect(), known)


def test_the_seed_decides_what_is_random() -> None:
    codes = perfect() + np.random.default_rng(1).standard_normal((384, 5)).astype(np.float32)

    def trees(seed: int) -> float:
        return dci(codes, factors(), CATEGORICAL, seed=seed).informativeness

    for measure in (partial(factor_vae_score, codes, factors()), trees):
        assert measure(seed=2**63 - 1) == measure(seed=2**63 - 1) != measure(seed=1)


def test_shapes_that_are_numbered_are_categories_and_places_are_quantities() -> None:
    count = np.arange(600)
    columns = {
        "named": count % 30,
        "shape": 1 + count % 3,
        "scale": 0.5 + 0.1 * (count % 6),
        "place": count % 32,
    }
    names = [("a",) * 30, (), (), ()]
    kinds = categorical(np.stack(list(columns.values()), axis=1).astype(np.float32), names)
    assert dict(zip(columns, kinds, strict=True)) == {"named": True, "shape": True, "scale": False, "place": False}
    assert categorical(np.arange(30.0).reshape(10, 3) // 3, [()] * 3) == [False] * 3  # as many values as images


def test_mig_is_the_gap_of_scikit_learns_information() -> None:
    codes, known = rotated() + perfect(), factors()
    found = mig(codes, known)
    for factor, column in enumerate(known.T):
        information = []
        for dimension, code in enumerate(codes.T):
            bins = np.digitize(code, np.histogram_bin_edges(code, 20)[1:-1])
            information.append(mutual_info_score(np.unique(column, return_inverse=True)[1], bins))
            assert found.merits[factor, dimension] == pytest.approx(information[-1], rel=1e-9)
        second, best = sorted(information)[-2:]
        assert found.gaps[factor] == pytest.approx((best - second) / entropy(np.unique(column, return_counts=True)[1]), rel=1e-9)
    assert found.score == pytest.approx(found.gaps.mean())


def test_a_quantity_of_many_values_is_cut_into_bins() -> None:
    known = np.random.default_rng(0).random((2000, 2)).astype(np.float32)
    assert mig(known, known).score > 0.95
    assert factor_vae_score(known, known) > 0.95


def test_sap_of_a_quantity_is_the_squared_correlation() -> None:
    codes = perfect() + np.random.default_rng(1).standard_normal((384, 5)).astype(np.float32)
    found = sap(codes, factors(), CATEGORICAL)
    correlation = np.corrcoef(codes.T, factors().T)[:5, 5:].T
    np.testing.assert_allclose(found.merits[1:], correlation[1:] ** 2, rtol=1e-5)
    np.testing.assert_allclose(found.gaps[1:], [row[-1] - row[-2] for row in np.sort(correlation[1:] ** 2)], rtol=1e-5)


def test_sap_of_a_category_is_what_thresholds_get_right() -> None:
    category = np.repeat([0, 1, 2], [100, 100, 10])
    code = np.where(np.arange(210) % 100 < 20, 5.0, category)  # a fifth of the first two, and all of the third, are at 5
    known = np.stack([category, np.arange(210)], axis=1)
    found = sap(np.stack([code, np.zeros(210)], axis=1), known, (True, False))
    assert found.merits[0] == pytest.approx([(0.8 + 0.8 + 1 - 1) / 2, 0])


def test_dci_by_hand() -> None:
    """The first dimension is one factor; the second factor is the sum of two equal dimensions, the fourth tells nothing."""
    random = np.random.default_rng(0)
    parts = random.integers(0, 2, (3000, 2)) * 2.0
    first = random.integers(0, 4, 3000)
    codes = np.column_stack([first, parts, np.zeros(3000)])
    found = dci(codes, np.column_stack([first, parts.sum(1)]), (True, False))
    np.testing.assert_allclose(found.importance, [[1.0, 0.0, 0.0, 0.0], [0.0, 0.5, 0.5, 0.0]], atol=0.03)
    assert found.disentanglement == pytest.approx(1, abs=1e-3)
    assert found.completeness == pytest.approx((1 + 1 - math.log(2) / math.log(4)) / 2, abs=2e-3)
    assert found.scores == pytest.approx([1, 1], abs=1e-3)
    assert found.informativeness == pytest.approx(1, abs=1e-3)


def test_disentanglement_weighs_a_dimension_by_what_it_matters() -> None:
    """Two dimensions for one factor each, and a third whose importance to both is small: it counts by that."""
    found = dci(perfect(), factors(), CATEGORICAL)
    importance = found.importance
    scores = [1 - entropy(column) / math.log(3) for column in importance.T]
    assert found.disentanglement == pytest.approx(float(np.average(scores, weights=importance.sum(0))), rel=1e-9)
    assert found.completeness == pytest.approx(float(np.mean([1 - entropy(row) / math.log(5) for row in importance])), rel=1e-9)


def test_noise_is_not_informative() -> None:
    noise = np.random.default_rng(3).standard_normal((384, 5)).astype(np.float32)
    found = dci(noise, factors(), CATEGORICAL)
    assert found.scores[0] == pytest.approx(1 / 3, abs=0.1)
    assert (found.scores[1:] < 0.05).all()


def test_votes_for_noise_are_worth_a_guess() -> None:
    noise = np.random.default_rng(3).standard_normal((20_000, 3)).astype(np.float32)
    known = np.random.default_rng(4).integers(0, 2, (20_000, 4)).astype(np.float32)
    assert factor_vae_score(noise, known) == pytest.approx(1 / 4, abs=0.03)


def test_two_factors_in_one_dimension_share_its_votes() -> None:
    known = np.random.default_rng(0).integers(0, 8, (5000, 3)).astype(np.float32)
    codes = np.column_stack([known[:, 0], known[:, 1] + 8 * known[:, 2]])
    assert factor_vae_score(codes, known) == pytest.approx(2 / 3, abs=0.03)


def test_a_dimension_of_little_spread_has_no_vote() -> None:
    known = factors()
    codes = np.column_stack([perfect()[:, :3], 0.04 * perfect()[:, 0] * perfect()[:, 1]])
    loud = np.column_stack([perfect()[:, :3], np.where(np.arange(384) == 0, 30.0, 0.0)])  # silent but once: it would win every vote
    assert factor_vae_score(codes, known) > 0.99
    assert factor_vae_score(loud, known) < 0.6
    assert factor_vae_score(np.column_stack([loud[:, :3], 0.01 * loud[:, 3]]), known) > 0.99


def test_a_dimension_follows_the_factor_that_numpy_says_it_is_most_correlated_with() -> None:
    known = factors()
    codes = np.column_stack([-known[:, 1] + 2 * known[:, 2], np.random.default_rng(0).standard_normal(len(known)), known[:, 0]])
    first, noise, last = follows(codes, known, ("shape", "x", "y"), CATEGORICAL)
    assert first is not None
    assert last is not None
    assert noise is None
    assert (first.factor, last.factor, first.categorical, last.categorical) == ("x", "shape", False, True)
    assert first.correlation == pytest.approx(np.corrcoef(codes[:, 0], known[:, 1])[0, 1])
    assert last.correlation == pytest.approx(1)


def test_the_correlation_ratio_is_the_root_of_what_the_groups_explain() -> None:
    """Of two groups 0, 2 and 4, 6: the total is 20, their means 1 and 5 explain 16."""
    (found,) = follows(np.array([[0.0], [2], [4], [6]]), np.array([[0], [0], [1], [1]]), ("side",), (True,))
    assert found is not None
    assert found.correlation == pytest.approx(math.sqrt(16 / 20))
