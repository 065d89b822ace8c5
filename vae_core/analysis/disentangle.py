"""How well single latent dimensions stand for single known factors: MIG, SAP, DCI and the FactorVAE score, from 0 to 1.

Codes are posterior means, [N, K]. Factors are the known causes of the images, [N, F]; one that takes a single value is left out and
has NaN in the results. Each measure is an estimate, and its function says which: figures of another program compare only if it uses the
same one.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError

BINS = 20
SAP_IS = "own variant: R² for quantities; for categories balanced accuracy of thresholds, rescaled so that guessing is 0"
"""How our SAP differs from that of Kumar et al., which has a linear classifier's plain accuracy for categories: they do not compare."""
Doubles = NDArray[np.float64]
Levels = NDArray[np.int64]

_IMAGES_PER_LEVEL = 10
_FEW_LEVELS = 10
_WORTH_A_NAME = 0.5  # correlation from which on a factor says what a dimension does
_VOTES, _TEST_VOTES, _VOTE_IMAGES, _LEAST_STD = 10_000, 5_000, 64, 0.05


@dataclass(frozen=True)
class Gap:
    """MIG or SAP: how far the best dimension for a factor is ahead of the second best.

    Attributes:
        score: mean of the gaps of the factors that vary.
        gaps: float64 [F].
        merits: of each dimension for each factor, float64 [F, K]: mutual information in nats (MIG) or predictive score (SAP).
    """

    score: float
    gaps: Doubles
    merits: Doubles


@dataclass(frozen=True)
class Dci:
    """Disentanglement, completeness and informativeness.

    Attributes:
        disentanglement: 1 where each dimension matters to one factor only, weighted by how much the dimension matters.
        completeness: 1 where each factor is told by one dimension only; mean over factors.
        informativeness: how well the codes tell the factors; mean over factors.
        importance: of each dimension to each factor, float64 [F, K]; rows sum to 1, or to 0 where no dimension tells the factor.
        scores: informativeness of each factor, float64 [F].
    """

    disentanglement: float
    completeness: float
    informativeness: float
    importance: Doubles
    scores: Doubles


@dataclass(frozen=True)
class Follows:
    """The factor that a dimension follows most closely, by its name, and how closely.

    Attributes:
        factor: its name.
        correlation: Pearson's r for a quantity, from −1 to 1; for a category the correlation ratio η, from 0 to 1.
        categorical: whether the factor's values are names.
    """

    factor: str
    correlation: float
    categorical: bool


def varying(factors: NDArray[Any]) -> NDArray[np.bool_]:
    """Which factors [N, F] take at least two values, bool [F]; the measures need two such factors."""
    several: NDArray[np.bool_] = (factors != factors[:1]).any(axis=0)
    return several


def categorical(factors: NDArray[Any], values: Sequence[Sequence[str]]) -> list[bool]:
    """For each factor [N, F] whether `sap` and `dci` take it as a category: its values have names, or are few whole numbers.

    A file often has no names for the shapes that it numbers. Few are at most ten, each of at least ten images on average.

    Args:
        factors: [N, F].
        values: for each factor the names of its values, none where it has no names.
    """
    levels = [np.unique(column) for column in factors.T]
    return [
        bool(named) or (len(each) <= _FEW_LEVELS and bool((each == np.floor(each)).all()) and len(each) * _IMAGES_PER_LEVEL <= len(factors))
        for each, named in zip(levels, values, strict=True)
    ]


def mig(codes: NDArray[Any], factors: NDArray[Any]) -> Gap:
    """Mutual information gap (Chen et al. 2018): the gap of a factor is the gap in I(z_j; v), divided by the entropy of v.

    Estimate: plug-in from counts, each dimension's posterior means in 20 bins of equal width, as in Locatello et al. 2019.

    Raises:
        InputError: fewer than two factors vary.
    """
    bins = [_binned(code) for code in codes.T]
    merits, entropies = _empty(factors, codes), np.full(factors.shape[1], np.nan)
    for index in _used(factors):
        levels = _levels(factors[:, index])
        entropies[index] = _entropy(np.bincount(levels))
        merits[index] = [_mutual_information(levels, binned) for binned in bins]
    return _gap(merits, entropies)


