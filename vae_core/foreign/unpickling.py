"""The tensors of a file of PyTorch, for the process of `child`: `weights_only=True` runs no code, but such readers had faults."""

from __future__ import annotations

import contextlib
import io
from collections import OrderedDict
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

_NESTED = (
    "state_dict",
    "model_state_dict",
    "model_state",
    "model",
    "net",
    "weights",
    "params",
    "module",
)  # the usual places, in this order


def unpickled(data: bytes) -> dict[str, NDArray[np.float32]]:
    """Weights by name, float32. Of a file that would run code, or is no such file, torch raises what it likes."""
    return _tensors(_load(data))


class Inert:
    """Stands for any class that a file names, such as that of a training's settings: nothing is imported or called.

    What would be an object of it becomes a dict, the one thing that the reader fills as it fills an object.
    """

    def __new__(cls, *given: object, **named: object) -> OrderedDict[object, object]:  # type: ignore[misc]
        """A dict, whatever is given."""
        return OrderedDict()


class Number:
    """The same for NumPy's own classes, whose objects are not filled as dicts are."""

    def __init__(self, *given: object) -> None:
        """What is given is forgotten."""

    def __setstate__(self, state: object) -> None:
        """And so is the content."""


def _load(data: bytes) -> object:
    """What a file holds: tensors and plain values, and dicts in place of all else."""
    try:
        named = torch.serialization.get_unsafe_globals_in_checkpoint(io.BytesIO(data))
    except Exception:  # noqa: BLE001 - an older kind of file, of which this is not known
        named = []
    with torch.serialization.safe_globals([(Number if name.startswith("numpy.") else Inert, name) for name in named]):
        return torch.load(io.BytesIO(data), map_location="cpu", weights_only=True)


def _tensors(content: object) -> dict[str, NDArray[np.float32]]:
    """The tensors of a state dict, which may lie in a larger dict, as training code saves it."""
    if not isinstance(content, Mapping):
        raise TypeError("no dict of weights")
    found = {key: value for key, value in content.items() if isinstance(key, str) and isinstance(value, torch.Tensor)}
    for key in (*_NESTED, *content):
        inner = content.get(key)
        if isinstance(inner, Mapping) and (key in _NESTED or not (found or "optim" in str(key).lower())):
            with contextlib.suppress(TypeError):
                return _tensors(inner)
    if not found:
        raise TypeError("no weights")
    return {key: value.detach().to(torch.float32).contiguous().numpy() for key, value in found.items() if value.is_floating_point()}
