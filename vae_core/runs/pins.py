"""The models that a teacher has pinned for a lesson: first in all lists, seen by all, and changed by no student."""

from __future__ import annotations

from pydantic import TypeAdapter, ValidationError

from vae_core.base import owners, passes
from vae_core.base.errors import InputError, disk_errors_as
from vae_core.base.storage import write_atomic

_IDS = TypeAdapter(list[str])


def pinned() -> list[str]:
    """The ids of these models, in the order in which they were pinned; none outside lab mode."""
    if passes.address() is None:
        return []
    try:
        return _IDS.validate_json((passes.place() / "pins.json").read_bytes())
    except (OSError, ValidationError):
        return []


def pin(model_ids: list[str]) -> None:
    """Pin these models, and no others.

    Raises:
        InputError: a student asks, or the disk cannot be written.
    """
    if owners.asking() is not None:
        raise InputError("Only the teacher pins models.")
    with disk_errors_as("The pins cannot be kept"):
        write_atomic(passes.place() / "pins.json", _IDS.dump_json(model_ids))


def check_not_pinned(model_id: str) -> None:
    """Refuse a change by a student of what is pinned, even of the student's own.

    Raises:
        InputError: a student asks, and it is pinned.
    """
    if owners.asking() is not None and model_id in pinned():
        raise InputError("The teacher has pinned this model for the lesson: it stays as it is.")
