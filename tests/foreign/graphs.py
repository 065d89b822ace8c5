"""Small ONNX files for tests, and what ONNX's own reference evaluator answers for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import onnx
from numpy.typing import NDArray
from onnx import helper, numpy_helper
from onnx.reference import ReferenceEvaluator
from onnxruntime import InferenceSession

Array = NDArray[Any]
OPSET = 20


def node(op: str, inputs: str, outputs: str = "y", **attributes: Any) -> onnx.NodeProto:  # noqa: ANN401
    """A node whose inputs and outputs are named in texts, "x w b"; "-" is an input that is left out."""
    return helper.make_node(op, ["" if name == "-" else name for name in inputs.split()], outputs.split(), **attributes)


def file_of(
    nodes: Sequence[onnx.NodeProto],
    arrays: Mapping[str, Array],
    shape: Sequence[int | str | None],
    *,
    source: str = "x",
    outputs: str = "y",
    opset: int = OPSET,
) -> bytes:
    """An ONNX file with one input of this shape, the batch included."""
    graph = helper.make_graph(
        list(nodes),
        "graph",
        [helper.make_tensor_value_info(source, onnx.TensorProto.FLOAT, list(shape))],
        [helper.make_tensor_value_info(name, onnx.TensorProto.FLOAT, None) for name in outputs.split()],
        [numpy_helper.from_array(np.asarray(array), name) for name, array in arrays.items()],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", opset)], ir_version=9)
    content: bytes = model.SerializeToString()
    return content


def answers(data: bytes, x: Array, source: str = "x") -> list[Array]:
    """What the reference evaluator makes of x, one array an output."""
    results: Any = ReferenceEvaluator(onnx.ModelProto.FromString(data)).run(None, {source: x})
    return list(results)


def answers_of_runtime(data: bytes, x: Array, source: str = "x") -> list[Array]:
    """What onnxruntime makes of x: for operators that the reference evaluator gets wrong or cannot run."""
    results: list[Array] = InferenceSession(data, providers=["CPUExecutionProvider"]).run(None, {source: x})
    return results
