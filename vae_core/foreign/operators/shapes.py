"""The same numbers in other places: shapes, axes and parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vae_core.base.layers import Affine, Reshape, Take, Transpose
from vae_core.foreign.onnx_file import Array, Node
from vae_core.foreign.translation import Handler, Live, Translation, Value, size_of


def reshaped(t: Translation, value: Live, shape: Sequence[int]) -> Live:
    """The value in another shape, without a layer where it has that already."""
    return value if tuple(shape) == value.shape else t.network.add(Reshape(shape=tuple(shape)), value)


def _reshape(t: Translation, node: Node) -> Value:
    value = t.live(node)
    asked = t.setting(node, "shape", 1)
    if asked is None:
        t.refuse(node, "it has no shape")
    whole = (t.batch, *value.shape)
    if not node.attributes.get("allowzero", 0):
        if any(side == 0 and place >= len(whole) for place, side in enumerate(asked)):
            t.refuse(node, "it keeps an axis that is not there")
        asked = [whole[place] if side == 0 else side for place, side in enumerate(asked)]
    if asked.count(-1) == 1 and (rest := size_of(side for side in asked if side != -1)) > 0:
        asked = [size_of(whole) // rest if side == -1 else side for side in asked]
    return _in_shape(t, node, value, asked)


def _in_shape(t: Translation, node: Node, value: Live, whole: Sequence[int]) -> Live:
    """The value in this shape, of which the first axis must still be that of the batch."""
    if not whole or whole[0] != t.batch or min(whole) < 1 or size_of(whole[1:]) != size_of(value.shape):
        t.refuse(node, f"it makes {list(whole)} of {[t.batch, *value.shape]}: the first axis must stay that of the images")
    return reshaped(t, value, whole[1:])


def _flatten(t: Translation, node: Node) -> Value:
    value, axis = t.live(node), int(node.attributes.get("axis", 1))
    if axis not in (1, -len(value.shape)):
        t.refuse(node, "it puts the images of a batch together")
    return reshaped(t, value, (size_of(value.shape),))


def _squeeze(t: Translation, node: Node) -> Value:
    value = t.live(node)
    rank = len(value.shape) + 1
    axes = t.setting(node, "axes", 1)
    if axes is None:
        left = [side for side in value.shape if side != 1]
    else:
        gone = {t.axis(node, axis, rank) for axis in axes}
        if any(value.shape[axis] != 1 for axis in gone):
            t.refuse(node, "it removes an axis that has more than one place")
        left = [side for axis, side in enumerate(value.shape) if axis not in gone]
    return reshaped(t, value, left)


def _unsqueeze(t: Translation, node: Node) -> Value:
    value = t.live(node)
    axes = t.setting(node, "axes", 1) or []
    rank = len(value.shape) + 1 + len(axes)
    new = {t.axis(node, axis, rank) for axis in axes}
    if len(new) < len(axes):
        t.refuse(node, "it adds one axis twice")
    rest = iter(value.shape)
    return reshaped(t, value, [1 if axis in new else next(rest) for axis in range(rank - 1)])


def _transpose(t: Translation, node: Node) -> Value:
    value = t.live(node)
    rank = len(value.shape) + 1
    order = t.setting(node, "perm") or list(range(rank))[::-1]
    if sorted(order) != list(range(rank)):
        t.refuse(node, f"its perm {order[:8]} is no order of {rank} axes")
    if order[0] != 0:
        t.refuse(node, "it moves the axis of the batch")
    return t.network.add(Transpose(order=tuple(axis - 1 for axis in order[1:])), value)


def taken(t: Translation, value: Live, axis: int, start: int, step: int, count: int) -> Live:
    """Some places along an axis, without a layer where these are all."""
    if (start, step, count) == (0, 1, value.shape[axis]):
        return value
    return t.network.add(Take(axis=axis, start=start, step=step, count=count), value)


def _slice(t: Translation, node: Node) -> Value:
    value = t.live(node)
    rank = len(value.shape) + 1
    starts, ends = t.setting(node, "starts", 1), t.setting(node, "ends", 2)
    if starts is None or ends is None or len(starts) != len(ends):
        t.refuse(node, "it has no start or no end")
    axes = t.setting(node, "axes", 3) or list(range(len(starts)))
    steps = t.setting(node, "steps", 4) or [1] * len(starts)
    if len(axes) != len(starts) or len(steps) != len(starts) or 0 in steps:
        t.refuse(node, "its starts, axes and steps are not alike in number")
    for start, end, axis, step in zip(starts, ends, axes, steps, strict=True):
        if axis % rank == 0 and -rank <= axis < rank and start == 0 and end >= t.batch and step == 1:
            continue  # all images
        here = t.axis(node, axis, rank)
        places = range(value.shape[here])[slice(start, end, step)]
        if not places:
            t.refuse(node, "it leaves nothing")
        value = taken(t, value, here, places[0], step, len(places))
    return value


def _split(t: Translation, node: Node) -> list[Value]:
    value = t.live(node)
    axis = t.axis(node, int(node.attributes.get("axis", 0)), len(value.shape) + 1)
    side, parts = value.shape[axis], len(node.outputs)
    sizes = t.setting(node, "split", 1)
    named = int(node.attributes.get("num_outputs", parts))
    if named != parts:  # the evaluator would make as many as are named
        t.refuse(node, f"it names {named:,} parts and gives {parts:,}")
    if sizes is None:
        size = -(-side // parts)
        sizes = [size] * (parts - 1) + [side - size * (parts - 1)]
    if sum(sizes) != side or min(sizes) < 1 or len(sizes) < parts:
        t.refuse(node, f"it splits {side} places into {sizes[:8]}")
    ends = np.cumsum(sizes).tolist()
    return [taken(t, value, axis, end - size, 1, size) for end, size in zip(ends, sizes, strict=True)]


def _gather(t: Translation, node: Node) -> Value:
    """One place along an axis, whose axis then goes, or several at equal distances."""
    value, indices = t.live(node), t.constant(node, 1)
    axis = t.axis(node, int(node.attributes.get("axis", 0)), len(value.shape) + 1)
    side = value.shape[axis]
    places = np.where(indices < 0, indices + side, indices).reshape(-1)
    steps = set(np.diff(places[:4096]).tolist())
    if indices.ndim > 1 or not 0 < len(places) <= 4096 or places.min() < 0 or places.max() >= side or len(steps) > 1:
        t.refuse(node, "it takes places that are not at equal distances, or that are not there")
    some = taken(t, value, axis, int(places[0]), int(steps.pop()) if steps else 1, len(places))
    if indices.ndim == 1:
        return some
    return reshaped(t, some, [side for place, side in enumerate(some.shape) if place != axis])


def _concat(t: Translation, node: Node) -> Value:
    """Values one after another; a constant among them, such as the places of a picture's pixels, is the same for every image."""
    values = [t.value(node, place) for place in range(len(node.inputs))]
    live = next(value for value in values if isinstance(value, Live))  # else it would have been computed beforehand
    rank = len(live.shape) + 1
    axis = t.axis(node, int(node.attributes.get("axis", 0)), rank)
    return t.network.joined([value if isinstance(value, Live) else _held(t, node, value, live) for value in values], axis)


