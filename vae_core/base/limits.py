"""What this process may take while it does one thing: memory and time. Linux holds it to both, macOS roughly, Windows to neither."""

from __future__ import annotations

import contextlib
import os
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

OUT_OF_MEMORY = 77
"""How a process ends that had taken too much."""

_LOOK = 0.02  # seconds between two looks at memory, where the system does not look itself
_MANY_CORES = 4  # each second may be one of so many cores


@contextlib.contextmanager
def within(room: int, seconds: float) -> Iterator[None]:
    """Inside the block this process may grow by `room` bytes and compute for about `seconds`.

    Past its memory it gets MemoryError on Linux; elsewhere it is ended with `OUT_OF_MEMORY`, some hundredths of a second late. Past
    its time Linux and macOS end it.
    """
    try:
        import resource
    except ImportError:  # Windows
        yield
        return
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    used = resource.getrusage(resource.RUSAGE_SELF)
    _soften(resource.RLIMIT_CPU, round(used.ru_utime + used.ru_stime + _MANY_CORES * seconds) + 1)
    if not sys.platform.startswith("linux"):
        with _watched(resident() + room):
            yield
        return
    # Of memory that can be written and is nobody else's, not of addresses: a set that is mapped from the disk has gigabytes of those.
    _soften(resource.RLIMIT_DATA, _written() + room)
    try:
        yield
    finally:
        _soften(resource.RLIMIT_DATA, resource.RLIM_INFINITY)


@contextlib.contextmanager
def sparing(room: int) -> Iterator[None]:
    """Inside the block a process that `within` holds to its memory may grow by no more than `room` bytes; any other as before.

    It is for a look at what may be refused, which shall not cost what reading it would. Past `room` there is MemoryError, on Linux alone.
    """
    try:
        import resource
    except ImportError:  # Windows
        yield
        return
    before = resource.getrlimit(resource.RLIMIT_DATA)[0]
    if before == resource.RLIM_INFINITY or not sys.platform.startswith("linux"):
        yield
        return
    _soften(resource.RLIMIT_DATA, min(before, _written() + room))
    try:
        yield
    finally:
        _soften(resource.RLIMIT_DATA, before)


def resident() -> int:
    """Bytes of memory that this process has; where only the most that it ever had is told, that; 0 on Windows."""
    with contextlib.suppress(OSError, ValueError, IndexError):
        return int(Path("/proc/self/statm").read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    try:
        import resource
    except ImportError:
        return 0
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes on macOS


def _written() -> int:
    """Bytes of what RLIMIT_DATA limits, as this process has them now; on Linux."""
    return int(Path("/proc/self/statm").read_text("ascii").split()[5]) * os.sysconf("SC_PAGE_SIZE")


def _soften(which: int, limit: int) -> None:
    """Set the limit that this process may move again, as far as the one that it may not."""
    import resource

    _, hard = resource.getrlimit(which)
    unlimited = resource.RLIM_INFINITY
    resource.setrlimit(which, (hard if limit == unlimited else limit if hard == unlimited else min(limit, hard), hard))


@contextlib.contextmanager
def _watched(most: int) -> Iterator[None]:
    """End this process if it has more than so many bytes inside the block."""
    done = threading.Event()

    def watch() -> None:
        while not done.is_set():
            if resident() > most:
                os._exit(OUT_OF_MEMORY)
            time.sleep(_LOOK)

    threading.Thread(target=watch, daemon=True).start()
    try:
        yield
    finally:
        done.set()
