"""Sums, differences, products and quotients: of two values, or of a value and a constant."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import numpy as np

from vae_core.base.layers import Combine, Pointwise
from vae_core.foreign.onnx_file import Array, Node
from vae_core.foreign.translation import Handler, Live, Translation, Value

_Function = Literal["add", "subtract", "multiply", "divide"]


def _arithmetic(function: _Function) -> Handler:
    def handle(t: Translation, node: Node) -> Value:
        first, second = t.value(node, 0), t.value(node, 1)
        if isinstance(first, Live) and isinstance(second, Live):
            if len(first.shape) != len(second.shape):  # NumPy would set the batch of one against another axis of the other
                t.refuse(node, f"it combines values of {len(first.shape) + 1} and {len(second.shape) + 1} axes")
            return t.network.add(Combine(function=function), first, second)
        return _with_constant(t, node, function, 0 if isinstance(first, Live) else 1)

    return handle


def _with_constant(t: Translation, node: Node, function: _Function, side: int) -> Value:
    """`side` is the input that depends on the image."""
    value, constant = t.live(node, side), t.constant(node, 1 - side).astype(np.float64)
    constant = t.without_batch(node, constant, len(value.shape) + 1)
    alone = t.alone(node, side)
    if function == "divide" and side == 1:
        value, alone = t.network.add(Pointwise(function="reciprocal"), value), True
        return t.network.affine(value, constant, None, alone=alone)
    factor: Array | None = None
    term: Array | None = None
    match function:
        case "add":
            term = constant
        case "subtract":
            factor, term = (None, -constant) if side == 0 else (np.array(-1.0), constant)
        case "multiply":
            factor = constant
        case "divide":
            with np.errstate(divide="ignore"):
                factor = 1 / constant
    return t.network.affine(value, factor, term, alone=alone)


def _power(t: Translation, node: Node) -> Value:
    value, exponent = t.live(node), t.constant(node, 1).reshape(-1)
    if len(exponent) != 1:
        t.refuse(node, "its exponent is no single number")
    return t.network.add(Pointwise(function="power", a=float(exponent[0])), value)


def _sum(t: Translation, node: Node) -> Value:
    """The sum of all inputs."""
    total = t.live(node)
    for place in range(1, len(node.inputs)):
        total = t.network.add(Combine(function="add"), total, t.live(node, place))
    return total


HANDLERS: Mapping[str, Handler] = {
    "Add": _arithmetic("add"),
    "Sub": _arithmetic("subtract"),
    "Mul": _arithmetic("multiply"),
    "Div": _arithmetic("divide"),
    "Pow": _power,
    "Sum": _sum,
}
