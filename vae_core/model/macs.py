"""How many multiply-accumulates (MACs) a network takes for one input: its speed depends on them."""

from __future__ import annotations

import math

import torch
from torch import nn

from vae_core.base.config import ModelConfig
from vae_core.model import networks
from vae_core.model.graph import Graph
from vae_core.model.networks import Enlarge
from vae_core.model.tracing import trace


def macs(network: nn.Sequential, shape: tuple[int, ...]) -> int:
    """Multiply-accumulates of a network for one input of this shape, which has no batch in it.

    Dense layers and convolutions are counted. All other layers are functions of each number and a few beside it, or change the shape alone.
    """
    if isinstance(network, Graph):
        return trace(network.layers, shape).macs
    total = 0
    for layer in network:
        shape, products = _through(layer, shape)
        total += products
    return total


def macs_of(config: ModelConfig) -> int:
    """Multiply-accumulates to encode one image and decode its code; no weights are made."""
    with torch.device("meta"):
        outputs = 2 * config.latent if config.variational else config.latent
        encoder, decoder = networks.encoder(config, outputs), networks.decoder(config)
    return macs(encoder, (config.channels, config.height, config.width)) + macs(decoder, (config.latent,))


def _through(layer: nn.Module, shape: tuple[int, ...]) -> tuple[tuple[int, ...], int]:
    """The shape that a layer gives, and its multiply-accumulates."""
    if isinstance(layer, Enlarge):
        return _through(layer.folded(), shape)
    if isinstance(layer, nn.Linear):
        return (layer.out_features,), layer.weight.numel()
    if isinstance(layer, nn.Conv2d):
        assert not isinstance(layer.padding, str)
        ends = zip(shape[1:], layer.kernel_size, layer.stride, layer.padding, strict=True)
        sides = [(side + 2 * padding - kernel) // stride + 1 for side, kernel, stride, padding in ends]
        return (layer.out_channels, *sides), math.prod(sides) * layer.weight.numel()
    if isinstance(layer, nn.ConvTranspose2d):
        assert not isinstance(layer.padding, str)
        ends_out = zip(shape[1:], layer.kernel_size, layer.stride, layer.padding, layer.output_padding, strict=True)
        sides = [(side - 1) * stride - 2 * padding + kernel + more for side, kernel, stride, padding, more in ends_out]
        return (layer.out_channels, *sides), math.prod(shape[1:]) * layer.weight.numel()
    if isinstance(layer, nn.Unflatten):
        return tuple(layer.unflattened_size), 0
    return shape, 0  # also of Flatten: only convolutions ask for the shape, and an Unflatten stands before them
