"""Codes laid over others: against scipy's Procrustes analysis, a known turn, and every turn that was not taken."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.spatial
from numpy.typing import NDArray
from scipy.stats import ortho_group

from vae_core.analysis.alignment import procrustes
from vae_core.base.errors import InputError

RNG = np.random.default_rng(0)
CODES = RNG.normal(size=(200, 3)) * [3, 1, 0.5] + [5, 0, -2]


def moved(mirrored: bool) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    turn = ortho_group.rvs(3, random_state=1)
    turn[0] *= np.sign(np.linalg.det(turn)) * (-1 if mirrored else 1)
    return turn, 0.7 * CODES @ turn + [1, 2, 3]


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_known_turn_mirror_scale_and_shift_are_found(mirrored: bool) -> None:
    turn, target = moved(mirrored)
    found = procrustes(CODES, target)
    np.testing.assert_allclose(found.turn, turn, atol=1e-12)
    np.testing.assert_allclose(found.move(CODES[:5]), target[:5], atol=1e-12)
    assert found.scale == pytest.approx(0.7)
    assert found.left == pytest.approx(0, abs=1e-12)


def test_what_is_left_is_that_of_scipy_and_no_other_turn_leaves_less() -> None:
    target = moved(False)[1] + RNG.normal(size=CODES.shape)
    found = procrustes(CODES, target)
    assert found.left == pytest.approx(scipy.spatial.procrustes(target, CODES)[2], rel=1e-10)
    best = np.square(found.move(CODES) - target).sum()
    assert best == pytest.approx(found.left * np.square(target - target.mean(axis=0)).sum())
    for turn in ortho_group.rvs(3, size=200, random_state=2):
        assert np.square(found._replace(turn=turn).move(CODES) - target).sum() > best
    for scale in (0.99, 1.01):
        assert np.square(found._replace(scale=scale * found.scale).move(CODES) - target).sum() > best


@pytest.mark.parametrize("mirrored", [False, True])
def test_a_plane_is_reached_by_codes_that_are_moved_as_by_those_that_stay(mirrored: bool) -> None:
    target = moved(mirrored)[1] + RNG.normal(size=CODES.shape)
    found = procrustes(CODES, target)
    centre, axes = RNG.normal(size=3), ortho_group.rvs(3, random_state=3)[:2]
    seen_centre, seen_axes = found.seen_in(centre, axes)
    np.testing.assert_allclose((CODES - seen_centre) @ seen_axes.T, (found.move(CODES) - centre) @ axes.T, atol=1e-10)
    with pytest.raises(InputError, match="cannot be laid over"):
        found._replace(scale=0.0).seen_in(centre, axes)


def test_codes_that_are_all_the_same_have_no_shape() -> None:
    for pair in ((CODES, np.ones((200, 3))), (np.ones((200, 3)), CODES)):
        with pytest.raises(InputError, match="All codes of one of the models are the same"):
            procrustes(*pair)
