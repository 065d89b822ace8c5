"""Images too many for memory in a file that cannot be mapped, such as dSprites' own `.npz`: written once, as bytes, to a file that can."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable, Collection
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from vae_core.base.errors import InputError, disk_errors_as
from vae_core.base.storage import home, new_id
from vae_core.data.images import shown
from vae_core.data.mapped import Source
from vae_core.data.readers.npy import map_npy
from vae_core.data.readers.ranges import Reading
from vae_core.data.readers.stored import Stored

MAX_STREAMED = 2**34
_SPARE = 2**30  # bytes that stay free on the disk


def stream(stored: Stored, reading: Reading, origin: Source, progress: Callable[[float], None] | None) -> tuple[NDArray[np.uint8], Source]:
    """The pixels of an array as a map of a file of bytes, uint8 [N, C, H, W], and that file; the second time it is there already.

    Args:
        stored: images [N, H, W], [N, H, W, C] or [N, C, H, W] in C order, grey or RGB.
        reading: which of its values are black and white.
        origin: the user's file, as it is now.
        progress: called with the share that is done, 0 to 1.

    Raises:
        InputError: more than 16 GiB, the disk has no room, or the user's file is damaged.
    """
    size = int(np.prod(stored.shape))
    key = hashlib.sha256(f"{origin.model_dump_json()} {stored.name} {stored.shape} {reading}".encode()).hexdigest()[:16]
    place = folder() / f"{key}.npy"
    if not place.is_file():
        with disk_errors_as(f"The images of {shown(stored.name)} could not be written to the disk"):
            place.parent.mkdir(parents=True, exist_ok=True)
            free = shutil.disk_usage(place.parent).free
            if size > min(MAX_STREAMED, free - _SPARE):
                raise InputError(
                    f"{shown(stored.name)} holds {size / 2**30:.1f} GB of pixels; {MAX_STREAMED // 2**30} GB may be written to the "
                    f"disk, on which {free / 2**30:.1f} GB are free."
                )
            _write(stored, reading, place, size, progress)
    source = Source.of(place)
    pixels = map_npy(place)
    if pixels is None:
        raise InputError(f"{shown(stored.name)} holds no picture that is not dark.")
    return pixels, source


def folder() -> Path:
    """Where these files are."""
    return home() / "streamed"


def sweep(kept: Collection[str]) -> None:
    """Remove the files that no imported set needs.

    Args:
        kept: the paths of those that are needed.
    """
    for path in folder().glob("*.npy") if folder().is_dir() else ():
        if str(path) not in kept:
            path.unlink(missing_ok=True)


def _write(stored: Stored, reading: Reading, place: Path, size: int, progress: Callable[[float], None] | None) -> None:
    temporary = place.with_name(f".{place.name}.{new_id()}.tmp")
    done = 0
    try:
        with open(temporary, "wb") as file:
            npy.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": stored.shape})
            for chunk in stored.chunks():
                file.write(reading.bytes(chunk).data)
                done += len(chunk)
                if progress is not None:
                    progress(done / size)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, place)
    finally:
        temporary.unlink(missing_ok=True)
