"""An ONNX file's bytes as a list of nodes and arrays: the boundary at which nothing is believed.

The bytes are parsed from memory, so that a path to external data leads nowhere. No code of the file runs: ONNX is a list of operators.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.config import MAX_PARAMETERS
from vae_core.base.errors import InputError
from vae_core.data.images import shown

if TYPE_CHECKING:
    import onnx

Array = NDArray[Any]
MAX_BYTES = 256 * 2**20
MAX_NODES = 5000
MAX_ARRAYS = 5000
_OLDEST_OPSET = 9  # 2018; before it Upsample and BatchNormalization meant something else
_DOMAINS = ("", "ai.onnx")
_KNOWN_TYPES = ("FLOAT", "FLOAT16", "DOUBLE", "INT64", "INT32", "BOOL")

EXTERNAL = (
    "keeps its weights in another file, which is never opened: export it again with external_data=False, as in "
    "torch.onnx.export(model, (example,), path, external_data=False)"
)


@dataclass(frozen=True)
class Node:
    """One operator of a graph.

    Attributes:
        op: its type, "Conv".
        name: what the file calls it, else its number; printable.
        inputs, outputs: names of values; an empty text is an input that is left out.
        attributes: numbers, texts, lists of such, and arrays.
    """

    op: str
    name: str
    inputs: tuple[str, ...]
    outputs: tuple[str, ...]
    attributes: Mapping[str, Any]


@dataclass(frozen=True)
class Port:
    """An input or output: its name, and its shape with None for a side that the file leaves open; None where it says no shape."""

    name: str
    shape: tuple[int | None, ...] | None


@dataclass(frozen=True)
class OnnxGraph:
    """What an ONNX file holds.

    Attributes:
        label: what to call the file in a message.
        data: the file itself, for the reference evaluator.
        opset: version of the operators.
        nodes: in an order in which they can be computed.
        arrays: the weights by name.
        inputs, outputs: without those inputs that have a weight.
        producer: what wrote the file, "pytorch 2.13.0".
    """

    label: str
    data: bytes
    opset: int
    nodes: tuple[Node, ...]
    arrays: Mapping[str, Array]
    inputs: tuple[Port, ...]
    outputs: tuple[Port, ...]
    producer: str


def read(data: bytes, name: str) -> OnnxGraph:
    """Read an ONNX file.

    Args:
        data: its bytes.
        name: what to call it in a message.

    Raises:
        InputError: it is no ONNX file, is over a limit, or holds what we do not read.
    """
    label = shown(name)
    if len(data) > MAX_BYTES:
        raise InputError(f"{label} has {len(data) / 2**20:.0f} MB; an ONNX file may have {MAX_BYTES // 2**20} MB.")
    _refuse_many_parts(data, label)
    import onnx  # slow to import
    from google.protobuf.message import DecodeError

    try:
        model = onnx.ModelProto.FromString(data)
    except (DecodeError, ValueError, RecursionError) as error:
        raise InputError(f"{label} is not an ONNX file, or it is cut short.") from error
    graph = model.graph
    if not graph.node or not graph.output:
        raise InputError(f"{label} is not an ONNX file of a network: it has no operators or no output.")
    if model.functions:
        raise InputError(f"{label} defines functions of its own: export it again with the operators themselves.")
    if graph.sparse_initializer:
        raise InputError(f"{label} has sparse weights, which are not read: export it again with dense ones.")
    if len(graph.node) > MAX_NODES or len(graph.initializer) > MAX_ARRAYS:
        counts = f"{len(graph.node):,} operators and {len(graph.initializer):,} weights"
        raise InputError(f"{label} has {counts}; the limits are {MAX_NODES:,} and {MAX_ARRAYS:,}.")
    arrays = _arrays(graph.initializer, label)
    return OnnxGraph(
        label=label,
        data=data,
        opset=_opset(model, label),
        nodes=tuple(_node(node, place, label) for place, node in enumerate(graph.node, start=1)),
        arrays=arrays,
        inputs=tuple(_port(value) for value in graph.input if _text(value.name) not in arrays),
        outputs=tuple(_port(value) for value in graph.output),
        producer=shown(f"{_text(model.producer_name)} {_text(model.producer_version)}".strip())[:60],
    )


def _refuse_many_parts(data: bytes, label: str) -> None:
    """Refuse a file that is made of very many small parts before they are parsed: each takes two bytes there and a hundred in memory.

    A graph is the field 7 of a model. Whatever the file is, only lengths are read here.
    """
    limit = 4 * (MAX_NODES + MAX_ARRAYS)
    parts = 0
    spans = [(0, len(data))]
    while spans:
        at, end = spans.pop()
        while at < end:
            key, at = _varint(data, at, end)
            match key & 7:
                case 0:
                    _, at = _varint(data, at, end)
                case 1:
                    at += 8
                case 5:
                    at += 4
                case 2:
                    length, at = _varint(data, at, end)
                    if key >> 3 == 7 and end == len(data):
                        spans.append((at, min(end, at + length)))
                    at += length
                case _:
                    return  # no such file: the parser says so
            parts += 1
            if parts > limit:
                raise InputError(f"{label} has over {limit:,} parts, more than a network may have.")


def _varint(data: bytes, at: int, end: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends; a number that is cut short ends the reading."""
    value = shift = 0
    while at < end and shift < 70:
        byte = data[at]
        value |= (byte & 127) << shift
        at, shift = at + 1, shift + 7
        if byte < 128:
            return value, at
    return 0, end


