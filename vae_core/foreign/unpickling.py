"""A process of its own: a file of PyTorch on stdin, its tensors as safetensors on stdout; it ends with 1 where it cannot.

`weights_only=True` runs no code of the file, but such readers had faults before: whatever happens, happens in here, with little memory.
"""

from __future__ import annotations

import io
import sys
from collections.abc import Mapping

import torch
from safetensors.torch import save

_ROOM = 2**30
_NESTED = ("state_dict", "model_state_dict", "model", "weights")


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


def _tensors(content: object) -> dict[str, torch.Tensor]:
    """The tensors of a state dict, which may lie in a larger dict, as training code saves it."""
    if not isinstance(content, Mapping):
        raise TypeError("no dict of weights")
    for key in _NESTED:
        if isinstance(content.get(key), Mapping):
            return _tensors(content[key])
    found = {key: value for key, value in content.items() if isinstance(key, str) and isinstance(value, torch.Tensor)}
    return {key: value.detach().to(torch.float32).contiguous().clone() for key, value in found.items() if value.is_floating_point()}


def main() -> int:
    """Convert; the exit code."""
    data = sys.stdin.buffer.read()
    _limit_memory(_ROOM + 4 * len(data))
    try:
        tensors = _tensors(torch.load(io.BytesIO(data), map_location="cpu", weights_only=True))
    except Exception:  # noqa: BLE001 - whatever a hostile file does to the reader
        return 1
    sys.stdout.buffer.write(save(tensors))
    return 0


if __name__ == "__main__":
    sys.exit(main())
