"""The layers of a model that was made elsewhere, as the browser has them: assets/live/engine/graph_layers.js opens them.

A layer may take values other than the one before it: "takes" counts the input as 0 and the output of the n-th layer as n. What only moves
numbers is of the kind "rearrange": the number at (i, j, …) of the output is number offset + i·stride_i + j·stride_j + … of the input in row
order. Weights of a convolution in groups are written with zeros for what its groups leave out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor, nn

from vae_core.base import layers
from vae_core.base.errors import InputError
from vae_core.base.layers import Layer
from vae_core.model.graph import Graph
from vae_core.model.resizing import taps
from vae_core.model.shapes import macs_of_layer
from vae_core.model.tracing import trace

Shape = tuple[int, ...]
_OWN_KINDS = {"relu", "sigmoid", "tanh"}


class LiveLayer(NamedTuple):
    """One layer: its entry in the header, and the tensors whose offsets join it there."""

    entry: dict[str, Any]
    tensors: dict[str, Tensor | None]


def browser_macs(network: Sequence[Layer], shape: Shape) -> int | None:
    """Multiply-accumulates of such a network in the browser, where groups cost as much as no groups; None where it cannot run there."""
    shapes, total = trace(network, shape).shapes, 0
    for place, layer in enumerate(network):
        given = shapes[(layer.takes or (place,))[0]]
        if isinstance(layer, layers.Linear) and len(given) != 1:
            return None
        whole = layer.model_copy(update={"groups": 1}) if isinstance(layer, layers.Conv | layers.ConvTranspose) else layer
        total += macs_of_layer(whole, given, shapes[place + 1])
    return total


def live_layers(network: Graph, shape: Shape) -> list[LiveLayer]:
    """Each layer of a network, in the order in which the browser computes them.

    Raises:
        InputError: the browser cannot run a layer.
    """
    writer = _Writer(trace(network.layers, shape).shapes)
    for layer, takes, module in zip(network.layers, network.takes, network, strict=True):
        given = [writer.shapes[value] for value in takes]
        values = [writer.places[value] for value in takes]
        writer.places.append(_WRITERS[type(layer)](writer, layer, module, values, given))
    return writer.written


class _Writer:
    """What is written so far: `shapes` of our values, and `places` of them among the browser's."""

    def __init__(self, shapes: list[Shape]) -> None:
        self.shapes = shapes
        self.places = [0]
        self.written: list[LiveLayer] = []

    def put(self, entry: dict[str, Any], values: Sequence[int], **tensors: Tensor | None) -> int:
        """Write a layer that takes these values of the browser's; returns the number of its own."""
        if list(values) != [len(self.written)]:
            entry = entry | {"takes": list(values)}
        self.written.append(LiveLayer(entry, tensors))
        return len(self.written)

    def rearrange(self, value: int, shape: Shape, strides: Sequence[int], offset: int = 0) -> int:
        """Write the layer that puts a value's numbers into other places."""
        return self.put({"kind": "rearrange", "shape": list(shape), "strides": list(strides), "offset": offset}, [value])

    def spread(self, value: int, shape: Shape, to: Shape) -> int:
        """A value of this shape, repeated along axes of one place until it has another shape."""
        if shape == to:
            return value
        return self.rearrange(value, to, [0 if side == 1 else stride for side, stride in zip(shape, _strides(shape), strict=True)])


def _strides(shape: Shape) -> list[int]:
    return [math.prod(shape[axis + 1 :]) for axis in range(len(shape))]


def _stored(weight: Tensor | None, shape: Shape) -> Tensor | None:
    """Weights in the order of the browser's numbers, over which it goes again and again: one for each channel, or one for each number."""
    if weight is None:
        return None
    if weight.numel() == 1:
        return weight.reshape(1)
    full = weight.reshape((1,) * (len(shape) - weight.dim()) + tuple(weight.shape))
    if len(shape) == 3 and tuple(full.shape[1:]) == (1, 1):
        return full.reshape(-1)
    whole = full.expand(shape)
    return (whole.permute(1, 2, 0) if len(shape) == 3 else whole).reshape(-1)


def _linear(writer: _Writer, layer: layers.Linear, module: nn.Linear, values: list[int], shapes: list[Shape]) -> int:
    if len(shapes[0]) != 1:
        raise InputError("The browser cannot run this model: it has a dense layer along one of several axes.")
    entry = {"kind": "linear", "inputs": layer.inputs, "outputs": layer.outputs}
    return writer.put(entry, values, weight=module.weight, bias=module.bias)


def _kernel(kind: str, layer: layers.Conv | layers.ConvTranspose) -> dict[str, Any]:
    top, left, _, _ = layer.padding
    entry: dict[str, Any] = {
        "kind": kind,
        "inputs": layer.inputs,
        "outputs": layer.outputs,
        "kernel": list(layer.kernel),
        "stride": list(layer.stride),
        "padding": [top, left],
    }
    return entry if layer.dilation == (1, 1) else entry | {"dilation": list(layer.dilation)}


def _conv(writer: _Writer, layer: layers.Conv, module: nn.Conv2d, values: list[int], shapes: list[Shape]) -> int:
    top, left, bottom, right = layer.padding
    entry = _kernel("conv", layer)
    if (top, left) != (bottom, right):
        entry["end"] = [bottom, right]
    return writer.put(entry, values, weight=_without_groups(module.weight, layer.groups).permute(0, 2, 3, 1), bias=module.bias)


def _conv_transpose(
    writer: _Writer, layer: layers.ConvTranspose, module: nn.ConvTranspose2d, values: list[int], shapes: list[Shape]
) -> int:
    top, left, bottom, right = layer.padding
    entry = _kernel("conv_transpose", layer) | {"output_padding": [top - bottom, left - right]}
    return writer.put(entry, values, weight=_without_groups(module.weight, layer.groups).permute(2, 3, 1, 0), bias=module.bias)


