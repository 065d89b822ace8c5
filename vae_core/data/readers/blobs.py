"""`Blob`: one view of a file, from a folder, from uploads or, in `archives`, from a ZIP."""

from __future__ import annotations

import io
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from vae_core.base.errors import InputError, disk_errors_as
from vae_core.data.images import shown
from vae_core.data.readers.names import natural_path
from vae_core.data.taken import Taken, listed


@dataclass(frozen=True)
class Blob:
    """A named run of bytes that is read when asked for.

    Attributes:
        name: where it lies in its source, with "/" between folders.
        size: bytes, as the file system or the archive's directory states it.
        open: a fresh binary stream at its start.
    """

    name: str
    size: int
    open: Callable[[], IO[bytes]]

    @property
    def folder(self) -> tuple[str, ...]:
        """The names of the folders it lies in, outermost first."""
        return tuple(self.name.split("/")[:-1])

    def head(self) -> bytes:
        """The first 16 bytes, fewer if it is shorter; empty if they cannot be read."""
        return self.start(16)

    def start(self, count: int) -> bytes:
        """The first `count` bytes, fewer if it is shorter; empty if they cannot be read."""
        try:
            with self.open() as stream:
                return stream.read(count)
        except Exception:  # noqa: BLE001 - whoever reads it whole reports why
            return b""

    def read(self, limit: int) -> bytes:
        """All bytes.

        Raises:
            InputError: more than `limit` bytes, or it cannot be read.
        """
        try:
            with self.open() as stream:
                data = stream.read(limit + 1) if self.size <= limit else b""
        except Exception as error:
            raise InputError(f"{shown(self.name)} is damaged or cannot be read.") from error
        if self.size > limit or len(data) > limit:
            raise InputError(f"{shown(self.name)} is larger than the {limit / 2**20:,.0f} MB that are read of one file.")
        return data


def in_memory(name: str, data: bytes) -> Blob:
    """Bytes that are there already, under a name."""
    return Blob(name, len(data), lambda: io.BytesIO(data))


def from_uploads(files: Sequence[tuple[str, bytes]]) -> list[Blob]:
    """Uploaded files as (name, bytes), by name; hidden files, which come with an uploaded folder, are left out."""
    named = [(users_path(name), data) for name, data in files]
    return sorted((in_memory(name, data) for name, data in named if name is not None), key=lambda blob: natural_path(blob.name))


def from_path(path: Path, taken: Taken) -> list[Blob]:
    """One file, or every regular file under a folder, by name; hidden files are left out.

    Links are followed, also out of the folder, each folder once: the path is the user's own.

    Args:
        path: of the file or folder.
        taken: is told how many files links outside the folder led to.

    Raises:
        InputError: there is no such file or folder, it is a pipe or a device, or it cannot be listed.
    """
    with disk_errors_as(f"{shown(str(path))} cannot be read"):
        if path.is_file():
            return [_on_disk(path.name, path)]
        if path.is_dir():
            found = list(_walk(path))
            inside = path.resolve()
            outside = [shown(name) for name, file in found if not file.resolve().is_relative_to(inside)]
            if outside:
                taken.notes.append(f"Links lead out of {shown(path.name)} to {len(outside):,} files, which were read: {listed(outside)}.")
            return sorted((_on_disk(name, file) for name, file in found), key=lambda blob: natural_path(blob.name))
        if path.exists():
            raise InputError(f"{shown(str(path))} is a pipe, a socket or a device, and a file or a folder is needed.")
    raise InputError(f"There is no file or folder {shown(str(path))}.")


def users_path(name: str) -> str | None:
    """A cleaned path; None for what is not the user's: hidden files, and what macOS and Windows leave in folders and archives."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if not parts or any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in parts):
        return None
    return "/".join(parts)


def _walk(root: Path) -> Iterator[tuple[str, Path]]:
    """The cleaned name and the place of each file."""

    def stop(error: OSError) -> None:
        raise error

    seen: set[Path] = set()
    for folder, folders, names in os.walk(root, onerror=stop, followlinks=True):
        real = Path(folder).resolve()
        if real in seen:  # a link that leads back, or to a folder that was read already
            folders.clear()
            continue
        seen.add(real)
        folders.sort()
        for path in (Path(folder, name) for name in names):
            name = users_path(path.relative_to(root).as_posix())
            if name is not None and path.is_file():
                yield name, path


def _on_disk(name: str, path: Path) -> Blob:
    return Blob(name, path.stat().st_size, lambda: open(path, "rb"))
