"""Encoder and decoder bodies, built from a `ModelConfig` for any image size: only dense, conv, transposed conv and LeakyReLU.

With a range of KL weights there is a `Gate` before each LeakyReLU as well.

No BatchNorm: its running statistics make one image's code depend on other images. Leaky, because plain ReLUs died in the first
steps of a Gaussian model of 64 × 64 colour images (σ = 0.1), which then stayed at the mean picture for good.
"""

from __future__ import annotations

import math
from copy import deepcopy
from itertools import pairwise
from typing import Literal

import torch
from torch import Tensor, nn

from vae_core.config import ModelConfig

# kernel 4, stride 2, padding 1 halves a side, rounded down
_KERNEL, _STRIDE, _PADDING = 4, 2, 1
_SLOPE = 0.1

GateKind = Literal["sigmoid", "root"]
_GATE_START: dict[GateKind, float] = {"sigmoid": 2.0, "root": math.log(math.expm1(2))}  # open: 0.88 and 0.975 at every KL weight
GATE_GAIN = 5.0
_SHUT = -1e-6  # at 0 the root has an infinite slope
_LOW = -math.sqrt(3)  # h at the lower end of the range
_ALWAYS_OPEN = 0.3  # of the range, from the lower end, in log β


class Gate(nn.Module):
    """A factor from 0 to 1 for each unit, or each channel, that the KL weight alone decides (Bae et al. 2022).

    For h = `standardised` log β, "sigmoid" gives 1/(1 + e^−r) with r = 5·(slope·h + offset). "root" gives √(1 − e^min(r, −1e-6)), the
    way in which the linear optimum depends on β, with r = 5·slope·(h + √3) − 1 − log(1 + e^(5·offset)): at the lower end of the range
    it is at least 0.79 open. A gate shut at every β would stay so for good, since nothing tells it to open, and in the first
    steps large β shut many. The 5 lets Adam move a gate five times as far at each step as a weight: it starts flat and must become
    steep within the few steps in which the weights settle.

    Args:
        units: F, factors to give.
        kind: the function of r.
    """

    def __init__(self, units: int, kind: GateKind) -> None:
        super().__init__()
        self.kind: GateKind = kind
        self.slope = nn.Parameter(torch.zeros(units))
        self.offset = nn.Parameter(torch.full((units,), _GATE_START[kind] / GATE_GAIN))

    def raw(self, h: Tensor) -> Tensor:
        """r of each unit, [B, F], for h [B]."""
        slope, offset = GATE_GAIN * self.slope, GATE_GAIN * self.offset
        if self.kind == "sigmoid":
            return h[:, None] * slope + offset
        return (h[:, None] - _LOW) * slope - 1 - nn.functional.softplus(offset)

    def factor(self, h: Tensor) -> Tensor:
        """The factors [B, F] for h [B]."""
        raw = self.raw(h)
        if self.kind == "sigmoid":
            return torch.sigmoid(raw)
        return _root(raw)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """x [B, F, …] times the factors for h, [B], or [1] for one KL weight for all."""
        factor = self.factor(h).to(x.dtype)
        return x * factor.reshape(*factor.shape, *(1,) * (x.dim() - 2))

    def extra_repr(self) -> str:
        """What the module's repr has between the brackets."""
        return f"{len(self.slope)}, {self.kind}"


class CodeGate(nn.Module):
    """A "root" gate of each latent dimension, which may narrow the posterior as well.

    r = log β − t, with t the threshold at which the dimension dies; log σ² gets 5·narrowing·min(r, 0) added. With t = log(λ/σ²) and
    narrowing ⅕ these are the linear optimum at every β, for a direction of variance λ (Bae et al. 2022): where a dimension is not
    worth its rate, q(z|x) is the prior, and the decoder does not hear its noise. At the start t is above the range. It is never in
    the lowest 30 % of it: what is shut for almost all β learns nothing, and would stay so. For the same reason the slope is not learnt:
    dimensions became so steep that they lived at the lower end alone.

    Args:
        units: K.
        beta_range: (a, b), of β.
    """

    def __init__(self, units: int, beta_range: tuple[float, float]) -> None:
        super().__init__()
        self._span = math.log(beta_range[1] / beta_range[0])
        start = math.log(math.expm1((1 - _ALWAYS_OPEN) * self._span + 1))  # t is 1 above the range
        self.offset = nn.Parameter(torch.full((units,), start / GATE_GAIN))
        self.narrowing = nn.Parameter(torch.zeros(units))

    def raw(self, h: Tensor) -> Tensor:
        """r of each dimension, [B, K], for h [B]."""
        along = (h[:, None] - _LOW) / math.sqrt(12) - _ALWAYS_OPEN  # from the lower end, as a share of the range
        return along * self._span - nn.functional.softplus(GATE_GAIN * self.offset)

    def factor(self, h: Tensor) -> Tensor:
        """The factors [B, K] for h [B]."""
        return _root(self.raw(h))

    def shift(self, h: Tensor) -> Tensor:
        """What is added to log σ², [B, K], for h [B]; 0 where a dimension is shut."""
        return GATE_GAIN * self.narrowing * self.raw(h).clamp(max=0)

    def extra_repr(self) -> str:
        """What the module's repr has between the brackets."""
        return f"{len(self.offset)}"


