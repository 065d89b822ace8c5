"""film: a walk that ends where it began."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageSequence

from tests.many import trained
from vae_core.analysis import explore, film


def test_the_walk_goes_through_every_code_and_back_to_the_first() -> None:
    model = trained().model.at(1.0)
    stops = 2 * np.random.default_rng(0).standard_normal((3, 6), np.float32)
    made = film.through(model, stops)
    frames = [np.asarray(frame.convert("L")) for frame in ImageSequence.Iterator(Image.open(io.BytesIO(made.moving)))]
    assert len(frames) == 3 * 12
    shown = explore.decode(model, stops)[:, 0].repeat(24, axis=1).repeat(24, axis=2)  # 8 × 8 pixels as 192 × 192
    for frame, picture in zip(frames[::12], shown, strict=True):
        assert np.abs(frame.astype(int) - picture).max() <= 4  # a GIF has 256 colours
    halfway = explore.decode(model, ((stops[2] + stops[0]) / 2)[None])[0, 0]
    assert np.abs(frames[30].astype(int) - halfway.repeat(24, axis=0).repeat(24, axis=1)).max() <= 4
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(made.still)).convert("L")), shown[0])
