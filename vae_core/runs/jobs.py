"""Background training: a queue on disk and worker processes that work through it, each one run at a time.

A worker belongs to no page and to no server: closing a tab or restarting the app does not stop it. It holds a lock that the
system releases when it dies, so there are never two in one place, and nobody waits for a dead one. Pages start as many as `cores`
says; who starts a sweep may start more. A run gets its number of threads as it is queued and keeps it, so that it goes on to the bit
whoever takes it up again; one without, which older code queued, is for the worker in place 0 alone, as it takes all cores.
"""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from pathlib import Path

import torch

from vae_core import data
from vae_core.base import owners, quota
from vae_core.base.config import RunConfig
from vae_core.base.errors import InputError
from vae_core.base.storage import home
from vae_core.model.vae import count_parameters
from vae_core.runs import cores, directory, pins, resuming
from vae_core.runs.execute import execute

MAX_QUEUED, MAX_QUEUED_EACH = 30, 2
_HANDOVER_SECONDS = 3.0  # longer than anyone holds the worker's lock just to look
_DOUBLE_CLICK_SECONDS = 5.0  # also where the server is slow to hear of it
_START_SECONDS = 30.0  # a worker that has not taken its lock by then died before it could
log = logging.getLogger(__name__)


def submit(config: RunConfig, last: str | None = None) -> str:
    """Queue a run and see that a worker is there; returns the run's id.

    Args:
        config: what to train.
        last: the run that the same user asked for last: the same settings again within seconds are a double click, and no second run.

    Raises:
        InputError: thirty runs are waiting already, or two of a student; a student does not see these images or has no room for the model;
            the model is too large, or the disk is full.
    """
    if not config.train.threads:
        config = config.model_copy(update={"train": config.train.model_copy(update={"threads": cores.threads()})})
    if last is not None and _is_double_click(last, config):
        return last
    if owners.asking() is not None and data.info(config.data) is None:
        raise InputError("The images of this run are not among the sets that you can see: choose others.")
    with quota.room_for(_size(config)):
        check_room(1)
        run = directory.create(config)
    _ensure_worker()
    return run.name


def resume(run_id: str) -> None:
    """Queue a stopped or failed run again, behind those that wait, to go on where it stands or begin again; see that a worker is there.

    Raises:
        InputError: there is no such run, it cannot go on, the teacher has pinned its model, thirty runs are waiting already, or the
            disk is full.
    """
    check_room(1)
    run = directory.find(run_id)
    pins.check_not_pinned(run.id)
    resuming.resume(run.folder)
    _ensure_worker()


def waiting() -> list[directory.Run]:
    """The queued runs of all, first come first."""
    return sorted(_of_all("queued"), key=lambda run: run.status.updated)


def at_work() -> int:
    """How many runs of all are being trained."""
    return len(_of_all("running"))


def ahead(run_id: str) -> int:
    """How many runs have to end before a queued one begins."""
    queue = [run.id for run in waiting()]
    return max(0, at_work() + (queue.index(run_id) if run_id in queue else 0) - _places() + 1)


def _of_all(state: directory.State) -> list[directory.Run]:
    with owners.acting_as(None):
        return [run for run in directory.listing() if run.status.state == state]


def tend() -> None:
    """Put right what a crash left: a run whose process is gone is marked so, and a queue without a worker gets one."""
    resuming.mark_cut_off()
    if waiting():
        _ensure_worker()


def work(place: int = 0) -> None:
    """The worker process: train queued runs until none is left. Ends at once if another worker is at work in this place."""
    directory.RUNS.place.mkdir(parents=True, exist_ok=True)
    tried: set[tuple[str, float]] = set()  # a full disk can keep a run "queued" for good; one that was queued anew has another time
    while True:
        with directory.locked(_lock_file(place), timeout=_HANDOVER_SECONDS) as ours:
            if not ours:
                return
            _starting_mark(place).unlink(missing_ok=True)
            resuming.mark_cut_off()
            while (run := _next(tried, place)) is not None:
                tried.add(_turn(run))
                _train(run)
        if _next(tried, place) is None:  # who submitted between the last look and the release saw a worker and started none
            return


def _is_double_click(last: str, config: RunConfig) -> bool:
    same = (run for run in directory.listing() if run.id == last and run.config == config and run.status.active)
    return any(0 <= time.time() - run.created < _DOUBLE_CLICK_SECONDS for run in same)