def _root(raw: Tensor) -> Tensor:
    return torch.sqrt(-torch.expm1(raw.clamp(max=_SHUT)))


def standardised(beta: Tensor, beta_range: tuple[float, float]) -> Tensor:
    """h: log β moved and scaled so that a log-uniform β of the range has mean 0 and variance 1."""
    low, high = map(math.log, beta_range)
    return math.sqrt(3) * (2 * beta.log() - low - high) / (high - low)


def through(network: nn.Sequential, x: Tensor, h: Tensor | None) -> Tensor:
    """The output of a network for x; its gates, if there are any, hear h."""
    for layer in network:
        x = layer(x, h) if isinstance(layer, Gate) else layer(x)
    return x


def encoder(config: ModelConfig, outputs: int) -> nn.Sequential:
    """Image [B, C, H, W] → [B, outputs]."""
    pixels = config.channels * config.height * config.width
    gate: GateKind | None = "sigmoid" if config.beta_range else None
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
    gate: GateKind | None = "root" if config.beta_range else None
    if config.body == "conv":
        *channels, dense = config.hidden
        sides = _sides(config)
        rows, columns = sides[-1]
        return nn.Sequential(
            *_dense([config.latent, dense, channels[-1] * rows * columns], gate),
            nn.Unflatten(1, (channels[-1], rows, columns)),
            *_transposed_stages([*reversed(channels), config.channels], sides[::-1], gate),
        )
    sizes = [config.latent, *reversed(config.hidden)]
    return nn.Sequential(*_dense(sizes, gate), nn.Linear(sizes[-1], math.prod(shape)), nn.Unflatten(1, shape))


def without_gates(network: nn.Sequential, h: Tensor) -> nn.Sequential:
    """A copy whose weights do by themselves what the gates of this network do at the KL weight of h, [1]."""
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


def _bend(units: int, gate: GateKind | None) -> list[nn.Module]:
    """What comes after a hidden layer."""
    return [nn.LeakyReLU(_SLOPE)] if gate is None else [Gate(units, gate), nn.LeakyReLU(_SLOPE)]


def _dense(sizes: list[int], gate: GateKind | None) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(sizes):
        layers += [nn.Linear(inputs, outputs), *_bend(outputs, gate)]
    return layers


def _conv_stages(channels: list[int], gate: GateKind | None) -> list[nn.Module]:
    layers: list[nn.Module] = []
    for inputs, outputs in pairwise(channels):
        layers += [nn.Conv2d(inputs, outputs, _KERNEL, _STRIDE, _PADDING), *_bend(outputs, gate)]
    return layers


def _transposed_stages(channels: list[int], sides: list[tuple[int, int]], gate: GateKind | None) -> list[nn.Module]:
    """Each stage doubles a side; where the encoder halved an odd side, one more row or column comes back by output padding."""
    layers: list[nn.Module] = []
    for inputs, outputs, small, large in zip(channels, channels[1:], sides, sides[1:], strict=False):
        odd = (large[0] - 2 * small[0], large[1] - 2 * small[1])
        layers += [nn.ConvTranspose2d(inputs, outputs, _KERNEL, _STRIDE, _PADDING, output_padding=odd), *_bend(outputs, gate)]
    return layers[: -len(_bend(1, gate))]  # the last layer gives the likelihood's parameters, unbounded
