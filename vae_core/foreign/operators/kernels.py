"""Dense layers, convolutions and pools."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vae_core.base.layers import Conv, ConvTranspose, Edges, Linear, Pool, Reduce
from vae_core.foreign.onnx_file import Array, Node
from vae_core.foreign.translation import Handler, Live, Translation, Value

_Pair = tuple[int, int]


def _gemm(t: Translation, node: Node) -> Value:
    """α·A·B + β·C, B perhaps transposed."""
    value, weight = t.live(node), t.constant(node, 1)
    if node.attributes.get("transA", 0):
        t.refuse(node, "it transposes the images")
    if weight.ndim != 2:
        t.refuse(node, "its weight is no matrix")
    weight = weight if node.attributes.get("transB", 0) else weight.T
    weight = weight * np.float32(node.attributes.get("alpha", 1.0))
    if not t.has(node, 2):
        return _linear(t, value, weight, None)
    bias = t.constant(node, 2) * np.float32(node.attributes.get("beta", 1.0))
    if bias.size not in (1, len(weight)) or (bias.ndim == 2 and bias.shape[0] != 1) or bias.ndim > 2:
        t.refuse(node, "its bias differs from image to image")
    return _linear(t, value, weight, np.broadcast_to(bias.reshape(-1), (len(weight),)))


def _matmul(t: Translation, node: Node) -> Value:
    """A·B with a constant B."""
    value, weight = t.live(node), t.constant(node, 1)
    if weight.ndim != 2:
        t.refuse(node, "its second input is no matrix")
    if not value.shape:
        t.refuse(node, "it multiplies along the images of a batch")
    return _linear(t, value, weight.T, None)


def _linear(t: Translation, value: Live, weight: Array, bias: Array | None) -> Live:
    outputs, inputs = weight.shape
    layer = Linear(inputs=inputs, outputs=outputs, bias=bias is not None)
    return t.network.add(layer, value, weight=weight, **({} if bias is None else {"bias": bias}))


def _conv(t: Translation, node: Node) -> Value:
    value, weight = t.live(node), t.constant(node, 1)
    kernel, stride, dilation, groups = _settings(t, node, value, weight)
    _, height, width = value.shape
    reach = [step * (side - 1) + 1 for step, side in zip(dilation, kernel, strict=True)]
    padding = _edges(t, node, (height, width), reach, stride)
    layer = Conv(
        inputs=weight.shape[1] * groups,
        outputs=weight.shape[0],
        kernel=kernel,
        stride=stride,
        padding=padding,
        dilation=dilation,
        groups=groups,
        bias=t.has(node, 2),
    )
    return t.network.add(layer, value, weight=weight, **_bias(t, node))


def _conv_transpose(t: Translation, node: Node) -> Value:
    value, weight = t.live(node), t.constant(node, 1)
    kernel, stride, dilation, groups = _settings(t, node, value, weight)
    _, height, width = value.shape
    more = _pair(t, node, "output_padding", 0)
    reach = [step * (side - 1) + 1 for step, side in zip(dilation, kernel, strict=True)]
    whole = [step * (side - 1) + far + extra for step, side, far, extra in zip(stride, (height, width), reach, more, strict=True)]
    automatic = str(node.attributes.get("auto_pad", "NOTSET"))
    asked = t.setting(node, "output_shape")
    if asked is not None or automatic.startswith("SAME"):
        sides = asked[-2:] if asked else [side * step for side, step in zip((height, width), stride, strict=True)]
        total = [far - side for far, side in zip(whole, sides, strict=True)]
        less, rest = [part // 2 for part in total], [part - part // 2 for part in total]
        begin, end = (rest, less) if automatic == "SAME_LOWER" else (less, rest)
    else:
        pads = [0, 0, 0, 0] if automatic == "VALID" else t.setting(node, "pads") or [0, 0, 0, 0]
        begin, end = pads[:2], pads[2:4]
    layer = ConvTranspose(
        inputs=weight.shape[0],
        outputs=weight.shape[1] * groups,
        kernel=kernel,
        stride=stride,
        padding=(begin[0], begin[1], end[0] - more[0], end[1] - more[1]),
        dilation=dilation,
        groups=groups,
        bias=t.has(node, 2),
    )
    return t.network.add(layer, value, weight=weight, **_bias(t, node))


def _settings(t: Translation, node: Node, value: Live, weight: Array) -> tuple[_Pair, _Pair, _Pair, int]:
    """Kernel, stride, dilation and groups."""
    if len(value.shape) != 3 or weight.ndim != 4:
        t.refuse(node, f"it has {weight.ndim - 2} axes of space; those with two are read")
    kernel = (weight.shape[2], weight.shape[3])
    if (named := t.setting(node, "kernel_shape")) is not None and tuple(named) != kernel:
        t.refuse(node, "its kernel_shape is not that of its weight")
    groups = int(node.attributes.get("group", 1))
    if groups < 1:
        t.refuse(node, f"it has {groups} groups")
    return kernel, _pair(t, node, "strides", 1), _pair(t, node, "dilations", 1), groups


def _bias(t: Translation, node: Node) -> dict[str, Array]:
    return {"bias": t.constant(node, 2)} if t.has(node, 2) else {}


def _pair(t: Translation, node: Node, name: str, otherwise: int) -> _Pair:
    given = t.setting(node, name) or [otherwise, otherwise]
    if len(given) != 2:
        t.refuse(node, f"its {name} has {len(given)} numbers; those with two axes of space are read")
    return given[0], given[1]


def _edges(t: Translation, node: Node, sides: Sequence[int], reach: Sequence[int], stride: Sequence[int]) -> Edges:
    """What is put above, left, below and right of an image."""
    automatic = str(node.attributes.get("auto_pad", "NOTSET"))
    if automatic.startswith("SAME"):
        total = [
            max(0, (-(-side // step) - 1) * step + far - side) for side, step, far in zip(sides, stride, reach, strict=True)
        ]  # so that the output has ⌈side / stride⌉ places
        less, rest = [part // 2 for part in total], [part - part // 2 for part in total]
        begin, end = (rest, less) if automatic == "SAME_LOWER" else (less, rest)
        return begin[0], begin[1], end[0], end[1]
    pads = [0, 0, 0, 0] if automatic == "VALID" else t.setting(node, "pads") or [0, 0, 0, 0]
    if len(pads) != 4:
        t.refuse(node, f"its pads are {len(pads)} numbers; those with two axes of space are read")
    return pads[0], pads[1], pads[2], pads[3]


def _pool(t: Translation, node: Node) -> Value:
    value = t.live(node)
    kernel = t.setting(node, "kernel_shape") or []
    if len(kernel) != 2 or len(value.shape) != 3:
        t.refuse(node, "it has not two axes of space")
    if set(t.setting(node, "dilations") or [1]) != {1}:
        t.refuse(node, "it is dilated")
    stride = _pair(t, node, "strides", 1)
    sides = value.shape[1:]
    top, left, bottom, right = _edges(t, node, sides, kernel, stride)
    ends = [bottom, right]
    largest = node.op == "MaxPool"
    if node.attributes.get("ceil_mode", 0):
        for place, begin in enumerate((top, left)):
            room = sides[place] + begin + ends[place] - kernel[place]
            missing = -room % stride[place]
            # A last window that would begin beyond the image and what is before it is left out, as the standard says.
            if missing and room + missing < sides[place] + begin:
                if not largest:
                    t.refuse(node, "it is a mean in ceil_mode, whose last windows count fewer pixels")
                ends[place] += missing
    layer = Pool(
        function="max" if largest else "mean",
        kernel=(kernel[0], kernel[1]),
        stride=stride,
        padding=(top, left, ends[0], ends[1]),
        counts_padding=bool(node.attributes.get("count_include_pad", 0)),
    )
    return t.network.add(layer, value)


def _global_pool(t: Translation, node: Node) -> Value:
    value = t.live(node)
    if len(value.shape) < 2:
        t.refuse(node, "it has no axes of space")
    return t.network.add(Reduce(function="max" if node.op == "GlobalMaxPool" else "mean", axes=len(value.shape) - 1), value)


HANDLERS: Mapping[str, Handler] = {
    "Gemm": _gemm,
    "MatMul": _matmul,
    "Conv": _conv,
    "ConvTranspose": _conv_transpose,
    "MaxPool": _pool,
    "AveragePool": _pool,
    "GlobalMaxPool": _global_pool,
    "GlobalAveragePool": _global_pool,
}
