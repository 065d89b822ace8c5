"""macs: multiply-accumulates of each kind of layer by hand, and of whole networks as torch counts them."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from tests.model.test_networks import BODIES, config
from vae_core.base.config import Body, ModelConfig
from vae_core.model.gates import Gate
from vae_core.model.macs import macs, macs_of
from vae_core.model.networks import Enlarge, decoder, encoder


@pytest.mark.parametrize(
    ("layer", "shape", "expected"),
    [
        (nn.Linear(3, 72), (3,), 3 * 72),
        (nn.Linear(3, 72, bias=False), (3,), 3 * 72),
        (nn.Conv2d(3, 4, 4, 2, 1), (3, 9, 12), 4 * 6 * 4 * (3 * 16)),  # 4 × 6 places, 4 channels out of patches of 3 × 4 × 4
        (nn.Conv2d(1, 2, (3, 1), (2, 1), (1, 0)), (1, 8, 9), 4 * 9 * 2 * 3),
        (nn.ConvTranspose2d(2, 1, (1, 5), (2, 3), (0, 2), (1, 2)), (2, 4, 9), 4 * 9 * 2 * 5),  # each place in spreads over 1 × 5
        (Enlarge(2, 3, (1, 0)), (2, 4, 9), 4 * 9 * (2 * 3 * 16)),
        (Gate(5, "root"), (5,), 0),
        (nn.LeakyReLU(), (2, 3, 4), 0),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_layer_by_hand(layer: nn.Module, shape: tuple[int, ...], expected: int) -> None:
    assert macs(nn.Sequential(layer), shape) == expected


@pytest.mark.parametrize(
    ("layer", "shape"),
    [
        (nn.Conv2d(1, 2, (3, 1), (2, 1), (1, 0)), (1, 8, 9)),
        (nn.ConvTranspose2d(2, 1, (1, 5), (2, 3), (0, 2), (1, 2)), (2, 4, 9)),
        (Enlarge(2, 3, (1, 0)), (2, 4, 9)),
        (nn.Unflatten(1, (3, 4, 2)), (24,)),
        (nn.LeakyReLU(), (3, 4, 2)),
    ],
    ids=lambda value: type(value).__name__,
)
def test_the_next_layer_counts_for_the_shape_that_it_is_given(layer: nn.Module, shape: tuple[int, ...]) -> None:
    given = layer(torch.zeros(1, *shape))[0]
    onward = nn.Conv2d(len(given), 1, 1)  # one multiply-accumulate for each number
    assert macs(nn.Sequential(layer, onward), shape) - macs(nn.Sequential(layer), shape) == given.numel()


@pytest.mark.parametrize(("body", "hidden"), BODIES)
def test_whole_networks_are_counted_as_torch_does(body: Body, hidden: tuple[int, ...]) -> None:
    shape = config(body, hidden)
    with FlopCounterMode(display=False) as counter:
        encoder(shape, 10)(torch.zeros(1, 3, 17, 23))
        decoder(shape)(torch.zeros(1, 5))
    assert 2 * macs_of(shape) == counter.get_total_flops()  # an addition goes with each


def test_a_model_that_would_fill_the_memory_is_counted_without_weights() -> None:
    huge = ModelConfig(channels=3, height=128, width=128, latent=128, hidden=(4096,) * 8)
    assert macs_of(huge) == 2 * (4096 * 3 * 128**2 + 7 * 4096**2) + 3 * 128 * 4096
