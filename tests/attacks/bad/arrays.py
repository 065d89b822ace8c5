"""54 to 72: arrays of NumPy and of IDX."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib

import numpy as np

from tests.attacks.bad.doors import Cases, files
from tests.attacks.bad.pictures import GREYS
from tests.data.hostile import zipped
from vae_core.data.readers.npy import MARK

case = Cases()
IMAGES = np.stack([np.asarray(grey) for grey in GREYS])


def npz(**arrays: np.ndarray) -> list[str]:
    file = io.BytesIO()
    np.savez(file, **arrays)  # type: ignore[arg-type]
    return files({"x.npz": file.getvalue()})


def npy(header: str, content: bytes = b"", length: int | None = None) -> bytes:
    """A `.npy` file with this header, whose length may be stated wrongly."""
    text = header.encode().ljust(118) + b"\n"
    return MARK + b"\1\0" + struct.pack("<H", len(text) if length is None else length) + text + content


def header(shape: str, descr: str = "'|u1'") -> str:
    return f"{{'descr': {descr}, 'fortran_order': False, 'shape': {shape}, }}"


def idx(shape: tuple[int, ...], content: bytes, kind: int = 8) -> bytes:
    return struct.pack(f">BBBB{len(shape)}I", 0, 0, kind, len(shape), *shape) + content


@case(54)
def objects() -> list[str]:
    return npz(images=np.array([{"a": 1}] * 12, dtype=object))


@case(55)
def endless_shape() -> list[str]:
    return files({"x.npy": npy(header("(200000000000,)"))})


@case(56)
def long_header() -> list[str]:
    return files({"x.npy": MARK + b"\2\0" + struct.pack("<I", 2**31) + b"{}"})


@case(57)
def nested_type() -> list[str]:
    depth = 10_000
    return files({"x.npy": MARK + b"\2\0" + struct.pack("<I", 2 * depth) + b"[" * depth + b"]" * depth})


@case(58)
def none_or_two() -> list[str]:
    return npz(scores=np.arange(12.0)) + npz(photos=IMAGES, drawings=IMAGES)


@case(59)
def not_finite() -> list[str]:
    found = []
    for bad in (np.nan, np.inf, 1e38):
        images = IMAGES.astype(np.float32) / 255
        images[3, 4, 4] = bad
        found += npz(images=images)
    return found


@case(60)
def ranges() -> list[str]:
    unit = IMAGES.astype(np.float32) / 236
    return npz(images=unit) + npz(images=2 * unit - 1) + npz(images=unit * 255)


@case(61)
def channels() -> list[str]:
    colour = np.stack([IMAGES, IMAGES[::-1], IMAGES // 2], 1)
    return (
        npz(images=colour)
        + npz(images=colour.transpose(0, 2, 3, 1))
        + npz(images=colour[:, :2])
        + npz(images=np.repeat(colour, 2, 1)[:, :5])
    )


@case(62)
def types() -> list[str]:
    found = npz(images=np.asfortranarray(IMAGES)) + npz(images=(IMAGES.astype(">u2") * 257)) + npz(images=IMAGES > 100)
    return found + npz(images=IMAGES.astype(np.uint16) * 257) + npz(images=IMAGES.astype(np.complex64))


@case(63)
def no_rows() -> list[str]:
    return npz(images=IMAGES[:0])


@case(64)
def other_count() -> list[str]:
    return npz(images=IMAGES, labels=np.arange(11) % 2)


@case(65)
def zeros() -> list[str]:
    """1.5 GB of zeros in 1.5 MB: the same deflated block again and again."""
    block, size = 2**24, 3 * 2**29
    pack = zlib.compressobj(9, wbits=-15)
    first = pack.compress(npy(header(f"({size // 4096}, 64, 64)"))) + pack.flush(zlib.Z_FULL_FLUSH)
    again = zlib.compressobj(9, wbits=-15)
    piece = again.compress(bytes(block)) + again.flush(zlib.Z_FULL_FLUSH)
    content = first + piece * (size // block) + zlib.compressobj(9, wbits=-15).flush()
    whole = size + 128 + 1
    sound = bytearray(zipped([("images.npy", b"")]))
    start = sound.index(b"PK\1\2")
    entry, end = sound[start : sound.index(b"PK\5\6")], sound[sound.index(b"PK\5\6") :]
    local = sound[: 30 + len("images.npy")]
    for part, offset in ((local, 18), (entry, 20)):
        struct.pack_into("<2I", part, offset, len(content), whole)
        struct.pack_into("<H", part, offset - 10, zipfile.ZIP_DEFLATED)
    struct.pack_into("<I", end, 16, len(local) + len(content))
    return files({"x.npz": bytes(local) + content + bytes(entry) + bytes(end)})


@case(66)
def no_numbers() -> list[str]:
    pairs = np.zeros(12, [("a", "f4"), ("b", "i4")])
    return npz(images=pairs) + npz(images=np.zeros(12, "M8[s]")) + npz(images=np.array(["cat"] * 12))


@case(67)
def wrong_mark() -> list[str]:
    return files({"train-images-idx3-ubyte": b"\1" + idx(IMAGES.shape, IMAGES.tobytes())[1:]})


@case(68)
def endless_idx() -> list[str]:
    return files({"x-idx3-ubyte": idx((2**32 - 1,) * 3, b"")})


@case(69)
def one_off() -> list[str]:
    return [
        sentence
        for content in (IMAGES.tobytes()[:-1], IMAGES.tobytes() + b"x")
        for sentence in files({"x-idx3": idx(IMAGES.shape, content)})
    ]


@case(70)
def labels_as_images() -> list[str]:
    return files({"train-labels-idx1-ubyte": idx((12,), bytes(12))})


@case(71)
def gzips() -> list[str]:
    sound = idx(IMAGES.shape, IMAGES.tobytes())
    parts = gzip.compress(sound[:100]) + gzip.compress(sound[100:])
    bomb = gzip.compress(idx((12, 8, 8), bytes(2**24)))
    return files({"x.gz": bomb}) + files({"x.gz": parts}) + files({"x.gz": gzip.compress(sound) + b"junk"})


@case(72)
def ranks() -> list[str]:
    return files({"x-idx1": idx((768,), bytes(768))}) + files({"x-idx7": idx((12, 8, 8, 1, 1, 1, 1), IMAGES.tobytes())})
