"""A training run is a directory: what was asked, how it stands, every record, and its checkpoints.

run.json                 the RunConfig
status.json              state, progress and a sentence where something went wrong; replaced atomically
records.jsonl            one record a line, appended
preview.png              validation images above their reconstructions, of a model of many KL weights at `preview_weights` of them; replaced
                         as the model learns
checkpoints/<step>/      the newest finite model and where its training stood, and the ones before it, which somebody may be reading
stop                     a file that asks the run to stop
log.txt                  where the program or the disk failed: the traceback
.lock                    held by the process that trains the run; the system frees it when that process dies
"""

from __future__ import annotations

import contextlib
import copy
import math
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

from vae_core import data
from vae_core.analysis import explore
from vae_core.base.config import Config, RunConfig
from vae_core.base.errors import InputError
from vae_core.base.storage import home, new_id, write_atomic
from vae_core.data import Images
from vae_core.data.images import png_bytes, shown
from vae_core.model.vae import VAE
from vae_core.training import checkpoint, training_state
from vae_core.training.checkpoint import Card, DataCard
from vae_core.training.train import Diverged, Record, Training
from vae_core.training.training_state import TrainingState, Unusable

VERSION = "0.1.0"
PREVIEW_IMAGES = 10
_CHECKPOINT_SECONDS = 5.0  # between two at the least; an epoch of a small set takes less
_CHECKPOINT_COSTS = 20  # times what the last one took, between two at the least: a large model's takes seconds
_LONGEST_SECONDS = 60.0  # after which one is due though the epoch has not ended
_LOOK_SECONDS = 0.1  # between two looks at whether the run shall stop
_LOCK_SECONDS = 2.0  # longer than anyone holds the lock of a run just to look
_RECORD = TypeAdapter(Record)
_LOCK = ".lock"
_BUSY = "This run is being trained by another process."

State = Literal["queued", "running", "finished", "stopped", "failed"]


class Status(Config):
    """How a run stands.

    Attributes:
        state: "stopped" and "failed" runs keep their last checkpoint.
        message: one sentence where there is something to say.
        final: the run cannot go on from here, which is then what the message is about.
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
    found: list[Run] = []
    for folder in shelf().iterdir() if shelf().is_dir() else ():
        with contextlib.suppress(InputError):
            found.append(_read(folder))
    return sorted(found, key=lambda run: run.created, reverse=True)


def find(run_id: str) -> Run:
    """The run with this id.

    Raises:
        InputError: there is none.
    """
    for run in listing():
        if run.id == run_id:
            return run
    raise InputError("There is no such run any more.")


def config_of(run: Path) -> RunConfig:
    """What this directory's run is.

    Raises:
        InputError: it is no run's.
    """
    try:
        return RunConfig.model_validate_json((run / "run.json").read_bytes())
    except (OSError, ValidationError) as error:
        raise InputError(f"{shown(str(run))} is not the folder of a run.") from error


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
    """Ask a run to stop: a queued one never starts, a running one ends after the step it is at and can be gone on with from there."""
    (run / "stop").touch()  # first, because a worker may be about to start this run
    if status(run).state == "queued":
        _stop_before_it_begins(run)


def cannot_resume(run: Run) -> str | None:
    """Why this run cannot go on from where it stands, as a sentence; None where it can, unless its files turn out to be damaged."""
    if run.status.state in ("queued", "running"):
        return "This run is being trained, or waits for it, already."
    if run.status.state == "finished":
        return "This run has done all of its steps."
    if run.status.final:
        return run.status.message
    if not any(map(checkpoint.has_training, _checkpoints(run.folder))):
        return "This run ended before it had saved where its training stood: it can only begin again, as a new run."
    return None


def resume(run: Path, *, queue: bool = True) -> None:
    """Make a stopped or failed run go on at the step of its newest whole training state as soon as it is executed.

    Args:
        run: the run's directory; one whose process died is seen to be so.
        queue: False where the caller executes the run itself at once, so that no worker takes it from the queue.

    Raises:
        InputError: it cannot go on, another process is training it, or the disk cannot be written.
    """
    try:
        with locked(run / _LOCK, timeout=_LOCK_SECONDS) as ours:
            if not ours:
                raise InputError(_BUSY)
            if status(run).state == "running":
                _mark_cut_off(run)
            reason = cannot_resume(_read(run))
            if reason is not None:
                raise InputError(reason)
            try:
                _saved(run, config_of(run))
            except Unusable as error:
                _turn(run, "failed", str(error), final=True)
                raise
            (run / "stop").unlink(missing_ok=True)
            _turn(run, "queued" if queue else "running")
    except OSError as error:
        raise InputError(f"The run cannot be gone on with: {error.strerror or error}.") from error


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

    It begins with the first step, or goes on after the last one that was saved. A run that is stopped within a record ends with one of the
    steps since the record before, which makes way for the whole one when the run goes on.

    Args:
        run: a directory made by `create`, or made ready again by `resume`.
        images: the run's data set where the caller has it already.

    Raises:
        InputError: another process is training it, or, as the status then says too, the data set cannot be loaded or does not fit
            the model, or training diverged.
        OSError: the disk is full or cannot be written; the status says so, if it can.
    """
    with locked(run / _LOCK, timeout=_LOCK_SECONDS) as ours:
        if not ours:
            raise InputError(_BUSY)
        with _status_on_failure(run):
            yield from _train(run, images)


def _checkpoints(run: Path) -> list[Path]:
    """The checkpoint folders, fewest steps first."""
    folders = [path for path in (run / "checkpoints").glob("*") if path.name.isdecimal() and path.is_dir()]
    return sorted(folders, key=lambda path: int(path.name))


