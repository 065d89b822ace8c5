"""Nearest neighbours against scikit-learn and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.neighbors import NearestNeighbors

from tests.analysis.test_explore import codes
from tests.analysis.test_projection import nearest_by_hand, normal
from vae_core.analysis.neighbours import chance_overlap, nearest, neighbour_overlap, neighbours_kept
from vae_core.base.errors import InputError


def test_overlap_against_brute_force() -> None:
    codes, points = normal(60, 5), normal(60, 2, seed=1)
    kept = []
    for index in range(60):
        true, mapped = ({other for other in nearest_by_hand(place, place[index], 8) if other != index} for place in (codes, points))
        kept.append(len(true & mapped) / 7)
    np.testing.assert_allclose(neighbours_kept(codes, points, k=7), kept)
    assert neighbour_overlap(codes, points, k=7) == pytest.approx(np.mean(kept))


def test_codes_that_have_nothing_to_do_with_each_other_keep_what_chance_gives() -> None:
    """k / (N − 1), on average over 20 pairs of sets, to 4 standard errors."""
    kept = [neighbour_overlap(normal(200, 3, seed=seed), normal(200, 2, seed=100 + seed)) for seed in range(20)]
    assert abs(np.mean(kept) - 10 / 199) < 4 * np.std(kept, ddof=1) / np.sqrt(len(kept))


def test_overlap_of_two_codes_is_whole_and_of_one_is_refused() -> None:
    assert neighbour_overlap(normal(2, 5), normal(2, 2)) == 1
    with pytest.raises(InputError, match="one code"):
        neighbour_overlap(normal(1, 5), normal(1, 2))


def test_nearest_are_those_of_scikit_learn() -> None:
    known, (z,) = codes(500), codes(1) + 0.1
    distances, indices = NearestNeighbors(n_neighbors=12).fit(known).kneighbors(z[None])
    found, away = nearest(known, z, 12)
    assert found.tolist() == indices[0].tolist()
    np.testing.assert_allclose(away, distances[0], rtol=1e-5)


def test_nearest_breaks_ties_by_position_and_gives_no_more_than_there_are() -> None:
    known = np.array([[3, 0], [0, 1], [1, 0], [0, -1]], np.float32)
    found, away = nearest(known, np.zeros(2, np.float32), 9)
    assert found.tolist() == [1, 2, 3, 0]
    assert away.tolist() == [1, 1, 1, 3]


def test_chance_keeps_as_many_neighbours_as_it_finds_at_random() -> None:
    random = np.random.default_rng(0)
    codes = random.standard_normal((60, 4)).astype(np.float32)
    kept = [neighbour_overlap(codes, random.standard_normal((60, 2)).astype(np.float32)) for _ in range(40)]
    assert abs(np.mean(kept) - chance_overlap(60)) < 4 * np.std(kept, ddof=1) / 40**0.5
    assert chance_overlap(5) == 1
