"""Arrays in a safetensors file, written from the memory where they lie and read into the memory where they stay: never there twice.

Format: https://github.com/huggingface/safetensors#format. The library's own functions make a copy of all, which a set of a gigabyte has
no room for.
"""

from __future__ import annotations

import io
import json
import math
import struct
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

_TYPES: dict[str, np.dtype[Any]] = {"U8": np.dtype("u1"), "I64": np.dtype("<i8"), "F32": np.dtype("<f4")}
_NAMES = {dtype: name for name, dtype in _TYPES.items()}


def safetensors_parts(arrays: Mapping[str, NDArray[Any]]) -> list[memoryview]:
    """The bytes of a file, one part after another; together they are what `safetensors.numpy.save` gives.

    Args:
        arrays: uint8, int64 or float32, in C order.
    """
    ordered = sorted(arrays.items(), key=lambda pair: (-pair[1].itemsize, pair[0]))
    header, done = {}, 0
    for name, array in ordered:
        header[name] = {"dtype": _NAMES[array.dtype], "shape": list(array.shape), "data_offsets": [done, done + array.nbytes]}
        done += array.nbytes
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return [memoryview(struct.pack("<Q", len(text)) + text), *(array.reshape(-1).view(np.uint8).data for _, array in ordered)]


def read_safetensors(file: io.BufferedReader) -> dict[str, NDArray[Any]]:
    """The arrays of a file that was written by `safetensors_parts`, and has been found whole."""
    header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
    found: dict[str, NDArray[Any]] = {}
    for name, said in sorted(header.items(), key=lambda pair: int(pair[1]["data_offsets"][0])):
        found[name] = np.fromfile(file, _TYPES[said["dtype"]], math.prod(said["shape"])).reshape(said["shape"])
    return found
