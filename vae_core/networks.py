"""Encoder and decoder bodies, built from a `ModelConfig` for any image size: only dense, conv, transposed conv and LeakyReLU.

No BatchNorm: its running statistics make one image's code depend on other images. Leaky, because plain ReLUs died in the first
steps of a Gaussian model of 64 × 64 colour images (σ = 0.1), which then stayed at the mean picture for good.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import nn

from vae_core.config import ModelConfig

# kernel 4, stride 2, padding 1 halves a side, rounded down
_KERNEL, _STRIDE, _PADDING = 4, 2, 1
_SLOPE = 0.1


def encoder(config: ModelConfig, outputs: int) -> nn.Sequential:
    """Image [B, C, H, W] → [B, outputs]."""
    pixels = config.channels * config.height * config.width
    if config.body == "conv":
        *channels, dense = config.hidden
        rows, columns = _sides(config)[-1]
        return nn.Sequential(
            *_conv_stages([config.channels, *channels]),
            nn.Flatten(),
            *_dense([channels[-1] * rows * columns, dense]),
            nn.Linear(dense, outputs),
        )
    sizes = [pixels, *config.hidden]
    return nn.Sequential(nn.Flatten(), *_dense(sizes), nn.Linear(sizes[-1], outputs))


def decoder(config: ModelConfig) -> nn.Sequential:
    """Code [B, K] → likelihood parameters [B, C, H, W]; the encoder's layers in reverse."""
    shape = (config.channels, config.height, config.width)
    if config.body == "conv":
        *channels, dense = config.hidden
        sides = _sides(config)
        rows, columns = sides[-1]
        return nn.Sequential(
            *_dense([config.latent, dense, channels[-1] * rows * columns]),
            nn.Unflatten(1, (channels[-1], rows, columns)),
            *_transposed_stages([*reversed(channels), config.channels], sides[::-1]),
        )
    sizes = [config.latent, *reversed(config.hidden)]
    return nn.Sequential(*_dense(sizes), nn.Linear(sizes[-1], math.prod(shape)), nn.Unflatten(1, shape))


def multiplications(config: ModelConfig) -> int:
    """How many products of two numbers it takes to send one image through encoder and decoder; bodies are counted, not made."""
    small = [rows * columns for rows, columns in _sides(config)[1:]]
    places = iter([*small, *reversed(small)])  # at how many a kernel is applied, for one convolution after another
    with torch.device("meta"):
        layers = [*encoder(config, 2 * config.latent), *decoder(config)]
    products = 0
    for layer in layers:
        if isinstance(layer, nn.Linear):
            products += layer.weight.numel()
        elif isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            products += layer.weight.numel() * next(places)
    return products


def _sides(config: ModelConfig) -> list[tuple[int, int]]:
    """(H, W) before the first conv stage and after each."""
    return [(config.height >> stage, config.width >> stage) for stage in range(len(config.hidden))]


def _dense(sizes: list[int]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), nn.LeakyReLU(_SLOPE)]
    return layers


def _conv_stages(channels: list[int]) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(channels):
        layers += [nn.Conv2d(inputs, outputs, _KERNEL, _STRIDE, _PADDING), nn.LeakyReLU(_SLOPE)]
    return layers


def _transposed_stages(channels: list[int], sides: list[tuple[int, int]]) -> list[nn.Module]:
    """Each stage doubles a side; where the encoder halved an odd side, one more row or column comes back by output padding."""
    layers: list[nn.Module] = []
    for inputs, outputs, small, large in zip(channels, channels[1:], sides, sides[1:], strict=False):
        odd = (large[0] - 2 * small[0], large[1] - 2 * small[1])
        layers += [nn.ConvTranspose2d(inputs, outputs, _KERNEL, _STRIDE, _PADDING, output_padding=odd), nn.LeakyReLU(_SLOPE)]
    return layers[:-1]  # the last layer gives the likelihood's parameters, unbounded
