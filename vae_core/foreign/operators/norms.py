"""Normalisation: over a batch that was seen in training, which is no more than a scale and a shift, or over parts of each image."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from vae_core.base.layers import Normalise, Reshape
from vae_core.foreign.onnx_file import Array, Node
from vae_core.foreign.translation import Handler, Live, Translation, Value, size_of


def _batch(t: Translation, node: Node) -> Value:
    value = t.live(node)
    if node.attributes.get("training_mode", 0):
        t.refuse(node, "it is in training mode, where one image depends on others: call model.eval() and export again")
    scale, shift, mean, variance = (t.constant(node, place).astype(np.float64).reshape(-1) for place in (1, 2, 3, 4))
    if not value.shape or len({len(part) for part in (scale, shift, mean, variance)} | {value.shape[0]}) != 1:
        t.refuse(node, "its numbers are not one for each channel")
    variance = variance + _epsilon(node)
    if not (variance > 0).all():
        t.refuse(node, "its variances are not all above 0")
    factor = scale / np.sqrt(variance)
    over = (-1, *(1,) * (len(value.shape) - 1))
    return t.network.affine(value, factor.reshape(over), (shift - mean * factor).reshape(over), alone=t.alone(node))


def _instance(t: Translation, node: Node) -> Value:
    value = t.live(node)
    scale, shift = (t.constant(node, place).reshape(-1, *(1,) * (len(value.shape) - 1)) for place in (1, 2))
    if len(value.shape) < 2:
        t.refuse(node, "it has no axes of space")
    normal = t.network.add(Normalise(axes=len(value.shape) - 1, epsilon=_epsilon(node)), value)
    return _scaled(t, node, normal, scale, shift)


def _group(t: Translation, node: Node) -> Value:
    value = t.live(node)
    scale, shift = (t.constant(node, place).reshape(-1) for place in (1, 2))
    groups = int(node.attributes.get("num_groups", 0))
    if len(value.shape) < 2 or groups < 1 or value.shape[0] % groups:
        t.refuse(node, f"it makes {groups} groups of {value.shape[0] if value.shape else 0} channels")
    channels = value.shape[0]
    grouped = t.network.add(Reshape(shape=(groups, size_of(value.shape) // groups)), value)
    normal = t.network.add(Normalise(axes=1, epsilon=_epsilon(node)), grouped)
    whole = t.network.add(Reshape(shape=value.shape), normal)
    if len(scale) == groups != channels:  # version 18 of the operators had one number for each group
        scale, shift = (np.repeat(part, channels // groups) for part in (scale, shift))
    over = (-1, *(1,) * (len(value.shape) - 1))
    return _scaled(t, node, whole, scale.reshape(over), shift.reshape(over))


def _layer(t: Translation, node: Node) -> Value:
    value = t.live(node)
    rank = len(value.shape) + 1
    axes = rank - 1 - t.axis(node, int(node.attributes.get("axis", -1)), rank)
    normal = t.network.add(Normalise(axes=axes, epsilon=_epsilon(node)), value)
    scale = t.without_batch(node, t.constant(node, 1), rank)
    shift = t.without_batch(node, t.constant(node, 2), rank) if t.has(node, 2) else None
    return _scaled(t, node, normal, scale, shift)


def _scaled(t: Translation, node: Node, value: Live, scale: Array, shift: Array | None) -> Live:
    for part in (scale, shift):
        if part is not None and (part.ndim > len(value.shape) or np.broadcast_shapes(part.shape, value.shape) != value.shape):
            t.refuse(node, "its scale or bias does not fit the image")
    return t.network.affine(value, scale, shift, alone=True)


def _epsilon(node: Node) -> float:
    return float(node.attributes.get("epsilon", 1e-5))


HANDLERS: Mapping[str, Handler] = {
    "BatchNormalization": _batch,
    "InstanceNormalization": _instance,
    "GroupNormalization": _group,
    "LayerNormalization": _layer,
}
