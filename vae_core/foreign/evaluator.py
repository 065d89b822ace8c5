"""What ONNX's own reference evaluator answers for a file; it runs in the process of `child`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.foreign.halves import Source
from vae_core.foreign.onnx_file import OnnxGraph, read
from vae_core.foreign.translation import needed_nodes

if TYPE_CHECKING:
    import onnx


def answers(half: Source, x: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """The values that a file makes of x, [n, …], by our names for them. Only operators that were translated run.

    As many go in at a time as the file takes; the last batch is filled up with the last image.

    Raises:
        InputError: the evaluator cannot run the file.
    """
    graph = read(half.data, half.label)
    parts: list[dict[str, NDArray[Any]]] = []
    for first in range(0, len(x), half.batch):
        some = x[first : first + half.batch]
        filled = np.concatenate([some, np.repeat(some[-1:], half.batch - len(some), axis=0)])
        parts.append({name: value[: len(some)] for name, value in _answers(half, graph, filled).items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _answers(half: Source, graph: OnnxGraph, x: NDArray[Any]) -> dict[str, NDArray[Any]]:
    """What the file makes of x, [batch, …], by our names for it."""
    import onnx  # slow to import
    from onnx.reference import ReferenceEvaluator

    model = onnx.ModelProto.FromString(half.data)
    targets = list(half.targets.values())
    needed = needed_nodes(graph, targets, stop={*graph.arrays, half.source})
    part = onnx.helper.make_graph(
        [
            part
            for proto, node in zip(model.graph.node, graph.nodes, strict=True)
            if id(node) in needed
            for part in ungrouped(proto, graph.opset)
        ],
        "part",
        [onnx.helper.make_tensor_value_info(half.source, onnx.TensorProto.FLOAT, None)],
        [onnx.helper.make_tensor_value_info(name, onnx.TensorProto.UNDEFINED, None) for name in targets],
        list(model.graph.initializer),
    )
    opset = onnx.helper.make_opsetid("", graph.opset)
    try:
        evaluator = ReferenceEvaluator(onnx.helper.make_model(part, opset_imports=[opset], ir_version=model.ir_version))
        with np.errstate(all="ignore"):
            results = evaluator.run(None, {half.source: x.astype(np.float32)})
    except Exception as error:
        raise InputError(f"{half.label} cannot be run by ONNX's reference evaluator, so nothing vouches for it.") from error
    return dict(zip(half.targets, results, strict=True))


def ungrouped(node: onnx.NodeProto, opset: int) -> list[onnx.NodeProto]:
    """A transposed convolution in groups as one for each group: version 1.23 of the evaluator gets groups of several outputs wrong."""
    import onnx

    settings = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    groups = settings.get("group", 1)
    if node.op_type != "ConvTranspose" or groups == 1:
        return [node]
    out = node.output[0]
    names = [[f"{out}/{name or place}/{group}" for group in range(groups)] for place, name in enumerate(node.input)]
    make, alone = onnx.helper.make_node, settings | {"group": 1}
    even = {"num_outputs": groups} if opset >= 18 else {}
    splits = [
        make("Split", [name], own, axis=1 if place == 0 else 0, **even)
        for place, (name, own) in enumerate(zip(node.input, names, strict=True))
        if name
    ]
    parts = [f"{out}/part/{group}" for group in range(groups)]
    inputs = [[own[group] if name else "" for name, own in zip(node.input, names, strict=True)] for group in range(groups)]
    convolved = [make("ConvTranspose", own, [part], **alone) for own, part in zip(inputs, parts, strict=True)]
    return [*splits, *convolved, make("Concat", parts, [out], axis=1)]
