"""How much of the disk each student of a class may use; the teacher, a laptop and the command line have no limit but the disk's own."""

from __future__ import annotations

import contextlib
import os
import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from vae_core.base import owners
from vae_core.base.errors import InputError
from vae_core.base.storage import home

MOST_BYTES = 500 * 1024**2
MOST_THINGS = 100
"""Of runs, models and data sets, the deleted ones in the trash included: what lies there still takes room."""

LEAST_FREE = 2 * 1024**3
"""Bytes that students leave on the disk all together, however many browsers they come with."""

_PLACES = ("runs/*", "models/*", "data/*")
_TRASH = ("trash/data/*", "trash/models/*/*")
_one_at_a_time = threading.Lock()  # two uploads of one student at once would each find the same room


class Use(NamedTuple):
    """What a student has on the disk: bytes, and how many runs, models and data sets."""

    size: int
    things: int


def used() -> Use:
    """What who asks has on the disk; nothing for the teacher, whom nobody counts."""
    folders = [] if owners.asking() is None else _own(*_PLACES, *_TRASH)
    return Use(sum(map(_size, folders)), len(folders))


@contextlib.contextmanager
def room_for(size: int) -> Iterator[None]:
    """Hold room for one thing more of this many bytes while the block writes it. Where there is too little, one's own trash goes first.

    Raises:
        InputError: who asks has no such room, or the disk is nearly full.
    """
    if owners.asking() is None:
        yield
        return
    with _one_at_a_time:
        home().mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(home()).free - size < LEAST_FREE:
            raise InputError("The disk of the server is nearly full: tell your teacher, who can clear the room.")
        if not _fits(size):
            for folder in _own(*_TRASH):
                shutil.rmtree(folder, ignore_errors=True)
        if not _fits(size):
            use = used()
            raise InputError(
                f"This takes {megabytes(size)}, and of your {megabytes(MOST_BYTES)} and {MOST_THINGS} places for runs, models and sets "
                f"{megabytes(use.size)} and {use.things} are taken: delete some first."
            )
        yield


def megabytes(size: int) -> str:
    """A size as it stands on screen: "1.2 MB"."""
    return f"{size / 1024**2:,.1f} MB"


def _fits(size: int) -> bool:
    use = used()
    return use.size + size <= MOST_BYTES and use.things < MOST_THINGS


def _own(*places: str) -> list[Path]:
    return [folder for place in places for folder in home().glob(place) if folder.is_dir() and owners.owns(folder)]


def _size(folder: Path) -> int:
    total = 0
    for parent, folders, files in os.walk(folder):  # which passes over what the worker has just removed, as `rglob` does not
        for name in (*folders, *files):
            with contextlib.suppress(FileNotFoundError):
                total += Path(parent, name).lstat().st_size
    return total
