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
from vae_core.data.readers.ranges import Reading, reading_of, say_clipped
from vae_core.data.readers.stored import Stored
from vae_core.data.taken import Taken

MAX_STREAMED = 2**34
_SPARE = 2**30  # bytes that stay free on the disk


def stream(
    stored: Stored, wanted: tuple[float, float] | None, origin: Source, progress: Callable[[float], None] | None, taken: Taken
) -> tuple[NDArray[np.uint8], Source, Reading]:
    """The pixels of an array as a map of a file of bytes, uint8 [N, C, H, W], that file, and the range of the values.

    The second time the file is there already. How many values were clipped stands in its name, so that it is said again.

    Args:
        stored: images [N, H, W], [N, H, W, C] or [N, C, H, W] in C order, grey or RGB.
        wanted: which of its values are black and white, where the user says so.
        origin: the user's file, as it is now.
        progress: called with the share that is done, 0 to 1.
        taken: is told.

    Raises:
        InputError: more than 16 GiB, the disk has no room, or the user's file is damaged.
    """
    size = int(np.prod(stored.shape))
    failure = f"The images of {shown(stored.name)} could not be written to the disk"
    with disk_errors_as(failure):
        folder().mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(folder()).free
    no_room = InputError(
        f"{shown(stored.name)} holds {size / 2**30:.1f} GB of pixels; {MAX_STREAMED // 2**30} GB may be written to the disk, on which "
        f"{free / 2**30:.1f} GB are free."
    )
    if size > MAX_STREAMED:
        raise no_room
    reading = reading_of([stored], wanted, taken)
    key = hashlib.sha256(f"{origin.model_dump_json()} {stored.name} {stored.shape} {reading}".encode()).hexdigest()[:16]
    place = next(folder().glob(f"{key}.*.npy"), None)
    if place is None:
        if size > free - _SPARE:
            raise no_room
        with disk_errors_as(failure):
            place = _write(stored, reading, key, size, progress)
    if wanted is None:
        say_clipped(int(place.name.split(".")[1]), size, reading, stored.name, taken)
    source = Source.of(place)
    pixels = map_npy(place)
    if pixels is None:
        raise InputError(f"{shown(stored.name)} holds no picture that is not dark.")
    return pixels, source, reading


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


def _write(stored: Stored, reading: Reading, key: str, size: int, progress: Callable[[float], None] | None) -> Path:
    temporary = folder() / f".{key}.{new_id()}.tmp"
    done = outside = 0
    try:
        with open(temporary, "wb") as file:
            npy.write_array_header_1_0(file, {"descr": "|u1", "fortran_order": False, "shape": stored.shape})
            for chunk in stored.chunks():
                file.write(reading.bytes(chunk).data)
                done += len(chunk)
                outside += reading.outside(chunk)
                if progress is not None:
                    progress(done / size)
            file.flush()
            os.fsync(file.fileno())
        place = folder() / f"{key}.{outside}.npy"
        os.replace(temporary, place)
        return place
    finally:
        temporary.unlink(missing_ok=True)
