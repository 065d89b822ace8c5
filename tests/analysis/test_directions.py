"""Directions: a slider at right angles to all others, along which the codes differ most, or along one channel."""

from __future__ import annotations

import numpy as np

from vae_core.analysis import directions


def test_principal_directions_are_moved_one_by_one_in_standard_deviations() -> None:
    random = np.random.default_rng(0)
    codes = (random.normal(size=(400, 5)) @ random.normal(size=(5, 200)) + 3).astype(np.float32)
    found = directions.principal(codes)
    assert found.names == ("PC 1", "PC 2", "PC 3", "PC 4", "PC 5")  # what is left is rounding
    values = found.values(codes)
    np.testing.assert_allclose(values.mean(axis=0), 0, atol=1e-4)
    np.testing.assert_allclose(values.std(axis=0), 1, atol=1e-4)
    assert ((values >= found.low) & (values <= found.high)).mean() > 0.98
    moved = found.put(codes[0], 2, 1.5)
    expected = values[0].copy()
    expected[2] = 1.5
    np.testing.assert_allclose(found.values(moved), expected, atol=1e-3)
    np.testing.assert_allclose(found.put(codes[0], 2, values[0, 2]), codes[0], atol=1e-4)  # all else stays as it is
    np.testing.assert_allclose(found.put(codes[0], 2, np.array([1.5, 0], np.float32))[0], moved, atol=1e-5)
    assert "200 numbers" in found.about
    assert "100 % of the variance" in found.about


def test_the_spread_along_a_direction_is_that_of_draws() -> None:
    random = np.random.default_rng(0)
    found = directions.principal(random.normal(size=(300, 150)).astype(np.float32))
    std = random.uniform(0.1, 2, 150).astype(np.float32)
    drawn = found.values((std * random.normal(size=(20_000, 150))).astype(np.float32)).std(axis=0)
    np.testing.assert_allclose(found.spread(std), drawn, rtol=0.05)


def test_without_images_a_channel_moves_everywhere_alike() -> None:
    found = directions.plain((4, 8, 8))
    z = np.random.default_rng(0).normal(size=256).astype(np.float32)
    np.testing.assert_allclose(found.values(z), z.reshape(4, 64).mean(axis=1), atol=1e-6)
    moved = found.put(z, 1, 2.0).reshape(4, 64)
    np.testing.assert_allclose(moved[1], z[64:128] + 2 - z[64:128].mean(), atol=1e-5)
    np.testing.assert_array_equal(np.delete(moved, 1, axis=0), np.delete(z.reshape(4, 64), 1, axis=0))
    assert found.names == ("Channel 1", "Channel 2", "Channel 3", "Channel 4")
    flat = directions.plain((512,))
    assert (len(flat.names), flat.put(np.zeros(512, np.float32), 3, 1.0).nonzero()[0].tolist()) == (directions.MOST, [3])
