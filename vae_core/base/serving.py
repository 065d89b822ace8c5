"""The other end of `child`: a process that reads what strangers made, with limits, one thing at a time."""

from __future__ import annotations

import ctypes
import os
import queue
import signal
import sys
import threading
import traceback
from collections.abc import Callable, Mapping
from typing import IO, Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.base.limits import resident, within
from vae_core.base.plain import Records, read_frame, write_frame

Progress = Callable[[float], None]
Function = Callable[..., object]

_MOST = 2**40  # what our own server gives is what it has


def serve(functions: Mapping[str, Function], records: Records) -> None:
    """Answer the server that started this process, until it is gone.

    Args:
        functions: by name, all that can be called; each takes `progress` and then what it is called with.
        records: the classes of which it may be given something.
    """
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the server, which ends this process
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what a library prints is no answer
    requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(sys.stdin.buffer, requests, records), daemon=True).start()
    while True:
        _answer(requests.get(), functions, answers)


def _listen(stream: IO[bytes], requests: queue.SimpleQueue[Any], records: Records) -> None:
    """Hand on each request, and end this process at once when the server is gone, whatever it is at."""
    try:
        while True:
            requests.put(read_frame(stream, records, _MOST))
    finally:
        os._exit(0)


def _answer(request: Any, functions: Mapping[str, Function], answers: IO[bytes]) -> None:  # noqa: ANN401 - a frame
    name, arguments, room, seconds, given = request
    write_frame(answers, {"begun": True})

    def progress(share: float) -> None:
        write_frame(answers, {"progress": float(share)})

    answer: dict[str, object]
    try:
        with within(max(0, room - given), seconds):
            answer = {"done": functions[name](progress, *arguments)}
    except Exception as error:  # noqa: BLE001 - whatever a hostile file does to a reader
        answer = _failure(error)
    del request, arguments
    write_frame(answers, answer, _give_back)
    answer.clear()
    write_frame(answers, {"resident": resident()})


def _failure(error: BaseException) -> dict[str, object]:
    """Why there is no result: the sentence, or that memory was out, or what went wrong in our own code, for the log."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, MemoryError):  # a reader may have taken it for damage
            return {"memory": True}
        seen = seen.__cause__ or seen.__context__
    if isinstance(error, InputError):
        return {"refused": str(error)}
    return {"bug": "".join(traceback.format_exception(error))[-(2**16) :]}


def _give_back(piece: NDArray[np.uint8]) -> None:
    """Give the memory of a written piece back to the system, as far as Linux takes it: result and copy are never there whole at once."""
    if not sys.platform.startswith("linux"):
        return
    import mmap

    page = mmap.PAGESIZE
    first, last = -(-piece.ctypes.data // page) * page, (piece.ctypes.data + piece.nbytes) // page * page
    if last > first:
        ctypes.CDLL(None).madvise(ctypes.c_void_p(first), ctypes.c_size_t(last - first), mmap.MADV_DONTNEED)
