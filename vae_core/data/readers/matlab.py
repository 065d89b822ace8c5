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
from vae_core.data.readers.stored import Elements, Stored
from vae_core.data.taken import Taken

MARK = b"MATLAB "

_OF_HDF5 = b"MATLAB 7.3"
_BYTES = {
    **dict.fromkeys(("int8", "uint8", "logical"), 1),
    **dict.fromkeys(("int16", "uint16"), 2),
    **dict.fromkeys(("int32", "uint32", "single", "char"), 4),
    **dict.fromkeys(("int64", "uint64", "double"), 8),
}
_CHUNK = 2**21  # elements
_MOST_TEXTS = 2**16


def read_matlab(blob: Blob, taken: Taken) -> list[Stored]:
    """Every matrix of numbers or texts in a MATLAB file, and every list of texts.

    Args:
        blob: the file.
        taken: is told of what is not read; its budget counts the matrices before they are.

    Raises:
        InputError: the file is damaged, holds more than an import may, or is of version 7.3 and h5py is not installed.
    """
    if blob.head().startswith(_OF_HDF5):
        return [_turned(stored) for stored in hdf5.read_hdf5(blob, taken) if not stored.name.startswith("#")]
    from scipy.io import loadmat, whosmat

    found = []
    try:
        with blob.open() as stream:
            listed = whosmat(stream)
        for name, shape, kind in listed:
            count = math.prod(shape)
            if kind not in _BYTES and not (kind == "cell" and count <= _MOST_TEXTS):
                taken.leave(name, f"is of the kind {kind}, and only numbers and texts are read.")
                continue
            taken.budget.hold(count * _BYTES.get(kind, 0), blob.name)
            with blob.open() as stream:
                values = loadmat(stream, variable_names=[name])[name]
            if kind == "cell":
                values = _texts(values)
            if values is None:
                taken.leave(name, "is a list of other things than texts, which is not read.")
            else:
                found.append(_in_columns(name, values, blob.name))
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{shown(blob.name)} is a damaged or cut-short MATLAB file and cannot be read.") from error
    return found


def _texts(cells: NDArray[Any]) -> NDArray[Any] | None:
    """A list of texts as one array; None where one of them is none."""
    texts = [cell.item() if isinstance(cell, np.ndarray) and cell.dtype.kind == "U" and cell.size == 1 else None for cell in cells.flat]
    return None if None in texts else np.array(texts)


def _in_columns(name: str, values: NDArray[Any], file: str) -> Stored:
    """A matrix whose first axis runs fastest, as MATLAB keeps it."""
    return Stored(name, _shape(values.shape), values.dtype, partial(_chunks, values.ravel("F")), fortran=True, file=file)


def _chunks(flat: Elements) -> Iterator[Elements]:
    return (flat[at : at + _CHUNK] for at in range(0, flat.size, _CHUNK))


def _turned(stored: Stored) -> Stored:
    """A dataset of version 7.3 as the matrix that it is in MATLAB."""
    return replace(stored, shape=_shape(stored.shape[::-1]), fortran=True)


def _shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """A list is a matrix of one row or one column in MATLAB."""
    return (math.prod(shape),) if len(shape) == 2 and 1 in shape else shape
