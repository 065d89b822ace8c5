"""The tensors of a file of PyTorch, for the process of `child`: `weights_only=True` runs no code, but such readers had faults."""

from __future__ import annotations

import io
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray

_NESTED = ("state_dict", "model_state_dict", "model", "weights")


def unpickled(data: bytes) -> dict[str, NDArray[np.float32]]:
    """Weights by name, float32. Of a file that would run code, or is no such file, torch raises what it likes."""
    return _tensors(torch.load(io.BytesIO(data), map_location="cpu", weights_only=True))


def _tensors(content: object) -> dict[str, NDArray[np.float32]]:
    """The tensors of a state dict, which may lie in a larger dict, as training code saves it."""
    if not isinstance(content, Mapping):
        raise TypeError("no dict of weights")
    for key in _NESTED:
        if isinstance(content.get(key), Mapping):
            return _tensors(content[key])
    found = {key: value for key, value in content.items() if isinstance(key, str) and isinstance(value, torch.Tensor)}
    return {key: value.detach().to(torch.float32).contiguous().numpy() for key, value in found.items() if value.is_floating_point()}
