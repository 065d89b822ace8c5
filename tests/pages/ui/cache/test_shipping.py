"""What ships computed with the bundled models: of these very models, small, and the same as the pages would compute."""

from __future__ import annotations

import numpy as np
import pytest

from assets.build import MOST_SHOWN
from pages.ui import cache
from vae_core.analysis import encoding, explore, neighbours, pictures, precomputed, projection
from vae_core.runs.catalogue import BUNDLED, models

SHIPPED = sorted(folder.parent for folder in BUNDLED.glob(f"*/{precomputed.FOLDER}"))


def test_what_ships_is_small_and_of_the_models_that_it_lies_beside(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "thumbnails", lambda loaded: pytest.fail(f"{loaded.card.name}: run --precompute again"))
    sizes = [sum(file.stat().st_size for file in (folder / precomputed.FOLDER).iterdir()) for folder in SHIPPED]
    assert max(sizes) <= MOST_SHOWN
    assert sum(sizes) <= 6_000_000
    for folder in SHIPPED:
        assert cache.thumbnails(folder).dtype == np.uint8


def test_figures_of_the_digits_are_those_that_would_be_computed() -> None:
    entry = models()["digits-2d"]
    loaded, images, found = cache.opened(entry.folder), cache.images_of(entry), cache.sample(entry)
    assert images is not None
    assert found is not None
    exact = encoding.of_images(loaded.model, images, len(images))
    np.testing.assert_allclose(found.posterior.mean, exact.posterior.mean, atol=1e-4)
    computed, shown = explore.axes(exact.posterior), cache.axes(entry)
    np.testing.assert_allclose(shown.low, computed.low, atol=1e-4)
    np.testing.assert_allclose(shown.information, computed.information, atol=1e-4)
    plane = projection.raw(exact.posterior.mean)
    kept = cache.overlap(entry, exact.posterior.mean, plane.points, plane.axis_labels)
    assert kept == pytest.approx(neighbours.neighbour_overlap(exact.posterior.mean, plane.points), abs=1e-3)
