"""Encoder and decoder bodies, built from a `ModelConfig` for any image size: dense, conv, transposed conv and LeakyReLU.

A decoder's stages double a side. New models enlarge first and convolve then, see `Enlarge`: with flat features their pictures are flat from
the first step on (Odena et al. 2016, "Deconvolution and checkerboard artifacts"), and short runs reach half the squared error.

A decoder of colours or greys with a σ ends with a `Shrink`, which makes faint grain vanish.

With a range of KL weights there is a `Gate` before each LeakyReLU as well. A model that was made elsewhere has its own layers, see `graph`.

No BatchNorm: its running statistics make one image's code depend on other images. Leaky, because plain ReLUs died in the first
steps of a Gaussian model of 64 × 64 colour images (σ = 0.1), which then stayed at the mean picture for good.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from itertools import pairwise

import torch
from torch import Tensor, nn

from vae_core.base.config import ModelConfig
from vae_core.model import graph
from vae_core.model.gates import Gate, GateKind
from vae_core.model.graph import Graph
from vae_core.model.shrinking import Shrink

# kernel 4, stride 2, padding 1 halves a side, rounded down
_KERNEL, _STRIDE, _PADDING = 4, 2, 1
_SLOPE = 0.1

_MakeGate = Callable[[int], Gate]


class Enlarge(nn.ConvTranspose2d):
    """Each pixel becomes 2 × 2 equal ones, then comes a 3 × 3 convolution with zeros around: even features give an even picture.

    Both together are one transposed convolution of kernel 4, stride 2 and padding 1, see `folded`. It is computed as that: it takes less
    than half the multiplications. The weight is [in, out, 3, 3], that of the 3 × 3 convolution.

    Args:
        inputs, outputs: channels.
        odd: 1 where the enlarged side is one more than double, else 0; for rows and for columns.
    """

    def __init__(self, inputs: int, outputs: int, odd: tuple[int, int] = (0, 0)) -> None:
        super().__init__(inputs, outputs, 3, _STRIDE, _PADDING, output_padding=odd)

    def kernel(self) -> Tensor:
        """The weight of the transposed convolution, [in, out, 4, 4]: along an axis w₂, w₁ + w₂, w₀ + w₁, w₀."""
        w0, w1, w2 = self.weight.unbind(2)
        w0, w1, w2 = torch.stack([w2, w1 + w2, w0 + w1, w0], dim=2).unbind(3)
        return torch.stack([w2, w1 + w2, w0 + w1, w0], dim=3)

    @torch.no_grad()
    def folded(self) -> nn.ConvTranspose2d:
        """The plain transposed convolution that it is, a copy."""
        odd = self.output_padding
        with torch.device(self.weight.device):
            plain = nn.ConvTranspose2d(self.in_channels, self.out_channels, _KERNEL, _STRIDE, _PADDING, output_padding=(odd[0], odd[1]))
        plain.to(self.weight.dtype).weight.copy_(self.kernel())
        assert plain.bias is not None
        assert self.bias is not None
        plain.bias.copy_(self.bias)
        return plain

    def forward(self, x: Tensor, output_size: list[int] | None = None) -> Tensor:
        """[B, in, H, W] → [B, out, 2·H + odd, 2·W + odd]."""
        return nn.functional.conv_transpose2d(x, self.kernel(), self.bias, _STRIDE, _PADDING, self.output_padding)


def through(network: nn.Sequential, x: Tensor, h: Tensor | None) -> Tensor:
    """The output of a network for x; its gates, if it has any, take h."""
    if isinstance(network, Graph):
        return network.forward(x)
    for layer in network:
        x = layer(x, h) if isinstance(layer, Gate) else layer(x)
    return x


def encoder(config: ModelConfig, outputs: int) -> nn.Sequential:
    """Image [B, C, H, W] → [B, outputs]."""
    if config.graph is not None:
        return graph.checked(config.graph.encoder, (config.channels, config.height, config.width), (outputs,))
    pixels = config.channels * config.height * config.width
    gate = _gate(config, "sigmoid")
    if config.body == "conv":
        *channels, dense = config.hidden
        rows, columns = _sides(config)[-1]
        return nn.Sequential(
            *_conv_stages([config.channels, *channels], gate),
            nn.Flatten(),
            *_dense([channels[-1] * rows * columns, dense], gate),
            nn.Linear(dense, outputs),
        )
    sizes = [pixels, *config.hidden]
    return nn.Sequential(nn.Flatten(), *_dense(sizes, gate), nn.Linear(sizes[-1], outputs))


def decoder(config: ModelConfig) -> nn.Sequential:
    """Code [B, K] → likelihood parameters [B, C, H, W]; the encoder's layers in reverse."""
    shape = (config.channels, config.height, config.width)
    if config.graph is not None:
        return graph.checked(config.graph.decoder, (config.latent,), shape)
    gate = _gate(config, "root")
    if config.body == "conv":
        *channels, dense = config.hidden
        sides = _sides(config)
        rows, columns = sides[-1]
        return nn.Sequential(
            *_dense([config.latent, dense, channels[-1] * rows * columns], gate),
            nn.Unflatten(1, (channels[-1], rows, columns)),
            *_enlarging_stages(config, sides[::-1], gate),
            *([Shrink(config.shrink)] if config.shrink else []),
        )
    sizes = [config.latent, *reversed(config.hidden)]
    return nn.Sequential(*_dense(sizes, gate), nn.Linear(sizes[-1], math.prod(shape)), nn.Unflatten(1, shape))


