"""Images in arrays: `.npy`, `.npz`, and anything else that states a shape and yields its elements in order.

Nothing is unpickled. A header is believed only where it agrees with the size of the file; only then is memory taken.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.images import MAX_PIXELS, shown
from vae_core.data.imageset import MIN_IMAGES, MIN_SIDE
from vae_core.data.readers.blobs import Blob, from_path

MAX_BYTES = 2**30
MAX_CLASSES = 1000

_CHUNK_BYTES = 2**24
_MAX_TABLE_BYTES = 2**26
_LABELS = {"label", "labels", "target", "targets", "y"}
_CLASS_NAMES = {"labelnames", "classnames", "classes"}
_PARTS = {"train": 0, "val": 1, "test": 2}
# The published dSprites keeps the names of its factors in a pickled object only; its smaller copies leave out the colour.
_DSPRITES = ("color", "shape", "scale", "orientation", "posX", "posY")

Elements = NDArray[np.generic]


@dataclass(frozen=True)
class Stored:
    """An array that is not in memory yet: `chunks()` yields its elements as 1-D arrays, in the order in which they are stored."""

    name: str
    shape: tuple[int, ...]
    dtype: np.dtype[np.generic]
    chunks: Callable[[], Iterator[Elements]]
    fortran: bool = False

    def shaped(self, flat: NDArray[np.uint8] | Elements) -> Elements:
        """All elements, as a view of this array's shape."""
        return flat.reshape(self.shape[::-1]).T if self.fortran else flat.reshape(self.shape)

    def load(self) -> Elements:
        """The whole array.

        Raises:
            InputError: more than 64 MB, too much for labels, names or factors.
        """
        if math.prod(self.shape) * self.dtype.itemsize > _MAX_TABLE_BYTES:
            raise InputError(f"{shown(self.name)} has more than {_MAX_TABLE_BYTES // 2**20} MB, too much for labels, names or factors.")
        return self.shaped(np.concatenate([np.empty(0, self.dtype), *self.chunks()]))


@dataclass(frozen=True)
class Found:
    """What a file of arrays holds, before it is fitted to a size; the fields are those of `Images`.

    Attributes:
        frames: uint8 [N, H, W, C], C is 1, 3 or 4 (straight alpha).
        notes: sentences about what was guessed or left out.
    """

    frames: NDArray[np.uint8]
    notes: tuple[str, ...]
    labels: NDArray[np.int64] | None = None
    class_names: tuple[str, ...] = ()
    factors: NDArray[np.float32] | None = None
    factor_names: tuple[str, ...] = ()
    factor_values: tuple[tuple[str, ...], ...] = ()
    test_start: int | None = None


def read_npy(blob: Blob) -> Found:
    """Images from one `.npy` file.

    Raises:
        InputError: the file is damaged, or does not hold images.
    """
    stored = _stored(blob)
    if stored is None:
        raise InputError(f"{shown(blob.name)} is a pickled Python object, which is never loaded: save a plain array of numbers.")
    return _found([stored], blob.name, [])


def map_npy(path: Path) -> NDArray[np.uint8] | None:
    """The images of a `.npy` file as a read-only map of the file, uint8 [N, C, H, W]: nothing is in memory until it is used.

    None where the file does not hold images, or their pixels need converting: only uint8 from 0 to 255 in C order, grey or RGB, does not.

    Raises:
        InputError: the file is damaged or cannot be read.
    """
    (blob,) = from_path(path)
    stored = _stored(blob)
    axis = None if stored is None else _channel_axis(stored)
    if stored is None or axis is None or stored.dtype != np.uint8 or stored.fortran or stored.shape[0] < MIN_IMAGES:
        return None
    if not any(chunk.max(initial=0) > 1 for chunk in stored.chunks()):  # black and white, written as 0 and 1
        return None
    mapped = npy.open_memmap(path, mode="r")
    pixels: NDArray[np.uint8] = mapped[:, np.newaxis] if axis == -1 else np.moveaxis(mapped, axis, 1)
    return pixels if pixels.shape[1] in (1, 3) else None


