"""What suits a set of images, and what is said of it before anything is trained."""

from __future__ import annotations

import numpy as np
import pytest

from vae_core import data
from vae_core.analysis.suiting import expectations, suits
from vae_core.data import Images

NOISE = np.random.default_rng(0)


@pytest.mark.parametrize("name", ["digits", "mnist", "fashion-mnist", "sprites"])
def test_drawings_are_chances_of_white(name: str) -> None:
    assert suits(data.load(name))[:2] == ("mlp", "bernoulli")


@pytest.mark.parametrize(("channels", "side", "body"), [(3, 32, "conv"), (1, 32, "conv"), (3, 12, "mlp")])
def test_photographs_and_colour_have_noise_and_large_ones_are_convolved(channels: int, side: int, body: str) -> None:
    pixels = NOISE.normal(128, 30, (20, channels, side, side)).clip(0, 255).astype(np.uint8)
    assert suits(Images("photographs", pixels))[:2] == (body, "gaussian")


@pytest.mark.parametrize(
    ("training", "latent", "words"),
    [
        (5_000, 16, ()),
        (5_000, 65, ("K = 65 is more than the 64 numbers",)),
        (300, 16, ("300 training images are few",)),
        (20, 32, ("K = 32 is more than the 20 training images", "Only 20 training images")),
    ],
)
def test_too_few_images_and_too_large_a_code_are_said(training: int, latent: int, words: tuple[str, ...]) -> None:
    said = expectations(training, (1, 8, 8), latent)
    assert len(said) == len(words)
    assert all(sentence.startswith(start) for sentence, start in zip(said, words, strict=True))
