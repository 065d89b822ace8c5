"""Memorised images: the score against leaving out one by one, with log p in closed form; a planted image is found, and not by chance."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.special import logsumexp
from sklearn.decomposition import PCA

from tests.training.test_objectives import digits
from vae_core.analysis.memorisation import Fold, copies, folds, log_likelihoods, scores, whole
from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError

Doubles = NDArray[np.float64]
PLANTED, TIMES = 7, 50


def linear(rows: Doubles, noise: float = 0.0) -> Callable[[Fold], Doubles]:
    """Trains probabilistic PCA without a fold: log p of all rows in closed form; with noise as a training's seed would bring it."""

    def trained(fold: Fold) -> Doubles:
        kept = np.setdiff1d(np.arange(len(rows)), fold.left_out)
        found: Doubles = PCA(2).fit(rows[kept]).score_samples(rows)
        return found + noise * np.random.default_rng(fold.seed).normal(size=len(rows))

    return trained


def planted() -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """A hundred digits, one of them fifty times, in any order; and where this one is."""
    pixels = np.concatenate([digits()[:100], np.repeat(digits()[PLANTED][None], TIMES - 1, axis=0)])
    pixels = pixels[np.random.default_rng(0).permutation(len(pixels))]
    return pixels, (pixels == digits()[PLANTED]).all(axis=(1, 2, 3))


def test_one_fold_for_each_image_is_the_score_of_leaving_one_out() -> None:
    rows = np.random.default_rng(0).normal(size=(30, 5)) @ np.diag([3, 2, 1, 1, 0.5])
    fit = linear(rows, noise=0.1)
    trained = folds(np.arange(30), 30, 2)
    log_p = [fit(fold) for fold in trained]
    found = scores(trained, log_p)
    for image in range(30):
        out = [row[image] for fold, row in zip(trained, log_p, strict=True) if image in fold.left_out]
        inside = [row[image] for fold, row in zip(trained, log_p, strict=True) if image not in fold.left_out]
        assert (len(out), len(inside)) == (2, 58)
        assert found.score[image] == pytest.approx((logsumexp(inside) - np.log(58)) - (logsumexp(out) - np.log(2)))
    assert found.score.mean() > 0  # an image is likelier to a model that has seen it


def test_folds_leave_each_image_out_once_a_round_and_its_copies_with_it() -> None:
    pixels, where = planted()
    which = copies(pixels)
    assert len(np.unique(which)) == 100
    trained = folds(which, 5, 3)
    times = np.zeros(len(pixels), int)
    for fold in trained:
        times[fold.left_out] += 1
        assert where[fold.left_out].sum() in (0, TIMES)
    assert (times == 3).all()
    assert len({fold.seed for fold in trained}) == 15
    assert not np.array_equal(trained[0].left_out, trained[5].left_out)


def test_the_planted_image_is_found_and_by_shuffled_folds_it_is_not() -> None:
    pixels, where = planted()
    trained = folds(copies(pixels), 10, 2)
    fit = linear(pixels.reshape(len(pixels), -1) / 255.0 + np.random.default_rng(0).normal(scale=0.01, size=(len(pixels), 64)))
    log_p = [fit(fold) for fold in trained]
    found = scores(trained, log_p).score
    assert set(np.argsort(-found)[:TIMES]) == set(np.flatnonzero(where))
    shuffled = scores(trained, [log_p[number] for number in np.random.default_rng(1).permutation(len(log_p))]).score
    assert abs(shuffled[where]).max() < found[where].min() / 4
    assert set(np.argsort(-shuffled)[:TIMES]) != set(np.flatnonzero(where))


@pytest.mark.slow
def test_a_network_has_memorised_the_planted_image() -> None:
    pixels, where = planted()
    model = ModelConfig(channels=1, height=8, width=8, latent=4, hidden=(64,))
    trained = folds(copies(pixels), 2, 1)
    log_p = [whole(pixels, fold, model, TrainConfig(epochs=25, batch=32)) for fold in trained]
    few = TrainConfig(epochs=3, batch=32)
    assert list(log_likelihoods(pixels, trained[0], model, few)) == pytest.approx([1 / 3, 2 / 3, 1])
    found = scores(trained, log_p).score
    others = found[~where]
    assert found[where].mean() > np.quantile(others, 0.95)
    assert found[where].mean() > 10


def test_what_gives_no_score_is_refused() -> None:
    with pytest.raises(InputError, match="3 different images cannot be left out in 5 folds"):
        folds(np.array([0, 1, 2, 2]), 5, 1)
    with pytest.raises(InputError, match="left out of one training and be part of another"):
        scores([Fold(np.array([0]), 0)], [np.zeros(2)])
    with pytest.raises(InputError, match="plain autoencoder gives no probability"):
        next(
            log_likelihoods(
                digits()[:20],
                Fold(np.array([0]), 0),
                ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(8,), variational=False),
                TrainConfig(),
            )
        )
