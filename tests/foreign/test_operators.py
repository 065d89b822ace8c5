"""Each operator that is read, on random shapes and settings, against ONNX's own reference evaluator."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import onnx
import pytest
import torch
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from tests.foreign.graphs import OPSET, Array, answers, answers_of_runtime, file_of, node
from vae_core.foreign.onnx_file import read
from vae_core.foreign.operators import HANDLERS
from vae_core.foreign.translation import Live, Translation
from vae_core.model.graph import Graph

Random: TypeAlias = np.random.Generator
Case: TypeAlias = tuple[Sequence[onnx.NodeProto], Mapping[str, Array], tuple[int, ...]]
"""Nodes from x to y, weights, and the shape of x for one image."""


def numbers(random: Random, *shape: int) -> Array:
    return random.normal(size=shape).astype(np.float32)


def single(value: float) -> Array:
    return np.array(value, np.float32)


def whole(*values: int) -> Array:
    return np.array(values, np.int64)


def pick(random: Random, *values: Any) -> Any:  # noqa: ANN401
    return values[random.integers(len(values))]


def picture(random: Random, most: int = 9) -> tuple[int, int, int]:
    channels, height, width = random.integers(1, 5), random.integers(5, most), random.integers(5, most)
    return int(channels), int(height), int(width)


def conv(random: Random) -> Case:
    _, height, width = picture(random)
    groups = pick(random, 1, 1, 2)
    inputs, outputs = groups * int(random.integers(1, 3)), groups * int(random.integers(1, 4))
    kernel = random.integers(1, 4, 2).tolist()
    around = pick(
        random, {"pads": random.integers(0, 3, 4).tolist()}, {"auto_pad": "SAME_UPPER"}, {"auto_pad": "SAME_LOWER"}, {"auto_pad": "VALID"}
    )
    dilations = [1, 1] if "auto_pad" in around else random.integers(1, 3, 2).tolist()
    arrays = {"w": numbers(random, outputs, inputs // groups, *kernel), "b": numbers(random, outputs)}
    made = node(
        "Conv", pick(random, "x w", "x w b"), strides=random.integers(1, 4, 2).tolist(), dilations=dilations, group=groups, **around
    )
    return [made], arrays, (inputs, height, width)


def conv_transpose(random: Random) -> Case:
    return grouped(random, groups=1)


def conv_transpose_in_groups(random: Random) -> Case:
    return grouped(random, groups=2)


def grouped(random: Random, groups: int) -> Case:
    _, height, width = picture(random, 7)
    inputs, outputs = groups * int(random.integers(1, 3)), groups * int(random.integers(1, 4))
    kernel, stride = random.integers(2, 5, 2), random.integers(1, 4, 2)
    around: dict[str, Any] = {
        "pads": random.integers(0, 2, 4).tolist(),
        "output_padding": [int(random.integers(0, step)) for step in stride],
        "dilations": random.integers(1, 3, 2).tolist(),
    }
    arrays = {"w": numbers(random, inputs, outputs // groups, *kernel), "b": numbers(random, outputs)}
    made = node("ConvTranspose", pick(random, "x w", "x w b"), strides=stride.tolist(), group=groups, **around)
    return [made], arrays, (inputs, height, width)


def dense(random: Random) -> Case:
    inputs, outputs = random.integers(1, 9, 2).tolist()
    b = numbers(random, *pick(random, (outputs,), (1, outputs), (1,)))
    gemm = node("Gemm", "x w b", "h", transB=1, alpha=0.5, beta=2.0)
    rest = [node("MatMul", "h v", "m"), node("Add", "c m", "y")]
    return (
        [gemm, *rest],
        {"w": numbers(random, outputs, inputs), "b": b, "v": numbers(random, outputs, 3), "c": numbers(random, 3)},
        (inputs,),
    )


def pool(random: Random) -> Case:
    op = pick(random, "MaxPool", "AveragePool")
    kernel = random.integers(2, 4, 2)
    around: dict[str, Any] = {"pads": [int(random.integers(0, side)) for side in (*kernel, *kernel)]}
    if op == "AveragePool":
        around["count_include_pad"] = int(random.integers(2))
    elif random.integers(2):
        around["ceil_mode"] = 1
    if op == "AveragePool" and not around["count_include_pad"]:  # a window that is all padding has no mean
        around["pads"] = [side // 2 for side in (*kernel.tolist(), *kernel.tolist())]
    return [node(op, "x", kernel_shape=kernel.tolist(), strides=random.integers(1, 4, 2).tolist(), **around)], {}, picture(random)


def global_pool(random: Random) -> Case:
    op = pick(random, "GlobalAveragePool", "GlobalMaxPool", "ReduceMean", "ReduceMax", "ReduceSum", "ReduceL2")
    if op.startswith("Global"):
        return [node(op, "x")], {}, picture(random)
    return (
        [node(op, "x axes", keepdims=int(random.integers(2)))],
        {"axes": pick(random, whole(2, 3), whole(-1), whole(-2, -1), whole(1), whole(1, -1))},
        picture(random),
    )


def batch_norm(random: Random) -> Case:
    nodes, arrays, shape = conv(random)
    channels = len(arrays["w"])
    stats = {name: numbers(random, channels) for name in ("scale", "shift", "mean")} | {"variance": numbers(random, channels) ** 2}
    arrays, shared = {**arrays, **stats}, pick(random, True, False)
    before = node(
        nodes[0].op_type, " ".join(nodes[0].input), "h", **{a.name: onnx.helper.get_attribute_value(a) for a in nodes[0].attribute}
    )
    normal = node("BatchNormalization", "h scale shift mean variance", "n" if shared else "y", epsilon=1e-3)
    return [before, normal, *([node("Add", "n h")] if shared else [])], arrays, shape


def norm(random: Random) -> Case:
    channels, height, width = 2 * int(random.integers(1, 4)), 5, 6
    op = pick(random, "InstanceNormalization", "GroupNormalization", "LayerNormalization")
    if op == "LayerNormalization":
        axis = pick(random, 1, -2, -1)
        of = (channels, height, width)[axis % 4 - 1 :]
        return (
            [node(op, "x s b", axis=axis, epsilon=1e-4)],
            {"s": numbers(random, *of), "b": numbers(random, *of)},
            (channels, height, width),
        )
    settings: dict[str, Any] = {"num_groups": 2} if op == "GroupNormalization" else {}
    length = 2 if op == "GroupNormalization" else channels  # of the version 18 of this operator
    return [node(op, "x s b", **settings)], {"s": numbers(random, length), "b": numbers(random, length)}, (channels, height, width)


FUNCTIONS = (
    "Abs", "Elu", "Erf", "Exp", "Gelu", "HardSigmoid", "HardSwish", "Identity", "LeakyRelu", "Mish", "Neg", "Relu", "Selu", "Sigmoid",
    "Softplus", "Softsign", "Tanh", "Dropout",
)  # fmt: skip


def function(random: Random) -> Case:
    op = pick(random, *FUNCTIONS)
    settings = {"approximate": pick(random, "none", "tanh")} if op == "Gelu" else {"alpha": 0.3} if op in ("Elu", "LeakyRelu") else {}
    return [node(op, "x", **settings)], {}, pick(random, (4,), (2, 3, 3))


def function_of_positive(random: Random) -> Case:
    op = pick(random, "Log", "Sqrt", "Reciprocal")
    return [node("Exp", "x", "h"), node(op, "h")], {}, (5,)


def with_weights(random: Random) -> Case:
    shape = (3, 4, 5)
    slopes = numbers(random, *pick(random, (3, 1, 1), (1, 3, 1, 1), shape))
    low, high = pick(random, ("low", "high"), ("-", "high"), ("low", "-"))
    nodes = [node("PRelu", "x slopes", "h"), node("Clip", f"h {low} {high}", "c"), node("Pow", "c two", "p"), node("Cast", "p", to=1)]
    return nodes, {"slopes": slopes, "low": single(-0.5), "high": single(0.7), "two": single(2)}, shape


def bounds(random: Random) -> Case:
    nodes = [node("Max", pick(random, "x low", "low x"), "h"), node("Min", "h high", "c"), node("Celu", "c", "y", alpha=0.7)]
    return nodes, {"low": single(-0.8), "high": np.array([0.9], np.float32)}, (2, 3, 3)


def beside_a_constant(random: Random) -> Case:
    axis = int(random.integers(1, 4))
    shape = [1, 2, 3, 4]
    shape[axis] = 2
    return [node("Concat", pick(random, "x c", "c x", "x c x"), axis=axis)], {"c": numbers(random, *shape)}, (2, 3, 4)


def arithmetic(random: Random) -> Case:
    shape = (3, 2, 4)
    op = pick(random, "Add", "Sub", "Mul", "Div")
    constant = numbers(random, *pick(random, (), (1,), (3, 1, 1), (4,), (1, 3, 2, 4))) + np.float32(2)
    inputs = pick(random, "x c", "c x", "h x", "x h")
    return [node("Exp", "x", "h"), node(op, inputs, "s"), node("Sum", "s h x")], {"c": constant}, shape


def shapes(random: Random) -> Case:
    channels = 2 * int(random.integers(1, 3))
    shape = (channels, 4, 6)
    as_exported = [  # x.view(len(x), -1)
        node("Shape", "x", "s"),
        node("Gather", "s zero", "n"),
        node("Unsqueeze", "n first", "m"),
        node("Concat", "m rest", "to", axis=0),
        node("Reshape", "x to"),
    ]
    squeezed = [node("Unsqueeze", "x two", "h"), node("Transpose", "h", "t", perm=[0, 2, 1, 4, 3]), node("Squeeze", "t one")]
    expanded = [node("ReduceMean", "x axes", "h"), node("Expand", "h to", "e"), node("Tile", "h to", "t"), node("Add", "e t")]
    by_blocks = [
        node("SpaceToDepth", "x", "h", blocksize=2),
        node("DepthToSpace", "h", blocksize=2, mode=pick(random, "DCR", "CRD")),
    ]
    sliced = {"from": whole(-1, 1), "to": whole(-99, 6), "axes": whole(2, 3), "by": whole(-2, 3)}
    every: dict[str, tuple[list[onnx.NodeProto], dict[str, Array]]] = {
        "Flatten": ([node("Flatten", "x")], {}),
        "Reshape": ([node("Reshape", "x to")], {"to": pick(random, whole(0, -1), whole(-1, 4, channels, 6), whole(0, 0, 24))}),
        "computed": (as_exported, {"zero": np.array(0), "first": whole(0), "rest": whole(-1)}),
        "Squeeze": (squeezed, {"two": whole(2), "one": whole(1)}),
        "Transpose": ([node("Transpose", "x", perm=[0, *(random.permutation(3) + 1).tolist()])], {}),
        "Slice": ([node("Slice", "x from to axes by")], sliced),
        "Split": ([node("Split", "x", "a b", axis=1, num_outputs=2), node("Concat", "b a x", axis=-3)], {}),
        "Gather": (
            [node("Gather", "x at", axis=int(random.integers(1, 4)))],
            {"at": pick(random, np.array(1), np.array(-1), whole(1, 0))},
        ),
        "Expand": (expanded, {"axes": whole(2, 3), "to": whole(1, 1, 4, 6)}),
        "DepthToSpace": (by_blocks, {}),
    }
    nodes, arrays = every[pick(random, *every)]
    return nodes, arrays, shape


def resize(random: Random) -> Case:
    channels, height, width = picture(random, 7)
    mode = pick(random, "nearest", "linear")
    settings = {
        "mode": mode,
        "coordinate_transformation_mode": pick(random, "half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"),
        "nearest_mode": pick(random, "floor", "ceil", "round_prefer_floor", "round_prefer_ceil"),
    }
    if random.integers(2):
        uneven = [] if settings["coordinate_transformation_mode"] == "align_corners" else [(1.5, 2), (0.6, 1.4)]
        scales = np.array([1, 1, *pick(random, (2, 2), (3, 1), *uneven)], np.float32)
        return [node("Resize", "x - scales", **settings)], {"scales": scales}, (channels, height, width)
    sizes = whole(1, channels, *random.integers(2, 14, 2).tolist())
    return [node("Resize", "x - - sizes", **settings)], {"sizes": sizes}, (channels, height, width)


def pad(random: Random) -> Case:
    mode = pick(random, "constant", "edge", "reflect")
    pads = whole(0, 0, *random.integers(0, 4, 2).tolist(), 0, 0, *random.integers(0, 4, 2).tolist())
    return [node("Pad", "x pads value", mode=mode)], {"pads": pads, "value": single(0.3)}, picture(random)


CASES: tuple[Callable[[Random], Case], ...] = (
    conv, conv_transpose, conv_transpose_in_groups, dense, pool, global_pool, batch_norm, norm, function, function_of_positive,
    with_weights, bounds, beside_a_constant, arithmetic, shapes, resize, pad,
)  # fmt: skip


BY_RUNTIME = (conv_transpose_in_groups, pool)
"""Cases in which the reference evaluator errs, or fails: outputs in groups, and windows that hang over in ceil_mode."""


def translated(data: bytes, shape: tuple[int, ...], batch: int = 1) -> tuple[Graph, Live]:
    """The network that an ONNX file with one output becomes, with its weights."""
    graph = read(data, "file.onnx")
    translation = Translation(graph, graph.inputs[0].name, shape, batch, HANDLERS)
    (value,) = translation.run([graph.outputs[0].name]).values()
    assert isinstance(value, Live)
    network = translation.network.ended_at(value)
    module = Graph(network.layers)
    module.load_state_dict(
        {f"{place}.{name}": torch.tensor(array) for place, own in enumerate(network.weights) for name, array in own.items()}
    )
    return module.requires_grad_(False), value


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.__name__)
@given(seed=st.integers(0, 2**32 - 1))
@settings(max_examples=12, deadline=None, phases=(Phase.explicit, Phase.generate))
def test_an_operator_computes_what_the_reference_evaluator_does(case: Callable[[Random], Case], seed: int) -> None:
    random = np.random.default_rng(seed)
    nodes, arrays, shape = case(random)
    opset = 18 if any(part.op_type == "GroupNormalization" for part in nodes) else OPSET
    opset = 22 if any(part.op_type in ("Mish",) for part in nodes) else opset
    data = file_of(nodes, arrays, (1, *shape), opset=opset)
    x = numbers(random, 1, *shape)
    (expected,) = (answers_of_runtime if case in BY_RUNTIME else answers)(data, x)
    network, value = translated(data, shape)
    got = network(torch.from_numpy(x)).numpy()
    assert got.shape == expected.shape == (1, *value.shape)
    np.testing.assert_allclose(got, expected, rtol=1e-4, atol=1e-5)


def test_a_value_of_two_names_is_not_changed_for_both() -> None:
    nodes = [node("Conv", "x w", "c"), node("Identity", "c", "i"), node("Mul", "i three", "m"), node("Add", "c m")]
    random = np.random.default_rng(0)
    arrays = {"w": numbers(random, 2, 1, 2, 2), "three": np.array([3], np.float32)}
    data, x = file_of(nodes, arrays, (1, 1, 4, 4)), numbers(random, 1, 1, 4, 4)
    np.testing.assert_allclose(translated(data, (1, 4, 4))[0](torch.from_numpy(x)).numpy(), answers(data, x)[0], rtol=1e-5, atol=1e-6)


def test_upsample_of_old_and_swish_of_new_operators() -> None:
    x = numbers(np.random.default_rng(0), 1, 2, 4, 5)
    old = file_of([node("Upsample", "x s", mode="nearest")], {"s": np.array([1, 1, 2, 3], np.float32)}, (1, 2, 4, 5), opset=9)
    np.testing.assert_array_equal(translated(old, (2, 4, 5))[0](torch.from_numpy(x)).numpy(), x.repeat(2, 2).repeat(3, 3))
    new = file_of([node("Swish", "x")], {}, (1, 2, 4, 5), opset=24)
    np.testing.assert_allclose(translated(new, (2, 4, 5))[0](torch.from_numpy(x)).numpy(), x / (1 + np.exp(-x)), rtol=1e-5)


def test_every_operator_is_tried() -> None:
    tried = {part.op_type for case in CASES for seed in range(60) for part in case(np.random.default_rng(seed))[0]} | set(FUNCTIONS)
    assert set(HANDLERS) - tried == {"Swish", "Upsample"}  # the first is younger than the evaluator's own, the second older: above
