"""The IDX format of MNIST and its relatives, gzipped or not. Format: http://yann.lecun.com/exdb/mnist (bottom of the page)."""

from __future__ import annotations

import gzip
import io
import math
import re
import struct
from collections.abc import Iterator, Sequence

import numpy as np

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.data.readers.arrays import MAX_BYTES, Elements, Found, Stored, classes_of, frames_of
from vae_core.data.readers.blobs import Blob

_GZIP = b"\x1f\x8b"
_TYPES = {0x08: "u1", 0x09: "i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def is_idx(head: bytes) -> bool:
    """Whether a file that begins like this is read as IDX: it has the mark of IDX, or it is gzipped, as only IDX files may be."""
    return head.startswith(_GZIP) or (len(head) >= 4 and head[:2] == b"\0\0" and head[2] in _TYPES and 1 <= head[3] <= 7)


def read_idx(blobs: Sequence[Blob]) -> Found:
    """Images and, where given, labels from IDX files; "t10k" or "test" in a name marks the test part, which is put last.

    Raises:
        InputError: a file is damaged or does not state what it holds, there are no images or too many image files of one part,
            or the labels do not match the images.
    """
    stored = [_stored(blob) for blob in blobs]
    images = [array for array in stored if len(array.shape) >= 3]
    parts = {_is_test(array.name): array for array in images}
    if not images:
        raise InputError(f"{_listed(stored)} holds labels and no images: give the file of images too.")
    if len(parts) != len(images):
        raise InputError(f'{_listed(images)} are image files of the same part: name the test images "t10k-images…".')
    read = {test: frames_of(array) for test, array in sorted(parts.items())}
    if len({frames.shape[1:] for frames, _ in read.values()}) > 1:
        raise InputError(f"{_listed(images)} hold images of different sizes.")
    notes = [note for _, guessed in read.values() for note in guessed]
    frames = [part for part, _ in read.values()]
    columns = [_labels_for(array, stored) for _, array in sorted(parts.items())]
    known = [column for column in columns if column is not None]
    complete = len(known) == len(columns)
    labels, class_names, remarks = classes_of(np.concatenate(known), (), "the labels") if complete else (None, (), [])
    test_start = len(frames[0]) if len(frames) == 2 else None
    together = frames[0] if len(frames) == 1 else np.concatenate(frames)
    return Found(together, (*notes, *remarks), labels, class_names, test_start=test_start)


def _stored(blob: Blob) -> Stored:
    data = blob.read(MAX_BYTES)
    try:
        stream = io.BytesIO(data)
        return _parsed(gzip.GzipFile(fileobj=stream) if data.startswith(_GZIP) else stream, blob.name)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{shown(blob.name)} is a damaged or cut-short gzip file and cannot be read.") from error


def _parsed(stream: gzip.GzipFile | io.BytesIO, name: str) -> Stored:
    magic = stream.read(4)
    if not is_idx(magic):
        raise InputError(f"{shown(name)} is not an IDX file: it does not begin with 0, 0, a type and a rank.")
    dtype, rank = np.dtype(_TYPES[magic[2]]), magic[3]
    sizes = stream.read(4 * rank)
    if len(sizes) < 4 * rank or rank not in (1, 3, 4):
        raise InputError(f"{shown(name)} has {rank} dimensions; IDX images have 3 or 4 and labels 1.")
    shape = struct.unpack(f">{rank}I", sizes)
    size = math.prod(shape) * dtype.itemsize
    if size > MAX_BYTES:
        raise InputError(f"{shown(name)} states {size / 2**30:,.1f} GB of data, more than the {MAX_BYTES // 2**30} GB that are read.")
    payload = stream.read(size + 1)
    if len(payload) != size:
        held = "more" if len(payload) > size else f"{len(payload):,}"
        raise InputError(f"{shown(name)} is damaged: its header states {size:,} bytes of data and it holds {held}.")

    def chunks() -> Iterator[Elements]:
        yield np.frombuffer(payload, dtype)

    return Stored(name, shape, dtype, chunks)


def _is_test(name: str) -> bool:
    return re.search("t10k|test", name.rpartition("/")[2].lower()) is not None


def _labels_for(images: Stored, stored: Sequence[Stored]) -> Elements | None:
    labels = [array for array in stored if len(array.shape) == 1 and _is_test(array.name) == _is_test(images.name)]
    if not labels:
        return None
    if len(labels) > 1:
        raise InputError(f"{_listed(labels)} are label files of the same part: give one.")
    if labels[0].shape[0] != images.shape[0]:
        raise InputError(f"{shown(labels[0].name)} holds {labels[0].shape[0]:,} labels for {images.shape[0]:,} images.")
    return labels[0].load()


def _listed(arrays: Sequence[Stored]) -> str:
    return " and ".join(shown(array.name) for array in arrays)
