"""animation: a GIF plays back what it was made of, and its colours stand still where the picture does."""

from __future__ import annotations

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageSequence

from tests.conftest import ROOT
from tests.data.test_images import noise
from vae_core.analysis import explore
from vae_core.data.animation import gif_bytes
from vae_core.training import checkpoint


def played(frames: NDArray[np.uint8], scale: int = 1) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(gif_bytes(frames, milliseconds=80, scale=scale))) as film:
        assert (film.info["loop"], film.info["duration"]) == (0, 80)
        return np.array([np.asarray(frame.convert("RGB")).transpose(2, 0, 1) for frame in ImageSequence.Iterator(film)])


@pytest.mark.parametrize("make", [lambda: noise(5, 1, 6, 9), lambda: noise(5, 3, 6, 9)], ids=["grey", "colour"])
def test_gif_plays_back(make: Callable[[], NDArray[np.uint8]]) -> None:
    frames = make()
    np.testing.assert_array_equal(played(frames, scale=2), np.broadcast_to(frames, (5, 3, 6, 9)).repeat(2, 2).repeat(2, 3))


def test_hardly_a_pixel_jumps_that_hardly_changes() -> None:
    model = checkpoint.load(ROOT / "assets" / "models" / "faces-beta-1").model
    ends = np.random.default_rng(2).standard_normal((2, model.config.latent)).astype(np.float32)
    frames = explore.decode(model, explore.interpolate(ends[0], ends[1], 30))[:14]
    shown = played(frames)
    assert shown.shape == frames.shape
    before, after = (np.abs(np.diff(film.astype(int), axis=0)).max(1) for film in (frames, shown))
    still = before <= 2
    assert still.mean() > 0.3
    assert (after[still] > 8).mean() < 0.05
    assert np.sqrt(np.square(shown.astype(int) - frames).mean()) < 3.5
