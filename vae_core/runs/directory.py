"""A training run is a directory: what was asked for, how the run stands, every record, and its checkpoints.

run.json                 the RunConfig
status.json              state, progress and a sentence where something went wrong; replaced atomically
records.jsonl            one record a line, appended
preview.png              validation images above their reconstructions, at each of
                         `preview_weights` for a multi-rate model; replaced as the model learns
snapshots/               what the model made of the same images on its way, see `training.snapshots`
checkpoints/<step>/      the newest finite model with its training state, and the one before it, which somebody may be reading
stop                     a file that asks the run to stop
log.txt                  the traceback, if the program or the disk failed
.reserve                 a few kilobytes, given up when the disk is full, so that the reason can be written
.lock                    held by the process that trains the run; the system releases it when that process dies
.trainer                 the name of the machine that trains the run, touched every few seconds, see `runs.trainer`
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal

import torch
from filelock import FileLock, Timeout
from pydantic import Field, TypeAdapter, ValidationError

from vae_core.base import owners
from vae_core.base.config import RunConfig
from vae_core.base.errors import InputError, remedy
from vae_core.base.shelf import Shelf
from vae_core.base.storage import naming, new_id, remove_folder, write_atomic
from vae_core.base.strict import Config
from vae_core.data.images import shown
from vae_core.model.vae import VAE
from vae_core.runs import trainer
from vae_core.training.train import Record

VERSION = "0.1.0"
RUNS = Shelf("runs", trash_name="models/run")
"""The runs of this user."""

_LOCK_SECONDS = 2.0  # longer than anyone holds the lock of a run just to look
_RECORD = TypeAdapter(Record)
LOCK = ".lock"
CHECKPOINTS = "checkpoints"
State = Literal["queued", "submitted", "running", "finished", "stopped", "failed"]
WAITING: tuple[State, ...] = ("queued", "submitted")


class Status(Config):
    """How a run stands.

    Attributes:
        state: one that is "queued" waits for a worker of the app, one that is "submitted" for a cluster's own scheduler; one that was
            "stopped" or has "failed" keeps its last checkpoint.
        message: one sentence, if there is something to say.
        final: the run can never go on from here; the message says why.
        step, steps: progress; 0 of 0 before the first record.
        seconds: of training so far.
        updated: seconds since 1970 of this writing.
    """

    state: State
    message: str = ""
    final: bool = False
    step: Annotated[int, Field(ge=0)] = 0
    steps: Annotated[int, Field(ge=0)] = 0
    seconds: Annotated[float, Field(ge=0)] = 0.0
    updated: float

    @property
    def active(self) -> bool:
        """Whether the run waits for its turn or is being trained."""
        return self.state in (*WAITING, "running")


@dataclass(frozen=True)
class Run:
    """One run in the list."""

    id: str
    folder: Path
    config: RunConfig
    status: Status
    created: float


def create(config: RunConfig, folder: Path | None = None, *, state: State = "queued") -> Path:
    """Make the directory of a new run; its name is the run's id.

    Args:
        config: what to train.
        folder: where, instead of a new folder among `RUNS`.
        state: "running" where the caller executes the run itself at once, "submitted" where a cluster will: no worker takes it then.

    Raises:
        InputError: the model is too large, who asks has left the class, `folder` exists and is not empty, or the disk cannot be written.
    """
    with torch.device("meta"):
        VAE(config.model)
    whose = owners.mark()
    run = folder or RUNS.place / new_id()
    if run.exists() and (not run.is_dir() or any(run.iterdir())):
        raise InputError(f"{shown(str(run))} exists and is not an empty folder: choose another for the run.")
    try:
        run.mkdir(parents=True, exist_ok=True)
        for name, content in whose.items():
            write_atomic(run / name, content)
        set_status(run, state)
        write_atomic(run / "run.json", config.model_dump_json(indent=1).encode())  # last: from now on it is a run
        now = time.time_ns()
        os.utime(run / "run.json", ns=(now, now))  # finer than the file system's own clock: it gives the order of the queue
    except OSError as error:
        with contextlib.suppress(OSError):
            for name in ("run.json", "status.json", *whose):
                (run / name).unlink(missing_ok=True)
            run.rmdir()
        raise InputError(f"{shown(str(run))} could not be made: {error.strerror}.{remedy(error)}") from error
    return run


def listing() -> list[Run]:
    """All runs that who asks may see, the newest first; a directory that is not a run is left out."""
    found: list[Run] = []
    for folder in RUNS.folders():
        with contextlib.suppress(InputError):
            found.append(read(folder))
    return sorted(found, key=lambda run: run.created, reverse=True)


def own() -> list[Run]:
    """Those of `listing` that who asks may stop, resume and delete."""
    return [run for run in listing() if owners.owns(run.folder)]


def find(run_id: str) -> Run:
    """The run with this id that who asks may change.

    Raises:
        InputError: there is none.
    """
    for run in own():
        if run.id == run_id:
            return run
    raise InputError("There is no such run any more.")


def config_of(run: Path) -> RunConfig:
    """What the run in this directory was asked to train.

    Raises:
        InputError: it is not the directory of a run.
    """
    try:
        return RunConfig.model_validate_json((run / "run.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(f"{shown(str(run))} is not the folder of a run.") from error


def is_run(folder: Path) -> bool:
    """Whether a folder of `RUNS` is that of a run, its files readable or not."""
    return (folder / "run.json").exists() or (folder / CHECKPOINTS).is_dir()


def is_damaged(folder: Path) -> bool:
    """Whether a folder of `RUNS` is that of a run that no longer says what it was asked to train."""
    try:
        config_of(folder)
    except InputError:
        return is_run(folder)
    return False


def status(run: Path) -> Status:
    """How the run in this directory stands; an unreadable status counts as failed."""
    try:
        return Status.model_validate_json((run / "status.json").read_bytes())
    except (OSError, ValidationError):
        return Status(state="failed", message="The run's status cannot be read.", updated=0.0)


def set_status(
    run: Path, state: State, message: str = "", *, final: bool = False, step: int = 0, steps: int = 0, seconds: float = 0.0
) -> None:
    """Replace the run's status."""
    new = Status(state=state, message=message, final=final, step=step, steps=steps, seconds=seconds, updated=time.time())
    write_atomic(run / "status.json", new.model_dump_json().encode())


