"""Who trains a run, across machines: a file in its folder that says which machine, and that is touched every few seconds.

The system's lock on a run holds among the processes of one machine. NFS carries it to others; the file systems of clusters often do not,
and a process id of another machine means nothing here. So a run that another machine trains is known by this file.
"""

from __future__ import annotations

import contextlib
import os
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

from vae_core.base.errors import InputError

FILE = ".trainer"
_BEAT_SECONDS = 5.0
_REFUSED = "This run is being trained on another machine."
_DEAD_SECONDS = 60.0  # caches of a shared folder show a new time some seconds late


@contextlib.contextmanager
def at_work(run: Path) -> Iterator[None]:
    """Say to other machines that this one trains the run while the block runs; the caller holds the run's lock.

    Raises:
        InputError: another machine trains it.
    """
    file, ended = run / FILE, threading.Event()
    if elsewhere(run):
        raise InputError(_REFUSED)
    with contextlib.suppress(OSError):  # a full disk, of which the training itself says more
        file.unlink(missing_ok=True)  # of a process that died
        try:
            with open(file, "x", encoding="utf-8") as new:  # one machine alone makes it
                new.write(_machine())
        except FileExistsError:
            raise InputError(_REFUSED) from None

    def beat() -> None:
        while not ended.wait(_BEAT_SECONDS):
            with contextlib.suppress(OSError):
                os.utime(file)

    thread = threading.Thread(target=beat, daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


def elsewhere(run: Path) -> bool:
    """Whether another machine trains this run: its file was touched within the last minute, by the clock of the folder's file system."""
    file = run / FILE
    try:
        if file.read_text("utf-8") == _machine():
            return False  # of this machine the lock tells
        beaten = file.stat().st_mtime
        os.utime(run)
        return run.stat().st_mtime - beaten < _DEAD_SECONDS
    except (OSError, UnicodeDecodeError):
        return False


def _machine() -> str:
    return socket.gethostname()
