"""Encoder and decoder bodies, built from a `ModelConfig` for any image size: only dense, conv, transposed conv and LeakyReLU.

With a range of KL weights there is a `Gate` before each LeakyReLU as well.

No BatchNorm: its running statistics make one image's code depend on other images. Leaky, because plain ReLUs died in the first
steps of a Gaussian model of 64 × 64 colour images (σ = 0.1), which then stayed at the mean picture for good.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from copy import deepcopy
from functools import partial
from itertools import pairwise
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from vae_core.base.config import ModelConfig

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
    """A factor from 0 to 1 for each unit, or each channel, that the KL weight, or the pair, alone decides (Bae et al. 2022).

    For h = `standardised` log β, "sigmoid" gives 1/(1 + e^−r) with r = 5·(slope·h + offset). "root" gives √(1 − e^min(r, −1e-6)), the
    way in which the linear optimum depends on β, with r = 5·slope·(h + √3) − 1 − log(1 + e^(5·offset)): at the lower end of the range
    it is at least 0.79 open. A gate shut at every β would stay so for good, since nothing tells it to open, and in the first
    steps large β shut many. The 5 lets Adam move a gate five times as far at each step as a weight: it starts flat and must become
    steep within the few steps in which the weights settle.

    With two weights, each has a slope, and what is a multiple of the slope above is the sum of both such.

    Args:
        units: F, factors to give.
        kind: the function of r.
        weights: 1, or 2 for the weights of D_μ and D_σ; the slopes are [F] or [2, F].
    """

    def __init__(self, units: int, kind: GateKind, weights: int = 1) -> None:
        super().__init__()
        self.kind: GateKind = kind
        self.slope = nn.Parameter(torch.zeros(units) if weights == 1 else torch.zeros(weights, units))
        self.offset = nn.Parameter(torch.full((units,), _GATE_START[kind] / GATE_GAIN))

    def raw(self, h: Tensor) -> Tensor:
        """r of each unit, [B, F], for h [B] or [B, 2]."""
        slope, offset = GATE_GAIN * self.slope, GATE_GAIN * self.offset
        from_here = h if self.kind == "sigmoid" else h - _LOW
        along = from_here[:, None] * slope if h.dim() == 1 else (from_here[:, :, None] * slope).sum(1)
        return along + offset if self.kind == "sigmoid" else along - 1 - nn.functional.softplus(offset)

    def factor(self, h: Tensor) -> Tensor:
        """The factors [B, F] for h [B] or [B, 2]."""
        raw = self.raw(h)
        if self.kind == "sigmoid":
            return torch.sigmoid(raw)
        return _root(raw)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """x [B, F, …] times the factors for h, [B] or [B, 2], of one row where it is the same for all."""
        factor = self.factor(h).to(x.dtype)
        return x * factor.reshape(*factor.shape, *(1,) * (x.dim() - 2))

    def extra_repr(self) -> str:
        """What the module's repr has between the brackets."""
        return f"{len(self.offset)}, {self.kind}"


_MakeGate = Callable[[int], Gate]


class Turn(NamedTuple):
    """What a gate does to codes, [B, K] each: it multiplies μ by `mean`, log σ² by `logvar`, to which it adds `shift`, and z by `code`."""

    mean: Tensor
    logvar: Tensor
    shift: Tensor
    code: Tensor


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
        self.offset = nn.Parameter(torch.full((units,), _code_start(self._span)))
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

    def turned(self, h: Tensor) -> Turn:
        """What it does to codes for h [B]."""
        factor = self.factor(h)
        return Turn(factor, factor, self.shift(h), factor)

    def extra_repr(self) -> str:
        """What the module's repr has between the brackets."""
        return f"{len(self.offset)}"


