"""idx: the real files, small ones made by hand, and broken ones."""

from __future__ import annotations

import contextlib
import gzip
import struct
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.data.readers.reading import found
from vae_core.base.errors import InputError
from vae_core.data.readers.blobs import from_path, from_uploads
from vae_core.data.readers.idx import is_idx
from vae_core.data.taken import Taken


def idx(array: NDArray[np.generic], kind: int = 8) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, kind, array.ndim, *array.shape) + array.tobytes()


PIXELS = np.random.default_rng(0).integers(0, 256, (12, 9, 11), np.uint8)
LABELS = np.array([3, 7] * 6, np.uint8)


@pytest.mark.slow
def test_mnist_counts(shared: Path) -> None:
    """Against the figures published with the set: 60,000 + 10,000, the class histogram, mean 0.1307, deviation 0.3081."""
    read = found([blob for blob in from_path(shared / "data/mnist", Taken()) if "ubyte" in blob.name])
    assert read.frames.shape == (70_000, 28, 28, 1)
    assert read.starts[1] == 60_000
    assert read.labels is not None
    assert np.bincount(read.labels[:60_000]).tolist() == [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949]
    assert np.bincount(read.labels[60_000:]).tolist() == [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009]
    assert read.class_names == tuple("0123456789")
    train = read.frames[:60_000] / np.float32(255)
    assert abs(train.mean(dtype=np.float64) - 0.1307) < 5e-5
    assert abs(train.std(dtype=np.float64) - 0.3081) < 5e-5


def test_pairs_are_joined_with_the_test_part_last() -> None:
    files = [
        ("t10k-labels.idx1-ubyte", idx(LABELS[:10])),
        ("t10k-images.idx3-ubyte", idx(PIXELS[:10])),
        ("train-images-idx3-ubyte.gz", gzip.compress(idx(PIXELS))),
        ("train-labels-idx1-ubyte.gz", gzip.compress(idx(LABELS))),
    ]
    read = found(from_uploads(files))
    np.testing.assert_array_equal(read.frames[..., 0], np.concatenate([PIXELS, PIXELS[:10]]))
    np.testing.assert_array_equal(read.labels, np.concatenate([LABELS, LABELS[:10]]) == 7)
    assert (read.class_names, read.starts[1], read.notes) == (("3", "7"), 12, ())


def test_images_alone() -> None:
    read = found(from_uploads([("t10k-images", idx(PIXELS))]))
    assert (read.labels, read.starts[1]) == (None, None)
    half = [("train-images", idx(PIXELS)), ("train-labels", idx(LABELS)), ("t10k-images", idx(PIXELS))]
    assert found(from_uploads(half)).class_names == ("3", "7", "no label")


@pytest.mark.parametrize(("kind", "dtype"), [(0x0B, ">i2"), (0x0C, ">i4"), (0x0D, ">f4"), (0x0E, ">f8")])
def test_every_type_is_big_endian(kind: int, dtype: str) -> None:
    read = found(from_uploads([("x", idx(PIXELS.astype(dtype), kind))]))
    np.testing.assert_array_equal(read.frames[..., 0], PIXELS)
    assert read.notes == ("The values of x were taken as 0 to 255.",)


def test_colour_as_rank_four() -> None:
    planes = np.random.default_rng(0).integers(0, 256, (10, 3, 8, 9), np.uint8)
    np.testing.assert_array_equal(found(from_uploads([("x", idx(planes))])).frames, planes.transpose(0, 2, 3, 1))


def test_gzip_of_several_members_is_one_file() -> None:
    data = idx(PIXELS)
    read = found(from_uploads([("x.gz", gzip.compress(data[:100]) + gzip.compress(data[100:]))]))
    np.testing.assert_array_equal(read.frames[..., 0], PIXELS)


@pytest.mark.parametrize(("head", "is_one"), [(b"\0\0\x08\3", True), (b"\0\0\x07\3", False), (b"PK\3\4", False), (b"", False)])
def test_marks(head: bytes, is_one: bool) -> None:
    assert is_idx(head) is is_one


def header(*numbers: int) -> bytes:
    return b"\0\0" + struct.pack(f">BB{len(numbers)}I", 8, len(numbers), *numbers)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\0\0\7\3" + bytes(50), "is not a PNG"),
        (gzip.compress(b"something else", mtime=0), "is a gzip file that holds neither an IDX array nor a tar archive"),
        (header(2**32 - 1, 2**32 - 1, 2**32 - 1), "more than the 1 GB"),
        (gzip.compress(header(1_100_000, 32, 32), mtime=0), "1.0 GB of data, more than the 1 GB"),
        (idx(PIXELS)[:-1], "states 1,188 bytes of data and it holds 1,187"),
        (idx(PIXELS) + b"x", "holds more"),
        (idx(PIXELS)[:9], "dimensions"),
        (header(12), "holds 0"),
        (idx(LABELS), "holds no images: train.gz is"),
        (header(1, 2, 3, 4, 5, 6, 7), "7 dimensions"),
        (idx(PIXELS[:, :7]), "holds no images"),
        (idx(PIXELS[:9]), "holds 9 images; at least 10"),
        (gzip.compress(idx(PIXELS), mtime=0)[:-20], "damaged or cut-short gzip"),
        (gzip.compress(idx(PIXELS), mtime=0) + b"trailing junk", "damaged or cut-short gzip"),
        (gzip.compress(header(100, 28, 28) + bytes(2**27), mtime=0), "holds more"),
    ],
)
def test_refused(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=r"train\.gz .*\.$") as refusal:
        found(from_uploads([("train.gz", data)]))
    refusal.match(reason)


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"a": PIXELS, "a-labels": LABELS[:11]}, "a-labels has 11 rows for 12 images"),
        ({"a": PIXELS, "b": PIXELS}, "several sets of images"),
        ({"train": PIXELS, "test": PIXELS[:, 1:]}, "train and test hold images of different sizes"),
    ],
)
def test_files_that_do_not_belong_together(files: dict[str, NDArray[np.uint8]], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        found(from_uploads([(name, idx(array)) for name, array in files.items()]))


@pytest.mark.slow
@settings(max_examples=500, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), min_size=1, max_size=4), st.booleans())
def test_only_input_errors_escape_from_mutated_files(changes: list[tuple[int, int]], zipped: bool) -> None:
    data = bytearray(gzip.compress(idx(PIXELS)) if zipped else idx(PIXELS))
    for position, value in changes:
        data[position] = value
    with contextlib.suppress(InputError):
        assert found(from_uploads([("x", bytes(data))])).frames.dtype == np.uint8
