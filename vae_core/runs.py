"""A training run is a directory: what was asked, how it stands, every record, and its checkpoints.

run.json                 the RunConfig
status.json              state, progress and a sentence where something went wrong; replaced atomically
records.jsonl            one record a line, appended
preview.png              validation images above their reconstructions, replaced as the model learns
checkpoints/<step>/      the newest finite model (and the one before until it is written)
stop                     a file that asks the run to stop
log.txt                  what the training process printed
"""

from __future__ import annotations

import contextlib
import json
import shutil
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import numpy as np
import torch
from pydantic import Field, ValidationError

from vae_core import checkpoint, data, explore
from vae_core.checkpoint import Card, DataCard, Figures
from vae_core.config import Config, RunConfig
from vae_core.data import Images
from vae_core.errors import InputError
from vae_core.images import png_bytes
from vae_core.model import VAE
from vae_core.objectives import average
from vae_core.storage import home, new_id, write_atomic
from vae_core.train import Record, fit

VERSION = "0.1.0"
PREVIEW_IMAGES = 10
_CHECKPOINT_SECONDS = 5.0  # a checkpoint costs milliseconds; an epoch of a small set costs less

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


def create(config: RunConfig, folder: Path | None = None) -> Path:
    """Make the directory of a new run, queued; its name is the run's id.

    Args:
        config: what to train.
        folder: where, instead of a new folder in `shelf()`.

    Raises:
        InputError: `folder` exists and is not empty.
    """
    run = folder or shelf() / new_id()
    if run.exists() and (not run.is_dir() or any(run.iterdir())):
        raise InputError(f"{run} exists and is not an empty folder: name another for the run.")
    run.mkdir(parents=True, exist_ok=True)
    set_status(run, "queued")
    write_atomic(run / "run.json", config.model_dump_json(indent=1).encode())  # last: from now on it is a run
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
    """All records so far; a last line that is still being written is left for the next time."""
    try:
        lines = (run / "records.jsonl").read_text("utf-8").splitlines(keepends=True)
    except OSError:
        return []
    parsed = [json.loads(line) for line in lines if line.endswith("\n")]
    return [Record(**{**line, "validation": Figures(**line["validation"]) if line["validation"] else None}) for line in parsed]


def newest_checkpoint(run: Path) -> Path | None:
    """The checkpoint folder with the most steps, None before the first."""
    folders = [path for path in (run / "checkpoints").glob("[0-9]*") if path.is_dir()]
    return max(folders, key=lambda path: int(path.name), default=None)


def request_stop(run: Path) -> None:
    """Ask a run to stop: a queued one never starts, a running one saves what it has and ends within a tenth of an epoch."""
    if status(run).state == "queued":
        set_status(run, "stopped", "Stopped before it began.")
    else:
        (run / "stop").touch()


def execute(run: Path, images: Images | None = None) -> Iterator[Record]:
    """Train the run in this directory, in this process; yields each record once it is on the disk.

    Args:
        run: a directory made by `create`.
        images: the run's data set where the caller has it already.

    Raises:
        InputError: the data set cannot be loaded or does not fit the model, or training diverged; the status says the same.
    """
    with _status_on_failure(run):
        config = RunConfig.model_validate_json((run / "run.json").read_bytes())
        if images is None:
            images = data.load(config.data)
        shape = (config.model.channels, config.model.height, config.model.width)
        if images.shape != shape:
            raise InputError(f"The data set has images of {images.shape} (channels, height, width) and the model takes {shape}.")
        model = VAE(config.model, seed=config.train.seed)
        originals = images.pixels[images.split().validation[:PREVIEW_IMAGES]]
        saved_at = -_CHECKPOINT_SECONDS
        stopped = False
        last: Record | None = None
        for record in fit(model, images, config.train):
            last = record
            with open(run / "records.jsonl", "a", encoding="utf-8") as file:
                file.write(json.dumps({**asdict(record), "validation": record.validation and record.validation.model_dump()}) + "\n")
            set_status(run, "running", step=record.step, steps=record.steps, seconds=record.seconds)
            stopped = (run / "stop").exists()
            ended = stopped or record.step == record.steps
            if ended or (record.validation and time.monotonic() - saved_at > _CHECKPOINT_SECONDS):
                _keep(run, model, config, images, record)
                saved_at = time.monotonic()
            if ended or record.validation:
                rows = [np.concatenate(list(row), axis=-1) for row in (originals, explore.reconstruct(model, originals))]
                write_atomic(run / "preview.png", png_bytes(np.concatenate(rows, axis=-2)))
            yield record
            if stopped:
                break
    assert last is not None  # a run has at least one epoch of at least one step
    set_status(run, "stopped" if stopped else "finished", step=last.step, steps=last.steps, seconds=last.seconds)


def _keep(run: Path, model: VAE, config: RunConfig, images: Images, record: Record) -> None:
    """Save the model as it is now and drop the checkpoint before."""
    validation = record.validation
    if validation is None:
        held_out = torch.from_numpy(images.pixels[images.split().validation])
        means = average(model, held_out, beta=config.train.beta, seed=config.train.seed)
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
    before = newest_checkpoint(run)
    checkpoint.save(run / "checkpoints" / f"{record.step:08d}", model, card)
    if before is not None:
        shutil.rmtree(before)


@contextlib.contextmanager
def _status_on_failure(run: Path) -> Iterator[None]:
    """Whatever ends a run early is in its status, as a sentence for an expected cause."""
    try:
        yield
    except InputError as error:
        now = status(run)
        set_status(run, "failed", str(error), step=now.step, steps=now.steps, seconds=now.seconds)
        raise
    except OSError as error:
        now = status(run)
        with contextlib.suppress(OSError):  # the disk may be the cause
            sentence = f"The run could not be written to disk: {error.strerror or error}."
            set_status(run, "failed", sentence, step=now.step, steps=now.steps, seconds=now.seconds)
        raise


def _read(folder: Path) -> Run | None:
    try:
        config = RunConfig.model_validate_json((folder / "run.json").read_bytes())
        return Run(folder.name, folder, config, status(folder), (folder / "run.json").stat().st_mtime)
    except (OSError, ValidationError):
        return None
