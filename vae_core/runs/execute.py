"""`execute`: the training of a run in this process, from its directory and into it."""

from __future__ import annotations

import contextlib
import copy
import math
import time
import traceback
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core import data
from vae_core.analysis import explore
from vae_core.base.config import Device, Precision, RunConfig
from vae_core.base.errors import InputError, is_full, reason
from vae_core.base.storage import naming, remove_folder, write_atomic
from vae_core.data import Images
from vae_core.data.images import png_bytes
from vae_core.model.vae import VAE
from vae_core.runs import directory, resuming, trainer
from vae_core.runs.directory import State
from vae_core.training import checkpoint, snapshots
from vae_core.training.checkpoint import Card, DataCard
from vae_core.training.processes import ALONE, LostProcess, Order, Processes
from vae_core.training.train import Diverged, Record, Training
from vae_core.training.training_state import Unusable

_PREVIEW_IMAGES = 10
_CHECKPOINT_SECONDS = 5.0  # at least this long between two checkpoints; an epoch of a small set takes less
_CHECKPOINT_COSTS = 20  # and at least this many times what the last one took: a large model's takes seconds
_LONGEST_SECONDS = 60.0  # after which one is due though the epoch has not ended
_RESERVE_BYTES = 2**16
_LOOK_SECONDS = 0.1  # between two looks at whether the run shall stop


def execute(run: Path, images: Images | None = None, processes: Processes = ALONE) -> Iterator[Record]:
    """Train the run in this directory, in this process; yields each record once it is on the disk.

    It begins with the first step, or goes on after the last one that was saved. A run that is stopped between two records ends with a
    record of the steps since the last one; when the run goes on, the next full record takes its place.

    Args:
        run: a directory made by `directory.create`, or made ready again by `resuming.resume`.
        images: the run's data set where the caller has it already.
        processes: those that train it together; this is the first of them, and the others `follow`.

    A run that has ended meanwhile, as by another worker, is left as it is.

    Raises:
        InputError: another process is training it, or, as the status then says too, the data set cannot be loaded or does not fit
            the model, training diverged, or one of `processes` is gone.
        OSError: the disk is full or cannot be written; the status says so. A run that met a full disk is "stopped" and can go on.
    """
    with directory.hold(run), trainer.at_work(run), _status_on_failure(run), _reserve(run):
        if directory.status(run).active:
            yield from _train(run, images, processes)


def follow(processes: Processes) -> None:
    """Take part in the run that the first of these processes executes, until it has ended; this process writes nothing.

    Raises:
        InputError: the run or its data set cannot be read, as on a machine that does not share their folder, or the images are others.
    """
    try:
        plan = processes.told(None)
        assert plan is not None
        config = directory.config_of(plan.run)
        images = data.load_exactly(config.data)
        if images.identity != plan.identity:
            raise InputError(f"The images of {config.data} are not the same for process {processes.rank} as for the first.")
        if config.train.threads:
            torch.set_num_threads(config.train.threads)
        train = config.train.model_copy(update={"device": plan.device, "precision": plan.precision})
        saved = resuming.newest_state(plan.run, images) if plan.resumed else None
        training = Training(VAE(config.model, seed=config.train.seed), images, train, saved, processes)
        processes.meet()
        training.follow()
    except (LostProcess, Diverged):  # the first process, or torchrun, says why
        return


class _Plan(NamedTuple):
    """What the first process tells the others before its first step."""

    run: Path
    identity: str
    device: Device
    precision: Precision
    resumed: bool


