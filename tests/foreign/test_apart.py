"""A model that was read in the other process is the one that would have been read here; one made to do harm is one sentence."""

from __future__ import annotations

import json
import sys

import numpy as np
import pytest
import torch
from safetensors.numpy import save

from tests.analysis.test_memory import peak
from tests.data.hostile import zipped
from tests.foreign.test_importing import opened, pair
from vae_core.base.errors import InputError
from vae_core.base.layers import Layer, Linear, Pointwise
from vae_core.foreign import apart, opening
from vae_core.foreign.opening import Upload
from vae_core.foreign.translation import Network

MB = 2**20
CARD = {"image": {"channels": 1, "height": 8, "width": 8, "range": [-1, 1]}, "latent": {"shape": [4]}, "licence": "MIT", "name": "Ä"}


def with_card() -> list[Upload]:
    return [*pair("mu log_var", "Sigmoid"), ("card.json", json.dumps(CARD).encode())]


def checkpoint_files() -> list[Upload]:
    sizes = {"fc1": (400, 784), "fc21": (20, 400), "fc22": (20, 400), "fc3": (400, 20), "fc4": (784, 400)}
    weights = {f"{name}.weight": np.full(size, 0.01, np.float32) for name, size in sizes.items()}
    biases = {f"{name}.bias": np.zeros(out, np.float32) for name, (out, _) in sizes.items()}
    return [("model.safetensors", save({**weights, **biases}))]


@pytest.mark.parametrize(
    ("files", "architecture"),
    [(with_card(), None), ([("m.zip", zipped(with_card()))], None), (checkpoint_files(), "pytorch-example")],
    ids=["two files and a card", "a ZIP", "weights"],
)
def test_it_is_the_same_model(files: list[Upload], architecture: str | None) -> None:
    here, there = (call(files, architecture=architecture) for call in (opening.open_files, apart.open_files))
    assert here.card == there.card
    assert here.files == there.files
    one, other = (opened(files, architecture=architecture, open_files=call) for call in (opening.open_files, apart.open_files))
    assert one.model.config == other.model.config
    assert here.halves.encoder.macs == there.halves.encoder.macs > 0
    for name, weight in one.model.state_dict().items():
        assert torch.equal(weight, other.model.state_dict()[name])
    assert apart.holds_weights_alone(files) == (architecture is not None)


def test_layers_that_do_not_fit_together_are_not_believed() -> None:
    layers: list[Layer] = [Linear(inputs=4, outputs=3, bias=False), Pointwise(function="relu"), Linear(inputs=3, outputs=2, bias=False)]
    weights = [{"weight": np.ones((3, 4), np.float32)}, {}, {"weight": np.ones((2, 3), np.float32)}]
    network = Network.of((4,), layers, weights)
    assert network.macs == 18
    assert network.layers == layers
    with pytest.raises(InputError):
        Network.of((5,), layers, weights)


@pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells the peak of a process")
@pytest.mark.parametrize(
    ("files", "architecture", "sentence"),
    [
        ([("encoder.onnx", bytes(64 * MB)), ("decoder.onnx", bytes(64 * MB))], None, "decoder.onnx has over 40,000 parts"),
        ([("card.json", b" " * 64 * MB), *pair("mean")], None, r"card\.json is larger than the 1 MB that are read of one file"),
        ([("model.pt", bytes(64 * MB))], "pytorch-example", "model.pt holds no weights that can be read without running code"),
        ([("model.safetensors", b"\xff" * 64 * MB)], "pytorch-example", "model.safetensors cannot be read"),
    ],
    ids=["zeros as ONNX", "a card of 64 MB", "zeros as a checkpoint", "a header of many exabytes"],
)
def test_what_is_refused_takes_nothing_of_the_server(files: list[Upload], architecture: str | None, sentence: str) -> None:
    data = zipped(files)

    def refused() -> None:
        with pytest.raises(InputError, match=sentence):
            apart.open_files([("m.zip", data)], architecture=architecture)

    apart.holds_weights_alone(list(pair("mean")))  # the child is there
    assert peak(refused) < 16


def test_a_model_that_takes_too_much_memory_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.platform == "linux":
        monkeypatch.setattr(apart, "ROOM", 32 * MB)
        with pytest.raises(InputError, match=r"^m\.zip took more than 0\.0312 GB of memory to open, and was given up\.$"):
            apart.open_files([("m.zip", zipped([("model.safetensors", bytes(64 * MB))]))], architecture="pytorch-example")
        monkeypatch.undo()
    assert len(apart.open_files(list(pair("mean"))).halves.outputs) == 1


@pytest.mark.parametrize(
    ("beside", "sentence"),
    [
        ('{"loss": "betaH", "betaH_B": 1e9}', r"say a KL weight of 1e\+09; one is from 0 to 10,000"),
        ('{"loss": "betaH", "betaH_B": -1}', "say a KL weight of -1;"),
        ('{"loss": "betaH", "betaH_B": NaN}', "say a KL weight of nan;"),
        (f'{{"loss": "betaH", "betaH_B": 1{"0" * 400}}}', "settings beside the checkpoint cannot be read"),
        ('{"loss": {"convention": "normalised", "weight": 1e6}}', "say a KL weight of 3.92e"),
    ],
)
def test_a_weight_that_is_none_is_refused_in_a_sentence(beside: str, sentence: str) -> None:
    name = "card.json" if "convention" in beside else "specs.json"
    with pytest.raises(InputError, match=sentence):
        opened([*checkpoint_files(), (name, beside.encode())], architecture="pytorch-example")
