"""The grain that bench/grain.py measures, of pictures whose grain is known."""

from __future__ import annotations

import numpy as np
import pytest

from bench.grain import grain


def test_a_wave_in_flat_areas_is_found_at_its_size_and_period_and_edges_are_passed_over() -> None:
    images = np.full((4, 3, 16, 24), 120, np.uint8)
    images[:, :, :8, :8] = 200 * (np.indices((8, 8)).sum(axis=0) % 2)  # a window that is not flat
    columns = np.arange(24)
    decoded = images + (4 * (columns % 4 < 2)).astype(np.uint8)  # up and down by 2 around its mean, with period 4
    decoded[:, :, :8, :8] = 0
    found = grain(images, decoded)
    assert found.windows == 4 * 5
    assert (found.all, found.worst, found.woven) == pytest.approx((2, 2, 2))
    assert (found.period_8, found.period_4, found.period_2) == pytest.approx((0, 2, 0), abs=1e-9)


def test_windows_beside_an_edge_are_left_out_of_what_is_off_edges() -> None:
    images = np.full((1, 1, 16, 32), 120, np.uint8)
    images[:, :, :, :6] = 0
    wave = np.where(np.arange(32) % 2, 4, 0)
    wave[8:16] *= 3  # beside the windows with the edge
    found = grain(images, images + wave.astype(np.uint8))
    assert found.windows == 2 * 3
    assert found.off_edges == pytest.approx(2)
    assert found.all == pytest.approx(((36 + 4 + 4) / 3) ** 0.5)