class PairGate(nn.Module):
    """What a `CodeGate` is to one weight, for a pair (β_μ, β_σ): what the linear optimum does, for a threshold t of each dimension.

    For A = β_μ/t and B = β_σ/t, q = 2B/(1 + √(1 − 4B + 4B²/A)) is the share of a direction's variance that does not come back; where the
    root is of a negative number it counts as negative, which soon shuts the dimension. μ and the z to be decoded are multiplied by
    √(1 − q), and log v is added to log σ², with v = 1/(1 + (1/q − 1)·A/B). The larger β_μ, the shorter the codes that the decoder must then
    amplify: they are √(q/A) times as long on the way. At β_μ = β_σ, q and v are A, and the length is 1, as with a `CodeGate`. With
    t = λ/σ² these are the best linear codes of a direction of variance λ, for every pair, unless no code at all is better than the locally
    best one, as may be for β_μ > t.

    Args:
        units: K.
        beta_range: (a, b), of both weights.
    """

    def __init__(self, units: int, beta_range: tuple[float, float]) -> None:
        super().__init__()
        self._low, self._span = math.log(beta_range[0]), math.log(beta_range[1] / beta_range[0])
        self.offset = nn.Parameter(torch.full((units,), _code_start(self._span)))

    def log_threshold(self) -> Tensor:
        """log t of each dimension, [K]."""
        return self._low + _ALWAYS_OPEN * self._span + nn.functional.softplus(GATE_GAIN * self.offset)

    def turned(self, h: Tensor) -> Turn:
        """What it does to codes for h [B, 2]."""
        log_beta, threshold = self._low + (h - _LOW) / math.sqrt(12) * self._span, self.log_threshold()
        log_a, log_b = log_beta[:, :1] - threshold, log_beta[:, 1:] - threshold
        square = 1 - 4 * log_b.exp() + 4 * (2 * log_b - log_a).exp()
        root = square.abs().clamp_min(1e-6).sqrt().copysign(square)  # a root of 0 has an infinite slope
        log_q = log_b + math.log(2) - torch.log1p(root.clamp_min(-0.999))
        alive = log_q < _SHUT
        log_q = log_q.clamp(max=_SHUT)
        shift = torch.where(alive, -torch.log1p(torch.expm1(-log_q) * (log_a - log_b).exp()), 0)
        length = torch.where(alive, (log_q - log_a) / 2, 0).exp()
        factor = _root(log_q)
        return Turn(factor * length, factor, shift, factor / length)

    def extra_repr(self) -> str:
        """What the module's repr has between the brackets."""
        return f"{len(self.offset)}"


def _code_start(span: float) -> float:
    """The offset with which t is 1 above a range of so many units of log β."""
    return math.log(math.expm1((1 - _ALWAYS_OPEN) * span + 1)) / GATE_GAIN


def _root(raw: Tensor) -> Tensor:
    return torch.sqrt(-torch.expm1(raw.clamp(max=_SHUT)))


def standardised(beta: Tensor, beta_range: tuple[float, float]) -> Tensor:
    """h: log β moved and scaled so that a log-uniform β of the range has mean 0 and variance 1."""
    low, high = map(math.log, beta_range)
    return math.sqrt(3) * (2 * beta.log() - low - high) / (high - low)


def weights_of(config: ModelConfig) -> int:
    """How many KL weights a model with gates is told."""
    return 2 if config.split else 1


def through(network: nn.Sequential, x: Tensor, h: Tensor | None) -> Tensor:
    """The output of a network for x; its gates, if there are any, hear h."""
    for layer in network:
        x = layer(x, h) if isinstance(layer, Gate) else layer(x)
    return x


def encoder(config: ModelConfig, outputs: int) -> nn.Sequential:
    """Image [B, C, H, W] → [B, outputs]."""
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
    gate = _gate(config, "root")
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
    """A copy whose weights do by themselves what the gates of this network do at the KL weight of h, [1] or [1, 2]."""
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


def _gate(config: ModelConfig, kind: GateKind) -> _MakeGate | None:
    """What makes a gate for so many units, if the model has gates."""
    return partial(Gate, kind=kind, weights=weights_of(config)) if config.beta_range else None


def _bend(units: int, gate: _MakeGate | None) -> list[nn.Module]:
    """What comes after a hidden layer."""
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


def _transposed_stages(channels: list[int], sides: list[tuple[int, int]], gate: _MakeGate | None) -> list[nn.Module]:
    """Each stage doubles a side; where the encoder halved an odd side, one more row or column comes back by output padding."""
    layers: list[nn.Module] = []
    for inputs, outputs, small, large in zip(channels, channels[1:], sides, sides[1:], strict=False):
        odd = (large[0] - 2 * small[0], large[1] - 2 * small[1])
        layers += [nn.ConvTranspose2d(inputs, outputs, _KERNEL, _STRIDE, _PADDING, output_padding=odd), *_bend(outputs, gate)]
    return layers[: -len(_bend(1, gate))]  # the last layer gives the likelihood's parameters, unbounded
