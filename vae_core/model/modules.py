"""The torch modules of the layers that `base.layers` describes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, TypeAlias

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vae_core.base import layers
from vae_core.base.layers import Layer
from vae_core.model.resizing import taps

Function: TypeAlias = Callable[..., Tensor]


def module_of(layer: Layer) -> nn.Module:
    """A module that computes this layer, with weights that nobody has set yet."""
    return _MAKERS[type(layer)](layer)


class Formula(nn.Module):
    """A layer without weights: it takes and gives values with the batch on the first axis."""

    def __init__(self, layer: Layer, function: Function) -> None:
        super().__init__()
        self.layer = layer
        self.function = function

    def forward(self, *values: Tensor) -> Tensor:
        """What the layer makes of its values."""
        return self.function(*values)

    def extra_repr(self) -> str:
        """What the layer is."""
        return str(self.layer)


class PaddedConv(nn.Conv2d):
    """A convolution whose padding may differ from side to side: `edges` are those above, left, below and right."""

    def __init__(self, layer: layers.Conv) -> None:
        super().__init__(
            layer.inputs, layer.outputs, layer.kernel, layer.stride, dilation=layer.dilation, groups=layer.groups, bias=layer.bias
        )
        self.edges = layer.padding

    def forward(self, input: Tensor) -> Tensor:
        """[B, inputs, H, W] → [B, outputs, h, w]."""
        top, left, bottom, right = self.edges
        even = top == bottom >= 0 and left == right >= 0
        x = input if even else F.pad(input, (left, right, top, bottom))
        return F.conv2d(x, self.weight, self.bias, self.stride, (top, left) if even else 0, self.dilation, self.groups)


class CutConvTranspose(nn.ConvTranspose2d):
    """A transposed convolution of which `edges` are cut off: above, left, below and right; less than 0 adds to the output there."""

    def __init__(self, layer: layers.ConvTranspose) -> None:
        super().__init__(
            layer.inputs, layer.outputs, layer.kernel, layer.stride, dilation=layer.dilation, groups=layer.groups, bias=layer.bias
        )
        self.edges = layer.padding

    def forward(self, input: Tensor, output_size: list[int] | None = None) -> Tensor:
        """[B, inputs, h, w] → [B, outputs, H, W]."""
        top, left, bottom, right = self.edges
        more = (top - bottom, left - right)
        if min(top, left, *more) >= 0 and all(extra < step for extra, step in zip(more, self.stride, strict=True)):
            return F.conv_transpose2d(input, self.weight, self.bias, self.stride, (top, left), more, self.groups, self.dilation)
        whole = F.conv_transpose2d(input, self.weight, None, self.stride, 0, 0, self.groups, self.dilation)
        cut = F.pad(whole, (-left, -right, -top, -bottom))
        return cut if self.bias is None else cut + self.bias[:, None, None]


class PRelu(nn.Module):
    """x above 0, slope·x below."""

    def __init__(self, layer: layers.PRelu) -> None:
        super().__init__()
        self.slope = nn.Parameter(torch.zeros(layer.shape))

    def forward(self, x: Tensor) -> Tensor:
        """[B, …] → [B, …]."""
        return torch.where(x < 0, x * self.slope, x)


class Affine(nn.Module):
    """x·scale + shift, where each of them is there."""

    def __init__(self, layer: layers.Affine) -> None:
        super().__init__()
        self.scale = None if layer.scale is None else nn.Parameter(torch.ones(layer.scale))
        self.shift = None if layer.shift is None else nn.Parameter(torch.zeros(layer.shift))

    def forward(self, x: Tensor) -> Tensor:
        """[B, …] → [B, …]."""
        scaled = x if self.scale is None else x * self.scale
        return scaled if self.shift is None else scaled + self.shift


def _pointwise(layer: layers.Pointwise) -> nn.Module:
    return Formula(layer, partial(_POINTWISE[layer.function], a=layer.a, b=layer.b))


_POINTWISE: Mapping[layers.PointwiseName, Function] = {
    "abs": lambda x, a, b: x.abs(),
    "clip": lambda x, a, b: x.clamp(a, b),
    "elu": lambda x, a, b: F.elu(x, a),
    "erf": lambda x, a, b: torch.erf(x),
    "exp": lambda x, a, b: x.exp(),
    "gelu": lambda x, a, b: F.gelu(x),
    "gelu_tanh": lambda x, a, b: F.gelu(x, approximate="tanh"),
    "hard_sigmoid": lambda x, a, b: (a * x + b).clamp(0, 1),
    "hard_swish": lambda x, a, b: F.hardswish(x),
    "leaky_relu": lambda x, a, b: F.leaky_relu(x, a),
    "log": lambda x, a, b: x.log(),
    "mish": lambda x, a, b: F.mish(x),
    "negative": lambda x, a, b: -x,
    "power": lambda x, a, b: x.pow(a),
    "reciprocal": lambda x, a, b: 1 / x,
    "relu": lambda x, a, b: F.relu(x),
    "selu": lambda x, a, b: b * F.elu(x, a),
    "sigmoid": lambda x, a, b: torch.sigmoid(x),
    "silu": lambda x, a, b: F.silu(x),
    "softplus": lambda x, a, b: F.softplus(x),
    "softsign": lambda x, a, b: F.softsign(x),
    "sqrt": lambda x, a, b: x.sqrt(),
    "tanh": lambda x, a, b: torch.tanh(x),
}


_COMBINE: Mapping[str, Function] = {
    "add": torch.add,
    "subtract": torch.sub,
    "multiply": torch.mul,
    "divide": torch.div,
}


def _transpose(layer: layers.Transpose) -> nn.Module:
    order = (0, *(axis + 1 for axis in layer.order))
    return Formula(layer, lambda x: x.permute(order))


def _take(layer: layers.Take) -> nn.Module:
    def take(x: Tensor) -> Tensor:
        places = torch.arange(layer.count, device=x.device) * layer.step + layer.start
        return x.index_select(layer.axis + 1, places)

    return Formula(layer, take)


def _pool(layer: layers.Pool) -> nn.Module:
    top, left, bottom, right = layer.padding
    around = (left, right, top, bottom)

    def largest(x: Tensor) -> Tensor:
        return F.max_pool2d(F.pad(x, around, value=-math.inf), layer.kernel, layer.stride)

    def mean(x: Tensor) -> Tensor:
        pooled = F.avg_pool2d(F.pad(x, around), layer.kernel, layer.stride)
        if layer.counts_padding or not any(around):
            return pooled
        inside = F.pad(torch.ones((1, 1, *x.shape[2:]), dtype=x.dtype, device=x.device), around)
        return pooled / F.avg_pool2d(inside, layer.kernel, layer.stride)

    return Formula(layer, largest if layer.function == "max" else mean)


def _reduce(layer: layers.Reduce) -> nn.Module:
    axes = tuple(range(-layer.axes, 0))
    reduce = torch.amax if layer.function == "max" else torch.mean
    return Formula(layer, lambda x: reduce(x, dim=axes, keepdim=True))


def _normalise(layer: layers.Normalise) -> nn.Module:
    axes = tuple(range(-layer.axes, 0))

    def normalised(x: Tensor) -> Tensor:
        centred = x - x.mean(axes, keepdim=True)
        return centred * torch.rsqrt(centred.square().mean(axes, keepdim=True) + layer.epsilon)

    return Formula(layer, normalised)


def _resize(layer: layers.Resize) -> nn.Module:
    def resized(x: Tensor) -> Tensor:
        for axis in (2, 3):
            first, second, share = taps(layer, axis - 2, int(x.shape[axis]))
            low = x.index_select(axis, torch.as_tensor(first, device=x.device))
            if layer.mode == "linear":
                weight = torch.as_tensor(share, dtype=x.dtype, device=x.device).reshape(-1, *(1,) * (3 - axis))
                low = low.lerp(x.index_select(axis, torch.as_tensor(second, device=x.device)), weight)
            x = low
        return x

    return Formula(layer, resized)


def _pad(layer: layers.Pad) -> nn.Module:
    top, left, bottom, right = layer.padding
    around = (left, right, top, bottom)
    if layer.mode == "constant":
        return Formula(layer, lambda x: F.pad(x, around, value=layer.value))
    mode = {"edge": "replicate", "reflect": "reflect"}[layer.mode]
    return Formula(layer, lambda x: F.pad(x, around, mode=mode))


_MAKERS: Mapping[type[Layer], Callable[[Any], nn.Module]] = {
    layers.Linear: lambda layer: nn.Linear(layer.inputs, layer.outputs, bias=layer.bias),
    layers.Conv: PaddedConv,
    layers.ConvTranspose: CutConvTranspose,
    layers.Pointwise: _pointwise,
    layers.PRelu: PRelu,
    layers.Affine: Affine,
    layers.Combine: lambda layer: Formula(layer, _COMBINE[layer.function]),
    layers.Concat: lambda layer: Formula(layer, lambda *values: torch.cat(values, dim=layer.axis + 1)),
    layers.Reshape: lambda layer: Formula(layer, lambda x: x.reshape(x.shape[0], *layer.shape)),
    layers.Transpose: _transpose,
    layers.Take: _take,
    layers.Pool: _pool,
    layers.Reduce: _reduce,
    layers.Normalise: _normalise,
    layers.Resize: _resize,
    layers.Pad: _pad,
}
