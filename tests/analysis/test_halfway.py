"""Halfway between two pictures, beside a search by hand; a linear decoder draws there just the average of both ends."""

from __future__ import annotations

from copy import deepcopy

import numpy as np
import pytest

from tests.training.test_objectives import digits, optimum
from vae_core.analysis import explore
from vae_core.analysis.halfway import halfway
from vae_core.base.config import ModelConfig
from vae_core.model.vae import VAE

RNG = np.random.default_rng(0)


def test_distances_are_those_of_a_search_by_hand() -> None:
    model = VAE(ModelConfig(channels=1, height=8, width=8, latent=3, hidden=(16,)), seed=1).eval()
    images, (starts, ends) = digits()[:50], RNG.normal(size=(2, 6, 3)).astype(np.float32)
    first, last = (explore.decode(model, codes).astype(np.float64) for codes in (starts, ends))
    between = np.concatenate([explore.decode(model, (a + b)[None] / 2) for a, b in zip(starts, ends, strict=True)])

    def by_hand(pictures: np.ndarray) -> float:
        return float(np.mean([min(np.sqrt(np.square((one - image) / 255).mean()) for image in images) for one in pictures.astype(float)]))

    found = halfway(model, starts, ends, images)
    expected = by_hand(np.concatenate([first, last])), by_hand(between), by_hand(np.rint((first + last) / 2))
    assert found == pytest.approx(expected, abs=1e-6)


def test_a_linear_decoder_draws_the_average_there() -> None:
    model = deepcopy(optimum(1.0, 2).model).float()
    starts, ends = RNG.normal(scale=0.01, size=(2, 5, 2)).astype(np.float32)  # so near that no value is cut at black or white
    found = halfway(model, starts, ends, digits()[:50])
    assert found.walk == pytest.approx(found.fade, abs=0.5 / 255)
