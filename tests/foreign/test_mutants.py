"""Thousands of spoilt ONNX files and checkpoints: each is opened or refused in one sentence, and takes next to no memory meanwhile."""

from __future__ import annotations

import contextlib
import gc
import os
import random
import sys
from collections.abc import Callable

import numpy as np
import onnx
import pytest
from safetensors.numpy import save

from tests.analysis.test_memory import peak
from tests.foreign.graphs import file_of, node
from tests.foreign.test_importing import opened
from vae_core.base.errors import InputError
from vae_core.foreign.opening import open_files
from vae_core.foreign.operators import HANDLERS
from vae_core.foreign.state_dicts import read_weights
from vae_core.foreign.translation import RANDOM

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the memory of a process is told by Linux alone")
MUTANTS = int(os.environ.get("LATENT_LOOM_MUTANTS", "2000"))
WARM = 200
"""Mutants after which memory is first looked at: by then each module has been imported and each cache filled."""
GROWTH = 32
"""Megabytes that the others may add at any time, what waits to be collected included."""
NUMBERS = (-(2**63), -(2**31), -1, 0, 1, 2, 3, 7, 2**20, 2**31, 2**63 - 1)
OPERATORS = sorted({*HANDLERS, *RANDOM, "Loop"})


def small_pair() -> list[bytes]:
    """An encoder of images [1, 8, 8] and a decoder of codes [2] in under a kilobyte each, so that a byte seldom is a weight's."""
    ones = np.ones
    encoder = file_of(
        [
            node("Conv", "x k", "c", pads=[1, 1, 1, 1], strides=[2, 2]),
            node("BatchNormalization", "c s s s s", "n"),
            node("LeakyRelu", "n", "r", alpha=0.1),
            node("MaxPool", "r", "p", kernel_shape=[4, 4]),
            node("Flatten", "p", "f"),
            node("Gemm", "f w b", "g", transB=1),
            node("Split", "g", "mean logvar", axis=1, num_outputs=2),
        ],
        {"k": ones((2, 1, 3, 3), np.float32), "s": ones(2, np.float32), "b": ones(4, np.float32), "w": ones((4, 2), np.float32)},
        ("batch", 1, 8, 8),
        outputs="mean logvar",
    )
    decoder = file_of(
        [
            node("MatMul", "z w", "h"),
            node("Reshape", "h to", "r"),
            node("ConvTranspose", "r k", "t", strides=[2, 2]),
            node("Resize", "t - factors", "u", mode="nearest"),
            node("Sigmoid", "u", "image"),
        ],
        {
            "w": ones((2, 2), np.float32),
            "to": np.array([-1, 2, 1, 1]),
            "k": ones((2, 1, 2, 2), np.float32),
            "factors": np.array([1, 1, 4, 4], np.float32),
        },
        ("batch", 2),
        source="z",
        outputs="image",
    )
    return [encoder, decoder]


PAIR = small_pair()


def bytes_changed(data: bytes, draw: random.Random) -> bytes:
    content = bytearray(data)
    for _ in range(draw.randint(1, 4)):
        content[draw.randrange(len(content))] = draw.randrange(256)
    return bytes(content)


def bytes_moved(data: bytes, draw: random.Random) -> bytes:
    """Cut short, or with a piece of it once more, elsewhere."""
    first, last, at = sorted(draw.randrange(len(data)) for _ in range(3))
    return data[:at] + draw.choice([b"", data[first:last] + data[at:]])


def node_changed(data: bytes, draw: random.Random) -> bytes:
    model = onnx.ModelProto.FromString(data)
    graph = model.graph
    chosen = draw.choice(graph.node)
    values = [name for each in graph.node for name in (*each.input, *each.output)]
    match draw.randrange(5):
        case 0:
            chosen.op_type = draw.choice(OPERATORS)
        case 1:
            chosen.input[draw.randrange(len(chosen.input))] = draw.choice(values)
        case 2:
            chosen.output[draw.randrange(len(chosen.output))] = draw.choice(values)
        case 3:
            graph.node.remove(chosen)
        case _:
            chosen.attribute.add(
                name=draw.choice(["axis", "group", "dilations", "auto_pad", "mode"]), type=onnx.AttributeProto.INT, i=draw.choice(NUMBERS)
            )
    return bytes(model.SerializeToString())


def number_changed(data: bytes, draw: random.Random) -> bytes:
    """A setting, a side of a shape, a type, or weights that are no finite numbers."""
    model = onnx.ModelProto.FromString(data)
    graph = model.graph
    tensor, port, number = draw.choice(graph.initializer), draw.choice([*graph.input, *graph.output]), draw.choice(NUMBERS)
    attributes = [attribute for each in graph.node for attribute in each.attribute]
    match draw.randrange(6):
        case 0:
            attribute = draw.choice(attributes)
            if attribute.ints:
                attribute.ints[draw.randrange(len(attribute.ints))] = number
            else:
                attribute.i = number
                attribute.f = draw.choice([float("nan"), float("inf"), -1e38, 0.0])
        case 1:
            draw.choice(attributes).type = draw.randrange(14)
        case 2:
            tensor.dims[draw.randrange(len(tensor.dims))] = number
        case 3:
            tensor.data_type = draw.randrange(20)
        case 4:
            tensor.raw_data = bytes(draw.choice((0, 127, 255)) for _ in tensor.raw_data)
        case _:
            sides = port.type.tensor_type.shape.dim
            sides.add().dim_value = number
            sides[draw.randrange(len(sides))].dim_value = number
    return bytes(model.SerializeToString())


MUTATIONS: tuple[Callable[[bytes, random.Random], bytes], ...] = (bytes_changed, bytes_moved, node_changed, number_changed)


def is_opened(number: int) -> bool:
    """Try one mutant of the pair."""
    draw = random.Random(number)
    names, halves = ("encoder.onnx", "decoder.onnx"), [*PAIR]
    half = draw.randrange(2)
    halves[half] = draw.choice(MUTATIONS)(halves[half], draw)
    try:
        opened(list(zip(names, halves, strict=True)))
    except InputError:
        return False
    except BaseException as error:
        error.add_note(f"This was mutant {number}.")
        raise
    return True


@pytest.mark.slow
def test_each_mutant_is_opened_or_refused_in_a_sentence_and_takes_no_memory() -> None:
    outcomes = [is_opened(number) for number in range(WARM)]
    gc.collect()
    assert peak(lambda: outcomes.extend(is_opened(number) for number in range(WARM, MUTANTS))) < GROWTH
    assert 0.05 < np.mean(outcomes) < 0.5  # they reach the layers, and most are spoilt


def test_each_spoilt_file_of_weights_is_read_or_refused_in_a_sentence() -> None:
    names = [f"fc{layer}.{part}" for layer in (1, 21, 22, 3, 4) for part in ("weight", "bias")]
    sound = save({name: np.ones((2, 2), np.float32) for name in names})
    assert len(read_weights(sound, "vae.safetensors")) == len(names)
    for number in range(MUTANTS):
        draw = random.Random(number)
        spoilt = draw.choice((bytes_changed, bytes_moved))(sound, draw)
        with contextlib.suppress(InputError):  # and nothing else
            open_files([("vae.safetensors", spoilt)], architecture="pytorch-example")