def sap(codes: NDArray[Any], factors: NDArray[Any], categorical: Sequence[bool]) -> Gap:
    """Separated attribute predictability (Kumar et al. 2018): the gap of a factor is the gap in how well one dimension predicts it.

    Estimate: our variant, named by `SAP_IS`. For a quantity the squared correlation, which is the R² of a straight line; for a category the
    balanced accuracy, rescaled so that guessing is 0, of one threshold fewer than it has values, set by a decision tree of scikit-learn,
    on the same images.

    Args:
        codes: posterior means, [N, K].
        factors: [N, F].
        categorical: for each factor, whether its values are names.

    Raises:
        InputError: fewer than two factors vary.
    """
    merits = _empty(factors, codes)
    for index in _used(factors):
        merit = _threshold_accuracy if categorical[index] else _squared_correlation
        merits[index] = [merit(code.astype(np.float64), factors[:, index]) for code in codes.T]
    return _gap(merits, np.ones(factors.shape[1]))


def dci(codes: NDArray[Any], factors: NDArray[Any], categorical: Sequence[bool], *, seed: int = 0) -> Dci:
    """Disentanglement, completeness, informativeness (Eastwood & Williams 2018).

    Estimate: gradient-boosted trees of scikit-learn (100 of depth 3) that predict each factor from all dimensions, trained on two
    thirds of the images, drawn by the seed; importance is the trees' own, by impurity. Informativeness is the accuracy for a category,
    the R² for a quantity, on the other third.

    Args:
        codes, factors, categorical: as for `sap`.
        seed: of the split and of the trees.

    Raises:
        InputError: fewer than two factors vary among the images trained on.
    """
    from sklearn.ensemble import GradientBoostingClassifier, GradientBoostingRegressor

    random = np.random.RandomState(np.random.MT19937(seed))  # scikit-learn itself takes seeds of 32 bits only
    train, test = np.split(random.permutation(len(codes)), [2 * len(codes) // 3])
    importance, scores = _empty(factors, codes), np.full(factors.shape[1], np.nan)
    for index in _used(factors[train]):
        trees = (GradientBoostingClassifier if categorical[index] else GradientBoostingRegressor)(random_state=random)
        trees.fit(codes[train], factors[train, index])
        importance[index] = trees.feature_importances_
        scores[index] = trees.score(codes[test], factors[test, index])
    known = importance[~np.isnan(scores)]
    matter = known.sum(axis=0) / (known.sum() or 1)
    disentanglement = float(matter @ [_concentration(column) for column in known.T])
    completeness = float(np.mean([_concentration(row) for row in known]))
    return Dci(disentanglement, completeness, float(np.nanmean(scores)), importance, scores)


def factor_vae_score(codes: NDArray[Any], factors: NDArray[Any], *, seed: int = 0) -> float:
    """How surely a factor is known from the dimension that varies least while the factor is held (Kim & Mnih 2018).

    Estimate: a vote draws a factor and an image, and 64 images with that image's value, with replacement; it goes from the dimension
    of least variance, over its variance among all images, to the factor. Each dimension stands for the factor that 10,000 votes
    gave it most often, and the score is the part of 5,000 further votes which agree. Dimensions with a standard deviation under 0.05
    take no part; the score is 0 where that leaves none.

    Raises:
        InputError: fewer than two factors vary.
    """
    used = _used(factors)
    spread = codes.std(axis=0, dtype=np.float64)
    scaled = codes[:, spread >= _LEAST_STD] / spread[spread >= _LEAST_STD]
    if not scaled.shape[1]:
        return 0.0
    levels = {index: _levels(factors[:, index]) for index in used}
    members = {index: [np.flatnonzero(levels[index] == level) for level in range(levels[index].max() + 1)] for index in used}
    random = np.random.default_rng(seed)
    votes = np.zeros((2, scaled.shape[1], factors.shape[1]), np.int64)
    for vote in range(_VOTES + _TEST_VOTES):
        factor = random.choice(used)
        alike = members[factor][levels[factor][random.integers(len(codes))]]
        rows = alike[random.integers(len(alike), size=_VOTE_IMAGES)]
        votes[int(vote >= _VOTES), scaled[rows].var(axis=0).argmin(), factor] += 1
    stands_for = votes[0].argmax(axis=1)
    return float(votes[1][np.arange(len(stands_for)), stands_for].sum() / _TEST_VOTES)


def follows(codes: NDArray[Any], factors: NDArray[Any], names: Sequence[str], categorical: Sequence[bool]) -> list[Follows | None]:
    """For each of the K dimensions the factor that it is most correlated with, where that is at least 0.5; None for the others.

    A quantity is measured by Pearson's r, a category by the correlation ratio η (Pearson 1905): the root of the share of the code's
    variance that lies between the values' means.

    Args:
        codes: posterior means, [N, K].
        factors: [N, F].
        names: of the factors, F.
        categorical: for each factor, whether its values are names.
    """
    found: list[Follows | None] = []
    several = np.flatnonzero(varying(factors)).tolist()
    for code in codes.T.astype(np.float64):
        measured = [
            Follows(names[index], (_correlation_ratio if categorical[index] else _correlation)(code, factors[:, index]), categorical[index])
            for index in several
        ]
        best = max(measured, key=lambda each: abs(each.correlation), default=None)
        found.append(best if best is not None and abs(best.correlation) >= _WORTH_A_NAME else None)
    return found


def _used(factors: NDArray[Any]) -> NDArray[np.int64]:
    several = np.flatnonzero(varying(factors))
    if len(several) < 2:
        raise InputError(f"Disentanglement needs at least two factors that vary; here it is {len(several)} of {factors.shape[1]}.")
    return several


def _empty(factors: NDArray[Any], codes: NDArray[Any]) -> Doubles:
    return np.full((factors.shape[1], codes.shape[1]), np.nan)


def _gap(merits: Doubles, units: Doubles) -> Gap:
    second, best = np.sort(merits, axis=1)[:, -2:].T
    gaps = (best - second) / units
    return Gap(float(np.nanmean(gaps)), gaps, merits)


def _binned(values: NDArray[Any]) -> Levels:
    """The bin of each value among 20 of equal width from the least to the greatest; one bin where all are equal."""
    low, width = values.min(), (values.max() - values.min()) / BINS
    bins: Levels = np.minimum((values - low) / (width or 1), BINS - 1).astype(np.int64)
    return bins


def _levels(values: NDArray[Any]) -> Levels:
    """A factor as whole numbers from 0: its values where ten images share one on average, else 20 bins of equal width."""
    distinct, levels = np.unique(values, return_inverse=True)
    if len(distinct) * _IMAGES_PER_LEVEL > len(values):
        levels = np.unique(_binned(values), return_inverse=True)[1]
    return levels


def _concentration(weights: Doubles) -> float:
    """1 where one weight has all, 0 where all are equal."""
    return 1 - _entropy(weights) / np.log(len(weights)) if weights.any() else 0.0


def _entropy(weights: NDArray[Any]) -> float:
    """In nats, of weights in any unit."""
    shares = weights[weights > 0] / weights.sum()
    return float(-(shares * np.log(shares)).sum())


def _mutual_information(a: Levels, b: Levels) -> float:
    """I(a; b) in nats, from counts."""
    counts = np.bincount(a * (b.max() + 1) + b)
    return _entropy(np.bincount(a)) + _entropy(np.bincount(b)) - _entropy(counts)


def _correlation(code: Doubles, values: NDArray[Any]) -> float:
    a, b = code - code.mean(), values - values.mean()
    spread = np.sqrt((a @ a) * (b @ b))
    return float((a @ b) / spread) if spread else 0.0


def _squared_correlation(code: Doubles, values: NDArray[Any]) -> float:
    return _correlation(code, values) ** 2


def _correlation_ratio(code: Doubles, values: NDArray[Any]) -> float:
    _, groups, counts = np.unique(values, return_inverse=True, return_counts=True)
    means = np.bincount(groups, code) / counts
    total = np.square(code - code.mean()).sum()
    return float(np.sqrt(counts @ np.square(means - code.mean()) / total)) if total else 0.0


def _threshold_accuracy(code: Doubles, values: NDArray[Any]) -> float:
    from sklearn.metrics import balanced_accuracy_score
    from sklearn.tree import DecisionTreeClassifier

    tree = DecisionTreeClassifier(max_leaf_nodes=len(np.unique(values)), class_weight="balanced", random_state=0)
    return float(balanced_accuracy_score(values, tree.fit(code[:, None], values).predict(code[:, None]), adjusted=True))
