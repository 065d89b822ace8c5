"""HDF5 files, as 3D Shapes and MPI3D come in: every dataset is an array. Needs the package h5py, which is not installed with the app.

HDF5 itself follows a dataset that says its values lie in another file of this computer, whichever that is. Such a dataset is not read.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.data.readers.blobs import Blob
from vae_core.data.readers.stored import Elements, Stored
from vae_core.data.taken import Taken

MARK = b"\x89HDF\r\n\x1a\n"

_CHUNK_BYTES = 2**24
_PIECE_BYTES = 2**26  # of a dataset that is stored in pieces: HDF5 unpacks one whole, and keeps so many bytes of them for the next look


def read_hdf5(blob: Blob, taken: Taken) -> list[Stored]:
    """Every dataset of numbers or fixed-length texts in an HDF5 file.

    Args:
        blob: the file, read a few rows at a time.
        taken: is told of datasets that are not read.

    Raises:
        InputError: h5py is not installed, or the file is damaged.
    """
    try:
        import h5py
    except ImportError:
        raise InputError(
            f"{shown(blob.name)} is an HDF5 file, which needs the package h5py: `pip install h5py`, or save its arrays as one .npz."
        ) from None
    found: list[Stored] = []

    def take(place: str | bytes, node: Any) -> None:  # noqa: ANN401 - h5py ships no types
        if not isinstance(node, h5py.Dataset):
            return
        name = place if isinstance(place, str) else place.decode("utf-8", "replace")  # bytes are a name that is no UTF-8
        if (why := _unread(node)) is not None:
            taken.leave(name, why)
            return
        found.append(_stored(blob, place, name, tuple(node.shape), node.dtype))

    try:
        with blob.open() as stream, h5py.File(stream, "r") as file:
            file.visititems(take)
    except MemoryError:
        raise
    except Exception as error:
        raise InputError(f"{shown(blob.name)} is a damaged or cut-short HDF5 file and cannot be read.") from error
    return found


def _unread(node: Any) -> str | None:  # noqa: ANN401 - as above
    """Why a dataset is not read, as the end of a sentence; None for one that is."""
    if node.shape is None:
        return "is empty."
    if node.dtype.hasobject:
        return "holds texts or objects of any length, which are not read: save texts of a fixed length."
    if node.external or node.is_virtual:
        return "keeps its values in another file, which is not opened: save them in this one."
    piece = math.prod(node.chunks or ()) * node.dtype.itemsize
    if piece > _PIECE_BYTES:
        return (
            f"is stored in pieces of {piece / 2**20:,.0f} MB, and pieces of {_PIECE_BYTES // 2**20} MB are read: save it in smaller ones."
        )
    return None


def _stored(blob: Blob, place: str | bytes, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Stored:
    def chunks() -> Iterator[Elements]:
        import h5py

        try:
            with blob.open() as stream, h5py.File(stream, "r", rdcc_nbytes=_PIECE_BYTES) as file:
                for part in _parts(shape, dtype.itemsize):
                    yield np.asarray(file[place][part]).reshape(-1)
        except MemoryError:
            raise
        except Exception as error:
            raise InputError(f"{shown(blob.name)} is damaged and cannot be read.") from error

    return Stored(name, shape, dtype, chunks, file=blob.name)


def _parts(shape: Sequence[int], size: int) -> Iterator[tuple[int | slice, ...]]:
    """Where to look for all elements of so many bytes in their order, a few megabytes at a time."""
    if not shape:
        yield ()
        return
    axis = next(axis for axis in range(len(shape)) if axis == len(shape) - 1 or math.prod(shape[axis + 1 :]) * size <= _CHUNK_BYTES)
    step = max(1, _CHUNK_BYTES // max(1, math.prod(shape[axis + 1 :]) * size))
    for lead in np.ndindex(*shape[:axis]):
        for first in range(0, shape[axis], step):
            yield (*lead, slice(first, first + step))
