"""The digits are scikit-learn's, spread over 0 to 255."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.datasets import load_digits

from vae_core.data import Images, digits


@pytest.fixture(scope="module")
def images() -> Images:
    return digits.generate()


def test_every_digit_is_there_with_its_label(images: Images) -> None:
    assert images.pixels.shape == (1797, 1, 8, 8)
    assert images.labels is not None
    assert images.labels.dtype == np.int64
    assert np.array_equal(images.labels, load_digits().target)
    assert images.class_names == tuple("0123456789")


def test_sixteen_levels_are_spread_over_the_whole_range(images: Images) -> None:
    levels = load_digits().images.astype(int)
    wanted = np.array([round(level * 255 / 16) for level in range(17)])
    assert np.array_equal(images.pixels[:, 0], wanted[levels])
    assert (images.pixels.min(), images.pixels.max()) == (0, 255)


def test_the_version_stands_for_exactly_these_pixels(images: Images) -> None:
    assert (digits.VERSION, images.identity[:16]) == (1, "b8f6054dededc056")
