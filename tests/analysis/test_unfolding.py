"""How snapshots unfold: one plane for all of them, in which the axes stand still."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.decomposition import PCA

from vae_core.analysis.unfolding import unfolding
from vae_core.training.snapshots import History, Snapshot, Subjects


def history(latent: int, count: int = 30) -> History:
    """Three snapshots of codes that spread, the last dimension but one more than the others; of noise that fades from the pictures."""
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (9, 1, 8, 8), np.uint8)
    widths = np.where(np.arange(latent) == latent - 2, 3.0, 1.0)
    codes = widths * random.normal(size=(count, latent))
    snapshots = [
        Snapshot(
            step,
            step / 10,
            (share * codes).astype(np.float16),
            (share * widths * (widths > 1)).astype(np.float32),
            (pixels * share).astype(np.uint8),
        )
        for step, share in ((0, 0.0), (5, 0.5), (20, 1.0))
    ]
    return History(Subjects(pixels, 1, None, ()), tuple(snapshots), 0)


def test_a_flat_latent_space_is_shown_as_it_is() -> None:
    known = history(2)
    found = unfolding(known, variational=True)
    for places, snapshot in zip(found.places, known.snapshots, strict=True):
        np.testing.assert_array_equal(places, snapshot.codes.astype(np.float32))
    np.testing.assert_array_equal(found.prior, [0, 0])


def test_a_larger_one_is_shown_in_the_principal_plane_of_the_last_snapshot() -> None:
    known = history(5)
    found = unfolding(known, variational=True)
    pca = PCA(2).fit(known.snapshots[-1].codes.astype(np.float64))
    signs = np.sign((pca.components_ * found.plane.axes).sum(axis=1))
    for places, snapshot in zip(found.places, known.snapshots, strict=True):
        np.testing.assert_allclose(places, signs * pca.transform(snapshot.codes.astype(np.float64)), atol=1e-4)
    np.testing.assert_allclose(found.prior, signs * pca.transform(np.zeros((1, 5)))[0], atol=1e-4)


@pytest.mark.parametrize("variational", [True, False])
def test_dimensions_come_alive_and_pictures_sharpen(variational: bool) -> None:
    found = unfolding(history(4), variational=variational)
    assert found.order[0] == 2
    np.testing.assert_array_equal(found.used, [0, 1, 1])
    assert found.errors[0] > found.errors[1] > found.errors[2] == 0
