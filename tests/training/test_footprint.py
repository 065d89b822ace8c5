"""The memory that a training takes, against what its layers keep."""

from __future__ import annotations

import pytest

from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.model.vae import count_parameters
from vae_core.training.footprint import bytes_foreseen

MLP = ModelConfig(channels=1, height=28, width=28, latent=8, hidden=(300, 200))
KEPT = 784 + 2 * (300 + 200) + 2 * 8 + 784  # numbers of an image that go through the layers: in, hidden both ways, μ and log σ², out


def test_weights_images_and_batch_each_have_their_part() -> None:
    small, large = (bytes_foreseen(MLP, TrainConfig(batch=batch), 1000) for batch in (100, 300))
    of_an_image = (large - small) / 200
    assert 4 * KEPT <= of_an_image <= 3 * 4 * KEPT
    assert small - 100 * of_an_image == 16 * count_parameters(MLP) + 1000 * 784
    assert bytes_foreseen(MLP, TrainConfig(batch=100), 3000) - small == 2000 * 784


def test_a_model_that_is_too_large_is_refused() -> None:
    with pytest.raises(InputError, match="the limit is"):
        bytes_foreseen(MLP.model_copy(update={"hidden": (4096,) * 8}), TrainConfig(), 10)
