"""The sprites are what their factor table says, to a tenth of a pixel."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from numpy.typing import NDArray

from vae_core import data
from vae_core.data import Images, sprites

pytestmark = pytest.mark.slow

GRID = (3, 4, 8, 8, 8)


@pytest.fixture(scope="module")
def images() -> Images:
    return data.load("sprites")  # which are as drawn: test_shipped


@pytest.fixture(scope="module")
def light(images: Images) -> NDArray[np.float64]:
    """[N, 32, 32], 0 to 1."""
    light: NDArray[np.float64] = images.pixels[:, 0] / 255
    return light


@pytest.fixture(scope="module")
def factors(images: Images) -> NDArray[np.float32]:
    assert images.factors is not None
    return images.factors


CENTRES = np.arange(32) + 0.5


def test_there_is_one_image_for_every_combination(images: Images, factors: NDArray[np.float32]) -> None:
    columns = [range(3), sprites.SIZES, sprites.POSITIONS, sprites.POSITIONS, sprites.ROTATIONS]
    assert [tuple(row) for row in factors.tolist()] == list(product(*columns))
    assert images.factor_names == ("shape", "size", "x", "y", "rotation")
    assert images.factor_values == (("square", "ellipse", "heart"), (), (), (), ())
    assert images.labels is not None
    assert np.array_equal(images.labels, factors[:, 0])


def test_no_two_images_are_the_same(images: Images) -> None:
    assert len(np.unique(images.pixels.reshape(len(images), -1), axis=0)) == len(images) == 6144


def test_x_and_y_are_the_centre_of_mass(light: NDArray[np.float64], factors: NDArray[np.float32]) -> None:
    area = light.sum(axis=(1, 2))
    x, y = (light.sum(axis=1) @ CENTRES) / area, (light.sum(axis=2) @ CENTRES) / area
    assert abs(x - factors[:, 2]).max() < 0.1
    assert abs(y - factors[:, 3]).max() < 0.1


def test_size_is_the_root_of_the_area_for_every_shape(light: NDArray[np.float64], factors: NDArray[np.float32]) -> None:
    size = np.sqrt(light.sum(axis=(1, 2)))
    assert abs(size / factors[:, 1] - 1).max() < 0.03
    assert (np.diff(size.reshape(GRID), axis=1) > 0).all()


def test_moving_a_sprite_moves_its_pixels_and_changes_none(images: Images) -> None:
    grid = images.pixels.reshape(*GRID, 32, 32)
    assert np.array_equal(np.roll(grid[:, :, :-1], 2, axis=-1), grid[:, :, 1:])
    assert np.array_equal(np.roll(grid[:, :, :, :-1], 2, axis=-2), grid[:, :, :, 1:])


@pytest.mark.parametrize("shape", range(3))
def test_rotation_is_anticlockwise(shape: int) -> None:
    at = [[shape, 12, 16, 16, angle] for angle in (10, 100)]
    straight, turned = sprites.draw(np.array(at, dtype=np.float32))[:, 0].astype(int)
    assert abs(np.rot90(straight) - turned).max() <= 255 / sprites.OVERSAMPLING**2
    assert np.abs(straight - turned).sum() > 0 or shape == 0


def test_a_tilted_ellipse_rises_to_the_right() -> None:
    ellipse = sprites.draw(np.array([[1, 12, 16, 16, 30]], dtype=np.float32))[0, 0] / 255
    across, up = np.meshgrid(CENTRES - 16, 16 - CENTRES)
    xx, yy, xy = ((ellipse * moment).sum() for moment in (across**2, up**2, across * up))
    assert np.degrees(np.arctan2(2 * xy, xx - yy) / 2) == pytest.approx(30, abs=1)


def test_an_upright_heart_has_its_tip_at_the_bottom() -> None:
    rows = sprites.draw(np.array([[2, 12, 16, 16, 0]], dtype=np.float32))[0, 0].astype(int).sum(axis=1)
    lit = np.flatnonzero(rows)
    assert rows[lit[0]] > 2 * rows[lit[-1]]


def test_edges_are_smooth_and_insides_are_white(images: Images) -> None:
    levels = np.unique(images.pixels)
    assert (levels[0], levels[-1], len(levels)) == (0, 255, sprites.OVERSAMPLING**2 + 1)


def test_the_version_stands_for_exactly_these_pixels(images: Images) -> None:
    assert (sprites.VERSION, images.identity[:16]) == (1, "73803e68555174c0")
