"""HDF5 files, as 3D Shapes and MPI3D come in: every dataset is an array. Needs the package h5py, which is not installed with the app."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.data.readers.blobs import Blob
from vae_core.data.readers.stored import Elements, Stored
from vae_core.data.taken import Taken

MARK = b"\x89HDF\r\n\x1a\n"

_CHUNK_BYTES = 2**24


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

    def take(name: str, node: Any) -> None:  # noqa: ANN401 - h5py ships no types
        if not isinstance(node, h5py.Dataset):
            return
        if node.dtype.hasobject:
            taken.leave(name, "holds texts or objects of any length, which are not read: save texts of a fixed length.")
            return
        found.append(_stored(blob, name, tuple(node.shape), node.dtype))

    try:
        with blob.open() as stream, h5py.File(stream, "r") as file:
            file.visititems(take)
    except Exception as error:
        raise InputError(f"{shown(blob.name)} is a damaged or cut-short HDF5 file and cannot be read.") from error
    return found


def _stored(blob: Blob, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Stored:
    def chunks() -> Iterator[Elements]:
        import h5py

        try:
            with blob.open() as stream, h5py.File(stream, "r") as file:
                node = file[name]
                if not shape:
                    yield np.asarray(node[()]).reshape(1)
                    return
                row = max(1, int(np.prod(shape[1:])) * dtype.itemsize)
                step = max(1, _CHUNK_BYTES // row)
                for first in range(0, shape[0], step):
                    yield np.asarray(node[first : first + step]).reshape(-1)
        except Exception as error:
            raise InputError(f"{shown(blob.name)} is damaged and cannot be read.") from error

    return Stored(name, shape, dtype, chunks, file=blob.name)
