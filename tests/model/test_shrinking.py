"""The layer that takes faint details away: against the transform of each shift, and what becomes of flat areas and of edges."""

from __future__ import annotations

import itertools

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from vae_core.model.shrinking import LEVELS, PASSES, SCALES, Shrink

Picture = NDArray[np.float64]


def shrunk(picture: Picture, levels: float) -> Picture:
    answer: Picture = Shrink(levels).eval()(torch.from_numpy(picture)[None, None])[0, 0].numpy()
    return answer


def garrote(x: Picture, threshold: float) -> Picture:
    return np.where(np.abs(x) > threshold, x - threshold**2 / np.where(x == 0, 1, x), 0)


def by_blocks(picture: Picture, threshold: float, scale: int = 0) -> Picture:
    """The orthonormal Haar transform of disjoint blocks, shrunk and put together."""
    if scale == SCALES:
        return picture
    a, b, c, d = picture[::2, ::2], picture[::2, 1::2], picture[1::2, ::2], picture[1::2, 1::2]
    mean = by_blocks((a + b + c + d) / 2, threshold, scale + 1)
    x, y, xy = (garrote(band, threshold) for band in ((a - b + c - d) / 2, (a + b - c - d) / 2, (a - b - c + d) / 2))
    out = np.empty_like(picture)
    out[::2, ::2], out[::2, 1::2] = (mean + x + y + xy) / 2, (mean - x + y - xy) / 2
    out[1::2, ::2], out[1::2, 1::2] = (mean + x - y - xy) / 2, (mean - x - y + xy) / 2
    return out


def test_it_is_the_mean_over_all_places_of_the_blocks() -> None:
    """Away from the edges of the picture, where blocks reach beyond it: farther with each pass."""
    picture = np.random.default_rng(0).random((48, 56))
    side, expected = 2**SCALES, picture
    for _ in range(PASSES):
        each = []
        for down, right in itertools.product(range(side), repeat=2):
            moved = np.roll(expected, (-down, -right), (0, 1))
            each.append(np.roll(by_blocks(moved, 40 / LEVELS), (down, right), (0, 1)))
        expected = np.mean(each, 0)
    inside = slice(PASSES * side, -PASSES * side)
    np.testing.assert_allclose(shrunk(picture, 40)[inside, inside], expected[inside, inside], atol=1e-12)
    assert np.abs(expected - picture)[inside, inside].max() > 0.05


@pytest.mark.parametrize("sides", [(8, 8), (9, 13), (64, 64)])
def test_a_threshold_of_nothing_leaves_every_picture(sides: tuple[int, int]) -> None:
    picture = np.random.default_rng(1).random(sides)
    np.testing.assert_allclose(shrunk(picture, 1e-6), picture, atol=1e-6)


def test_faint_grain_goes_and_an_edge_stays() -> None:
    random = np.random.default_rng(2)
    clean = np.where(np.arange(32) < 16, 0.2, 0.8)[None].repeat(32, 0)
    before = clean + random.uniform(-3, 3, clean.shape) / LEVELS
    after = shrunk(before, 16)
    flat = np.abs(np.arange(32) - 15.5) > 8
    assert before[:, flat].reshape(32, 2, -1).std(axis=(0, 2)).max() * LEVELS > 1.5
    assert after[:, flat].reshape(32, 2, -1).std(axis=(0, 2)).max() * LEVELS < 0.5
    assert np.abs(after - clean).max() * LEVELS < 3
    assert (after[:, 16] - after[:, 15]).min() > 0.58


def test_it_waits_only_in_training() -> None:
    layer, pictures = Shrink(16), torch.rand(2, 3, 8, 8)
    expected = layer(pictures)
    assert not torch.equal(expected, pictures)
    layer.waits = True
    assert layer(pictures) is pictures
    torch.testing.assert_close(layer.eval()(pictures), expected)


def test_what_is_taken_away_has_no_slope_and_the_rest_has_one() -> None:
    pictures = torch.rand(1, 1, 8, 8, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(Shrink(30), (pictures,))


def test_half_numbers_are_shrunk_in_single_precision() -> None:
    pictures = torch.rand(1, 1, 8, 8).bfloat16()
    assert Shrink(16)(pictures).dtype == torch.float32
    torch.testing.assert_close(Shrink(16)(pictures), Shrink(16)(pictures.float()))


def test_many_pictures_at_a_time_are_shrunk_as_each_alone() -> None:
    pictures, layer = torch.rand(37, 3, 9, 8), Shrink(16)
    torch.testing.assert_close(layer(pictures), torch.cat([layer(picture[None]) for picture in pictures]), rtol=0, atol=0)
