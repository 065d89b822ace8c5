"""Whose a run, a model or a data set is, and who sees it.

In lab mode each folder of a student holds that student's name, and those that are shared with the class hold a mark. A folder without a
name is the teacher's, as is all that was made outside lab mode. Who asks is known to the server; the command line, the worker and a laptop
ask as the teacher does and see all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from pathlib import Path

from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic

NOBODY = ""
"""The name of who has left the class: sees what is shared, and makes nothing."""

_OWNER, _SHARED = "owner.txt", "shared.txt"
_acting: ContextVar[tuple[str | None] | None] = ContextVar("acting", default=None)


def _teacher() -> str | None:
    return None


_who: Callable[[], str | None] = _teacher


def told_by(who: Callable[[], str | None]) -> None:
    """From now on this function says who asks, where no `acting_as` does: a student's name, `NOBODY`, or None for the teacher."""
    global _who
    _who = who


@contextmanager
def acting_as(name: str | None) -> Iterator[None]:
    """Inside the block this student asks, or the teacher: for requests, and for what the house does on behalf of all."""
    token = _acting.set((name,))
    try:
        yield
    finally:
        _acting.reset(token)


def asking() -> str | None:
    """The student who asks; None for the teacher, who sees and may change all."""
    acting = _acting.get()
    return _who() if acting is None else acting[0]


def owner_of(folder: Path) -> str | None:
    """The student whose this folder is; None where it is the teacher's."""
    try:
        return (folder / _OWNER).read_text("utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def owns(folder: Path) -> bool:
    """Whether who asks may change it."""
    name = asking()
    return name is None or (name != NOBODY and owner_of(folder) == name)


def sees(folder: Path) -> bool:
    """Whether who asks may see it."""
    return owns(folder) or is_shared(folder)


def is_shared(folder: Path) -> bool:
    """Whether the whole class may see it."""
    return (folder / _SHARED).exists()


def check_owns(folder: Path) -> None:
    """Refuse a change by somebody else.

    Raises:
        InputError: it is not of who asks.
    """
    if not owns(folder):
        raise InputError("This is shared with the class: only who made it and the teacher can change it.")


def mark() -> Mapping[str, bytes]:
    """The files by which a new folder becomes that of who asks, by name.

    Raises:
        InputError: who asks has left the class.
    """
    name = asking()
    if name == NOBODY:
        raise InputError("This browser has left the class: reload the page and come in again.")
    return {} if name is None else {_OWNER: name.encode()}


def share(folder: Path, *, shared: bool) -> None:
    """Let the whole class see a folder, or no longer.

    Raises:
        InputError: it is not of who asks.
        OSError: the disk cannot be written.
    """
    check_owns(folder)
    if shared:
        write_atomic(folder / _SHARED, b"")
    else:
        (folder / _SHARED).unlink(missing_ok=True)
