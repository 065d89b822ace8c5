"""The header of a `.npy` file, and its elements without unpickling anything.

A header is believed only where it agrees with the size of the file; only then is memory taken.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.data.imageset import MIN_IMAGES
from vae_core.data.readers.blobs import Blob, from_path
from vae_core.data.readers.layouts import layouts_of
from vae_core.data.readers.stored import Elements, Stored
from vae_core.data.taken import Taken

MARK = b"\x93NUMPY"

_CHUNK_BYTES = 2**24


def read_npy(blob: Blob, file: str) -> Stored:
    """The array in a `.npy` file, its header checked against the size of the file.

    Args:
        blob: the file, or a member of an `.npz`.
        file: the path of the file that it lies in.

    Raises:
        InputError: it is damaged, or holds pickled objects.
    """
    try:
        with blob.open() as stream:
            version = npy.read_magic(stream)
            read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
            shape, fortran, dtype = read_header(stream)
            start = stream.tell()
    except Exception as error:
        raise InputError(f"{shown(blob.name)} is not a NumPy array that can be read: its header is damaged.") from error
    if dtype.hasobject:
        name = shown(blob.name.removesuffix(".npy"))
        raise InputError(f"{name} is a pickled Python object, which is never loaded: save a plain array of numbers or texts.")
    size = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or blob.size - start != size:
        raise InputError(f"{shown(blob.name)} is cut short or damaged: it states {size:,} bytes and holds {blob.size - start:,}.")

    def chunks() -> Iterator[Elements]:
        step = max(1, _CHUNK_BYTES // max(1, dtype.itemsize))
        try:
            with blob.open() as stream:
                stream.read(start)
                for first in range(0, math.prod(shape), step):
                    count = min(step, math.prod(shape) - first)
                    yield np.frombuffer(stream.read(count * dtype.itemsize), dtype, count)
        except Exception as error:
            raise InputError(f"{shown(blob.name)} is cut short or damaged and cannot be read.") from error

    return Stored(blob.name.removesuffix(".npy"), shape, dtype, chunks, fortran, file)


def map_npy(path: Path) -> NDArray[np.uint8] | None:
    """The images of a `.npy` file as a read-only map of the file, uint8 [N, C, H, W]: nothing is in memory until it is used.

    None where the file does not hold images, or their pixels need converting: only uint8 from 0 to 255 in C order, grey or RGB, does not.

    Raises:
        InputError: the file is damaged or cannot be read.
    """
    (blob,) = from_path(path, Taken())
    stored = read_npy(blob, blob.name)
    layouts = layouts_of(stored.shape)
    if stored.dtype != np.uint8 or stored.fortran or not layouts or layouts[0] not in ("NHW", "NHWC", "NCHW"):
        return None
    layout = layouts[0]
    if stored.shape[0] < MIN_IMAGES or ("C" in layout and stored.shape[layout.index("C")] not in (1, 3)):
        return None
    if not any(chunk.max(initial=0) > 16 for chunk in stored.chunks()):  # few levels, which are stretched
        return None
    mapped = npy.open_memmap(path, mode="r")
    pixels: NDArray[np.uint8] = mapped[:, np.newaxis] if layout == "NHW" else np.moveaxis(mapped, layout.index("C"), 1)
    return pixels
