"""What a class draws is encoded once, however often the teacher's page looks."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from pages.ui import cache
from vae_core.analysis import explore
from vae_core.analysis.posterior import Posterior
from vae_core.data.drawings import SHAPE, Drawing
from vae_core.model.vae import VAE
from vae_core.runs import catalogue


def test_drawings_are_encoded_once(monkeypatch: pytest.MonkeyPatch) -> None:
    folder, real, encoded = catalogue.models()["mnist-2d"].folder, explore.encode, list[int]()

    def encode(model: VAE, pixels: NDArray[np.uint8]) -> Posterior:
        encoded.append(len(pixels))
        return real(model, pixels)

    monkeypatch.setattr(explore, "encode", encode)
    pixels = np.random.default_rng(0).integers(0, 256, (121, *SHAPE), np.uint8)
    drawings = [Drawing(f"{number:03d}", 0, each) for number, each in enumerate(pixels)]
    for _ in range(3):
        first = cache.codes_of_drawings(folder, "a session", drawings[:120])
    assert encoded == [50, 50, 20]
    codes = cache.codes_of_drawings(folder, "a session", drawings)
    assert encoded == [50, 50, 20, 21]  # only the part that one more has come to
    np.testing.assert_array_equal(codes[:100], first[:100])
    np.testing.assert_allclose(codes, real(cache.opened(folder).model, pixels).mean, atol=1e-5)
    cache.codes_of_drawings(folder, "another session", drawings[:1])
    assert encoded[-1] == 1
