"""`Shelf`: a folder of folders, each named by its id. They appear whole, go to the trash for a week, and come back.

A student of a class finds here what is his or her own or shared, and nothing else; what is shared only its owner removes.
"""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from vae_core.base import owners, quota
from vae_core.base.storage import Content, home, new_id, remove_folder, write_folder

TRASH_DAYS = 7


@dataclass(frozen=True)
class Shelf:
    """The folders in one place. An id is looked up among those that exist; text from outside never becomes part of a path.

    Attributes:
        name: the place, below `home()`.
        trash_name: where the deleted ones lie, below `home() / "trash"`.
    """

    name: str
    trash_name: str

    @property
    def place(self) -> Path:
        """The folder that holds the others; it need not exist yet."""
        return home() / self.name

    @property
    def trash(self) -> Path:
        """The folder that holds the deleted ones; it need not exist yet."""
        return home() / "trash" / self.trash_name

    def folders(self) -> list[Path]:
        """All that who asks may see, sorted by id."""
        return [folder for folder in folders_in(self.place) if owners.sees(folder)]

    def of_students(self) -> list[str]:
        """The ids of those that students of a class have made."""
        return [folder.name for folder in self.folders() if owners.owner_of(folder) is not None]

    def find(self, identifier: str) -> Path | None:
        """The folder with this id, None where there is none that who asks may see."""
        return next((folder for folder in self.folders() if folder.name == identifier), None)

    def add(self, files: Mapping[str, Content]) -> str:
        """Write a new folder of who asks as `write_folder` does; returns its id.

        Raises:
            InputError: who asks has left the class, or no room for it.
            OSError: the disk is full or cannot be written; the folder then does not exist, or exists whole.
        """
        identifier, mark = new_id(), owners.mark()
        with quota.room_for(sum(map(_size, files.values()))):
            write_folder(self.place / identifier, {**files, **mark})
        return identifier

    def discard(self, identifier: str) -> bool:
        """Move a folder to the trash, where its week begins now; False where there is none with this id.

        Raises:
            InputError: it is not of who asks.
            OSError: the disk cannot be written.
        """
        folder = self.find(identifier)
        if folder is not None:
            owners.check_owns(folder)
            folder.touch()
            _move(folder, self.trash)
        return folder is not None

    def restore(self, identifier: str) -> bool:
        """Undo `discard`; False where the trash has none with this id of who asks.

        Raises:
            OSError: the disk cannot be written.
        """
        folder = next((folder for folder in folders_in(self.trash) if folder.name == identifier and owners.owns(folder)), None)
        if folder is not None:
            _move(folder, self.place)
        return folder is not None

    def empty_trash(self) -> None:
        """Remove what has lain in the trash for more than a week; what cannot be removed stays."""
        for folder in folders_in(self.trash):
            if time.time() - folder.stat().st_mtime > TRASH_DAYS * 86_400:
                with contextlib.suppress(OSError):
                    remove_folder(folder)


def folders_in(parent: Path) -> list[Path]:
    """The folders in `parent`, sorted by name, but no hidden ones: they may be half written. Empty where there is no `parent`."""
    return sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")) if parent.is_dir() else []


def _size(content: Content) -> int:
    return len(content) if isinstance(content, bytes) else sum(part.nbytes for part in content)


def _move(folder: Path, parent: Path) -> None:
    parent.mkdir(parents=True, exist_ok=True)
    os.replace(folder, parent / folder.name)
