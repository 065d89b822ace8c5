"""The files of a ZIP or tar archive, which is never unpacked to disk, and the limits that hold for one."""

from __future__ import annotations

import io
import stat
import struct
import tarfile
import zipfile

from vae_core.base.errors import InputError
from vae_core.base.zips import is_cut_off, members_at_most
from vae_core.data.images import shown
from vae_core.data.readers.blobs import Blob, in_memory, users_path
from vae_core.data.readers.encodings import ENCODINGS, encoding_of
from vae_core.data.readers.names import natural_path
from vae_core.data.taken import Taken, listed

_UTF_8 = 0x800  # the flag of a member whose name is marked so
_NAMELESS = "a file without a name"
_LINK = "is a link, which is not followed."
_LOCAL_HEADER = struct.Struct("<26xHH")


def from_zip(data: bytes, name: str, taken: Taken) -> list[Blob]:
    """The files in a ZIP archive, by name; folders, links and what operating systems add or hide (`__MACOSX`, `Thumbs.db`) are left out.

    Reading a member inflates it in memory and never yields more than the size its directory entry states, so that the sum of
    `Blob.size` bounds what can come out.

    Names that are not marked as UTF-8 are read as what they most likely are. A member that is encrypted, or compressed by another method
    than deflate, is not read.

    Args:
        data: the archive.
        name: of the archive.
        taken: is told what was not read, and how names were; its budget counts the files.

    Raises:
        InputError: no ZIP archive, cut off, damaged, nothing in it can be read, more members than an import may have, or members that
            share bytes (the mark of a bomb).
    """
    if is_cut_off(data):
        raise InputError(f"{shown(name)} is a ZIP archive that is cut off, its end is missing: copy or download it again.")
    taken.budget.list(members_at_most(data), name)
    try:
        archive = zipfile.ZipFile(io.BytesIO(data))
        _check_overlap(data, archive, name)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{shown(name)} is a damaged or cut-short ZIP archive and cannot be read.") from error
    blobs: list[Blob] = []
    closed: list[InputError] = []
    hidden: list[str] = []
    members = archive.infolist()
    if not members:
        taken.leave(name, "is a ZIP archive with nothing in it.")
    encoding = encoding_of([_raw(member) for member in members if not member.flag_bits & _UTF_8])
    if encoding not in (None, "cp437"):
        taken.notes.append(f"The names in {shown(name)} were read as {ENCODINGS[encoding]}.")
    for member in members:
        path = users_path(member.filename if member.flag_bits & _UTF_8 or encoding is None else _raw(member).decode(encoding, "replace"))
        if member.filename.endswith("/"):  # `is_dir` of a file without a name fails in Python before 3.12
            continue
        if path is None:
            hidden.append(member.filename or _NAMELESS)
            continue
        if stat.S_ISLNK(member.external_attr >> 16):
            taken.leave(path, _LINK)
            continue
        if member.flag_bits & 1:
            closed.append(InputError(f"{shown(path)} is encrypted: make an archive without a password."))
        elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            closed.append(InputError(f"{shown(path)} uses a compression that is not read: make an ordinary ZIP (deflate)."))
        else:
            blobs.append(_in_archive(path, archive, member))
            continue
        taken.leave(path, closed[-1])
    _say_hidden(hidden, taken)
    if closed and not blobs:
        raise InputError(f"{shown(name)} holds nothing that can be read: {closed[0]}")
    return sorted(blobs, key=lambda blob: natural_path(blob.name))


def is_tar(start: bytes) -> bool:
    """Whether a file, once unzipped, that begins like this is a tar archive."""
    return start[257:262] == b"ustar"


def from_tar(blob: Blob, taken: Taken) -> list[Blob]:
    """The files in a tar archive, gzipped or not, by name; folders, links and what operating systems add or hide are left out.

    An archive can only be read from its start to its end, so its files are kept in memory.

    Args:
        blob: the archive.
        taken: is told what was not read; its budget counts the files, and their bytes before they are read.

    Raises:
        InputError: it is damaged, or holds more than an import may.
    """
    blobs: list[Blob] = []
    hidden: list[str] = []
    try:
        with blob.open() as stream, tarfile.open(fileobj=stream, mode="r|*") as archive:
            for member in archive:
                taken.budget.list(1, blob.name)
                taken.budget.hold(member.size, blob.name)
                path = users_path(member.name)
                if member.isdir():
                    continue
                if path is None:
                    hidden.append(member.name or _NAMELESS)
                elif not member.isreg():
                    taken.leave(path, _LINK if member.issym() or member.islnk() else "is no file.")
                elif (content := archive.extractfile(member)) is not None:
                    blobs.append(in_memory(path, content.read()))
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise InputError(f"{shown(blob.name)} is a damaged or cut-short tar archive and cannot be read.") from error
    _say_hidden(hidden, taken)
    return sorted(blobs, key=lambda found: natural_path(found.name))


def _say_hidden(paths: list[str], taken: Taken) -> None:
    if paths:
        taken.notes.append(f"Left out, as an operating system adds or hides them: {listed([shown(path) for path in paths])}.")


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


def _in_archive(name: str, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Blob:
    return Blob(name, member.file_size, lambda: archive.open(member))


def _raw(member: zipfile.ZipInfo) -> bytes:
    """The bytes of a member's name: without the flag of UTF-8 the module has read them as the code page of DOS."""
    return member.filename.encode("cp437", "replace")
