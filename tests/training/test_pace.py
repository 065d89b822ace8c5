"""Epochs by steps: small sets get more, none more than helps."""

from __future__ import annotations

import math

import pytest

from vae_core.base.config import Body
from vae_core.training.pace import LEAST_STEPS, MAX_EPOCHS, suggested_epochs


@pytest.mark.parametrize(
    ("images", "batch", "body", "epochs"),
    [(1_439, 128, "mlp", 100), (54_000, 128, "mlp", 9), (5_400, 128, "conv", 24), (16, 16, "conv", 1_000), (200_000, 128, "conv", 5)],
)
def test_epochs_suit_the_number_of_images(images: int, batch: int, body: Body, epochs: int) -> None:
    assert suggested_epochs(images, batch, body) == epochs
    assert suggested_epochs(images, batch, body, every=True) == 2 * epochs
    assert epochs * math.ceil(images / batch) >= LEAST_STEPS


def test_a_tiny_set_does_not_train_for_ever() -> None:
    assert all(suggested_epochs(images, 128, "mlp") <= MAX_EPOCHS for images in (1, 8, 100))
