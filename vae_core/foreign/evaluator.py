"""What ONNX's own reference evaluator answers for a file; it runs in the process of `child`."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.base.serving import Progress
from vae_core.foreign.halves import Source
from vae_core.foreign.onnx_file import OnnxGraph, read
from vae_core.foreign.translation import needed_nodes

if TYPE_CHECKING:
    import onnx


def answers(half: Source, x: NDArray[Any], progress: Progress = lambda share: None) -> dict[str, NDArray[Any]]:
    """The values that a file makes of x, [n, …], by our names for them. Only operators that were translated run, in float32.

    As many go in at a time as the file takes; the last batch is filled up with the last image.

    Args:
        half: the part of the file.
        x: what goes in.
        progress: is told the share that is done.

    Raises:
        InputError: the evaluator cannot run the file.
    """
    graph = read(half.data, half.label)
    parts: list[dict[str, NDArray[Any]]] = []
    for first in range(0, len(x), half.batch):
        some = x[first : first + half.batch]
        filled = np.concatenate([some, np.repeat(some[-1:], half.batch - len(some), axis=0)])
        done = _answers(half, graph, filled, partial(_after, progress, first / len(x), min(1.0, half.batch / len(x))))
        parts.append({name: value[: len(some)] for name, value in done.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _after(progress: Progress, before: float, share: float, part: float) -> None:
    progress(before + share * part)


def _answers(half: Source, graph: OnnxGraph, x: NDArray[Any], progress: Progress) -> dict[str, NDArray[Any]]:
    """What the file makes of x, [batch, …], by our names for it."""
    import onnx  # slow to import

    model = onnx.ModelProto.FromString(half.data)
    targets = list(half.targets.values())
    needed = needed_nodes(graph, targets, stop={*graph.arrays, half.source})
    nodes = [
        part
        for proto, node in zip(model.graph.node, graph.nodes, strict=True)
        if id(node) in needed
        for part in ungrouped(trained(single(proto), graph.opset), graph.opset)
    ]
    last = {name: place for place, node in enumerate(nodes) for name in node.input}
    values: dict[str, NDArray[Any]] = {**graph.arrays, half.source: x.astype(np.float32)}
    try:
        for place, node in enumerate(nodes):
            progress(place / len(nodes))
            values.update(zip(node.output, _evaluated(node, values, graph.opset), strict=False))
            for name in node.input:
                if last[name] == place and name not in targets:
                    values.pop(name, None)
        return {name: values[target] for name, target in half.targets.items()}
    except Exception as error:
        raise InputError(f"{half.label} cannot be run by ONNX's reference evaluator, so nothing vouches for it.") from error


def _evaluated(node: onnx.NodeProto, values: Mapping[str, NDArray[Any]], opset: int) -> list[NDArray[Any]]:
    """What the evaluator makes of one node."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    given = {name: values[name] for name in node.input if name}
    make = onnx.helper.make_tensor_value_info
    graph = onnx.helper.make_graph(
        [node],
        "node",
        [make(name, onnx.helper.np_dtype_to_tensor_dtype(value.dtype), None) for name, value in given.items()],
        [make(name, onnx.TensorProto.UNDEFINED, None) for name in node.output if name],
    )
    whole = onnx.helper.make_model(graph, opset_imports=[onnx.helper.make_opsetid("", opset)])
    with np.errstate(all="ignore"):
        found = dict(zip([name for name in node.output if name], ReferenceEvaluator(whole).run(None, given), strict=True))
    return [np.asarray(found.get(name, 0)) for name in node.output]


def single(node: onnx.NodeProto) -> onnx.NodeProto:
    """The node with its constants and casts in float32, where they are in another floating-point type: all of its numbers here are."""
    import onnx

    types = onnx.TensorProto
    other = (types.FLOAT16, types.DOUBLE)
    copy = onnx.NodeProto()
    copy.CopyFrom(node)
    for attribute in copy.attribute:
        if attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type in other:
            with np.errstate(over="ignore"):
                attribute.t.CopyFrom(onnx.numpy_helper.from_array(onnx.numpy_helper.to_array(attribute.t).astype(np.float32)))
        if node.op_type == "Cast" and attribute.name == "to" and attribute.i in other:
            attribute.i = types.FLOAT
    return copy


def trained(node: onnx.NodeProto, opset: int) -> onnx.NodeProto:
    """A BatchNormalization of before version 14, whose statistics the evaluator mixes with those of the batch, so that it mixes none in."""
    import onnx

    if node.op_type != "BatchNormalization" or opset >= 14:
        return node
    settings = {attribute.name: onnx.helper.get_attribute_value(attribute) for attribute in node.attribute}
    return onnx.helper.make_node(node.op_type, list(node.input), list(node.output)[:1], **(settings | {"momentum": 1.0}))


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
