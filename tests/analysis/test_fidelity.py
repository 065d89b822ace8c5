"""fidelity: what is known of samples that are right, wrong or all of one kind, and every figure counted one by one."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from vae_core import data
from vae_core.analysis.fidelity import NEIGHBOURS, Judge, features, fidelity, share_error
from vae_core.analysis.pictures import Pictures, of_images
from vae_core.base.errors import InputError


def normal(count: int, seed: int, centre: float = 0.0) -> np.ndarray:
    return np.random.default_rng(seed).normal(centre, 1, (count, 4))


def test_samples_of_the_same_distribution_reach_about_one() -> None:
    found = fidelity(normal(1500, 0), normal(1500, 1))
    assert found.precision > 0.93
    assert found.recall > 0.93
    assert found.density == pytest.approx(1, abs=0.05)
    # Naeem et al. 2020, eq. 9: 1 − (N − 1)…(N − k) / ((2N − 1)…(2N − k)) = 0.969 for k = 5
    assert found.coverage == pytest.approx(1 - np.prod([(1500 - i) / (3000 - i) for i in range(1, NEIGHBOURS + 1)]), abs=0.02)


def test_a_share_is_known_as_far_as_so_many_throws_of_a_coin_tell() -> None:
    shares = np.random.default_rng(0).binomial(500, 0.3, size=20_000) / 500
    assert share_error(0.3, 500) == pytest.approx(shares.std(), rel=0.02)
    assert share_error(1.0, 500) == 0
    assert math.isnan(share_error(0.5, 1))


def test_samples_from_elsewhere_reach_nothing() -> None:
    assert fidelity(normal(300, 0), normal(300, 1, centre=50)) == (0, 0, 0, 0)


def test_a_kind_of_image_that_is_never_drawn_is_missing_in_recall_and_coverage_alone() -> None:
    images = np.concatenate([normal(500, 0), normal(500, 1, centre=50)])
    both = fidelity(images, np.concatenate([normal(500, 2), normal(500, 3, centre=50)]))
    one = fidelity(images, normal(1000, 2))
    assert one.precision == pytest.approx(both.precision, abs=0.03)
    assert one.recall == pytest.approx(both.recall / 2, abs=0.03)
    assert one.coverage == pytest.approx(0.5, abs=0.02)


def test_every_figure_counted_one_by_one() -> None:
    images, samples, k = normal(40, 0), 1.3 * normal(30, 1) + 0.4, 3
    ball = lambda rows, row: sorted(np.linalg.norm(rows - row, axis=1))[k]  # noqa: E731 — the nearest of all is the row itself
    of_images, of_samples = [ball(images, row) for row in images], [ball(samples, row) for row in samples]
    inside = [[np.linalg.norm(x - y) <= reach for y in samples] for x, reach in zip(images, of_images, strict=True)]
    precision = sum(any(row[j] for row in inside) for j in range(30)) / 30
    recall = sum(any(np.linalg.norm(x - y) <= reach for y, reach in zip(samples, of_samples, strict=True)) for x in images) / 40
    density = sum(sum(row) for row in inside) / (k * 30)
    coverage = sum(map(any, inside)) / 40
    assert 0 < recall != precision < 1
    assert fidelity(images, samples, k) == pytest.approx((precision, recall, density, coverage), rel=1e-12)


def test_few_pictures_are_refused() -> None:
    with pytest.raises(InputError, match="more than 5 images and as many samples, not 5 and 9"):
        fidelity(normal(5, 0), normal(9, 1))


@pytest.fixture(scope="module")
def digits() -> Pictures:
    return of_images(data.load("digits"))


def test_features_tell_classes_apart_and_are_the_same_each_time(digits: Pictures) -> None:
    from sklearn.neighbors import KNeighborsClassifier

    assert digits.labels is not None
    one, again = features(digits), features(digits)
    pixels = digits.take(digits.validation)
    assert np.array_equal(one(pixels), again(pixels))
    seen = KNeighborsClassifier(1).fit(one(digits.take(digits.training)), digits.labels[digits.training])
    assert seen.score(one(pixels), digits.labels[digits.validation]) > 0.93


def test_without_classes_features_are_the_principal_components(digits: Pictures) -> None:
    from sklearn.decomposition import PCA

    flat = digits.take(digits.chosen(5_000, training=True)).reshape(-1, 64) / 255
    kept = PCA(40, svd_solver="full").fit(flat)
    found = features(replace(digits, labels=None))(digits.take(digits.validation))
    expected = kept.transform(digits.take(digits.validation).reshape(-1, 64) / 255)
    np.testing.assert_allclose(found @ found.T, expected @ expected.T, atol=2e-3)  # but for the sign of each


def test_other_images_of_the_set_are_good_samples_and_noise_is_none(digits: Pictures) -> None:
    judge = Judge(digits)
    assert min(judge.best) > 0.85
    noise = np.random.default_rng(0).integers(0, 256, (len(judge.images), 1, 8, 8), dtype=np.uint8)
    assert fidelity(judge.images, judge.features(noise)).coverage < 0.1
