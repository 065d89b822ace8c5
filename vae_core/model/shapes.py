"""The shape that a layer gives for the shapes that it takes, without the batch; it refuses what does not fit.

torch could tell it on its "meta" device, but its first convolution there takes seconds.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import TypeAlias

from vae_core.base import layers
from vae_core.base.layers import Layer

Shape: TypeAlias = tuple[int, ...]


def shape_after(layer: Layer, shapes: Sequence[Shape]) -> Shape:
    """The shape of the value that a layer makes of values of these shapes.

    Raises:
        ValueError: it does not take them.
    """
    several = {layers.Combine: 2, layers.Concat: None}
    if (wanted := several.get(type(layer), 1)) is not None and len(shapes) != wanted:
        raise ValueError(f"takes {wanted} values, not {len(shapes)}")
    return _SHAPES[type(layer)](layer, *shapes)


def _must(holds: bool) -> None:
    if not holds:
        raise ValueError("does not fit")


def _linear(layer: layers.Linear, shape: Shape) -> Shape:
    _must(bool(shape) and shape[-1] == layer.inputs)
    return (*shape[:-1], layer.outputs)


def _reach(layer: layers.Conv | layers.ConvTranspose) -> list[int]:
    return [dilation * (side - 1) + 1 for dilation, side in zip(layer.dilation, layer.kernel, strict=True)]


def _kernel(layer: layers.Conv | layers.ConvTranspose, shape: Shape) -> None:
    _must(len(shape) == 3 and shape[0] == layer.inputs)
    _must(layer.inputs % layer.groups == 0 and layer.outputs % layer.groups == 0)


def _conv(layer: layers.Conv, shape: Shape) -> Shape:
    _kernel(layer, shape)
    return (layer.outputs, *_windows(shape[1:], layer.padding, _reach(layer), layer.stride))


def _windows(sides: Shape, padding: layers.Edges, reach: Sequence[int], stride: Sequence[int]) -> Shape:
    padded = [side + padding[axis] + padding[axis + 2] for axis, side in enumerate(sides)]
    _must(all(far <= side for far, side in zip(reach, padded, strict=True)))
    _must(all(-padding[axis] < side and -padding[axis + 2] < side for axis, side in enumerate(sides)))
    return tuple((side - far) // step + 1 for side, far, step in zip(padded, reach, stride, strict=True))


def _conv_transpose(layer: layers.ConvTranspose, shape: Shape) -> Shape:
    _kernel(layer, shape)
    cut = [layer.padding[axis] + layer.padding[axis + 2] for axis in (0, 1)]
    ends = zip(shape[1:], layer.stride, _reach(layer), cut, strict=True)
    return (layer.outputs, *((side - 1) * step + far - less for side, step, far, less in ends))


def _spread(shape: Shape, *weights: Shape | None) -> Shape:
    """A value with weights spread over it, whose shape may become larger."""
    for weight in weights:
        if weight is not None:
            _must(len(weight) <= len(shape))
            padded = (*(1,) * (len(shape) - len(weight)), *weight)
            _must(all(1 in (one, two) or one == two for one, two in zip(shape, padded, strict=True)))
            shape = tuple(max(one, two) for one, two in zip(shape, padded, strict=True))
    return shape


def _prelu(layer: layers.PRelu, shape: Shape) -> Shape:
    _must(_spread(shape, layer.shape) == shape)
    return shape


def _combine(layer: layers.Combine, one: Shape, two: Shape) -> Shape:
    _must(len(one) == len(two))
    return _spread(one, two)


def _concat(layer: layers.Concat, *shapes: Shape) -> Shape:
    axis = layer.axis
    _must(all(len(shape) == len(shapes[0]) > axis for shape in shapes))
    _must(len({(*shape[:axis], *shape[axis + 1 :]) for shape in shapes}) == 1)
    return (*shapes[0][:axis], sum(shape[axis] for shape in shapes), *shapes[0][axis + 1 :])


def _reshape(layer: layers.Reshape, shape: Shape) -> Shape:
    _must(math.prod(layer.shape) == math.prod(shape))
    return layer.shape


def _transpose(layer: layers.Transpose, shape: Shape) -> Shape:
    _must(sorted(layer.order) == list(range(len(shape))))
    return tuple(shape[axis] for axis in layer.order)


def _take(layer: layers.Take, shape: Shape) -> Shape:
    _must(layer.axis < len(shape))
    last = layer.start + layer.step * (layer.count - 1)
    _must(layer.start < shape[layer.axis] and 0 <= last < shape[layer.axis])
    return (*shape[: layer.axis], layer.count, *shape[layer.axis + 1 :])


def _pool(layer: layers.Pool, shape: Shape) -> Shape:
    _must(len(shape) == 3 and min(layer.padding) >= 0)
    return (shape[0], *_windows(shape[1:], layer.padding, layer.kernel, layer.stride))


def _reduce(layer: layers.Reduce, shape: Shape) -> Shape:
    _must(layer.axes <= len(shape))
    return (*shape[: len(shape) - layer.axes], *(1,) * layer.axes)


def _normalise(layer: layers.Normalise, shape: Shape) -> Shape:
    _must(layer.axes <= len(shape))
    return shape


def _resize(layer: layers.Resize, shape: Shape) -> Shape:
    _must(len(shape) == 3)
    return (shape[0], *layer.size)


def _pad(layer: layers.Pad, shape: Shape) -> Shape:
    _must(len(shape) == 3)
    top, left, bottom, right = layer.padding
    _, height, width = shape
    most = max(layer.padding)
    _must(layer.mode == "constant" or min(layer.padding) >= 0)
    _must(layer.mode != "reflect" or (max(top, bottom) < height and max(left, right) < width))
    _must(most < 1024 and height + top + bottom > 0 and width + left + right > 0)
    return (shape[0], height + top + bottom, width + left + right)


_SHAPES: Mapping[type[Layer], Callable[..., Shape]] = {
    layers.Linear: _linear,
    layers.Conv: _conv,
    layers.ConvTranspose: _conv_transpose,
    layers.Pointwise: lambda layer, shape: shape,
    layers.PRelu: _prelu,
    layers.Affine: lambda layer, shape: _spread(shape, layer.scale, layer.shift),
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
"""What each layer makes of shapes."""


def macs_of_layer(layer: Layer, shape: Shape, out: Shape) -> int:
    """Multiply-accumulates of a layer that makes `out` of `shape`; only those with a matrix or kernel count."""
    if isinstance(layer, layers.Linear):
        return math.prod(shape) * layer.outputs
    if isinstance(layer, layers.Conv):
        return math.prod(out) * (layer.inputs // layer.groups) * math.prod(layer.kernel)
    if isinstance(layer, layers.ConvTranspose):
        return math.prod(shape) * (layer.outputs // layer.groups) * math.prod(layer.kernel)
    return 0
