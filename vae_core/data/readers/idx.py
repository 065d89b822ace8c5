"""The IDX format of MNIST and its relatives, gzipped or not. Format: http://yann.lecun.com/exdb/mnist (bottom of the page)."""

from __future__ import annotations

import gzip
import math
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import numpy as np

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.data.readers.blobs import Blob
from vae_core.data.readers.stored import MAX_BYTES, Elements, Stored

GZIP = b"\x1f\x8b"
_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
_CHUNK_BYTES = 2**24


def is_idx(head: bytes) -> bool:
    """Whether a file that begins like this has the mark of IDX: two zeros, a type and a rank."""
    return len(head) >= 4 and head[:2] == b"\0\0" and head[2] in _TYPES and 1 <= head[3] <= 7


def read_idx(blob: Blob) -> Stored:
    """The array in an IDX file. Of a gzipped one the size is checked when its elements are read.

    Raises:
        InputError: the file is damaged or does not state what it holds, or that is more than 1 GiB.
    """
    gzipped = blob.head().startswith(GZIP)
    with _unpacked(blob, gzipped) as stream:
        magic = stream.read(4)
        if not is_idx(magic):
            raise InputError(f"{shown(blob.name)} is not an IDX file: it does not begin with 0, 0, a type and a rank.")
        dtype, rank = np.dtype(_TYPES[magic[2]]), magic[3]
        sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank or rank not in (1, 2, 3, 4):
        raise InputError(f"{shown(blob.name)} has {rank} dimensions; IDX images have 3 or 4 and labels 1.")
    shape = struct.unpack(f">{rank}I", sizes)
    size, start = math.prod(shape) * dtype.itemsize, 4 + 4 * rank
    if size > MAX_BYTES:
        raise InputError(f"{shown(blob.name)} states {size / 2**30:,.1f} GB of data, more than the {MAX_BYTES // 2**30} GB that are read.")
    if not gzipped and blob.size != start + size:
        raise _damaged(blob, size, blob.size - start)

    def chunks() -> Iterator[Elements]:
        with _unpacked(blob, gzipped) as stream:
            stream.read(start)
            done = 0
            while data := stream.read(min(_CHUNK_BYTES, size - done)):
                done += len(data)
                yield np.frombuffer(data[: len(data) // dtype.itemsize * dtype.itemsize], dtype)
            if done < size or stream.read(1):
                raise _damaged(blob, size, done if done < size else None)

    return Stored(blob.name.rpartition("/")[2], shape, dtype, chunks, file=blob.name)


def _damaged(blob: Blob, stated: int, held: int | None) -> InputError:
    holds = "more" if held is None or held > stated else f"{held:,}"
    return InputError(f"{shown(blob.name)} is damaged: its header states {stated:,} bytes of data and it holds {holds}.")


@contextmanager
def _unpacked(blob: Blob, gzipped: bool) -> Iterator[IO[bytes]]:
    try:
        with blob.open() as raw:
            if gzipped:
                with gzip.GzipFile(fileobj=raw) as stream:
                    yield stream  # type: ignore[misc]
            else:
                yield raw
    except InputError:
        raise
    except Exception as error:
        kind = "gzip file" if gzipped else "IDX file"
        raise InputError(f"{shown(blob.name)} is a damaged or cut-short {kind} and cannot be read.") from error
