"""What K numbers keep: components against a singular value decomposition, a model's code against its whole reconstruction."""

from __future__ import annotations

import numpy as np

from tests.training.test_objectives import digits
from vae_core.analysis import compression, explore
from vae_core.base.config import ModelConfig
from vae_core.model.vae import VAE


def test_components_lose_what_the_singular_values_behind_them_hold() -> None:
    """Eckart and Young: the squared error of K components is the sum of the squares of the other singular values."""
    pixels = digits()[:400]
    flat = pixels.reshape(400, -1) / 255
    left = np.linalg.svd(flat - flat.mean(axis=0), compute_uv=False)[5:]
    found = compression.components(pixels, 8)
    np.testing.assert_allclose(found.directions @ found.directions.T, np.eye(8), atol=1e-9)
    rows = found.directions[:5]
    lost = flat - found.mean - (flat - found.mean) @ rows.T @ rows
    assert np.isclose(np.square(lost).sum(), np.square(left).sum())
    expected = np.sqrt(np.square(left).sum() / flat.size)  # but for rounding to bytes, and for what would be below black or above white
    assert abs(compression.error(pixels, compression.by_components(pixels, found, 5)) - expected) < 0.01


def test_a_models_numbers_are_kept_in_the_order_given() -> None:
    model = VAE(ModelConfig(channels=1, height=8, width=8, latent=3, hidden=(16,)), seed=1).eval()
    pixels, order = digits()[:5], np.array([2, 0, 1])
    assert np.array_equal(compression.by_model(model, pixels, order, 3), explore.reconstruct(model, pixels))
    codes = explore.encode(model, pixels).mean
    codes[:, [0, 1]] = 0
    assert np.array_equal(compression.by_model(model, pixels, order, 1), explore.decode(model, codes))


def test_an_error_is_a_root_mean_square_from_black_to_white() -> None:
    black, white = np.zeros((2, 1, 4, 4), np.uint8), np.full((2, 1, 4, 4), 255, np.uint8)
    half = np.concatenate([white[:1], black[:1]])
    assert (compression.error(black, black), compression.error(black, white)) == (0, 1)
    assert np.isclose(compression.error(black, half), np.sqrt(0.5))


def test_the_error_of_an_error_is_how_far_it_spreads_over_other_images() -> None:
    model = VAE(ModelConfig(channels=1, height=8, width=8, latent=3, hidden=(16,)), seed=1).eval()
    pixels = digits()
    rebuilt = explore.reconstruct(model, pixels)
    rng = np.random.default_rng(0)
    again = [compression.error(pixels[rows], rebuilt[rows]) for rows in rng.integers(len(pixels), size=(400, 300))]
    expected = np.std(again) * np.sqrt(300 / len(pixels))
    assert np.isclose(compression.error_spread(pixels, rebuilt), expected, rtol=0.15)