def set_state(run: Path, state: State, message: str = "", *, final: bool = False) -> None:
    """Replace the run's status, all but its progress."""
    now = status(run)
    set_status(run, state, message, final=final, step=now.step, steps=now.steps, seconds=now.seconds)


def preview_weights(config: RunConfig) -> tuple[float | tuple[float, float], ...]:
    """The KL weights that the preview of a multi-rate model has a row for: the lowest, the one it is judged at, the highest."""
    if config.model.beta_range is None:
        return ()
    low, high = config.model.beta_range
    return tuple(dict.fromkeys((low, config.train.weights, high)))


def records(run: Path) -> list[Record]:
    """All records so far that can be read."""
    return [record for _, record in _lines(run) if record is not None]


def damaged_records(run: Path) -> int:
    """How many records cannot be read; a last line that is half written is none yet."""
    return sum(record is None for _, record in _lines(run))


def append_record(run: Path, record: Record) -> None:
    """Add a record to the run's records on the disk."""
    with naming(run / "records.jsonl"), open(run / "records.jsonl", "ab") as file:
        file.write(_line(record))


def checkpoints(run: Path) -> list[Path]:
    """The checkpoint folders, fewest steps first."""
    folders = [path for path in (run / CHECKPOINTS).glob("*") if path.name.isdecimal() and path.is_dir()]
    return sorted(folders, key=lambda path: int(path.name))


def newest_checkpoint(run: Path) -> Path | None:
    """The checkpoint folder with the most steps, None before the first."""
    folders = checkpoints(run)
    return folders[-1] if folders else None


def forget_after(run: Path, *, step: int, recorded: int) -> None:
    """Remove the checkpoints after the step `step` and the records after the step `recorded`, because training will write them again."""
    kept = [line for line, record in _lines(run) if record is None or record.step <= recorded]  # of a damaged one nobody knows the step
    write_atomic(run / "records.jsonl", b"".join(line + b"\n" for line in kept))
    for folder in checkpoints(run):
        if int(folder.name) > step:
            remove_folder(folder)


def request_stop(run: Path) -> None:
    """Ask a run to stop: one that waits never starts; a running one ends after the step under way and can go on from there.

    Raises:
        InputError: it is not of who asks.
    """
    owners.check_owns(run)
    (run / "stop").touch()  # first, because a worker may be about to start this run
    if status(run).state in WAITING:
        stop_before_it_begins(run)


def stop_requested(run: Path) -> bool:
    """Whether somebody asked this run to stop."""
    return (run / "stop").exists()


def stop_before_it_begins(run: Path) -> None:
    """Mark a run that waits as stopped; one that was resumed keeps the progress it had made."""
    set_state(run, "stopped", "" if status(run).step else "Stopped before it began.")


@contextlib.contextmanager
def hold(run: Path) -> Iterator[None]:
    """Keep every other process from training or resuming this run while the block runs.

    Raises:
        InputError: another process is training it.
    """
    with locked(run / LOCK, timeout=_LOCK_SECONDS) as ours:
        if not ours or trainer.elsewhere(run):
            raise InputError("This run is being trained by another process.")
        yield


@contextlib.contextmanager
def locked(file: Path, timeout: float = 0) -> Iterator[bool]:
    """Hold the lock on a file while the block runs; False where another process or thread still holds it after `timeout` seconds."""
    lock = FileLock(file, thread_local=False)  # a generator may be closed by another thread than the one that began it
    try:
        lock.acquire(timeout=timeout)
    except Timeout:
        yield False
        return
    try:
        yield True
    finally:
        lock.release()


def _line(record: Record) -> bytes:
    return _RECORD.dump_json(record) + b"\n"


def _lines(run: Path) -> list[tuple[bytes, Record | None]]:
    """The lines of the run's records that were written whole, each with its record, None where that cannot be read."""
    try:
        *lines, _ = (run / "records.jsonl").read_bytes().split(b"\n")
    except OSError:
        return []
    found: list[tuple[bytes, Record | None]] = []
    for line in lines:
        record = None
        with contextlib.suppress(ValidationError):
            record = _RECORD.validate_json(line)
        found.append((line, record))
    return found


def read(run: Path) -> Run:
    """The run in this directory.

    Raises:
        InputError: it is not the directory of a run.
    """
    try:
        return Run(run.name, run, config_of(run), status(run), (run / "run.json").stat().st_mtime)
    except OSError as error:
        raise InputError("There is no such run any more.") from error
