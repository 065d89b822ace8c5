"""A process of its own: a file of PyTorch on stdin, its tensors as safetensors on stdout; it ends with 1 where it cannot.

`weights_only=True` runs no code of the file, but such readers had faults before: whatever happens, happens in here, with little memory.
"""

from __future__ import annotations

import contextlib
import io
import sys
from collections import OrderedDict
from collections.abc import Mapping

import torch
from safetensors.torch import save

_ROOM = 2**30
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


def _limit_memory(more: int) -> None:
    """Let this process grow by so many bytes from here on; Windows has no such limit."""
    try:
        import resource
        from pathlib import Path

        pages = int(Path("/proc/self/statm").read_text("ascii").split()[0])
    except (ImportError, OSError, ValueError):
        return
    resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
    limit = pages * resource.getpagesize() + more
    _, hard = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


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


def _tensors(content: object) -> dict[str, torch.Tensor]:
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
    return {key: value.detach().to(torch.float32).contiguous().clone() for key, value in found.items() if value.is_floating_point()}


def main() -> int:
    """Convert; the exit code."""
    data = sys.stdin.buffer.read()
    _limit_memory(_ROOM + 4 * len(data))
    try:
        tensors = _tensors(_load(data))
    except Exception:  # noqa: BLE001 - whatever a hostile file does to the reader
        return 1
    sys.stdout.buffer.write(save(tensors))
    return 0


if __name__ == "__main__":
    sys.exit(main())