def _opset(model: onnx.ModelProto, label: str) -> int:
    import onnx

    versions = {_text(entry.domain): entry.version for entry in model.opset_import}
    newest = onnx.defs.onnx_opset_version()
    version = max((versions.get(domain, 0) for domain in _DOMAINS), default=0)
    if not _OLDEST_OPSET <= version <= newest:
        raise InputError(f"{label} uses version {version} of ONNX's operators; those from {_OLDEST_OPSET} to {newest} are read.")
    return version


def _arrays(initializers: Iterable[onnx.TensorProto], label: str) -> dict[str, Array]:
    arrays: dict[str, Array] = {}
    numbers = 0
    for tensor in initializers:
        array = array_of(tensor, label)
        numbers += array.size
        if numbers > MAX_PARAMETERS:
            raise InputError(f"{label} has more than {MAX_PARAMETERS:,} weights, which is the limit.")
        arrays[_text(tensor.name)] = array
    return arrays


def array_of(tensor: onnx.TensorProto, label: str) -> Array:
    """The numbers of a tensor; floating-point ones as float32.

    Raises:
        InputError: they are kept in another file, are of a type that is not read, are not finite or are not all there.
    """
    import onnx

    name = shown(_text(tensor.name))[:60] or "a constant"
    if tensor.data_location == onnx.TensorProto.EXTERNAL or tensor.external_data:
        raise InputError(f"{label} {EXTERNAL}.")
    if tensor.data_type not in map(onnx.TensorProto.DataType.Value, _KNOWN_TYPES):
        raise InputError(f"{label} has {name} in a number type that is not read: export it with float32 weights.")
    if any(side < 0 for side in tensor.dims) or math.prod(tensor.dims) > MAX_PARAMETERS:
        raise InputError(f"{label} has {name} of more than {MAX_PARAMETERS:,} numbers, which is the limit.")
    try:
        array = np.array(onnx.numpy_helper.to_array(tensor))
    except (ValueError, TypeError, OverflowError) as error:
        raise InputError(f"{label} is damaged: {name} is not whole.") from error
    if array.dtype.kind != "f":
        return array
    with np.errstate(over="ignore"):
        return array.astype(np.float32)


def _node(node: onnx.NodeProto, place: int, label: str) -> Node:
    name = shown(_text(node.name))[:60] or f"number {place}"
    if node.domain not in _DOMAINS:
        op, domain = (shown(_text(part))[:40] for part in (node.op_type, node.domain))
        raise InputError(f"{label} uses {op} of {domain}; only ONNX's own operators are read.")
    return Node(
        op=shown(_text(node.op_type))[:40],
        name=name,
        inputs=tuple(map(_text, node.input)),
        outputs=tuple(map(_text, node.output)),
        attributes={_text(attribute.name): _attribute(attribute, label) for attribute in node.attribute},
    )


def _attribute(attribute: onnx.AttributeProto, label: str) -> object:
    """A plain value; a graph inside an attribute stays None: the operators that have one are not read."""
    import onnx

    kinds = onnx.AttributeProto
    match attribute.type:
        case kinds.TENSOR:
            return array_of(attribute.t, label)
        case kinds.FLOAT | kinds.INT:
            return onnx.helper.get_attribute_value(attribute)
        case kinds.FLOATS | kinds.INTS:
            return list(onnx.helper.get_attribute_value(attribute))
        case kinds.STRING:
            return attribute.s.decode("utf-8", "replace")
    return None


def _text(value: str | bytes) -> str:
    """A text of the file; one that is no UTF-8 comes as bytes."""
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _port(value: onnx.ValueInfoProto) -> Port:
    kind = value.type.tensor_type
    if not kind.HasField("shape"):
        return Port(_text(value.name), None)
    return Port(_text(value.name), tuple(side.dim_value if side.HasField("dim_value") else None for side in kind.shape.dim))
