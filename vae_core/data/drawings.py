"""What a class draws: a session of the teacher, to which students send drawings with their classes, and the data set that comes of it.

A drawing is a file of its own in the folder of the session, whole and on the disk before it is acknowledged. Its name says when it came,
of whom, and which class it is of.
"""

from __future__ import annotations

import re
import threading
import time
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from vae_core.base import owners
from vae_core.base.errors import InputError, disk_errors_as
from vae_core.base.shelf import Shelf
from vae_core.base.storage import new_id, read_sealed, write_sealed
from vae_core.base.strict import Config
from vae_core.data import library
from vae_core.data.images import shown
from vae_core.data.imageset import MIN_IMAGES, Images

SHAPE = (1, 28, 28)
MOST_CLASSES, MOST_LETTERS = 12, 40
MOST_EACH, MOST = 100, 3000
"""Drawings of one browser, and of all."""

_SHELF = Shelf("class/drawings", trash_name="drawings")
_CARD = "session.json"
_NAME = re.compile(r"([0-9]{20})-([0-9a-f]{16})-([0-9]{1,2})-[0-9a-f]{12}")
_one_at_a_time = threading.RLock()  # the limits hold for who sends at once, too, and nobody writes into a folder that is being moved

Pixels = NDArray[np.uint8]


class _Card(Config):
    classes: tuple[str, ...]
    model: str | None


class Session(NamedTuple):
    """A drawing session that is open: its id, the names of the classes, and the id of the model on whose map the drawings are shown."""

    id: str
    classes: tuple[str, ...]
    model: str | None


class Drawing(NamedTuple):
    """One drawing: its id, its class as an index, and its pixels, uint8 [1, 28, 28]."""

    id: str
    label: int
    pixels: Pixels


def begin(names: Sequence[str], model: str | None) -> None:
    """Open a session for these classes; one that was open goes to the trash.

    Raises:
        InputError: a student asks; there are too few or too many classes, or their names are empty, long or the same; or the disk is full.
    """
    _check_teacher()
    classes = tuple(shown(name).strip() for name in names)
    if not 2 <= len(classes) <= MOST_CLASSES or any(not 1 <= len(name) <= MOST_LETTERS for name in classes):
        raise InputError(f"Name 2 to {MOST_CLASSES} classes of up to {MOST_LETTERS} letters each, with commas between them.")
    if len({name.casefold() for name in classes}) < len(classes):
        raise InputError("Two classes have the same name: give each its own.")
    discard()
    with disk_errors_as("The drawing session cannot be opened"):
        _SHELF.add({_CARD: _Card(classes=classes, model=model).model_dump_json().encode()})


def current() -> Session | None:
    """The session that is open; None where there is none."""
    with owners.acting_as(None):
        for folder in reversed(_SHELF.folders()):
            try:
                card = _Card.model_validate_json((folder / _CARD).read_bytes())
            except (OSError, ValidationError):
                continue
            return Session(folder.name, card.classes, card.model)
    return None


def add(session: str, label: int, pixels: Pixels) -> int:
    """Keep a drawing of the student who asks; returns how many of this student's there are, once it is on the disk.

    Args:
        session: the id of the session that it is for.
        label: its class, an index.
        pixels: uint8 [1, 28, 28].

    Raises:
        InputError: no student asks; the session is not open any more, or has no such class; the drawing is empty or of another size; there
            are as many as may be; or the disk is full.
    """
    student = owners.asking()
    if not student:
        raise InputError("Only students of the class draw, each in a browser of their own.")
    open_now = current()
    if open_now is None or open_now.id != session:
        raise InputError("Your teacher has ended this drawing: nothing more can be sent.")
    if not 0 <= label < len(open_now.classes):
        raise InputError("Choose what it is that you have drawn.")
    if pixels.shape != SHAPE or pixels.dtype != np.uint8 or pixels.min() == pixels.max():
        raise InputError(f"A drawing has {SHAPE[2]} × {SHAPE[1]} grey pixels, and something drawn on them.")
    with _one_at_a_time, disk_errors_as("Your drawing could not be kept, so send it again"):
        names = _names(_folder(session))
        own: int = sum(_parts(name)[2] == student for name in names)
        if own >= MOST_EACH or len(names) >= MOST:
            whose = f"You have sent {own} drawings" if own >= MOST_EACH else f"The class has sent {len(names):,} drawings"
            raise InputError(f"{whose}, and more are not taken.")
        name = f"{time.time_ns():020d}-{student}-{label}-{new_id()}"
        write_sealed(_folder(session) / name, name, pixels.tobytes())
        return own + 1