def _without_groups(weight: Tensor, groups: int) -> Tensor:
    """Weights [A, b, …] of a convolution in groups of A/groups channels as those of one without: [A, b·groups, …]."""
    rows = []
    for group, part in enumerate(weight.chunk(groups)):
        zero = torch.zeros_like(part)
        rows.append(torch.cat([part if place == group else zero for place in range(groups)], dim=1))
    return torch.cat(rows)


def _pointwise(writer: _Writer, layer: layers.Pointwise, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    if layer.function in _OWN_KINDS:
        return writer.put({"kind": layer.function}, values)
    if layer.function == "leaky_relu":
        return writer.put({"kind": "leaky_relu", "negative_slope": layer.a}, values)
    return writer.put({"kind": "pointwise", "function": layer.function, "a": layer.a, "b": layer.b}, values)


def _prelu(writer: _Writer, layer: layers.PRelu, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    slope = _stored(module.get_parameter("slope"), shapes[0])
    assert slope is not None
    return writer.put({"kind": "prelu", "count": len(slope)}, values, slope=slope)


def _affine(writer: _Writer, layer: layers.Affine, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    parts = {name: None if getattr(layer, name) is None else module.get_parameter(name) for name in ("scale", "shift")}
    given = [part for part in parts.values() if part is not None]
    shape = tuple(np.broadcast_shapes(shapes[0], *(tuple(part.shape) for part in given)))
    value = writer.spread(values[0], shapes[0], shape)
    stored = {name: _stored(part, shape) for name, part in parts.items()}
    counts = {f"{name}s": 0 if part is None else len(part) for name, part in stored.items()}
    return writer.put({"kind": "affine"} | counts, [value], **stored)


def _combine(writer: _Writer, layer: layers.Combine, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    shape = tuple(np.broadcast_shapes(*shapes))
    spread = [writer.spread(value, own, shape) for value, own in zip(values, shapes, strict=True)]
    return writer.put({"kind": "combine", "function": layer.function}, spread)


def _concat(writer: _Writer, layer: layers.Concat, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    return writer.put({"kind": "concat", "axis": layer.axis}, values)


def _reshape(writer: _Writer, layer: layers.Reshape, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    return writer.rearrange(values[0], layer.shape, _strides(layer.shape))


def _transpose(writer: _Writer, layer: layers.Transpose, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    strides = _strides(shapes[0])
    return writer.rearrange(values[0], tuple(shapes[0][axis] for axis in layer.order), [strides[axis] for axis in layer.order])


def _take(writer: _Writer, layer: layers.Take, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    strides, shape = _strides(shapes[0]), list(shapes[0])
    offset = layer.start * strides[layer.axis]
    strides[layer.axis] *= layer.step
    shape[layer.axis] = layer.count
    return writer.rearrange(values[0], tuple(shape), strides, offset)


def _pool(writer: _Writer, layer: layers.Pool, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    top, left, bottom, right = layer.padding
    entry = {"kernel": list(layer.kernel), "stride": list(layer.stride), "padding": [top, left], "end": [bottom, right]}
    return writer.put({"kind": "pool", "function": layer.function, "counts_padding": layer.counts_padding} | entry, values)


def _reduce(writer: _Writer, layer: layers.Reduce, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    return writer.put({"kind": "reduce", "function": layer.function, "axes": layer.axes}, values)


def _normalise(writer: _Writer, layer: layers.Normalise, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    return writer.put({"kind": "normalise", "axes": layer.axes, "epsilon": layer.epsilon}, values)


def _resize(writer: _Writer, layer: layers.Resize, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    rows, columns = (_sampled(*taps(layer, axis, shapes[0][axis + 1])) for axis in (0, 1))
    return writer.put({"kind": "resample", "rows": rows, "columns": columns, "fill": 0}, values)


def _pad(writer: _Writer, layer: layers.Pad, module: nn.Module, values: list[int], shapes: list[Shape]) -> int:
    sides = []
    for axis in (0, 1):
        side = shapes[0][axis + 1]
        places = np.arange(-layer.padding[axis], side + layer.padding[axis + 2])
        if layer.mode == "edge":
            places = places.clip(0, side - 1)
        elif layer.mode == "reflect":
            places = (side - 1) - abs((side - 1) - abs(places))
        else:
            places = np.where((places >= 0) & (places < side), places, -1)
        sides.append(_sampled(places, places, np.zeros(len(places))))
    return writer.put({"kind": "resample", "rows": sides[0], "columns": sides[1], "fill": layer.value}, values)


def _sampled(first: Any, second: Any, share: Any) -> dict[str, list[float]]:  # noqa: ANN401 - arrays
    """Where the places of a side come from: place `first`, with a `share` of `second`; −1 is outside."""
    return {"first": first.tolist(), "second": second.tolist(), "share": [round(float(part), 7) for part in share]}


_WRITERS: Mapping[type[Layer], Callable[[_Writer, Any, Any, list[int], list[Shape]], int]] = {
    layers.Linear: _linear,
    layers.Conv: _conv,
    layers.ConvTranspose: _conv_transpose,
    layers.Pointwise: _pointwise,
    layers.PRelu: _prelu,
    layers.Affine: _affine,
    layers.Combine: _combine,
    layers.Concat: _concat,
    layers.Reshape: _reshape,
    layers.Transpose: _transpose,
    layers.Take: _take,
    layers.Pool: _pool,
    layers.Reduce: _reduce,
    layers.Normalise: _normalise,
    layers.Resize: _resize,
    layers.Pad: _pad,
}
