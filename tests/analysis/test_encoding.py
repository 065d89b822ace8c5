"""encoding: samples of images and of kept codes, and errors of reconstruction, some pictures at a time."""

from __future__ import annotations

import numpy as np
import pytest

from tests.many import KEPT, trained
from vae_core import data
from vae_core.analysis import encoding, explore, projection
from vae_core.model.vae import VAE


def plain() -> VAE:
    return trained().model.at(1.0)


@pytest.fixture(autouse=True)
def chunks(monkeypatch: pytest.MonkeyPatch) -> None:
    """So few at a time that the last lot is a short one."""
    monkeypatch.setattr(encoding, "_CHUNK", 7)


def test_a_sample_of_the_images_is_encoded_under_their_own_numbers() -> None:
    images, model = data.load("digits"), plain()
    found = encoding.of_images(model, images, 40)
    assert np.array_equal(found.numbers, projection.subsample(len(images), 40, images.labels, seed=0))
    np.testing.assert_allclose(found.posterior.mean, explore.encode(model, images.pixels[found.numbers]).mean, atol=1e-5)
    assert images.labels is not None
    assert found.labels is not None
    assert np.array_equal(found.labels, images.labels[found.numbers])
    assert (found.total, found.original) == (len(images), True)


def test_a_sample_of_kept_codes_is_taken_as_it_is() -> None:
    kept = trained().codes
    assert kept is not None
    found = encoding.of_kept(kept, 20)
    assert np.array_equal(found.posterior.mean, kept.mean[found.numbers])
    assert np.array_equal(found.posterior.logvar, kept.logvar[found.numbers])
    assert kept.labels is not None
    assert found.labels is not None
    assert np.array_equal(found.labels, kept.labels[found.numbers])
    assert (len(found.numbers), found.total, found.original) == (20, KEPT, False)


def test_each_error_is_that_of_its_own_picture() -> None:
    pixels, model = data.load("digits").pixels, plain()
    rows = np.array([5, 900, 3, 41, 7, 8, 9, 1000, 12])
    codes = explore.encode(model, pixels[rows]).mean
    found = encoding.reconstruction_errors(model, pixels.__getitem__, rows, codes)
    np.testing.assert_allclose(found, explore.reconstruction_error(pixels[rows], explore.reconstruct(model, pixels[rows])), rtol=1e-4)
