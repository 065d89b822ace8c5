"""binarise: black and white alone, white as often as the pixel is bright, and the same image the same draw for ever."""

from __future__ import annotations

import hashlib

import numpy as np
import pytest
from numpy.typing import NDArray

from vae_core.base.config import TrainConfig
from vae_core.training.binarise import fixed_draw, for_evaluation, for_training


def pixels(count: int = 40, channels: int = 1) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (count, channels, 9, 11), np.uint8)


def test_a_draw_is_black_and_white_and_black_and_white_stay() -> None:
    grey = pixels()
    drawn = fixed_draw(grey)
    assert drawn.shape == grey.shape
    assert drawn.dtype == np.uint8
    assert set(np.unique(drawn)) == {0, 255}
    assert np.array_equal(fixed_draw(drawn), drawn)
    assert np.array_equal(grey, pixels())


@pytest.mark.parametrize("level", [0, 1, 64, 128, 254, 255])
def test_a_pixel_is_white_with_its_grey_level_as_chance(level: int) -> None:
    images = np.full((400, 1, 20, 20), level, np.uint8)
    images[:, 0, 0, :2] = np.stack(np.divmod(np.arange(400), 256), axis=1)  # no two alike, or their draws would be alike too
    white, chance = (fixed_draw(images)[:, :, 1:] == 255).mean(axis=0), level / 255
    error = (chance * (1 - chance) / 400) ** 0.5
    assert abs(white - chance).max() <= 4.5 * error
    assert abs(white.mean() - chance) <= 4 * error / 380**0.5


def test_pixels_and_images_are_drawn_independently() -> None:
    images = np.full((2000, 1, 8, 8), 128, np.uint8)
    images[:, 0, 0, :2] = np.stack(np.divmod(np.arange(2000), 256), axis=1)
    white = fixed_draw(images)[:, 0, 1:].reshape(2000, -1) / 255
    between_pixels = np.corrcoef(white.T)
    between_images = np.corrcoef(white[:1000].ravel(), white[1000:].ravel())
    assert abs(between_pixels - np.eye(56)).max() < 5 / 2000**0.5
    assert abs(between_images[0, 1]) < 4 / 56_000**0.5


def test_an_images_draw_does_not_depend_on_what_it_is_drawn_with() -> None:
    grey = pixels(channels=3)
    drawn = fixed_draw(grey)
    assert np.array_equal(fixed_draw(grey[7:8]), drawn[7:8])
    order = np.random.default_rng(1).permutation(len(grey))
    assert np.array_equal(fixed_draw(grey[order]), drawn[order])
    assert np.array_equal(fixed_draw(np.asfortranarray(grey)), drawn)
    changed = grey[:1].copy()
    changed[0, 0, 0, 0] ^= 1
    assert (fixed_draw(changed) != drawn[:1]).sum() > 50  # another image: another draw


def test_the_draw_stays_the_same_from_version_to_version() -> None:
    """A card says "static" and no more: whoever opens it later must get the very images that the model was trained on."""
    grey = np.arange(2 * 8 * 8, dtype=np.uint8).reshape(2, 1, 8, 8) * 2
    packed = np.packbits(fixed_draw(grey) == 255).tobytes()
    assert hashlib.sha256(packed).hexdigest()[:16] == "a02f7c73b874cbda"


def test_a_set_can_be_drawn_a_batch_at_a_time() -> None:
    """A set that is larger than memory is never drawn whole."""
    grey = pixels(count=50)
    order = np.random.default_rng(2).permutation(50)
    for how in ("static", "stochastic", "no"):
        config = TrainConfig.model_validate({"binarise": how})
        for draw in (for_training, for_evaluation):
            whole = draw(grey, config)
            batches = [draw(grey[rows], config) for rows in np.array_split(order, 7)]
            assert np.array_equal(np.concatenate(batches), whole[order])


def test_images_that_stay_as_they_are_are_not_copied() -> None:
    grey = pixels()
    assert for_training(grey, TrainConfig()) is grey
    assert for_evaluation(grey, TrainConfig()) is grey
    assert for_training(grey, TrainConfig(binarise="stochastic")) is grey


def test_what_is_trained_and_judged_on() -> None:
    grey = pixels()
    drawn = fixed_draw(grey)
    expected = {"no": (grey, grey), "static": (drawn, drawn), "stochastic": (grey, drawn)}
    for how, (trained, judged) in expected.items():
        config = TrainConfig.model_validate({"binarise": how})
        assert np.array_equal(for_training(grey, config), trained)
        assert np.array_equal(for_evaluation(grey, config), judged)
