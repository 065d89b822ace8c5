"""What a stranger's file may do to the process that reads it; `tests/base/test_child.py` starts it."""

from __future__ import annotations

import ctypes
import os
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.base.plain import Spent
from vae_core.base.serving import Progress, serve


def echo(progress: Progress, *values: object) -> object:
    return values


def pid(progress: Progress) -> int:
    return os.getpid()


def take_memory(progress: Progress, size: int) -> int:
    return int(np.ones(size, np.uint8)[-1])


def say_damaged(progress: Progress, size: int) -> None:
    """As readers do, which take whatever happens to them for damage."""
    try:
        take_memory(progress, size)
    except Exception as error:
        raise InputError("x.npz is damaged.") from error


def take_time(progress: Progress, place: str) -> None:
    if place:
        Path(place).write_text(str(os.getpid()), "ascii")
    while True:
        progress(0.25)
        time.sleep(0.01)


def brood(progress: Progress, place: str) -> None:
    """Work without a word, so that nothing that it says can fail."""
    Path(place).write_text(str(os.getpid()), "ascii")
    while True:
        time.sleep(0.01)


def leave(progress: Progress, code: int) -> None:
    os._exit(code)


def abort(progress: Progress) -> None:
    os.abort()


def fault(progress: Progress) -> None:
    ctypes.string_at(0)


def refuse(progress: Progress) -> None:
    raise InputError("x.png is no picture.")


def fail(progress: Progress) -> None:
    raise KeyError("a bug of ours")


def chatter(progress: Progress) -> None:
    """Write to where answers go, as a process does that somebody else has taken over."""
    for stream in range(3, 16):
        try:
            os.write(stream, b"\xff" * 64)
        except OSError:
            continue


def pretend(progress: Progress) -> object:
    return Spent(np.zeros(3, "M8[s]"))


def large(progress: Progress, size: int) -> dict[str, NDArray[Any]]:
    pixels = np.empty((size // 256, 256), np.uint8)
    pixels[:] = np.arange(256)
    return {"pixels": Spent(pixels)}  # type: ignore[dict-item]


def surroundings(progress: Progress) -> dict[str, object]:
    """Its environment, what it was called with, and what it has open."""
    return {
        "environment": dict(os.environ),
        "arguments": list(sys.orig_argv),
        "open": [str(Path(f"/proc/self/fd/{name}").readlink()) for name in os.listdir("/proc/self/fd") if name.isdecimal()
                 and Path(f"/proc/self/fd/{name}").is_symlink()],
    }  # fmt: skip


def loaded(progress: Progress) -> list[str]:
    """Packages that reading images and models imports."""
    import vae_core.data.importing
    import vae_core.foreign.opening  # noqa: F401

    return sorted({name.partition(".")[0] for name in sys.modules})


if __name__ == "__main__":
    known = (
        echo,
        pid,
        take_memory,
        say_damaged,
        take_time,
        brood,
        leave,
        abort,
        fault,
        refuse,
        fail,
        chatter,
        pretend,
        large,
        surroundings,
        loaded,
    )
    serve({deed.__name__: deed for deed in known}, {})