def _train(run: Path, images: Images | None, processes: Processes) -> Iterator[Record]:
    directory.set_state(run, "running")
    if directory.stop_requested(run):
        directory.stop_before_it_begins(run)
        return
    config = directory.config_of(run)
    if images is None:
        images = data.load_exactly(config.data)
    shape = (config.model.channels, config.model.height, config.model.width)
    if images.shape != shape:
        raise InputError(f"The data set has images of {images.shape} (channels, height, width) but the model takes {shape}.")
    model = VAE(config.model, seed=config.train.seed)
    saved = resuming.newest_state(run, images) if directory.checkpoints(run) else None
    training = Training(model, images, config.train, saved, processes)
    if saved is not None:
        directory.forget_after(run, step=training.step, recorded=training.recorded)
    snapshots.forget_after(run, training.step)
    recorder = snapshots.Recorder(run, config, images, training.steps)
    originals = images.take(images.split().validation[:_PREVIEW_IMAGES])
    saved_at, pause = time.monotonic(), 0.0
    looked_at = -math.inf
    processes.told(_Plan(run.resolve(), images.identity, training.device, training.precision, saved is not None))
    processes.meet()  # before the clock of the steps runs
    recorder.follow(model, training.step, training.epoch)
    while not training.done:
        record = training.update()
        whole_epoch = record is not None and record.validation is not None
        recorder.follow(model, training.step, training.epoch, now=whole_epoch)
        if record is None and time.monotonic() - looked_at < _LOOK_SECONDS:
            continue
        looked_at = time.monotonic()
        stopped = directory.stop_requested(run)
        ended = stopped or training.done
        if record is None and stopped:
            record = training.report()
        if record is not None:
            directory.append_record(run, record)
        if ended:
            recorder.take(model, training.step, training.epoch)
        if ended or looked_at - saved_at > max(pause, 0.0 if whole_epoch else _LONGEST_SECONDS):
            _keep(run, model, config, images, training, record)
            saved_at = time.monotonic()
            pause = max(_CHECKPOINT_SECONDS, _CHECKPOINT_COSTS * (saved_at - looked_at))
        if ended or whole_epoch:
            here = model if training.device == "cpu" else copy.deepcopy(model).cpu()
            write_atomic(run / "preview.png", _preview(here, config, originals))
        if record is not None:
            state: State = "finished" if training.done else "stopped" if stopped else "running"
            directory.set_status(run, state, step=record.step, steps=record.steps, seconds=record.seconds)
            yield record
        if ended:
            processes.order(Order.END)
            return


def _preview(model: VAE, config: RunConfig, originals: NDArray[np.uint8]) -> bytes:
    """A PNG: the originals side by side, below them their reconstructions, at each of `directory.preview_weights`."""
    plain = [model.at(weights) for weights in directory.preview_weights(config)] or [model]
    pictures = [originals, *(explore.reconstruct(each, originals) for each in plain)]
    return png_bytes(np.concatenate([np.concatenate(list(row), axis=-1) for row in pictures], axis=-2))


def _keep(run: Path, model: VAE, config: RunConfig, images: Images, training: Training, record: Record | None) -> None:
    """Save the model and its training as they are now; of the checkpoints before, only the last stays."""
    known = data.info(config.data)
    card = Card(
        name=config.name,
        data=DataCard(
            name=config.data,
            title=images.name if known is None else known.title,
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
        version=directory.VERSION,
    )
    before = directory.checkpoints(run)
    state = None if training.done else training.state().arrays()
    checkpoint.save(run / directory.CHECKPOINTS / f"{training.step:08d}", model, card, training=state)
    for folder in before[:-1]:
        remove_folder(folder)


@contextlib.contextmanager
def _reserve(run: Path) -> Iterator[None]:
    """Keep a few kilobytes of the disk while the block runs: there is room for the reason when it ends because the disk is full."""
    file = run / ".reserve"
    try:
        with naming(file):
            file.write_bytes(bytes(_RESERVE_BYTES))
        yield
    finally:
        with contextlib.suppress(OSError):
            file.unlink(missing_ok=True)


@contextlib.contextmanager
def _status_on_failure(run: Path) -> Iterator[None]:
    """Write into the status of a run what ends it early, as a sentence."""
    try:
        yield
    except BaseException as error:
        with contextlib.suppress(OSError):  # the disk may be the cause
            if directory.status(run).active:  # not so after the last record, where the caller may drop the generator
                directory.set_state(run, *_reason(run, error), final=isinstance(error, Diverged | Unusable))
            if isinstance(error, Exception) and not isinstance(error, InputError):
                (run / "log.txt").write_text(traceback.format_exc(), "utf-8")
        raise


def _reason(run: Path, error: BaseException) -> tuple[State, str]:
    if isinstance(error, LostProcess):
        return "failed", f"{str(error).removesuffix('.')}; {resuming.kept(run)}."
    if isinstance(error, InputError):
        return "failed", str(error)
    if isinstance(error, OSError):
        refused = f"The disk refused a file of the run: {reason(error)}."
        if not is_full(error):
            return "failed", refused
        saved = any(map(checkpoint.has_training, directory.checkpoints(run)))
        return "stopped", f"{refused} Free some space, then {'press Resume' if saved else 'press Begin again'}."
    if isinstance(error, KeyboardInterrupt | GeneratorExit):
        return "stopped", "Interrupted; what came after the last checkpoint is lost."
    return "failed", "The program hit an error of its own; log.txt in the run's folder has the details."
