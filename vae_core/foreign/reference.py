"""What ONNX's own reference evaluator answers for a file, and how far our layers are from it."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.foreign.halves import Halves, Source
from vae_core.foreign.heads import Heads
from vae_core.foreign.pixels import Layout, PixelReading
from vae_core.foreign.telling import Tell, silent
from vae_core.foreign.translation import needed_nodes
from vae_core.model.vae import VAE

if TYPE_CHECKING:
    import onnx

TOLERANCE = 1e-4
_MANY_MACS = 2_000_000  # from here on, one image takes the evaluator seconds
_IMAGES = 4


def answers(half: Source, x: NDArray[Any], tell: Tell = silent) -> dict[str, NDArray[Any]]:
    """The values that a file makes of x, [batch, …], by our names for them. Only operators that were translated run, in float32.

    Raises:
        InputError: the evaluator cannot run the file.
    """
    import onnx  # slow to import

    model = onnx.ModelProto.FromString(half.graph.data)
    targets = list(half.targets.values())
    needed = needed_nodes(half.graph, targets, stop={*half.graph.arrays, half.source})
    nodes = [
        part
        for proto, node in zip(model.graph.node, half.graph.nodes, strict=True)
        if id(node) in needed
        for part in ungrouped(trained(single(proto), half.graph.opset), half.graph.opset)
    ]
    last = {name: place for place, node in enumerate(nodes) for name in node.input}
    values: dict[str, NDArray[Any]] = {**half.graph.arrays, half.source: x.astype(np.float32)}
    try:
        for place, node in enumerate(nodes):
            tell(place / len(nodes), f"{half.graph.label}: operator {place + 1} of {len(nodes)}, {shown(node.op_type)[:40]}")
            values.update(zip(node.output, _evaluated(node, values, half.graph.opset), strict=False))
            for name in node.input:
                if last[name] == place and name not in targets:
                    values.pop(name, None)
        return {name: values[target] for name, target in half.targets.items()}
    except Exception as error:
        raise InputError(f"{half.graph.label} cannot be run by ONNX's reference evaluator, so nothing vouches for it.") from error


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


def difference(
    model: VAE,
    halves: Halves,
    heads: Heads,
    pixel: PixelReading,
    layouts: tuple[Layout, Layout],
    divided: float = 1.0,
    tell: Tell = silent,
) -> float:
    """The largest difference between the model's means, log-variances and pictures and those of the files, on random images and codes.

    It is in units of the largest number compared, where that is over 1.

    Args:
        model: of ours.
        halves: of which it is made, with their files.
        heads, pixel, layouts, divided: how the files' numbers are read; done over here in NumPy.
        tell: hears how far it is.
    """
    random = np.random.default_rng(0)
    assert halves.sources is not None
    encoder, decoder = halves.sources
    config = model.config
    count = 1 if halves.encoder.macs + halves.decoder.macs > _MANY_MACS else _IMAGES
    images = random.random((count, config.channels, config.height, config.width), np.float32)
    scale, shift = (np.reshape(part, (-1, 1, 1)) for part in (pixel.pixels.scale, pixel.pixels.shift))
    theirs = images * scale + shift
    theirs = np.moveaxis(theirs, 1, -1) if layouts[0].channels_last else theirs
    tells = _shares(tell, halves)
    outputs = _in_batches(encoder, theirs.reshape(count, *layouts[0].own), tells[0])
    mean, logvar = _posterior(outputs, heads)
    codes = random.normal(size=(count, config.latent)).astype(np.float32)
    drawn = _in_batches(decoder, divided * codes.reshape(count, *halves.decoder.shape), tells[1])["picture"]
    if layouts[1].channels_last:
        drawn = np.moveaxis(drawn.reshape(count, config.height, config.width, config.channels), -1, 1)
    drawn = drawn.reshape(count, config.channels, config.height, config.width).astype(np.float64)
    picture = 1 / (1 + np.exp(-drawn)) if pixel.gives == "logits" else (drawn - shift) / scale
    with torch.inference_mode():
        posterior = model.encode(torch.from_numpy(images))
        ours = model.likelihood.mean(model.decode(torch.from_numpy(codes)))
    pairs = [(divided * posterior.mean, mean), (ours, picture)]
    if logvar is not None:
        pairs.append((posterior.logvar, logvar))
    return max(_apart(one.numpy(), other) for one, other in pairs)


def _apart(one: NDArray[Any], other: NDArray[Any]) -> float:
    with np.errstate(all="ignore"):
        off = np.abs(one.astype(np.float64) - other)
        found = float(np.max(off) / max(1.0, float(np.max(np.abs(other)))))
    return found if math.isfinite(found) else math.inf


def _posterior(outputs: Mapping[str, NDArray[Any]], heads: Heads) -> tuple[NDArray[Any], NDArray[Any] | None]:
    """Means and log-variances, [B, K]."""
    flat = {name: value.reshape(len(value), -1).astype(np.float64) for name, value in outputs.items()}
    arrangement, _, width = heads.gives.partition(",")
    if not width:
        return flat[heads.mean], None
    if arrangement == "mean":
        mean, wide = flat[heads.mean], flat[str(heads.width)]
    elif arrangement == "joined":
        mean, wide = np.split(flat[heads.mean], 2, axis=1)
    else:
        mean, wide = flat[heads.mean][:, ::2], flat[heads.mean][:, 1::2]
    with np.errstate(all="ignore"):
        return mean, {"logvar": wide, "logstd": 2 * wide, "std": 2 * np.log(wide), "variance": np.log(wide)}[width]


def _shares(tell: Tell, halves: Halves) -> tuple[Tell, Tell]:
    """What encoder and decoder tell, each of its share of the whole, by their multiplications."""
    share = (1 + halves.encoder.macs) / (2 + halves.encoder.macs + halves.decoder.macs)
    return (
        lambda part, words: tell(share * part, f"Checking {words}"),
        lambda part, words: tell(share + (1 - share) * part, f"Checking {words}"),
    )


def _in_batches(half: Source, x: NDArray[Any], tell: Tell) -> dict[str, NDArray[Any]]:
    """As many at a time as the file takes; the last batch is filled up with the last image."""
    parts: list[dict[str, NDArray[Any]]] = []
    for first in range(0, len(x), half.batch):
        some = x[first : first + half.batch]
        filled = np.concatenate([some, np.repeat(some[-1:], half.batch - len(some), axis=0)])
        done = answers(half, filled, partial(_after, tell, first / len(x), min(1.0, half.batch / len(x))))
        parts.append({name: value[: len(some)] for name, value in done.items()})
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _after(tell: Tell, before: float, share: float, part: float, words: str) -> None:
    tell(before + share * part, words)
