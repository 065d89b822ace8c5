"""Checkpoints as people's training leaves them: wrapped, nested, beside optimisers and settings, in any precision."""

from __future__ import annotations

import argparse
import io
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save as save_safetensors
from torch import Tensor

from tests.foreign.test_importing import KNOWN, opened, seeded
from vae_core.base.errors import InputError
from vae_core.foreign import unpickling
from vae_core.foreign.architectures import Settings, of_state
from vae_core.foreign.state_dicts import read_weights

State = dict[str, Tensor]


@pytest.fixture
def state() -> State:
    net = KNOWN["pytorch-example"][0]
    seeded(net)
    return dict(net.state_dict())


def saved(content: object, **options: bool) -> bytes:
    buffer = io.BytesIO()
    torch.save(content, buffer, **options)
    return buffer.getvalue()


class Hyperparameters(argparse.Namespace):
    """A class that a checkpoint names, and that nobody may import to read it."""


def lightning(state: State) -> object:
    weight = next(iter(state.values()))
    return {
        "epoch": 3,
        "optimizer_states": [{"state": {0: {"exp_avg": weight}}, "param_groups": [{"lr": 1e-3}]}],
        "hyper_parameters": Hyperparameters(latent=20),
        "callbacks": defaultdict(dict, {"best": {"score": np.float64(1.5)}}),
        "state_dict": {f"model.{key}": value for key, value in state.items()},
    }


WAYS: dict[str, Callable[[State], object]] = {
    "plain": lambda state: state,
    "of DataParallel": lambda state: {f"module.{key}": value for key, value in state.items()},
    "compiled, in a wrapper": lambda state: {f"module._orig_mod.vae.{key}": value for key, value in state.items()},
    "of Lightning": lightning,
    "beside an optimiser": lambda state: {"optimizer": {"state": {0: next(iter(state.values()))}}, "my_vae": state, "loss": 1.5},
    "in half precision": lambda state: {key: value.half() for key, value in state.items()},
    "in double precision": lambda state: {key: value.double() for key, value in state.items()},
}


@pytest.mark.parametrize("way", WAYS)
def test_a_checkpoint_opens_however_it_is_wrapped(way: str, state: State) -> None:
    found = unpickling.unpickled(saved(WAYS[way](state)))
    of_state("pytorch-example", found, "model.pt", Settings())
    largest = max(float(abs(value).max()) for value in found.values())
    assert largest == pytest.approx(float(torch.cat([value.reshape(-1) for value in state.values()]).abs().max()), rel=1e-3)
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}


def test_a_checkpoint_of_the_older_kind_of_file_opens(state: State) -> None:
    data = saved(state, _use_new_zipfile_serialization=False)
    assert unpickling._tensors(unpickling._load(data)).keys() == state.keys()


def test_nothing_that_a_file_names_is_called(tmp_path: Path) -> None:
    class Calls:
        def __reduce__(self) -> tuple[object, ...]:
            return Path.touch, (tmp_path / "called",)

    with pytest.raises(Exception, match=r"no weights|unrecognized function"):
        unpickling._tensors(unpickling._load(saved({"state_dict": Calls()})))
    assert not (tmp_path / "called").exists()


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float32, torch.float64])
def test_safetensors_open_in_any_precision(kind: torch.dtype, state: State) -> None:
    data = save_safetensors({key: value.to(kind) for key, value in state.items()})
    found = read_weights(data, "model.safetensors")
    assert {value.dtype for value in found.values()} == {np.dtype(np.float32)}
    point = opened([("model.safetensors", data)], architecture="pytorch-example")
    assert point.card.model.latent == 20


def test_weights_of_another_network_beside_it_are_refused(state: State) -> None:
    arrays = {key: value.numpy() for key, value in state.items()} | {"discriminator.weight": np.zeros((2, 2), np.float32)}
    with pytest.raises(InputError, match=r"it also holds discriminator\.weight"):
        of_state("pytorch-example", arrays, "model.pt", Settings())
