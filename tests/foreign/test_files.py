"""Hostile, damaged and odd ONNX files: one kind of error, and no more memory or time than the limits allow; `test_mutants` has more."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import helper

from tests.foreign.graphs import file_of, node
from tests.foreign.test_importing import opened, pair
from tests.foreign.test_operators import translated
from vae_core.base.errors import InputError
from vae_core.foreign import onnx_file
from vae_core.foreign.onnx_file import read

NODES = [
    node("Conv", "x k", "c", pads=[1, 1, 1, 1]),
    node("Relu", "c", "r"),
    node("Flatten", "r", "f"),
    node("Gemm", "f w b", "g"),
    node("Reshape", "g to"),
]
ARRAYS = {"k": np.ones((2, 1, 3, 3), np.float32), "w": np.ones((32, 3), np.float32), "b": np.ones(3, np.float32), "to": np.array([0, 3, 1])}
SOUND = file_of(NODES, ARRAYS, ("batch", 1, 4, 4))


def model(**values: object) -> onnx.ModelProto:
    found = onnx.ModelProto.FromString(SOUND)
    for name, value in values.items():
        setattr(found, name, value)
    return found


def external() -> bytes:
    found = model()
    tensor = found.graph.initializer[0]
    tensor.ClearField("raw_data")
    tensor.data_location = onnx.TensorProto.EXTERNAL
    tensor.external_data.add(key="location", value="../../etc/passwd")
    return bytes(found.SerializeToString())


def with_function() -> bytes:
    found = model()
    found.functions.add(name="f", domain="own")
    return bytes(found.SerializeToString())


def of_old_operators() -> bytes:
    found = model()
    found.opset_import[0].version = 6
    return bytes(found.SerializeToString())


def with_other_domain() -> bytes:
    found = model()
    found.graph.node[1].domain = "com.microsoft"
    return bytes(found.SerializeToString())


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"", "is not an ONNX file"),
        (b"PK\x03\x04 a picture", "is not an ONNX file"),
        (SOUND[:-5], "is not an ONNX file, or it is cut short"),
        (external(), r"export it again with external_data=False, as in torch\.onnx\.export"),
        (with_function(), "defines functions of its own"),
        (of_old_operators(), "version 6 of ONNX's operators; those from 9 to"),
        (with_other_domain(), r"uses Relu of com\.microsoft"),
        (b"\x3a\x80\x80\x80\x01" + b"\x0a\x00" * 2**20, "has over 40,000 parts"),
        (file_of([node("ConstantOfShape", "n", "c"), node("Add", "x c")], {"n": np.array([2**20, 2**20])}, (1, 1, 4, 4)), "makes more"),
        (file_of([node("Loop", "x", "y")], {}, (1, 1, 4, 4)), "uses the operator Loop"),
        (file_of([node("Resize", "x - - to")], {"to": np.array([1, 1, 2**20, 2**20])}, (1, 1, 4, 4)), "fit a picture"),
        (file_of([node("Reshape", "x to")], {"to": np.array([-1])}, (1, 1, 4, 4)), "the first axis must stay that of the images"),
        (file_of([node("ReduceMean", "x axes")], {"axes": np.array([0])}, (1, 1, 4, 4)), "along the images of a batch"),
        (file_of([node("MatMul", "x x")], {}, (1, 1, 4, 4)), "depends on the image, where only a constant is read"),
        (file_of([node("Relu", "nowhere")], {}, (1, 1, 4, 4)), "is made nowhere before it"),
        (file_of([node("Elu", "x", alpha=float("nan"))], {}, (1, 1, 4, 4)), "settings or weights do not fit together"),
        (file_of([node("Conv", "x w", strides=[0, 0])], {"w": np.ones((1, 1, 2, 2), np.float32)}, (1, 1, 4, 4)), "do not fit together"),
        (
            file_of([node("ConvTranspose", "x w", pads=[1, 1])], {"w": np.ones((1, 1, 2, 2), np.float32)}, (1, 1, 4, 4)),
            "do not fit together",
        ),
        (file_of([node("PRelu", "x w")], {"w": np.ones((3, 3), np.float32)}, (1, 1, 4, 4)), "do not fit together"),
        (file_of([node("Split", "x", num_outputs=2**31, axis=2)], {}, (1, 1, 4, 4)), "it names 2,147,483,648 parts and gives 1"),
        (file_of([node("Unsqueeze", "x axes")], {"axes": np.array([1, 1])}, (1, 1, 4, 4)), "it adds one axis twice"),
        (
            file_of([node("BatchNormalization", "x w w w v")], {"w": np.ones(1, np.float32), "v": -np.ones(1, np.float32)}, (1, 1, 4, 4)),
            "its variances are not all above 0",
        ),
    ],
)  # fmt: skip
def test_what_is_not_read_is_a_sentence(content: bytes, sentence: str) -> None:
    with pytest.raises(InputError, match=sentence):
        translated(content, (1, 4, 4))


def test_weights_that_grow_beyond_float32_where_layers_are_joined_are_refused() -> None:
    nodes = [node("Flatten", "x", "f"), node("MatMul", "f w", "h"), node("Mul", "h s", "mean")]
    weights = {"w": np.full((64, 2), 1e30, np.float32), "s": np.full(2, 1e30, np.float32)}
    encoder = file_of(nodes, weights, (1, 1, 8, 8), outputs="mean")
    decoder = dict(pair("mean", "Sigmoid", latent=2))["decoder.onnx"]
    with pytest.raises(InputError, match="holds numbers that are not finite"):
        opened([("encoder.onnx", encoder), ("decoder.onnx", decoder)])


def test_limits_hold_before_anything_is_made(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(onnx_file, "MAX_NODES", 3)
    with pytest.raises(InputError, match="5 operators and 4 weights; the limits are 3 and"):
        read(SOUND, "model.onnx")
    monkeypatch.setattr(onnx_file, "MAX_BYTES", 100)
    with pytest.raises(InputError, match="an ONNX file may have"):
        read(SOUND, "model.onnx")


def test_a_value_that_is_not_used_is_not_translated() -> None:
    found = onnx.ModelProto.FromString(SOUND)
    found.graph.node.add().CopyFrom(helper.make_node("Unheard", ["x"], ["z"]))
    network, value = translated(found.SerializeToString(), (1, 4, 4))
    assert (len(network), value.shape) == (5, (3, 1))