def _train(run: Path, images: Images | None) -> Iterator[Record]:
    _turn(run, "running")
    if (run / "stop").exists():
        _stop_before_it_begins(run)
        return
    config = config_of(run)
    if images is None:
        images = data.load(config.data)
    shape = (config.model.channels, config.model.height, config.model.width)
    if images.shape != shape:
        raise InputError(f"The data set has images of {images.shape} (channels, height, width) and the model takes {shape}.")
    model = VAE(config.model, seed=config.train.seed)
    saved = _saved(run, config, images) if _checkpoints(run) else None
    training = Training(model, images, config.train, saved)
    if saved is not None:
        _forget_what_came_after(run, training)
    originals = images.take(images.split().validation[:PREVIEW_IMAGES])
    saved_at, pause = time.monotonic(), 0.0
    looked_at = -math.inf
    while not training.done:
        record = training.update()
        if record is None and time.monotonic() - looked_at < _LOOK_SECONDS:
            continue
        looked_at = time.monotonic()
        stopped = (run / "stop").exists()
        ended = stopped or training.done
        if record is None and stopped:
            record = training.report()
        if record is not None:
            with open(run / "records.jsonl", "ab") as file:
                file.write(_line(record))
        whole_epoch = record is not None and record.validation is not None
        if ended or looked_at - saved_at > max(pause, 0.0 if whole_epoch else _LONGEST_SECONDS):
            _keep(run, model, config, images, training, record)
            saved_at = time.monotonic()
            pause = max(_CHECKPOINT_SECONDS, _CHECKPOINT_COSTS * (saved_at - looked_at))
        if ended or whole_epoch:
            here = model if training.device == "cpu" else copy.deepcopy(model).cpu()
            plain = [here.at(weights) for weights in preview_weights(config)] or [here]
            pictures = [originals, *(explore.reconstruct(each, originals) for each in plain)]
            rows = [np.concatenate(list(row), axis=-1) for row in pictures]
            write_atomic(run / "preview.png", png_bytes(np.concatenate(rows, axis=-2)))
        if record is not None:
            state: State = "finished" if training.done else "stopped" if stopped else "running"
            set_status(run, state, step=record.step, steps=record.steps, seconds=record.seconds)
            yield record
        if ended:
            return


def preview_weights(config: RunConfig) -> tuple[float | tuple[float, float], ...]:
    """The KL weights that the preview of a model of many has a row for: the lowest, that at which it is judged, the highest."""
    if config.model.beta_range is None:
        return ()
    low, high = config.model.beta_range
    return tuple(dict.fromkeys((low, config.train.weights, high)))


def _line(record: Record) -> bytes:
    return _RECORD.dump_json(record) + b"\n"


def _saved(run: Path, config: RunConfig, images: Images | None = None) -> TrainingState:
    """The run's newest training state that is whole.

    Raises:
        Unusable: there is none.
        InputError: it is not of these images.
    """
    wrong = ""
    for folder in reversed(_checkpoints(run)):
        try:
            card, state = training_state.load(folder)
            if (card.model, card.train, card.steps) != (config.model, config.train, int(folder.name)):
                raise Unusable(f"The training state in {folder.name} is of another run.")
        except InputError as error:
            wrong = wrong or str(error)
            continue
        if images is not None and card.data.identity != images.identity:
            raise InputError("The images have changed since this run began: it can only begin again, as a new run.")
        return state
    raise Unusable(f"{wrong} This run can only begin again, as a new run.")


def _forget_what_came_after(run: Path, training: Training) -> None:
    """Remove the records and checkpoints beyond the step that training goes on from: it makes them anew."""
    kept = [record for record in records(run) if record.step <= training.recorded]
    write_atomic(run / "records.jsonl", b"".join(_line(record) for record in kept))
    for folder in _checkpoints(run):
        if int(folder.name) > training.step:
            shutil.rmtree(folder)


def _keep(run: Path, model: VAE, config: RunConfig, images: Images, training: Training, record: Record | None) -> None:
    """Save the model and its training as they are now; of the checkpoints before, only the last stays."""
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
        epochs=training.epoch,
        steps=training.step,
        validation=(record and record.validation) or training.validate(),  # the very last update can be the one that diverges
        seconds=training.seconds,
        images_per_second=training.images_per_second,
        device=training.device,
        precision=training.precision,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=VERSION,
    )
    before = _checkpoints(run)
    state = None if training.done else training.state().arrays()
    checkpoint.save(run / "checkpoints" / f"{training.step:08d}", model, card, training=state)
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
                _turn(run, *_reason(error), final=isinstance(error, Diverged | Unusable))
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
    newest = newest_checkpoint(run)
    kept = "its last checkpoint is kept" if newest else "it had no checkpoint yet"
    if newest and checkpoint.has_training(newest):
        kept = f"it can go on from step {int(newest.name):,}"
    _turn(run, "failed", f"The training process ended unexpectedly; {kept}.")


def _stop_before_it_begins(run: Path) -> None:
    _turn(run, "stopped", "" if status(run).step else "Stopped before it began.")


def _turn(run: Path, state: State, message: str = "", *, final: bool = False) -> None:
    """Set the status, and leave the progress as it is."""
    now = status(run)
    set_status(run, state, message, final=final, step=now.step, steps=now.steps, seconds=now.seconds)


def _read(run: Path) -> Run:
    try:
        return Run(run.name, run, config_of(run), status(run), (run / "run.json").stat().st_mtime)
    except OSError as error:
        raise InputError("There is no such run any more.") from error
