"""Codes as text, ranges without data, and pictures that compare two others."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from vae_core.analysis.explore import cross_fade, difference, format_code, parse_code, prior_axes


@given(arrays(np.float32, st.integers(2, 20), elements=st.floats(-10, 10, width=32)))
def test_a_code_survives_being_written_and_read(z: np.ndarray) -> None:
    assert np.array_equal(parse_code(format_code(z), len(z)), z)


def test_a_code_is_written_briefly() -> None:
    assert format_code(np.array([0.1, -1, 0, 2.5], dtype=np.float32)) == "0.1,-1,0,2.5"


def test_without_data_the_ranges_are_the_priors() -> None:
    axes = prior_axes(3)
    assert axes.order.tolist() == [0, 1, 2]
    assert np.allclose(axes.low, -2.5758293)  # the 0.5 % quantile of N(0, 1), from any table
    assert np.allclose(axes.high, 2.5758293)
    assert np.isnan(axes.information).all()
    assert not axes.unused.any()


def test_a_difference_is_grey_where_equal_and_never_wraps() -> None:
    picture = np.array([[[0, 255, 100, 100]]], dtype=np.uint8)
    reference = np.array([[[255, 0, 100, 90]]], dtype=np.uint8)
    assert difference(picture, reference).tolist() == [[[0, 255, 128, 133]]]


def test_a_cross_fade_blends_every_pixel_and_keeps_both_ends() -> None:
    first, last = np.array([[[0, 200]]], dtype=np.uint8), np.array([[[100, 100]]], dtype=np.uint8)
    assert cross_fade(first, last, 3).tolist() == [[[[0, 200]]], [[[50, 150]]], [[[100, 100]]]]
