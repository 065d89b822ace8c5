"""A training run is a directory: what was asked, how it stands, every record, and its checkpoints.

run.json                 the RunConfig
status.json              state, progress and a sentence where something went wrong; replaced atomically
records.jsonl            one record a line, appended
preview.png              validation images above their reconstructions, replaced as the model learns
checkpoints/<step>/      the newest finite model, and the one before it, which somebody may be reading
stop                     a file that asks the run to stop
log.txt                  where the program or the disk failed: the traceback
.lock                    held by the process that trains the run; the system frees it when that process dies
"""

from __future__ import annotations

import contextlib
import os
import shutil
import time
import traceback
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from filelock import FileLock, Timeout
from pydantic import Field, TypeAdapter, ValidationError

from vae_core import binarise, checkpoint, data, explore
from vae_core.checkpoint import Card, DataCard, Figures
from vae_core.config import Config, RunConfig
from vae_core.data import Images
from vae_core.errors import InputError
from vae_core.images import png_bytes, shown
from vae_core.model import VAE
from vae_core.objectives import average
from vae_core.storage import home, new_id, write_atomic
from vae_core.train import Record, check_finite, fit

VERSION = "0.1.0"
PREVIEW_IMAGES = 10
_CHECKPOINT_SECONDS = 5.0  # a checkpoint costs milliseconds; an epoch of a small set costs less
_LOCK_SECONDS = 2.0  # longer than anyone holds the lock of a run just to look
_RECORD = TypeAdapter(Record)
_LOCK = ".lock"
_NEVER_BEGAN = "Stopped before it began."

State = Literal["queued", "running", "finished", "stopped", "failed"]


class Status(Config):
    """How a run stands.

    Attributes:
        state: "stopped" and "failed" runs keep their last checkpoint.
        message: one sentence where there is something to say.
        step, steps: progress; 0 of 0 before the first record.
        seconds: of training so far.
        updated: seconds since 1970 of this writing.
    """

    state: State
    message: str = ""
    step: Annotated[int, Field(ge=0)] = 0
    steps: Annotated[int, Field(ge=0)] = 0
    seconds: Annotated[float, Field(ge=0)] = 0.0
    updated: float


@dataclass(frozen=True)
class Run:
    """One run in the list."""

    id: str
    folder: Path
    config: RunConfig
    status: Status
    created: float


def shelf() -> Path:
    """The folder that holds the runs of this user."""
    return home() / "runs"


def create(config: RunConfig, folder: Path | None = None, *, queue: bool = True) -> Path:
    """Make the directory of a new run; its name is the run's id.

    Args:
        config: what to train.
        folder: where, instead of a new folder in `shelf()`.
        queue: False where the caller executes the run itself at once, so that no worker takes it from the queue.

    Raises:
        InputError: the model is too large, `folder` exists and is not empty, or the disk cannot be written.
    """
    with torch.device("meta"):
        VAE(config.model)
    run = folder or shelf() / new_id()
    if run.exists() and (not run.is_dir() or any(run.iterdir())):
        raise InputError(f"{shown(str(run))} exists and is not an empty folder: name another for the run.")
    try:
        run.mkdir(parents=True, exist_ok=True)
        set_status(run, "queued" if queue else "running")
        write_atomic(run / "run.json", config.model_dump_json(indent=1).encode())  # last: from now on it is a run
        now = time.time_ns()
        os.utime(run / "run.json", ns=(now, now))  # finer than the file system's own clock: it gives the order of the queue
    except OSError as error:
        with contextlib.suppress(OSError):
            for name in ("run.json", "status.json"):
                (run / name).unlink(missing_ok=True)
            run.rmdir()
        raise InputError(f"{shown(str(run))} could not be made: {error.strerror}.") from error
    return run


def listing() -> list[Run]:
    """All runs, the newest first; a directory that is no run is passed over."""
    found = [_read(folder) for folder in shelf().iterdir()] if shelf().is_dir() else []
    return sorted((run for run in found if run is not None), key=lambda run: run.created, reverse=True)


def find(run_id: str) -> Run:
    """The run with this id.

    Raises:
        InputError: there is none.
    """
    for run in listing():
        if run.id == run_id:
            return run
    raise InputError("There is no such run any more.")


def status(run: Path) -> Status:
    """How the run in this directory stands; an unreadable status counts as failed."""
    try:
        return Status.model_validate_json((run / "status.json").read_bytes())
    except (OSError, ValidationError):
        return Status(state="failed", message="The run's status cannot be read.", updated=0.0)


def set_status(run: Path, state: State, message: str = "", *, step: int = 0, steps: int = 0, seconds: float = 0.0) -> None:
    """Replace the run's status."""
    new = Status(state=state, message=message, step=step, steps=steps, seconds=seconds, updated=time.time())
    write_atomic(run / "status.json", new.model_dump_json().encode())


def records(run: Path) -> list[Record]:
    """All records so far, up to a line that is still being written or was cut off."""
    found: list[Record] = []
    with contextlib.suppress(OSError, ValidationError):
        for line in (run / "records.jsonl").read_bytes().splitlines():
            found.append(_RECORD.validate_json(line))
    return found


def newest_checkpoint(run: Path) -> Path | None:
    """The checkpoint folder with the most steps, None before the first."""
    folders = _checkpoints(run)
    return folders[-1] if folders else None


def request_stop(run: Path) -> None:
    """Ask a run to stop: a queued one never starts, a running one saves what it has and ends within a tenth of an epoch."""
    (run / "stop").touch()  # first, because a worker may be about to start this run
    if status(run).state == "queued":
        set_status(run, "stopped", _NEVER_BEGAN)


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


