"""Files of a user, sorted by what they hold: pictures, arrays, tables. One that is none of these is named, and the rest is read."""

from __future__ import annotations

import gzip
import re
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass, field

from vae_core.base.errors import InputError
from vae_core.base.zips import is_of_torch
from vae_core.data.images import MAX_FILE_BYTES, OF_TORCH, image_format, image_size, shown
from vae_core.data.readers import hdf5, matlab, parquet
from vae_core.data.readers.archives import from_tar, from_zip, is_tar
from vae_core.data.readers.arrays import holds_images
from vae_core.data.readers.blobs import Blob
from vae_core.data.readers.idx import GZIP, is_idx, read_idx
from vae_core.data.readers.names import is_picture
from vae_core.data.readers.npy import MARK, read_npy
from vae_core.data.readers.stored import MAX_BYTES, Stored
from vae_core.data.readers.tables import ENDINGS, Table, read_table
from vae_core.data.taken import Taken

_IDX_NAME = re.compile(r"\bidx[1-7]\b", re.IGNORECASE)
_TAR_HEADER = 512


@dataclass
class Gathered:
    """What files hold, each kind in the order of the files."""

    pictures: list[Blob] = field(default_factory=list)
    arrays: list[Stored] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def gather(blobs: Sequence[Blob], taken: Taken) -> Gathered:
    """Sort files by their content, and open archives.

    Args:
        blobs: the files.
        taken: is told of each that is not used, and why.

    Raises:
        InputError: archives together unpack to more than an import may.
    """
    found = Gathered()
    archives: list[tuple[Blob, list[Blob]]] = []
    for blob in blobs:
        try:
            members = _members(blob, taken)
            if members is None or _is_npz(members):
                _sort(blob, members, found, taken)
            else:
                archives.append((blob, members))
        except InputError as error:
            taken.leave(blob.name, error)
    found.tables = parquet.joined(found.tables)
    if archives and (found.pictures or any(holds_images(stored) and len(stored.shape) > 2 for stored in found.arrays)):
        for blob, _ in archives:
            taken.leave(blob.name, "is an archive beside images that lie open, and was left closed.")
        return found
    for blob, members in archives:
        taken.budget.unpack(sum(member.size for member in members), blob.name)
        stem = blob.name.rpartition(".")[0] or blob.name
        inside = [member if len(archives) == 1 else Blob(f"{stem}/{member.name}", member.size, member.open) for member in members]
        for member in inside:
            try:
                nested = _members(member, taken)
                if nested is not None and not _is_npz(nested):
                    raise InputError("is an archive in an archive, which is not opened: unpack it first.")
                _sort(member, nested, found, taken)
            except InputError as error:
                taken.leave(member.name, error)
    found.tables = parquet.joined(found.tables)
    return found


def _members(blob: Blob, taken: Taken) -> list[Blob] | None:
    """The files in an archive; None for a file that is none."""
    if is_tar(_unzipped_start(blob) if blob.head().startswith(GZIP) else blob.start(_TAR_HEADER)):
        return from_tar(blob, taken)
    if image_format(blob.head()) is not None or blob.head().startswith((MARK, GZIP)) or not _is_zip(blob):
        return None
    if is_of_torch(blob.start(2**12)):
        raise InputError(f"{shown(blob.name)} {OF_TORCH}")
    return from_zip(blob.read(MAX_BYTES), blob.name, taken)


def _is_zip(blob: Blob) -> bool:
    if blob.head().startswith(b"PK\3\4"):
        return True
    try:
        with blob.open() as stream:
            return stream.seekable() and zipfile.is_zipfile(stream)
    except Exception:  # noqa: BLE001 - a member that cannot be inflated is no archive, and whoever reads it whole reports why
        return False


def _is_npz(members: Sequence[Blob]) -> bool:
    return bool(members) and all(member.name.endswith(".npy") for member in members)


def _sort(blob: Blob, members: Sequence[Blob] | None, found: Gathered, taken: Taken) -> None:
    """Put one file, or the members of an `.npz`, where its content belongs.

    Raises:
        InputError: it is damaged, or nothing that is read.
    """
    head = blob.head()
    if members is not None:
        for member in members:
            try:
                found.arrays.append(read_npy(member, blob.name))
            except InputError as error:
                taken.leave(member.name.removesuffix(".npy"), error)
    elif head.startswith(MARK):
        found.arrays.append(read_npy(Blob(blob.name.rpartition("/")[2], blob.size, blob.open), blob.name))
    elif image_format(head) is not None or is_picture(blob.name):
        found.pictures.append(blob)
    elif head.startswith(parquet.MARK):
        pictures, arrays, table = parquet.read_parquet(blob, taken)
        found.pictures += pictures
        found.arrays += arrays
        found.tables += [table] if table.columns else []
    elif head.startswith(hdf5.MARK):
        found.arrays += hdf5.read_hdf5(blob, taken)
    elif head.startswith(matlab.MARK):
        found.arrays += matlab.read_matlab(blob, taken)
    elif is_idx(head) or (head.startswith(GZIP) and is_idx(_unzipped_start(blob))):
        found.arrays.append(read_idx(blob))
    elif head.startswith(GZIP):
        raise InputError("is a gzip file that holds neither an IDX array nor a tar archive, the only kinds that are read packed so.")
    elif blob.name.lower().endswith(ENDINGS) and head:
        read = read_table(blob, taken.budget)
        if isinstance(read, Table):
            found.tables.append(read)
        else:
            found.arrays += read
    elif blob.name.lower().endswith(".zip") and head:
        raise InputError("is called a ZIP archive and is none: make it or download it again.")
    elif _IDX_NAME.search(blob.name) and head:
        read_idx(blob)  # says how one begins
    else:
        image_size(blob.read(MAX_FILE_BYTES), blob.name)  # says what it is instead of an image


def _unzipped_start(blob: Blob) -> bytes:
    try:
        with blob.open() as raw, gzip.GzipFile(fileobj=raw) as stream:
            return stream.read(_TAR_HEADER)
    except Exception as error:
        raise InputError("is a damaged or cut-short gzip file and cannot be read.") from error
