"""Values of a graph that do not depend on the image, such as shapes: computed by the reference evaluator that comes with ONNX."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.config import MAX_PARAMETERS
from vae_core.base.errors import InputError
from vae_core.foreign.onnx_file import Array, Node, OnnxGraph

_SAME_SIZE = (
    "Abs", "Cast", "Ceil", "Erf", "Exp", "Flatten", "Floor", "Identity", "Log", "Neg", "Not", "Reciprocal", "Relu", "Reshape", "Shape",
    "Sigmoid", "Size", "Slice", "Split", "Sqrt", "Squeeze", "Tanh", "Transpose", "Unsqueeze", "Concat", "Softplus",
    "ReduceL2", "ReduceMax", "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSum",
)  # fmt: skip
_SPREAD = ("Add", "And", "Div", "Equal", "Greater", "Less", "Max", "Min", "Mod", "Mul", "Or", "Pow", "Sub", "Where")
_SHAPED = {"ConstantOfShape": 0, "Expand": 1}
KNOWN = frozenset({*_SAME_SIZE, *_SPREAD, *_SHAPED, "Constant", "Gather", "Range", "Tile"})
"""Operators that are computed where all their inputs are known."""


def known_value(node: Node, values: Sequence[Array | None], graph: OnnxGraph) -> list[Array]:
    """The outputs of a node of which all inputs are known.

    Raises:
        InputError: the operator is not computed beforehand, its result would be too large, or it cannot be computed.
    """
    where = f"{graph.label}: the node {node.name} ({node.op})"
    if node.op == "Constant":
        return [_constant(node, where)]
    if node.op not in KNOWN:
        raise InputError(f"{where} is not read: it depends on constants alone.")
    if _largest(node, values) > MAX_PARAMETERS:
        raise InputError(f"{where} makes more than {MAX_PARAMETERS:,} numbers, which is the limit.")
    names = [name if value is not None else "" for name, value in zip(node.inputs, values, strict=True)]
    given = {name: value for name, value in zip(names, values, strict=True) if value is not None}
    attributes = {name: _packed(value) for name, value in node.attributes.items() if value is not None}
    from onnx import TensorProto, helper  # slow to import
    from onnx.reference import ReferenceEvaluator

    one = helper.make_node(node.op, names, list(node.outputs), **attributes)
    whole = helper.make_graph(
        [one],
        "known",
        [helper.make_tensor_value_info(name, helper.np_dtype_to_tensor_dtype(value.dtype), None) for name, value in given.items()],
        [helper.make_tensor_value_info(name, TensorProto.UNDEFINED, None) for name in node.outputs],
    )
    model = helper.make_model(whole, opset_imports=[helper.make_opsetid("", graph.opset)])
    try:
        with np.errstate(all="ignore"):
            results = ReferenceEvaluator(model).run(None, given)
    except Exception as error:
        raise InputError(f"{where} cannot be computed.") from error
    return [np.asarray(result) for result in results]


def _constant(node: Node, where: str) -> Array:
    for name, value in node.attributes.items():
        if name == "value" and isinstance(value, np.ndarray):
            return value
        if name in ("value_float", "value_floats"):
            return np.asarray(value, np.float32)
        if name in ("value_int", "value_ints"):
            return np.asarray(value, np.int64)
    raise InputError(f"{where} is not read: it holds no numbers.")


def _packed(value: Any) -> Any:  # noqa: ANN401 - a number, a text, a list or a tensor
    from onnx import numpy_helper

    return numpy_helper.from_array(value) if isinstance(value, np.ndarray) else value


def _largest(node: Node, values: Sequence[Array | None]) -> int:
    """At least as many numbers as the node can give."""
    present: list[NDArray[Any]] = [value for value in values if value is not None]
    sizes = [value.size for value in present]
    if node.op in _SHAPED or node.op == "Tile":
        sides = present[-1] if node.op == "Tile" else present[_SHAPED[node.op]] if _SHAPED[node.op] < len(present) else np.ones(1)
        times = math.prod(max(1, int(side)) for side in sides.reshape(-1)[:64])
        return times * max(1, present[0].size if node.op == "Tile" else 1) if node.op != "Expand" else times * present[0].size
    if node.op == "Range":
        start, limit, step = (float(value.reshape(-1)[0]) if value.size else 0.0 for value in present[:3])
        return MAX_PARAMETERS + 1 if step == 0 or not math.isfinite((limit - start) / step) else int(abs((limit - start) / step)) + 1
    if node.op == "Gather":
        return math.prod(sizes)
    if node.op in _SPREAD:
        shapes = [value.shape for value in present]
        try:
            return math.prod(np.broadcast_shapes(*shapes))
        except ValueError:
            return 0  # they do not fit: computing says so
    if node.op == "Shape":
        return 8
    return sum(sizes)
