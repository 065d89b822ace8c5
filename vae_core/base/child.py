"""`Crew`: processes of our own that read what strangers made, with limits on memory and time, and are used again.

A file that ends such a process, takes all its memory or never ends costs one sentence: the server neither grows nor falls. What comes
back is data, by `plain`, written into the memory where it stays. A child knows nothing of the server: neither its environment nor its open
files; it ends when the server ends.
"""

from __future__ import annotations

import atexit
import contextlib
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from vae_core.base.errors import InputError
from vae_core.base.limits import OUT_OF_MEMORY
from vae_core.base.plain import Broken, Records, read_frame, write_frame

ROOM = 3 * 2**29
"""Bytes by which a child may grow."""
HEAVY = 2**28
"""A child that has more bytes than this when it is done is not used again."""

_START_SECONDS = 120.0
_WAIT_SECONDS = 60.0
_TICK = 0.1
_PIPE_BYTES = 2**20  # as many as Linux gives to anybody: a set of images crosses with few switches
_MODULES = Path(__file__).resolve().parents[1]
# `vae_core` itself would import all of ours, and torch.
_MAIN = (
    "import runpy, sys, types; ours = types.ModuleType('vae_core'); ours.__path__ = [sys.argv[1]]; sys.modules['vae_core'] = ours; "
    "runpy.run_module(sys.argv[2], run_name='__main__')"
)
_INHERITED = ("PATH", "HOME", "SYSTEMROOT", "USERPROFILE", "TEMP", "TMP", "TMPDIR", "PYTHONPATH", "PYTHONHOME", "LD_LIBRARY_PATH", "LANG",
              "LC_ALL")  # fmt: skip
# One thread each, and an allocator that reserves little: the limit is on what is reserved, of which others take gigabytes.
_FRUGAL = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "MALLOC_ARENA_MAX": "1",
           "ARROW_DEFAULT_MEMORY_POOL": "system"}  # fmt: skip

# Past its time the system ends it, and where all memory of the computer is gone, the one that has most.
_ENDS = {OUT_OF_MEMORY: "memory", -9: "memory", -24: "time"}

Progress = Callable[[float], None]


class Crew:
    """Children that run the functions of one module.

    Args:
        module: its `__main__` calls `serving.serve`.
        places: calls at once; others wait for a place.
    """

    def __init__(self, module: str, places: int) -> None:
        self._module = module
        self._places = threading.BoundedSemaphore(places)
        self._idle: list[_Child] = []
        self._lock = threading.Lock()
        atexit.register(self.close)

    def call(
        self,
        function: str,
        *arguments: object,
        label: str,
        seconds: float,
        records: Records | None = None,
        room: int = ROOM,
        progress: Progress | None = None,
    ) -> Any:  # noqa: ANN401 - what the function gives
        """Run a function in a child.

        Args:
            function: its name there.
            arguments: plain values, see `plain.write_frame`.
            label: what is read, as a sentence begins with it.
            seconds: that it may take.
            records: the classes of which something may come back.
            room: bytes by which the child may grow, what it is given included.
            progress: called with the share that is done, 0 to 1, several times a second; what it raises ends the child.

        Raises:
            InputError: the function's own; or the child took too much memory or time, or fell; or all places are taken.
        """
        tick = _Tick(progress)
        self._wait(tick)
        try:
            child = self._taken()
            try:
                kind, value = child.answer([function, list(arguments), room, seconds, _size(arguments)], seconds, records or {}, tick)
                keep = kind in ("done", "refused") and child.light
            except BaseException:
                child.end()
                raise
            self._put_back(child, keep=keep)
        finally:
            self._places.release()
        if kind == "done":
            return value
        if kind == "refused":
            raise InputError(value)
        if kind == "memory":
            raise InputError(f"{label} took more than {room / 2**30:.3g} GB of memory to open, and was given up.")
        if kind == "time":
            raise InputError(f"{label} took more than {seconds:,.0f} seconds to open, and was given up.")
        logging.getLogger(__name__).error("A child that read a file of a user failed: %s", value)
        raise InputError(f"{label} broke the program that opens it, and was given up: it is damaged, or made to do harm.")

    def close(self) -> None:
        """End the children that wait for work."""
        with self._lock:
            idle, self._idle = self._idle, []
        for child in idle:
            child.end()

    def _wait(self, tick: _Tick) -> None:
        end = time.monotonic() + _WAIT_SECONDS
        while not self._places.acquire(timeout=_TICK):
            tick()
            if time.monotonic() > end:
                raise InputError("Too many files are being opened here just now: try again in a minute.")

    def _taken(self) -> _Child:
        with self._lock:
            while self._idle:
                child = self._idle.pop()
                if child.alive:
                    return child
                child.end()
        return _Child(self._module)

    def _put_back(self, child: _Child, *, keep: bool) -> None:
        with self._lock:
            if keep and not self._idle:
                self._idle.append(child)
                return
        child.end()


class _Tick:
    """Says the share that was last heard of, again and again: so a page that is to stop can stop."""

    def __init__(self, progress: Progress | None) -> None:
        self._progress, self._share = progress, 0.0

    def __call__(self, share: float | None = None) -> None:
        if share is not None:
            self._share = min(1.0, max(0.0, share))
        if self._progress is not None:
            self._progress(self._share)


class _Child:
    """One process."""

    def __init__(self, module: str) -> None:
        self.light = True
        inherited = {name: os.environ[name] for name in _INHERITED if name in os.environ}
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _MAIN, str(_MODULES), module],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=inherited | _FRUGAL,
            pipesize=_PIPE_BYTES,
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def answer(self, request: object, seconds: float, records: Records, tick: _Tick) -> tuple[str, Any]:
        """What came of it: "done" and a value, "refused" and a sentence, "memory", "time", or another word and a text for the log."""
        heard: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        talk = threading.Thread(target=self._talk, args=(request, records, heard), daemon=True)
        talk.start()
        outcome: tuple[str, Any] | None = None
        end = time.monotonic() + _START_SECONDS
        while True:
            try:
                said = heard.get(timeout=max(0.0, min(_TICK, end - time.monotonic())))
            except queue.Empty:
                tick()
                if time.monotonic() >= end:
                    return "time", None
                continue
            if said is None:  # it has ended
                code = self._process.wait()
                return _ENDS.get(code, "fallen"), f"it ended with {code}"
            if "begun" in said:
                end = time.monotonic() + seconds
            elif "progress" in said:
                tick(float(said["progress"]))
            elif "resident" in said and outcome is not None:
                self.light = int(said["resident"]) <= HEAVY
                return outcome
            else:
                outcome = next(iter(said.items()))

    def _talk(self, request: object, records: Records, heard: queue.SimpleQueue[dict[str, Any] | None]) -> None:
        """Write a request and read until it is answered, or nothing more comes."""
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        said: dict[str, Any] = {}
        try:
            write_frame(self._process.stdin, request)
            while "resident" not in said:
                said = read_frame(self._process.stdout, records, ROOM)
                heard.put(said)
        except Broken as error:
            heard.put({"bug": f"it said what no child says: {error}"})
            heard.put({"resident": HEAVY + 1})
        except (OSError, ValueError, EOFError):  # it has ended, or was ended
            heard.put(None)

    def end(self) -> None:
        """Kill it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError, ValueError):
                assert stream is not None
                stream.close()


def _size(value: object) -> int:
    """Bytes of the files in a value."""
    if isinstance(value, bytes):
        return len(value)
    return sum(map(_size, value)) if isinstance(value, list | tuple) else 0
