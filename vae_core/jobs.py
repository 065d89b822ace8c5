"""Background training: a queue on disk and one worker process that works through it, one run at a time.

The worker belongs to no page and to no server: closing a tab or restarting the app does not stop it. It holds a lock that the
system frees when it dies, so that whoever finds a "running" run without that lock knows that it was cut off.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from filelock import FileLock, Timeout

from vae_core import runs
from vae_core.config import RunConfig
from vae_core.errors import InputError

MAX_QUEUED = 30
_HANDOVER_SECONDS = 3.0
log = logging.getLogger(__name__)


def submit(config: RunConfig) -> str:
    """Queue a run and see that a worker is there; returns the run's id.

    Raises:
        InputError: thirty runs are waiting already.
    """
    if len(waiting()) >= MAX_QUEUED:
        raise InputError(f"{MAX_QUEUED} runs are waiting already: stop some, or try again when they are done.")
    run = runs.create(config)
    _start_worker()
    return run.name


def waiting() -> list[runs.Run]:
    """The queued runs, first come first."""
    return [run for run in reversed(runs.listing()) if run.status.state == "queued"]


def tend() -> None:
    """Put right what a crash left: a run whose process is gone is marked so, and a queue without a worker gets one."""
    with _worker_lock(timeout=0) as free:
        if not free:
            return
        _mark_cut_off()
    if waiting():
        _start_worker()


def work() -> None:
    """The worker process: train queued runs until none is left. Ends at once where another worker is at it."""
    with _worker_lock(timeout=_HANDOVER_SECONDS) as free:
        if not free:
            return
        _mark_cut_off()
        while queue := waiting():
            run = queue[0]
            threads = run.config.train.threads or max(1, (os.cpu_count() or 1) - 1)  # one core stays for the pages
            torch.set_num_threads(threads)
            try:
                for _ in runs.execute(run.folder):
                    pass
            except InputError as error:
                log.warning("run %s: %s", run.id, error)
            except Exception:
                log.exception("run %s", run.id)
                now = runs.status(run.folder)
                if now.state in ("queued", "running"):
                    runs.set_status(run.folder, "failed", "The run hit an error of the program; its log.txt has the details.")


def _mark_cut_off() -> None:
    for run in runs.listing():
        if run.status.state == "running":
            now = run.status
            kept = "its last checkpoint is kept" if runs.newest_checkpoint(run.folder) else "it had no checkpoint yet"
            sentence = f"The training process ended unexpectedly; {kept}."
            runs.set_status(run.folder, "failed", sentence, step=now.step, steps=now.steps, seconds=now.seconds)


def _start_worker() -> None:
    """Start a worker in a session of its own, at low priority; two at once are no harm, the lock lets one work."""
    shelf = runs.shelf()
    shelf.mkdir(parents=True, exist_ok=True)
    with open(shelf / "worker.log", "ab") as output:
        worker = subprocess.Popen(
            [sys.executable, "-m", "vae_core", "work"],
            cwd=Path(__file__).parents[1],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    _children[:] = [child for child in [*_children, worker] if child.poll() is None]


_children: list[subprocess.Popen[bytes]] = []  # polled at each start, so that ended workers do not stay zombies


@contextmanager
def _worker_lock(timeout: float) -> Iterator[bool]:
    runs.shelf().mkdir(parents=True, exist_ok=True)
    lock = FileLock(runs.shelf() / ".worker.lock")
    try:
        lock.acquire(timeout=timeout)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()