def mark_cut_off() -> None:
    """A run that says "running" while no process holds its lock was cut off: say so in its status and remove half-written files."""
    for run in listing():
        if run.status.state == "running":
            with contextlib.suppress(OSError), locked(run.folder / _LOCK) as free:  # on a full disk the next call tries again
                if free and status(run.folder).state == "running":  # it may have ended since the list was made
                    _mark_cut_off(run.folder)


def execute(run: Path, images: Images | None = None) -> Iterator[Record]:
    """Train the run in this directory, in this process; yields each record once it is on the disk.

    Args:
        run: a directory made by `create`.
        images: the run's data set where the caller has it already.

    Raises:
        InputError: another process is training it, or, as the status then says too, the data set cannot be loaded or does not fit
            the model, or training diverged.
        OSError: the disk is full or cannot be written; the status says so, if it can.
    """
    with locked(run / _LOCK, timeout=_LOCK_SECONDS) as ours:
        if not ours:
            raise InputError("This run is being trained by another process.")
        with _status_on_failure(run):
            yield from _train(run, images)


def _checkpoints(run: Path) -> list[Path]:
    """The checkpoint folders, fewest steps first."""
    folders = [path for path in (run / "checkpoints").glob("*") if path.name.isdecimal() and path.is_dir()]
    return sorted(folders, key=lambda path: int(path.name))


def _train(run: Path, images: Images | None) -> Iterator[Record]:
    set_status(run, "running")
    if (run / "stop").exists():
        set_status(run, "stopped", _NEVER_BEGAN)
        return
    config = RunConfig.model_validate_json((run / "run.json").read_bytes())
    if images is None:
        images = data.load(config.data)
    shape = (config.model.channels, config.model.height, config.model.width)
    if images.shape != shape:
        raise InputError(f"The data set has images of {images.shape} (channels, height, width) and the model takes {shape}.")
    model = VAE(config.model, seed=config.train.seed)
    originals = images.pixels[images.split().validation[:PREVIEW_IMAGES]]
    saved_at = -_CHECKPOINT_SECONDS
    for record in fit(model, images, config.train):
        with open(run / "records.jsonl", "ab") as file:
            file.write(_RECORD.dump_json(record) + b"\n")
        stopped = (run / "stop").exists()
        ended = stopped or record.step == record.steps
        if ended or (record.validation and time.monotonic() - saved_at > _CHECKPOINT_SECONDS):
            _keep(run, model, config, images, record)
            saved_at = time.monotonic()
        if ended or record.validation:
            rows = [np.concatenate(list(row), axis=-1) for row in (originals, explore.reconstruct(model, originals))]
            write_atomic(run / "preview.png", png_bytes(np.concatenate(rows, axis=-2)))
        state: State = "stopped" if stopped else "finished" if ended else "running"
        set_status(run, state, step=record.step, steps=record.steps, seconds=record.seconds)
        yield record
        if ended:
            return


def _keep(run: Path, model: VAE, config: RunConfig, images: Images, record: Record) -> None:
    """Save the model as it is now; of the checkpoints before, only the last stays."""
    validation = record.validation
    if validation is None:
        held_out = torch.from_numpy(binarise.for_evaluation(images.pixels[images.split().validation], config.train))
        means = average(model, held_out, beta=config.train.beta, seed=config.train.seed)
        check_finite(means.loss, record.step, config.train)  # the very last update can be the one that diverges
        validation = Figures(loss=means.loss, distortion=means.distortion, rate=means.rate)
    known = data.known()
    card = Card(
        name=config.name,
        data=DataCard(
            name=config.data,
            title=known[config.data].title if config.data in known else images.name,
            identity=images.identity,
            images=len(images),
            licence=images.licence,
            class_names=images.class_names,
        ),
        model=config.model,
        train=config.train,
        epochs=record.epoch,
        steps=record.step,
        validation=validation,
        seconds=record.seconds,
        images_per_second=record.images_per_second,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=VERSION,
    )
    before = _checkpoints(run)
    checkpoint.save(run / "checkpoints" / f"{record.step:08d}", model, card)
    for folder in before[:-1]:
        shutil.rmtree(folder)


@contextlib.contextmanager
def _status_on_failure(run: Path) -> Iterator[None]:
    """Whatever ends a run early is in its status, as a sentence."""
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(OSError):  # the disk may be the cause
            if status(run).state == "running":  # not so after the last record, where the caller may drop the generator
                _end(run, *_reason(error))
            if isinstance(error, Exception) and not isinstance(error, InputError):
                (run / "log.txt").write_text(traceback.format_exc(), "utf-8")
        raise


def _reason(error: BaseException) -> tuple[State, str]:
    if isinstance(error, InputError):
        return "failed", str(error)
    if isinstance(error, OSError):
        return "failed", f"The disk refused a file of the run: {error.strerror or error}."
    if isinstance(error, KeyboardInterrupt | GeneratorExit):
        return "stopped", "Interrupted; what came after the last checkpoint is lost."
    return "failed", "The program hit an error of its own; log.txt in the run's folder has the details."


def _mark_cut_off(run: Path) -> None:
    for left in list(run.rglob(".*.tmp")):
        if left.is_dir():
            shutil.rmtree(left)
        else:
            left.unlink()
    kept = "its last checkpoint is kept" if newest_checkpoint(run) else "it had no checkpoint yet"
    _end(run, "failed", f"The training process ended unexpectedly; {kept}.")


def _end(run: Path, state: State, message: str) -> None:
    now = status(run)
    set_status(run, state, message, step=now.step, steps=now.steps, seconds=now.seconds)


def _read(folder: Path) -> Run | None:
    try:
        config = RunConfig.model_validate_json((folder / "run.json").read_bytes())
        return Run(folder.name, folder, config, status(folder), (folder / "run.json").stat().st_mtime)
    except (OSError, ValidationError):
        return None
