"""The codes that a run publishes: those of its validation images, in two dimensions that do not jump."""

from __future__ import annotations

import random
import re
from pathlib import Path

import numpy as np
import pytest

from vae_core import data
from vae_core.analysis import explore
from vae_core.base.config import ModelConfig
from vae_core.model.vae import VAE
from vae_core.runs import codes


@pytest.mark.parametrize("variational", [True, False])
def test_what_was_published_is_read_back(variational: bool, tmp_path: Path) -> None:
    images = data.load("digits")
    model = VAE(ModelConfig(channels=1, height=8, width=8, latent=4, hidden=(16,), variational=variational), seed=1)
    assert codes.read(tmp_path) is None
    codes.publish(tmp_path, model, images, 7)
    published = codes.read(tmp_path)
    rows = images.split().validation
    assert published is not None
    assert (published.step, published.class_names) == (7, images.class_names)
    expected = explore.encode(model, images.take(rows)).mean[:, list(published.dims)]
    np.testing.assert_array_equal(published.means, expected)
    assert images.labels is not None
    np.testing.assert_array_equal(published.labels, images.labels[rows])
    (tmp_path / "codes.npz").write_bytes((tmp_path / "codes.npz").read_bytes()[:100])
    assert codes.read(tmp_path) is None


def test_a_dimension_gives_its_place_only_to_one_that_carries_much_more() -> None:
    carried = np.array([1.0, 3.0, 0.5, 2.0])
    assert codes._pair(carried, None) == (1, 3)
    assert codes._pair(np.array([2.5, 3.0, 0.5, 2.0]), (1, 3)) == (1, 3)
    assert codes._pair(np.array([3.5, 3.0, 0.5, 2.0]), (1, 3)) == (1, 0)
    assert codes._pair(carried, (0, 9)) == (1, 3)  # of another model


def test_a_damaged_file_is_none_or_what_was_published(tmp_path: Path) -> None:
    images = data.load("digits")
    codes.publish(tmp_path, VAE(ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,)), seed=1), images, 7)
    sound = (tmp_path / codes.FILE).read_bytes()
    published = codes.read(tmp_path)
    assert published is not None
    draw = random.Random(0)
    headers = [place for name in (b"PK\x03\x04", b"\x93NUMPY", b"PK\x01\x02") for place in _places(sound, name)]
    for place in [start + ahead for start in headers for ahead in range(0, 100, 2)] + draw.sample(range(len(sound)), 100):
        flipped = bytearray(sound)
        flipped[min(place, len(sound) - 1)] ^= 1 << draw.randrange(8)
        (tmp_path / codes.FILE).write_bytes(flipped)
        found = codes.read(tmp_path)
        assert found is None or np.array_equal(found.means, published.means), place


def _places(content: bytes, mark: bytes) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(mark), content)]
