"""What the teacher of a class sees of the room, and how it is cleared."""

from __future__ import annotations

from vae_core import data
from vae_core.base import owners
from vae_core.base.errors import InputError, disk_errors_as
from vae_core.data import drawings
from vae_core.runs import catalogue, directory, pins


def active() -> list[directory.Run]:
    """The runs at work and in the queue, of all, the oldest first.

    Raises:
        InputError: a student asks.
    """
    _check_teacher()
    return [run for run in reversed(directory.listing()) if run.status.active]


def student_of(run: directory.Run) -> str:
    """Whose a run is, in a word that the teacher can tell apart."""
    name = owners.owner_of(run.folder)
    return "you" if name is None else f"student {name[:4]}"


def reset() -> int:
    """Move all that students have made to the trash, stop their runs, end the drawing session and take all pins away.

    Returns:
        how many runs are still being trained: they end after the step under way, and stay until the next reset.

    Raises:
        InputError: a student asks, or the disk cannot be written.
    """
    _check_teacher()
    pins.pin([])
    drawings.discard()
    still = 0
    with disk_errors_as("The room cannot be cleared"):
        for run_id in directory.RUNS.of_students():
            folder = directory.RUNS.place / run_id
            if directory.status(folder).active:
                directory.request_stop(folder)
            if directory.status(folder).active:
                still += 1
            else:
                directory.RUNS.discard(run_id)
    for model_id in catalogue.UPLOADS.of_students():
        catalogue.delete(model_id)
    for name in data.of_students():
        data.delete_imported(name)
    return still


def _check_teacher() -> None:
    if owners.asking() is not None:
        raise InputError("Only the teacher sees the room and clears it.")
