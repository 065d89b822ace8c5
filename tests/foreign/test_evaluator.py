"""The check against ONNX's reference evaluator: on operators that it gets wrong, on half precision, and how far it is."""

from __future__ import annotations

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper

from tests.foreign.graphs import answers_of_runtime, file_of, node
from vae_core.foreign import evaluator
from vae_core.foreign.halves import Source


def source(data: bytes, batch: int = 1) -> Source:
    return Source(data, "part.onnx", "x", {"y": "y"}, batch)


@pytest.mark.parametrize("opset", [9, 13, 15])
def test_a_batch_normalisation_is_that_of_a_trained_model_in_every_version(opset: int) -> None:
    random = np.random.default_rng(0)
    arrays = {name: random.uniform(0.5, 2, 3).astype(np.float32) for name in ("scale", "shift", "mean", "variance")}
    data = file_of([node("BatchNormalization", "x scale shift mean variance", epsilon=1e-3)], arrays, (2, 3, 4, 4), opset=opset)
    x = random.normal(size=(2, 3, 4, 4)).astype(np.float32)
    np.testing.assert_allclose(evaluator.answers(source(data, 2), x)["y"], answers_of_runtime(data, x)[0], atol=1e-5)


def test_a_file_in_half_precision_is_run_with_its_weights_in_single() -> None:
    random = np.random.default_rng(0)
    weight = random.normal(size=(4, 3)).astype(np.float16)
    two = numpy_helper.from_array(np.array(2, np.float16))
    nodes = [
        node("Cast", "x", "h", to=TensorProto.FLOAT16),
        node("MatMul", "h w", "m"),
        helper.make_node("Constant", [], ["two"], value=two),
        node("Pow", "m two", "p"),
        node("Cast", "p", "y", to=TensorProto.FLOAT),
    ]
    data = file_of(nodes, {"w": weight}, (5, 4))
    x = random.normal(size=(5, 4)).astype(np.float32)
    got = evaluator.answers(source(data, 5), x)["y"]
    assert got.dtype == np.float32
    np.testing.assert_allclose(got, (x @ weight.astype(np.float32)) ** 2, rtol=1e-5)


def test_it_tells_how_far_it_is() -> None:
    heard: list[float] = []
    data = file_of([node("Relu", "x", "h"), node("Tanh", "h")], {}, (1, 4))
    evaluator.answers(source(data), np.zeros((2, 4), np.float32), heard.append)
    assert heard == [0, 0.25, 0.5, 0.75]


def test_the_original_node_stays_as_it_is() -> None:
    cast = node("Cast", "x", to=TensorProto.FLOAT16)
    assert onnx.helper.get_attribute_value(evaluator.single(cast).attribute[0]) == TensorProto.FLOAT
    assert onnx.helper.get_attribute_value(cast.attribute[0]) == TensorProto.FLOAT16
