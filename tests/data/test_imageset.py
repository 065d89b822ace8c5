"""`Images` refuses what does not fit together, and its split is a partition."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vae_core.data import Images

SEEDS = st.integers(0, 2**32)


def blank(n: int, test_start: int | None = None) -> Images:
    return Images("blank", np.zeros((n, 1, 8, 8), np.uint8), test_start=test_start)


@given(n=st.integers(10, 400), seed=SEEDS)
def test_a_split_names_every_image_once(n: int, seed: int) -> None:
    train, validation, test = blank(n).split(seed)
    assert np.array_equal(np.sort(np.concatenate([train, validation, test])), np.arange(n))
    assert len(validation) == len(test) == n // 10
    assert {part.dtype for part in (train, validation, test)} == {np.dtype(np.int64)}


@given(n=st.integers(20, 400), share=st.floats(0.5, 0.95), seed=SEEDS)
def test_a_sets_own_test_images_stay_its_test_images(n: int, share: float, seed: int) -> None:
    start = int(n * share)
    train, validation, test = blank(n, test_start=start).split(seed)
    assert np.array_equal(test, np.arange(start, n))
    assert np.array_equal(np.sort(np.concatenate([train, validation])), np.arange(start))
    assert len(validation) == start // 10


@given(n=st.integers(100, 400), seed=SEEDS)
def test_a_split_follows_from_its_seed(n: int, seed: int) -> None:
    first, again, other = blank(n).split(seed), blank(n).split(seed), blank(n).split(seed + 1)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not np.array_equal(first.validation, other.validation)


def test_the_identity_follows_shape_and_pixels() -> None:
    pixels = np.arange(10 * 8 * 12, dtype=np.uint8)
    wide, high = Images("a", pixels.reshape(10, 1, 8, 12)), Images("b", pixels.reshape(10, 1, 12, 8).copy())
    assert wide.identity != high.identity
    assert wide.identity == Images("c", pixels.reshape(10, 1, 8, 12).copy()).identity
    turned = np.asfortranarray(pixels.reshape(10, 1, 8, 12))
    assert wide.identity == Images("d", turned).identity
    assert len(wide) == 10
    assert (wide.shape, high.shape) == ((1, 8, 12), (1, 12, 8))


def test_pixels_cannot_be_written_to() -> None:
    images = blank(10)
    with pytest.raises(ValueError, match="read-only"):
        images.pixels[0] = 1


@pytest.mark.parametrize(
    ("shape", "dtype"),
    [
        ((9, 1, 8, 8), np.uint8),
        ((10, 2, 8, 8), np.uint8),
        ((10, 1, 7, 8), np.uint8),
        ((10, 1, 8, 129), np.uint8),
        ((10, 1, 8, 8), np.int16),
    ],
)
def test_pixels_outside_the_limits_are_refused(shape: tuple[int, ...], dtype: type[np.generic]) -> None:
    with pytest.raises(ValueError, match="must be"):
        Images("x", np.zeros(shape, dtype))


@pytest.mark.parametrize(
    "known",
    [
        {"labels": np.zeros(9, np.int64)},
        {"factors": np.zeros((10, 2), np.float32), "factor_names": ("one",)},
        {"factors": np.zeros((9, 1), np.float32), "factor_names": ("one",)},
    ],
)
def test_what_is_known_must_match_the_images(known: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="10"):
        Images("x", np.zeros((10, 1, 8, 8), np.uint8), **known)