def read_npz(blobs: Sequence[Blob], name: str) -> Found:
    """Images from the members of an `.npz` archive, with labels, class names and factors where their names are known.

    Pictures in parts (`x_train`, `x_test`, …) are put one after another, the test part last. Known names: labels, y, targets;
    label_names, class_names; factors with factor_names and a `<factor>_names` each; latents_classes with latents_names (dSprites).

    Raises:
        InputError: a member is damaged, there is no array of images or more than one, or the parts do not fit each other.
    """
    read = {blob.name.removesuffix(".npy"): _stored(blob) for blob in blobs}
    pickled = [member for member, stored in read.items() if stored is None]
    notes = [f"Left out {shown(member)}: it is a pickled Python object, which is never loaded." for member in pickled]
    return _found([stored for stored in read.values() if stored is not None], name, notes)


def frames_of(stored: Stored) -> tuple[NDArray[np.uint8], list[str]]:
    """An array of images as uint8 [N, H, W, C], with a sentence where the range of its values had to be guessed.

    Floats may lie in 0..1, −1..1 or 0..255; whole numbers in 0..1, 0..255 or 0..65535.

    Raises:
        InputError: it does not look like images, has fewer than 10, takes over 1 GiB as bytes, or its values are in none of these ranges.
    """
    axis = _channel_axis(stored)
    if axis is None:
        raise InputError(f"{shown(stored.name)} holds no images: {_described([stored])}, but images are {_EXPECTED}.")
    if stored.shape[0] < MIN_IMAGES:
        raise InputError(f"{shown(stored.name)} holds {stored.shape[0]} images; at least {MIN_IMAGES} are needed.")
    if math.prod(stored.shape) > MAX_BYTES:
        size = math.prod(stored.shape) / 2**30
        raise InputError(
            f"{shown(stored.name)} holds {size:.1f} GB of pixels, more than the {MAX_BYTES // 2**30} GB that are read into memory: for "
            "more, give `python -m vae_core train` a .npy file of uint8, 0 to 255, in C order, grey or RGB, in its final size."
        )
    convert, note = _conversion(stored)
    flat = np.empty(math.prod(stored.shape), np.uint8)
    done = 0
    for chunk in stored.chunks():
        flat[done : done + len(chunk)] = convert(chunk)
        done += len(chunk)
    frames = stored.shaped(flat).view(np.uint8)
    frames = frames[..., None] if frames.ndim == 3 else np.moveaxis(frames, axis, -1)
    return frames, [] if note is None else [f"The values of {shown(stored.name)} were taken as {note}."]


def classes_of(values: Elements, names: tuple[str, ...], of: str) -> tuple[NDArray[np.int64] | None, tuple[str, ...], list[str]]:
    """Class labels [N] as indices into class names, the names, and sentences about what could not be used.

    Without `names` each distinct value is a class named after itself. A value without a name becomes the class "no label".
    """
    if values.dtype.kind == "f" and bool(np.equal(values, np.floor(values)).all()):
        values = values.astype(np.int64)
    distinct, inverse = np.unique(values, return_inverse=True)
    if values.ndim != 1 or values.dtype.kind not in "buiU" or len(distinct) > MAX_CLASSES:
        return None, (), [f"Left out {shown(of)}: these are not class labels, one whole number or name for each image."]
    if not names or values.dtype.kind == "U":
        return inverse.astype(np.int64), tuple(shown(str(value)) for value in distinct), []
    labels = values.astype(np.int64)
    nameless = (labels < 0) | (labels >= len(names))
    if not nameless.any():
        return labels, names, []
    note = f'{nameless.sum():,} of {len(labels):,} images have a label without a name and are shown as "no label".'
    return np.where(nameless, len(names), labels), (*names, "no label"), [note]


_EXPECTED = f"arrays of numbers [N, H, W], [N, H, W, C] or [N, C, H, W] with C 1, 3 or 4 and at least {MIN_SIDE} pixels a side"