def check_room(count: int) -> None:
    """Refuse more runs than the queue has room for.

    Raises:
        InputError: these many would be too many, in all or of one student.
    """
    queue = waiting()
    if len(queue) + count > MAX_QUEUED:
        already = f"{len(queue)} runs are waiting already"
        if count > 1:
            raise InputError(f"{already} and the queue holds {MAX_QUEUED}: take fewer KL weights, or wait.")
        raise InputError(f"{already}: stop some, or try again when they are done.")
    own = sum(owners.owns(run.folder) for run in queue)
    if owners.asking() is not None and own + count > MAX_QUEUED_EACH:
        already = f"In a class each of you may have {MAX_QUEUED_EACH} runs waiting, and {own} of yours do"
        raise InputError(f"{already}: {'take fewer KL weights, or ' if count > 1 else ''}wait until one begins.")


def _size(config: RunConfig) -> int:
    """Bytes of a run on the disk: two checkpoints, in each the weights and two moments of Adam, float32."""
    return 2 * 3 * 4 * count_parameters(config.model)


def _next(tried: set[tuple[str, float]], place: int) -> directory.Run | None:
    return next((run for run in waiting() if _turn(run) not in tried and _may_take(run, place)), None)


def _turn(run: directory.Run) -> tuple[str, float]:
    """A run, and when it was queued."""
    return run.id, run.status.updated


def _may_take(run: directory.Run, place: int) -> bool:
    return place == 0 or run.config.train.threads > 0


def _train(run: directory.Run) -> None:
    with directory.locked(run.folder / directory.LOCK) as free:
        if not free or directory.status(run.folder).state != "queued":  # another worker was quicker
            return
    threads = run.config.train.threads or max(1, (os.cpu_count() or 1) - 1)  # one core stays for the pages
    torch.set_num_threads(threads)
    try:
        for _ in execute(run.folder):
            pass
    except InputError as error:
        log.warning("run %s: %s", run.id, error)
    except Exception:
        log.exception("run %s", run.id)


def ensure_workers(count: int) -> None:
    """See that so many workers are at work or on their way."""
    for place in range(count):
        _start_in(place)


def _ensure_worker() -> None:
    """See that a worker is on its way for each run that waits, as long as there is a free place."""
    queue, coming = waiting(), 0
    for place in range(_places()):
        if sum(_may_take(run, place) for run in queue) > coming:
            coming += _start_in(place)


def _places() -> int:
    """How many workers may be at work; one where the environment says nonsense, of which who queues a run is told."""
    try:
        return cores.workers()
    except InputError as error:
        log.warning("one worker trains: %s", error)
        return 1


def _start_in(place: int) -> bool:
    """Start a worker, in a session of its own, unless one is at work in this place; whether one is on its way now.

    A worker needs seconds to import torch and only then takes its lock; until then a mark says that it is coming.
    """
    try:
        directory.RUNS.place.mkdir(parents=True, exist_ok=True)
        with directory.locked(_lock_file(place)) as free:
            if not free or _one_is_starting(place):
                return free
            _starting_mark(place).touch()
            with open(directory.RUNS.place / "worker.log", "ab") as output:
                worker = subprocess.Popen(
                    [sys.executable, "-m", "vae_core", "work", f"--place={place}"],
                    cwd=Path(__file__).parents[2],
                    env={**os.environ, "LATENT_LOOM_HOME": str(home())},  # made absolute: the worker stands in another folder
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
            _children[:] = [child for child in [*_children, worker] if child.poll() is None]
        return True
    except OSError as error:  # the run stays queued, and the next `tend` tries again
        log.warning("no worker could be started: %s", error)
        return False


_children: list[subprocess.Popen[bytes]] = []  # polled at each start, so that ended workers do not stay zombies


def _lock_file(place: int) -> Path:
    return directory.RUNS.place / f".worker{place or ''}.lock"


def _starting_mark(place: int) -> Path:
    return directory.RUNS.place / f".worker{place or ''}.starting"


def _one_is_starting(place: int) -> bool:
    try:
        return 0 <= time.time() - _starting_mark(place).stat().st_mtime < _START_SECONDS
    except FileNotFoundError:
        return False