def without_gates(network: nn.Sequential, h: Tensor) -> nn.Sequential:
    """A copy without gates: its weights do by themselves what the gates do at the KL weight of h, [1] or [1, 2]."""
    layers: list[nn.Module] = []
    for layer in network:
        if isinstance(layer, Gate):
            scale_outputs(layers[-1], layer.factor(h)[0])
        else:
            layers.append(deepcopy(layer))
    return nn.Sequential(*layers)


@torch.no_grad()
def scale_outputs(layer: nn.Module, factor: Tensor, shift: Tensor | float = 0.0) -> None:
    """Multiply each output unit, or channel, of a layer in place, then add to it; factor and shift [F]."""
    weight, bias = layer.weight, layer.bias
    assert isinstance(weight, Tensor)
    assert isinstance(bias, Tensor)
    across = (1, -1) if isinstance(layer, nn.ConvTranspose2d) else (-1, 1)
    weight *= factor.reshape(*across, *(1,) * (weight.dim() - 2))
    bias.mul_(factor).add_(shift)


@torch.no_grad()
def scale_inputs(layer: nn.Module, factor: Tensor) -> None:
    """Let a dense layer multiply each of its inputs first, in place; factor [F]."""
    assert isinstance(layer, nn.Linear)
    layer.weight *= factor


def _sides(config: ModelConfig) -> list[tuple[int, int]]:
    """(H, W) before the first conv stage and after each."""
    return [(config.height >> stage, config.width >> stage) for stage in range(len(config.hidden))]


def _gate(config: ModelConfig, kind: GateKind) -> _MakeGate | None:
    """A function that makes a gate for a number of units; None if the model has no gates."""
    return partial(Gate, kind=kind, weights=2 if config.split else 1) if config.beta_range else None


def _bend(units: int, gate: _MakeGate | None) -> list[nn.Module]:
    """The layers that follow a hidden layer."""
    return [nn.LeakyReLU(_SLOPE)] if gate is None else [gate(units), nn.LeakyReLU(_SLOPE)]


def _dense(sizes: list[int], gate: _MakeGate | None) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), *_bend(outputs, gate)]
    return layers


def _conv_stages(channels: list[int], gate: _MakeGate | None) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(channels):
        layers += [nn.Conv2d(inputs, outputs, _KERNEL, _STRIDE, _PADDING), *_bend(outputs, gate)]
    return layers


def _enlarging_stages(config: ModelConfig, sides: list[tuple[int, int]], gate: _MakeGate | None) -> list[nn.Module]:
    """Each stage doubles a side; where the encoder halved an odd side, one more row or column comes back by output padding."""
    channels = [*reversed(config.hidden[:-1]), config.channels]
    layers: list[nn.Module] = []
    for inputs, outputs, small, large in zip(channels, channels[1:], sides, sides[1:], strict=False):
        odd = (large[0] - 2 * small[0], large[1] - 2 * small[1])
        nearest = config.enlarge == "nearest"
        stage = Enlarge(inputs, outputs, odd) if nearest else nn.ConvTranspose2d(inputs, outputs, _KERNEL, _STRIDE, _PADDING, odd)
        layers += [stage, *_bend(outputs, gate)]
    return layers[: -len(_bend(1, gate))]  # the last layer gives the likelihood's parameters, unbounded
