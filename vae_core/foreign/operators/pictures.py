"""What changes the size of a picture, or takes means over it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from vae_core.base.layers import Pad, Pointwise, Reduce, Resize, Transpose
from vae_core.foreign.onnx_file import Node
from vae_core.foreign.operators.shapes import reshaped
from vae_core.foreign.translation import Handler, Translation, Value, size_of

_COORDINATES = ("half_pixel", "pytorch_half_pixel", "half_pixel_symmetric", "asymmetric", "align_corners")
_ROUNDING = ("round_prefer_floor", "round_prefer_ceil", "floor", "ceil")


def _resize(t: Translation, node: Node) -> Value:
    """Operator Resize, and its forerunner Upsample."""
    value = t.live(node)
    if len(value.shape) != 3:
        t.refuse(node, "it resizes what is no picture")
    upsample = node.op == "Upsample" or t.graph.opset < 11
    at = 1 if upsample else 2
    scales = t.constant(node, at).reshape(-1).astype(np.float64) if t.has(node, at) else np.empty(0)
    sizes = t.constant(node, 3).reshape(-1).astype(np.int64) if not upsample and t.has(node, 3) else np.empty(0, np.int64)
    axes = t.setting(node, "axes")
    places = [axis % 4 for axis in axes] if axes else [0, 1, 2, 3]
    whole = np.array([t.batch, *value.shape], np.int64)
    given = sizes if sizes.size else scales
    if len(given) != len(places) or not np.isfinite(given).all() or (given <= 0).any() or given.max() > 1024 * max(value.shape):
        t.refuse(node, "it has no sizes and no scales that fit a picture")
    if node.attributes.get("keep_aspect_ratio_policy", "stretch") != "stretch":
        t.refuse(node, "it keeps the aspect ratio")
    factor, side = np.ones(4), whole.copy()
    if sizes.size:
        side[places] = sizes
        factor = side / whole
    else:
        factor[places] = scales
        side = np.floor(whole * factor + (1e-9 if upsample else 0)).astype(np.int64)
    if (side[:2] != whole[:2]).any():
        t.refuse(node, "it changes the number of channels or of images")
    layer = Resize(
        size=(int(side[2]), int(side[3])),
        scales=(float(factor[2]), float(factor[3])),
        mode=_one_of(t, node, "mode", {"nearest": "nearest", "linear": "linear", "bilinear": "linear"}, "nearest"),
        coordinates="asymmetric" if upsample else _one_of(t, node, "coordinate_transformation_mode", _COORDINATES, "half_pixel"),
        rounding="floor" if upsample else _one_of(t, node, "nearest_mode", _ROUNDING, "round_prefer_floor"),
    )
    if layer.coordinates == "align_corners" and np.abs(whole * factor - side).max() > 1e-3:
        t.refuse(node, "its corners are aligned though its scales give no whole number of pixels, which is read in more than one way")
    if layer.mode == "linear" and node.attributes.get("antialias", 0) and min(layer.scales) < 1:
        t.refuse(node, "it smooths while it makes a picture smaller (antialias)")
    return t.network.add(layer, value)


def _pad(t: Translation, node: Node) -> Value:
    value = t.live(node)
    rank = len(value.shape) + 1
    pads = t.setting(node, "pads", 1) or []
    axes = [int(axis) % rank for axis in t.constant(node, 3).reshape(-1)] if t.has(node, 3) else list(range(rank))
    if rank != 4 or len(pads) != 2 * len(axes):
        t.refuse(node, "it pads what is no picture")
    around = np.zeros((2, 4), np.int64)
    around[:, axes] = np.reshape(pads, (2, -1))
    if around[:, :2].any():
        t.refuse(node, "it adds channels or images")
    mode = _one_of(t, node, "mode", ("constant", "edge", "reflect"), "constant")
    given = t.constant(node, 2).reshape(-1) if t.has(node, 2) else np.array([node.attributes.get("value", 0.0)])
    top, left, bottom, right = (int(part) for part in (*around[0, 2:], *around[1, 2:]))
    return t.network.add(Pad(padding=(top, left, bottom, right), mode=mode, value=float(given[0]) if given.size else 0.0), value)


def _reduce(t: Translation, node: Node) -> Value:
    """The mean, sum, length or largest along some axes; those that are not the last ones are brought there and back."""
    value = t.live(node)
    rank = len(value.shape) + 1
    axes = t.setting(node, "axes", 1)
    if axes is None:
        t.refuse(node, "it puts the images of a batch together")
    along = sorted({t.axis(node, axis, rank) for axis in axes})
    if not along:
        t.refuse(node, "it names no axis to work along")
    if node.op == "ReduceL2":
        value = t.network.add(Pointwise(function="power", a=2.0), value)
    others = [axis for axis in range(len(value.shape)) if axis not in along]
    order, count = (*others, *along), size_of(value.shape[axis] for axis in along)
    turned = value if order == tuple(range(len(order))) else t.network.add(Transpose(order=order), value)
    found = t.network.add(Reduce(function="max" if node.op == "ReduceMax" else "mean", axes=len(along)), turned)
    if node.op in ("ReduceSum", "ReduceL2"):
        found = t.network.affine(found, np.array(float(count)), None, alone=False)
    if node.op == "ReduceL2":
        found = t.network.add(Pointwise(function="sqrt"), found)
    kept = [1 if axis in along else value.shape[axis] for axis in range(len(value.shape))]
    return reshaped(t, found, kept if node.attributes.get("keepdims", 1) else [value.shape[axis] for axis in others])


def _one_of(t: Translation, node: Node, name: str, known: tuple[str, ...] | Mapping[str, str], otherwise: str) -> Any:  # noqa: ANN401
    given = str(node.attributes.get(name, otherwise))
    if given not in known:
        t.refuse(node, f"its {name} is {given[:40]}; {', '.join(known)} are read")
    return known[given] if isinstance(known, Mapping) else given


HANDLERS: Mapping[str, Handler] = {
    "Pad": _pad,
    "ReduceL2": _reduce,
    "ReduceMax": _reduce,
    "ReduceMean": _reduce,
    "ReduceSum": _reduce,
    "Resize": _resize,
    "Upsample": _resize,
}
