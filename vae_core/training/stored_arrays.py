"""Arrays out of a safetensors file that may be anybody's: read only where they are what they must be."""

from __future__ import annotations

import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load as load_arrays

from vae_core.base.errors import Unsound

_MAX_HEADER_BYTES = 2**20


def arrays(data: bytes, what: str, label: str) -> dict[str, NDArray[Any]]:
    """The named arrays of a safetensors file.

    The header's length is read first: a long header costs seconds before any check of safetensors' own.

    Args:
        data: the file's bytes.
        what: they are, for a message.
        label: what to call the model in a message.

    Raises:
        InputError: it is not such a file.
    """
    try:
        if struct.unpack_from("<Q", data)[0] > _MAX_HEADER_BYTES:
            raise ValueError("the header is too long")
        return load_arrays(data)
    except Exception as error:
        raise Unsound(label, f"has {what} that cannot be read.") from error


def weights(data: bytes, expected: Mapping[str, tuple[int, ...]], label: str) -> dict[str, NDArray[np.float32] | NDArray[np.float16]]:
    """The weights of a safetensors file as they stand there, each float32 or float16, checked: names, shapes, types and values.

    Args:
        data: the file's bytes.
        expected: the shape of each array by its name.
        label: what to call the model in a message.

    Raises:
        InputError: it is not such a file, an array is missing, too many or another, or a number is not finite.
    """
    found = arrays(data, "weights", label)
    if found.keys() != expected.keys():
        odd = sorted(found.keys() ^ expected.keys())[0]
        raise Unsound(label, f"does not fit its card: {odd[:60]} is {'missing' if odd in expected else 'not expected'}.")
    for name, array in found.items():
        if array.shape != expected[name] or array.dtype not in (np.float32, np.float16):
            raise Unsound(label, f"does not fit its card: {name} is {array.dtype} {array.shape}, not float32 or float16 {expected[name]}.")
        if not np.isfinite(array).all():
            raise Unsound(label, f"holds numbers that are not finite in {name}: its training diverged.")
    return found
