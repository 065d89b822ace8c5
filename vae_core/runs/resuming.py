"""How a run goes on: whether it can, from which saved state or from the start, and what happens to one whose process died."""

from __future__ import annotations

import contextlib
from pathlib import Path

from vae_core.base import owners
from vae_core.base.errors import InputError, disk_errors_as
from vae_core.base.storage import remove_half_written
from vae_core.data import Images
from vae_core.runs import directory, trainer
from vae_core.runs.directory import Run, State
from vae_core.training import checkpoint, training_state
from vae_core.training.training_state import TrainingState, Unusable


def newest_state(run: Path, images: Images | None = None) -> TrainingState:
    """The run's newest training state that is whole.

    Args:
        run: the run's directory.
        images: the data set to go on with; None to leave that unchecked.

    Raises:
        Unusable: there is none.
        InputError: these are not the images it was trained on.
    """
    config = directory.config_of(run)
    wrong = ""
    for folder in reversed(directory.checkpoints(run)):
        try:
            card, state = training_state.load(folder)
            if (card.model, card.train, card.steps) != (config.model, config.train, int(folder.name)):
                raise Unusable(f"The training state in {folder.name} belongs to another run.")
        except InputError as error:
            wrong = wrong or str(error)
            continue
        if images is not None and card.data.identity != images.identity:
            raise InputError("The images have changed since this run began: start a new run instead.")
        return state
    raise Unusable(f"{wrong} This run cannot go on: start a new run instead.")


def cannot_resume(run: Run) -> str | None:
    """Why this run cannot go on from where it stands, as a sentence; None if it can, as far as that is known without reading its files."""
    if run.status.active:
        return "This run is already in training, or waits for its turn."
    if run.status.state == "finished":
        return "This run has done all of its steps."
    if run.status.final:
        return run.status.message
    if not begins_again(run) and not any(map(checkpoint.has_training, directory.checkpoints(run.folder))):
        return "This run ended before its training was first saved: start a new run instead."
    return None


def begins_again(run: Run) -> bool:
    """Whether a run that ended has nothing yet to go on from, so that it begins again with its first step."""
    return not run.status.active and not run.status.final and directory.newest_checkpoint(run.folder) is None


def resume(run: Path, *, state: State = "queued") -> None:
    """Make a stopped or failed run ready to go on from its newest whole training state when it is next executed, or to begin again.

    Args:
        run: the run's directory. A run that says "running" though its process died counts as failed.
        state: what it then says, as in `directory.create`.

    Raises:
        InputError: it cannot go on, another process is training it, or the disk cannot be written.
    """
    with disk_errors_as("The run cannot go on"), directory.hold(run):
        if directory.status(run).state == "running":
            _cut_off(run)
        found = directory.read(run)
        reason = cannot_resume(found)
        if reason is not None:
            raise InputError(reason)
        (run / "stop").unlink(missing_ok=True)
        if begins_again(found):
            directory.forget_after(run, step=0, recorded=0)
            directory.set_status(run, state)
            return
        try:
            newest_state(run)
        except Unusable as error:
            directory.set_state(run, "failed", str(error), final=True)
            raise
        directory.set_state(run, state)


def mark_cut_off() -> None:
    """A run that says "running" while no process holds its lock was cut off: say so in its status and remove half-written files.

    One whose last step was saved has finished.
    """
    with owners.acting_as(None):
        listed = directory.listing()
    for run in listed:
        if run.status.state == "running":
            with (
                contextlib.suppress(OSError),
                directory.locked(run.folder / directory.LOCK) as free,
            ):  # on a full disk the next call tries again
                running = directory.status(run.folder).state == "running"  # it may have ended since the list was made
                if free and running and not trainer.elsewhere(run.folder):
                    _cut_off(run.folder)


def kept(run: Path) -> str:
    """What is left of a run whose training was cut off, as the end of a sentence."""
    newest = directory.newest_checkpoint(run)
    if newest is None:
        return "it had no checkpoint yet"
    return f"the run can go on from step {int(newest.name):,}" if checkpoint.has_training(newest) else "its last checkpoint is kept"


def _cut_off(run: Path) -> None:
    remove_half_written(run, older=0)
    newest, last = directory.newest_checkpoint(run), directory.records(run)[-1:]
    if newest is not None and last and int(newest.name) == last[0].step == last[0].steps:  # only the word that it has ended is missing
        directory.set_status(run, "finished", step=last[0].step, steps=last[0].steps, seconds=last[0].seconds)
        return
    directory.set_state(run, "failed", f"The training process ended unexpectedly; {kept(run)}.")