def drawings(session: str) -> list[Drawing]:
    """The drawings of a session, the newest first, without those that `damaged` counts.

    Raises:
        InputError: a student asks, who sees nobody else's.
    """
    _check_teacher()
    folder = _folder(session)
    found = ((name, _pixels(folder, name)) for name in reversed(_names(folder)))
    return [Drawing(name, int(_parts(name)[3]), pixels) for name, pixels in found if pixels is not None]


def damaged(session: str) -> int:
    """How many drawings of a session were damaged on the disk."""
    folder = _folder(session)
    return sum(_pixels(folder, name) is None for name in _names(folder))


def remove(session: str, drawing: str, *, all_of_its_browser: bool) -> None:
    """Take a drawing away, or with it all from the same browser.

    Raises:
        InputError: a student asks, there is no such drawing, or the disk cannot be written.
    """
    _check_teacher()
    folder = _folder(session)
    names = _names(folder)
    if drawing not in names:
        raise InputError("This drawing is gone already.")
    student = _parts(drawing)[2]
    with disk_errors_as("The drawing cannot be removed"):
        for name in names:
            if name == drawing or (all_of_its_browser and _parts(name)[2] == student):
                (folder / name).unlink(missing_ok=True)


def end(session: str, title: str) -> str:
    """Close a session and keep its drawings as a data set that the whole class sees; returns the set's id.

    Raises:
        InputError: a student asks, there are fewer than ten drawings, or the disk is full; the session is then still open.
    """
    _check_teacher()
    with _one_at_a_time:  # who sends meanwhile is told that it has ended, and is told so before it is acknowledged
        open_now = current()
        if open_now is None or open_now.id != session:
            raise InputError("This drawing has ended already.")
        found = drawings(session)[::-1]
        if len(found) < MIN_IMAGES:
            raise InputError(f"A data set has at least {MIN_IMAGES} images, and {len(found)} were drawn: let the class draw more.")
        pixels, labels = np.stack([each.pixels for each in found]), np.array([each.label for each in found], np.int64)
        images = Images("drawings", pixels, labels, open_now.classes, licence="drawn by a class")
        identifier = library.save_imported(images, title)
        library.share_imported(identifier, shared=True)
        discard()
    return identifier


def discard() -> None:
    """Close the session, if one is open; its drawings lie in the trash for a week.

    Raises:
        InputError: a student asks, or the disk cannot be written.
    """
    _check_teacher()
    with _one_at_a_time, disk_errors_as("The drawing session cannot be closed"):
        _SHELF.empty_trash()
        for folder in _SHELF.folders():
            _SHELF.discard(folder.name)


def _check_teacher() -> None:
    if owners.asking() is not None:
        raise InputError("Only the teacher sees what the class draws.")


def _folder(session: str) -> Path:
    with owners.acting_as(None):
        folder = _SHELF.find(session)
    if folder is None:
        raise InputError("This drawing has ended already.")
    return folder


def _names(folder: Path) -> list[str]:
    """The drawings of a folder, the oldest first."""
    return sorted(path.name for path in folder.iterdir() if _NAME.fullmatch(path.name))


def _parts(name: str) -> re.Match[str]:
    found = _NAME.fullmatch(name)
    assert found is not None  # a name of `_names`
    return found


@lru_cache(maxsize=2 * MOST)
def _pixels(folder: Path, name: str) -> Pixels | None:
    payload = read_sealed(folder / name, name)
    return None if payload is None else np.frombuffer(payload, np.uint8).reshape(SHAPE)
