"""MATLAB files, as SVHN, the Frey faces and the Caltech silhouettes come in: every matrix of numbers or texts is an array.

Files up to version 7 are read by SciPy; those of version 7.3 are HDF5 files behind a header, with the axes of each matrix turned round.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.data.readers import hdf5
from vae_core.data.readers.blobs import Blob
from vae_core.data.readers.stored import Elements, Stored, held
from vae_core.data.taken import Taken

MARK = b"MATLAB "

_OF_HDF5 = b"MATLAB 7.3"
_NUMBERS: dict[str, np.dtype[Any]] = {
    "logical": np.dtype(np.uint8),
    "single": np.dtype(np.float32),
    "double": np.dtype(np.float64),
    **{f"{kind}{bits}": np.dtype(f"{kind}{bits}") for kind in ("int", "uint") for bits in (8, 16, 32, 64)},
}
_CHUNK = 2**21  # elements
_MOST_TEXTS = 2**16


def read_matlab(blob: Blob, taken: Taken) -> list[Stored]:
    """Every matrix of numbers or texts in a MATLAB file, and every list of texts. Numbers are read when they are wanted.

    Args:
        blob: the file.
        taken: is told of what is not read; its budget counts the matrices before they are.

    Raises:
        InputError: the file is damaged, holds more than an import may, or is of version 7.3 and h5py is not installed.
    """
    if blob.head().startswith(_OF_HDF5):
        return [_turned(stored) for stored in hdf5.read_hdf5(blob, taken) if not stored.name.startswith("#")]
    from scipy.io import whosmat

    try:
        with blob.open() as stream:
            listed = whosmat(stream)
    except Exception as error:
        raise _damaged(blob) from error
    found = []
    for name, shape, kind in listed:
        count = math.prod(shape)
        if kind in _NUMBERS:
            dtype = _NUMBERS[kind]
            taken.budget.hold(count * dtype.itemsize, blob.name)
            chunks = partial(_chunks, blob, name, tuple(shape), dtype)
            found.append(Stored(name, _shape(tuple(shape)), dtype, chunks, fortran=True, file=blob.name))
            continue
        if kind not in ("char", "cell") or count > _MOST_TEXTS:
            taken.leave(name, f"is of the kind {kind}, and only numbers and texts are read.")
            continue
        texts = _texts(_loaded(blob, name))
        if texts is None:
            taken.leave(name, "is a list of other things than texts, which is not read.")
        else:
            found.append(held(name, texts, blob.name))
    return found


def _loaded(blob: Blob, name: str) -> NDArray[Any]:
    from scipy.io import loadmat

    try:
        with blob.open() as stream:
            return np.asarray(loadmat(stream, variable_names=[name])[name])
    except MemoryError:  # a damaged file may say of a few bytes that they are thousands of millions
        raise InputError(f"{shown(blob.name)} is damaged, or its {shown(name)} takes more memory than there is.") from None
    except Exception as error:
        raise _damaged(blob) from error


def _chunks(blob: Blob, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> Iterator[Elements]:
    """The elements, the first axis the fastest as MATLAB keeps them. A file may keep them in a smaller type than the matrix has."""
    values = _loaded(blob, name)
    if values.shape != shape or values.dtype.kind not in "biuf":
        raise _damaged(blob)
    flat = values.ravel("F")
    for at in range(0, flat.size, _CHUNK):
        yield flat[at : at + _CHUNK].astype(dtype)


def _damaged(blob: Blob) -> InputError:
    return InputError(f"{shown(blob.name)} is a damaged or cut-short MATLAB file and cannot be read.")


def _texts(cells: NDArray[Any]) -> NDArray[Any] | None:
    """A list of texts, or a matrix of characters, as one array; None where something else is in it."""
    if cells.dtype.kind == "U":
        return cells.reshape(-1)
    texts = [cell.item() if isinstance(cell, np.ndarray) and cell.dtype.kind == "U" and cell.size == 1 else None for cell in cells.flat]
    return None if None in texts else np.array(texts)


def _turned(stored: Stored) -> Stored:
    """A dataset of version 7.3 as the matrix that it is in MATLAB."""
    return replace(stored, shape=_shape(stored.shape[::-1]), fortran=True)


def _shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A list is a matrix of one row or one column in MATLAB."""
    return (math.prod(shape),) if len(shape) == 2 and 1 in shape else shape
