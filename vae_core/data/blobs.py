"""One view on every source of files: a folder, several uploads, or a ZIP archive that is never unpacked to disk."""

from __future__ import annotations

import io
import os
import stat
import struct
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from vae_core.base.errors import InputError, disk_errors_as
from vae_core.data.images import shown

MAX_MEMBERS = 20_000
MAX_INFLATED = 2**30

_LOCAL_HEADER = struct.Struct("<26xHH")


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
        try:
            with self.open() as stream:
                return stream.read(16)
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


def from_uploads(files: Sequence[tuple[str, bytes]]) -> list[Blob]:
    """Uploaded files as (name, bytes), by name; hidden files, which come with an uploaded folder, are left out."""
    named = [(_path(name), data) for name, data in files]
    return sorted((_in_memory(name, data) for name, data in named if name is not None), key=lambda blob: blob.name)


def from_path(path: Path) -> list[Blob]:
    """One file, or every regular file under a folder, by name.

    Of a folder, hidden files are left out, and so is what a link shows outside of it.

    Raises:
        InputError: there is no such file or folder, or it cannot be listed.
    """
    with disk_errors_as(f"{shown(str(path))} cannot be read"):
        if path.is_file():
            return [_on_disk(path.name, path)]
        if path.is_dir():
            return sorted(_walk(path), key=lambda blob: blob.name)
    raise InputError(f"There is no file or folder {shown(str(path))}.")


def from_zip(data: bytes, name: str) -> list[Blob]:
    """The files in a ZIP archive, by name; folders, links and what operating systems add (`__MACOSX`, `Thumbs.db`) are left out.

    Reading a member inflates it in memory and never yields more than the size its directory entry states, so that the sum of
    `Blob.size` bounds what can come out.

    Raises:
        InputError: no ZIP archive, damaged, encrypted, compressed by another method than deflate, more than 20,000 members,
            or members that share bytes (the mark of a bomb).
    """
    if data.count(b"PK\x01\x02") > MAX_MEMBERS:  # counted before the directory is built in memory
        raise InputError(f"{shown(name)} holds more than {MAX_MEMBERS:,} files, the most an archive may have.")
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _check_overlap(data, archive, name)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{shown(name)} is a damaged or cut-short ZIP archive and cannot be read.") from error
    blobs = []
    for member in archive.infolist():
        path = _path(member.filename)
        if path is None or member.is_dir() or stat.S_ISLNK(member.external_attr >> 16):
            continue
        if member.flag_bits & 1:
            raise InputError(f"{shown(name)} is encrypted: make an archive without a password.")
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise InputError(f"{shown(name)} uses a compression that is not read: make an ordinary ZIP (deflate).")
        blobs.append(_in_archive(path, archive, member))
    return sorted(blobs, key=lambda blob: blob.name)


def check_inflated(blobs: Sequence[Blob], name: str) -> None:
    """Refuse an archive whose files together are larger than 1 GiB.

    Raises:
        InputError: they are.
    """
    if sum(blob.size for blob in blobs) > MAX_INFLATED:
        raise InputError(f"{shown(name)} unpacks to more than {MAX_INFLATED // 2**30} GB, the most an archive may hold.")


def _check_overlap(data: bytes, archive: zipfile.ZipFile, name: str) -> None:
    """Python before 3.11.8 opens an archive whose members share one compressed run, which makes 200 kB into 200 GB."""
    members = sorted(archive.infolist(), key=lambda member: member.header_offset)
    ends = []
    for member in members:
        name_length, extra_length = _LOCAL_HEADER.unpack_from(data, member.header_offset)
        ends.append(member.header_offset + 30 + name_length + extra_length + member.compress_size)
    starts = [*(member.header_offset for member in members), archive.start_dir]
    if any(end > start for end, start in zip(ends, starts[1:], strict=True)):
        raise InputError(f"{shown(name)} holds files that overlap each other, which no honest archive does.")


def _path(name: str) -> str | None:
    """A cleaned path; None for what is not the user's: hidden files, and what macOS and Windows leave in folders and archives."""
    parts = [part for part in name.replace("\\", "/").split("/") if part not in ("", ".", "..")]
    if not parts or any(part.startswith(".") or part in ("__MACOSX", "Thumbs.db", "desktop.ini") for part in parts):
        return None
    return "/".join(parts)


def _walk(root: Path) -> Iterator[Blob]:
    def stop(error: OSError) -> None:
        raise error

    inside = root.resolve()
    for folder, _, names in os.walk(root, onerror=stop):
        for path in (Path(folder, name) for name in names):
            name = _path(path.relative_to(root).as_posix())
            if name is not None and path.is_file() and path.resolve().is_relative_to(inside):
                yield _on_disk(name, path)


def _in_memory(name: str, data: bytes) -> Blob:
    return Blob(name, len(data), lambda: io.BytesIO(data))


def _on_disk(name: str, path: Path) -> Blob:
    return Blob(name, path.stat().st_size, lambda: open(path, "rb"))


def _in_archive(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Blob:
    return Blob(name, member.file_size, lambda: archive.open(member))