def _held(t: Translation, node: Node, constant: Array, live: Live) -> Live:
    """A constant as a value: nothing of one number of a live one, and the constant added to it."""
    if constant.ndim == len(live.shape) + 1 and constant.shape[0] == t.batch and (constant == constant[:1]).all():
        constant = constant[:1]
    held = t.without_batch(node, constant, len(live.shape) + 1)
    one = taken(t, reshaped(t, live, (size_of(live.shape),)), 0, 0, 1, 1)
    return t.network.affine(reshaped(t, one, (1,) * held.ndim), np.zeros(1), held.astype(np.float64), alone=False)


def _expand(t: Translation, node: Node) -> Value:
    """Repeated along axes of one place: as a sum with zeros of the new shape."""
    value = t.live(node)
    asked = [int(side) for side in t.constant(node, 1).reshape(-1)]
    if node.op == "Tile":
        if len(asked) != len(value.shape) + 1 or any(times != 1 and side != 1 for times, side in zip(asked[1:], value.shape, strict=False)):
            t.refuse(node, "it repeats an axis of more than one place")
        asked = [times * side for times, side in zip(asked, (1, *value.shape), strict=True)]
    if len(asked) > len(value.shape) + 1:
        t.refuse(node, "it adds axes before that of the batch")
    if len(asked) == len(value.shape) + 1:
        if asked[0] not in (1, t.batch):
            t.refuse(node, "it repeats the images of a batch")
        asked = asked[1:]
    if any(side < 1 for side in asked) or size_of(asked) > 2**24:
        t.refuse(node, f"it makes a value of {asked[:8]}")
    shape = (
        np.broadcast_shapes(tuple(asked), value.shape) if _fit(asked, value.shape) else t.refuse(node, "its shape does not fit the value")
    )
    if shape == value.shape:
        return value
    return t.network.add(Affine(scale=None, shift=shape), value, shift=np.zeros(shape, np.float32))


def _fit(asked: Sequence[int], shape: Sequence[int]) -> bool:
    return all(1 in (one, two) or one == two for one, two in zip(reversed(asked), reversed(shape), strict=False))


def _depth_to_space(t: Translation, node: Node) -> Value:
    value, block = t.live(node), int(node.attributes.get("blocksize", 0))
    if len(value.shape) != 3 or block < 1 or value.shape[0] % block**2:
        t.refuse(node, "its channels are not a multiple of its block of pixels")
    channels, height, width = value.shape
    few = channels // block**2
    if node.attributes.get("mode", "DCR") == "CRD":
        parts, order = (few, block, block, height, width), (0, 3, 1, 4, 2)
    else:
        parts, order = (block, block, few, height, width), (2, 3, 0, 4, 1)
    spread = t.network.add(Transpose(order=order), reshaped(t, value, parts))
    return reshaped(t, spread, (few, height * block, width * block))


def _space_to_depth(t: Translation, node: Node) -> Value:
    value, block = t.live(node), int(node.attributes.get("blocksize", 0))
    if len(value.shape) != 3 or block < 1 or value.shape[1] % block or value.shape[2] % block:
        t.refuse(node, "its sides are not a multiple of its block of pixels")
    channels, height, width = value.shape
    parts = reshaped(t, value, (channels, height // block, block, width // block, block))
    packed = t.network.add(Transpose(order=(2, 4, 0, 1, 3)), parts)
    return reshaped(t, packed, (channels * block**2, height // block, width // block))


HANDLERS: Mapping[str, Handler] = {
    "Concat": _concat,
    "DepthToSpace": _depth_to_space,
    "Expand": _expand,
    "Flatten": _flatten,
    "Gather": _gather,
    "Reshape": _reshape,
    "Slice": _slice,
    "SpaceToDepth": _space_to_depth,
    "Split": _split,
    "Squeeze": _squeeze,
    "Tile": _expand,
    "Transpose": _transpose,
    "Unsqueeze": _unsqueeze,
}