def _stored(blob: Blob) -> Stored | None:
    """The array in a `.npy` file, its header checked against the size of the file; None for pickled objects."""
    try:
        with blob.open() as stream:
            version = npy.read_magic(stream)
            read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
            shape, fortran, dtype = read_header(stream)
            start = stream.tell()
    except Exception as error:
        raise InputError(f"{shown(blob.name)} is not a NumPy array that can be read: its header is damaged.") from error
    if dtype.hasobject:
        return None
    size = math.prod(shape) * dtype.itemsize
    if min(shape, default=0) < 0 or blob.size - start != size:
        raise InputError(f"{shown(blob.name)} is cut short or damaged: it states {size:,} bytes and holds {blob.size - start:,}.")

    def chunks() -> Iterator[Elements]:
        step = max(1, _CHUNK_BYTES // max(1, dtype.itemsize))
        try:
            with blob.open() as stream:
                stream.read(start)
                for first in range(0, math.prod(shape), step):
                    count = min(step, math.prod(shape) - first)
                    yield np.frombuffer(stream.read(count * dtype.itemsize), dtype, count)
        except Exception as error:
            raise InputError(f"{shown(blob.name)} is cut short or damaged and cannot be read.") from error

    return Stored(blob.name.removesuffix(".npy"), shape, dtype, chunks, fortran)


def _channel_axis(stored: Stored) -> int | None:
    """The axis of the channels, −1 where there is none; None when the array cannot be images."""
    if stored.dtype.kind not in "buif" or len(stored.shape) not in (3, 4):
        return None
    if len(stored.shape) == 3:
        axis, (height, width) = -1, stored.shape[1:]
    elif stored.shape[3] in (1, 3, 4):
        axis, (height, width) = 3, stored.shape[1:3]
    elif stored.shape[1] in (1, 3, 4):
        axis, (height, width) = 1, stored.shape[2:]
    else:
        return None
    return axis if min(height, width) >= MIN_SIDE and height * width <= MAX_PIXELS else None


def _conversion(stored: Stored) -> tuple[Callable[[Elements], NDArray[np.uint8]], str | None]:
    """The function that turns values into bytes, and, where their range is a guess, that range in words."""
    if stored.dtype.kind == "b":
        return _binary, None
    low, high = _range(stored)
    if not (math.isfinite(low) and math.isfinite(high)):
        raise InputError(f"{shown(stored.name)} holds values that are not finite numbers (NaN or infinity).")
    slack = 1e-3  # rounding in the sender's own scaling
    if stored.dtype.kind == "f" and -slack <= low and high <= 1 + slack:
        return lambda chunk: _rounded(chunk, 255, 0), "0 to 1"
    if stored.dtype.kind == "f" and -1 - slack <= low < 0 and high <= 1 + slack:
        return lambda chunk: _rounded(chunk, 127.5, 127.5), "−1 to 1"
    if stored.dtype.kind == "f" and -slack <= low and high <= 255 + slack:
        return lambda chunk: _rounded(chunk, 1, 0), "0 to 255"
    if stored.dtype.kind != "f" and low >= 0 and high <= 1:
        return _binary, "0 for black and 1 for white"
    if stored.dtype.kind != "f" and low >= 0 and high <= 255:
        return lambda chunk: chunk.astype(np.uint8), None if stored.dtype == np.uint8 else "0 to 255"
    if stored.dtype.kind != "f" and low >= 0 and high <= 65535:
        return lambda chunk: ((chunk.astype(np.uint32) + 128) // 257).astype(np.uint8), "0 to 65,535"
    ranges = "0 to 1, −1 to 1 or 0 to 255" if stored.dtype.kind == "f" else "0 to 1, 0 to 255 or 0 to 65,535"
    raise InputError(f"{shown(stored.name)} holds values from {low:g} to {high:g}; pixels are {ranges}.")


def _range(stored: Stored) -> tuple[float, float]:
    low, high = math.inf, -math.inf
    for chunk in stored.chunks():
        with np.errstate(all="ignore"):
            low, high = float(np.minimum(low, np.min(chunk))), float(np.maximum(high, np.max(chunk)))
    return low, high


def _binary(chunk: Elements) -> NDArray[np.uint8]:
    return chunk.astype(np.uint8) * np.uint8(255)


def _rounded(chunk: Elements, gain: float, shift: float) -> NDArray[np.uint8]:
    return np.rint(chunk.astype(np.float64) * gain + shift).clip(0, 255).astype(np.uint8)


def _role(name: str) -> str:
    """What an array is, without the part it belongs to: x for x_train, labels for train_labels."""
    return re.sub("train|test|val|[^a-z]", "", name.lower())


def _part(name: str) -> int | None:
    return next((order for word, order in _PARTS.items() if word in name.lower()), None)


def _images_among(arrays: list[Stored], name: str) -> list[Stored]:
    """The one array of images, or its parts with the test part last."""
    images = [stored for stored in arrays if _channel_axis(stored) is not None]
    if not images:
        raise InputError(f"{shown(name)} holds no images: {_described(arrays)}, but images are {_EXPECTED}.")
    named = [stored for stored in images if stored.name in ("images", "imgs")]
    if len(images) == 1 or len(named) == 1:
        return images if len(images) == 1 else named
    parts = {part: stored for stored in images if (part := _part(stored.name)) is not None}
    if len(parts) != len(images) or len({stored.shape[1:] for stored in images}) > 1:
        raise InputError(f'{shown(name)} holds several arrays of images ({_described(images)}): name the one to use "images".')
    return [parts[part] for part in sorted(parts)]


def _described(arrays: Sequence[Stored]) -> str:
    if not arrays:
        return "it has no plain arrays"
    listed = ", ".join(f"{shown(stored.name)} is {list(stored.shape)} {stored.dtype.name}" for stored in arrays[:3])
    return listed if len(arrays) <= 3 else f"{listed} and {len(arrays) - 3} more"


def _found(arrays: list[Stored], name: str, notes: list[str]) -> Found:
    parts = _images_among(arrays, name)
    read = [frames_of(part) for part in parts]
    frames = read[0][0] if len(read) == 1 else np.concatenate([part for part, _ in read])
    for _, guessed in read:
        notes += guessed
    labels, class_names = _labels(arrays, parts, notes)
    factors, factor_names, factor_values = _factors(arrays, len(frames)) if len(parts) == 1 else (None, (), ())
    has_test = len(parts) > 1 and _part(parts[-1].name) == _PARTS["test"]
    test_start = len(frames) - parts[-1].shape[0] if has_test else None
    return Found(frames, tuple(notes), labels, class_names, factors, factor_names, factor_values, test_start)


def _labels(arrays: list[Stored], parts: list[Stored], notes: list[str]) -> tuple[NDArray[np.int64] | None, tuple[str, ...]]:
    columns = []
    for part in parts:
        labels = [stored for stored in arrays if _role(stored.name) in _LABELS and _part(stored.name) == _part(part.name)]
        if len(labels) != 1:
            return None, ()
        _check_rows(labels[0], part.shape[0])
        values = labels[0].load()
        columns.append(values[:, 0] if values.ndim == 2 and values.shape[1] == 1 else values)
    if len({(column.dtype.kind, column.ndim) for column in columns}) > 1:
        return None, ()
    names = [_texts(stored) for stored in arrays if _role(stored.name) in _CLASS_NAMES]
    labels_, class_names, remarks = classes_of(np.concatenate(columns), names[0] if names else (), "the labels")
    notes += remarks
    return labels_, class_names


def _factors(arrays: list[Stored], n: int) -> tuple[NDArray[np.float32] | None, tuple[str, ...], tuple[tuple[str, ...], ...]]:
    by_name = {stored.name: stored for stored in arrays}
    table = by_name.get("factors") or by_name.get("latents_classes")
    if table is None or len(table.shape) != 2 or table.dtype.kind not in "buif":
        return None, (), ()
    _check_rows(table, n)
    with np.errstate(over="ignore"):
        factors = table.load().astype(np.float32)
    if not np.isfinite(factors).all():
        raise InputError(f"{shown(table.name)} holds values that are not finite numbers (NaN or infinity).")
    width = factors.shape[1]
    names_of = by_name.get("factor_names" if table.name == "factors" else "latents_names")
    names = _texts(names_of) if names_of is not None else _DSPRITES[-width:] if table.name == "latents_classes" else ()
    if len(names) != width:
        names = tuple(f"factor {index + 1}" for index in range(width))
    values = tuple(_texts(by_name[f"{name}_names"]) if f"{name}_names" in by_name else () for name in names)
    known = [bool(np.isin(column, np.arange(len(texts))).all()) for column, texts in zip(factors.T, values, strict=True)]
    return factors, names, tuple(texts if fits else () for texts, fits in zip(values, known, strict=True))


def _check_rows(stored: Stored, n: int) -> None:
    if not stored.shape or stored.shape[0] != n:
        rows = stored.shape[0] if stored.shape else 1
        raise InputError(f"{shown(stored.name)} has {rows:,} rows for {n:,} images; it needs one row for each.")


def _texts(stored: Stored) -> tuple[str, ...]:
    """A 1-D array of texts; empty for anything else."""
    if stored.dtype.kind != "U" or len(stored.shape) != 1:
        return ()
    return tuple(shown(str(text)) for text in stored.load())
