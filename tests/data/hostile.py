"""Makers of files that ask for far more than they are: each is small, and honest readers would take gigabytes or hours over it."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image


def gzipped_idx(count: int, side: int, seed: int = 0) -> bytes:
    """A gzipped IDX file of so many images of one grey and a bright corner, in as many members of gzip as it takes quickly."""
    image = np.full((side, side), seed, np.uint8)
    image[:2, :2] = 255
    block = 100
    member = gzip.compress(image.tobytes() * block, 1)
    return gzip.compress(struct.pack(">BBBBIII", 0, 0, 8, 3, count, side, side)) + member * (count // block)


def flat_npz(names: Iterable[str], count: int, side: int) -> bytes:
    """An `.npz` with so many arrays [count, side, side], black but for a corner."""
    image = np.zeros((side, side), np.uint8)
    image[:2, :2] = 255
    return _npz(names, np.broadcast_to(image, (count, side, side)))


def one_array(pixels: NDArray[np.uint8]) -> bytes:
    """An `.npz` with one array."""
    return _npz(["images"], pixels)


def images_last(side: int, count: int) -> bytes:
    """An `.npz` with waves [side, side, count], sixteen of them again and again; `count` is a multiple of sixteen."""
    y, x, wave = np.ogrid[:side, :side, :16]
    waves = (127 + 120 * np.sin(x / 9 + wave) * np.cos(y / 7 + 2 * wave)).astype(np.uint8)
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("images.npy", "w", force_zip64=True) as stream,
    ):
        np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": (side, side, count)})
        for row in waves:
            stream.write(np.tile(row, (1, count // 16)).tobytes())
    return file.getvalue()


def parquet_of_lists(ends: Sequence[int]) -> bytes:
    """A parquet file with a column of lists of zeros, given where each ends."""
    import pyarrow as pa

    lists = pa.ListArray.from_arrays(pa.array([0, *ends], pa.int32()), pa.array(np.zeros(ends[-1], np.uint8)))
    return _parquet({"image": lists})


def parquet_of_numbers(rows: int, columns: int) -> bytes:
    """A parquet file of zeros."""
    return _parquet({f"column {index}": np.zeros(rows, np.int8) for index in range(columns)})


def parquet_of_a_text(letters: int, rows: int) -> bytes:
    """A parquet file with one text in every row, which is kept once."""
    import pyarrow as pa

    return _parquet({"text": pa.DictionaryArray.from_arrays(pa.array(np.zeros(rows, np.int32)), pa.array(["x" * letters]))})


def _parquet(columns: Mapping[str, object]) -> bytes:
    import pyarrow as pa
    import pyarrow.parquet as pq

    file = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), file)
    return file.getvalue()


def zip_of_a_hollow_parquet(size: int) -> bytes:
    """A ZIP with a file of zeros that begins and ends as parquet files do."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive,
        archive.open("x.parquet", "w", force_zip64=True) as stream,
    ):
        stream.write(b"PAR1")
        for _ in range(size // 2**20):
            stream.write(bytes(2**20))
        stream.write(b"PAR1")
    return file.getvalue()


def hdf5(shape: tuple[int, ...], piece: tuple[int, ...]) -> bytes:
    """An HDF5 file of images [N, H, W], black but for ten white ones, packed in pieces of this shape."""
    import h5py

    file = io.BytesIO()
    with h5py.File(file, "w") as new:
        new.create_dataset("images", shape, "u1", chunks=piece, compression="gzip")[:10] = 255
    return file.getvalue()


def _npz(names: Iterable[str], pixels: NDArray[np.uint8]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name in names:
            with archive.open(f"{name}.npy", "w", force_zip64=True) as stream:
                np.lib.format.write_array_header_1_0(stream, {"descr": "|u1", "fortran_order": False, "shape": pixels.shape})
                for first in range(0, len(pixels), 100):
                    stream.write(pixels[first : first + 100].tobytes())
    return file.getvalue()


def png_of(height: int, width: int, *extra: bytes) -> bytes:
    """A black PNG of 1 bit a pixel, with chunks before its pixels."""
    header = _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0))
    rows = zlib.compress(bytes(height * (1 + (width + 7) // 8)), 9)
    return b"\x89PNG\r\n\x1a\n" + header + b"".join(extra) + _chunk(b"IDAT", rows) + _chunk(b"IEND", b"")


def wordy_png(texts: int) -> bytes:
    """A PNG of 8 × 8 pixels with so many texts."""
    return png_of(8, 8, _chunk(b"tEXt", b"k\0v") * texts)


def large_pictures(count: int, side: int) -> bytes:
    """A ZIP of the same black picture so many times."""
    picture = png_of(side, side)
    return zipped((f"{index}.png", picture) for index in range(count))


def endless_zip(entries: int) -> bytes:
    """A ZIP whose list has so many empty files, and whose end says two."""
    single = zipped([("a", b"")])
    start, end = single.index(b"PK\1\2"), single.index(b"PK\5\6")
    directory = single[start:end] * entries
    return single[:start] + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2, 2, len(directory), start, 0)


def zipped(files: Iterable[tuple[str, bytes]]) -> bytes:
    """The files as a ZIP."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in files:
            archive.writestr(name, data)
    return file.getvalue()


def grey_jpeg(height: int, width: int) -> bytes:
    """A JPEG of one grey."""
    file = io.BytesIO()
    Image.new("L", (width, height), 99).save(file, "JPEG")
    return file.getvalue()


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
