"""A user's files → `Images`: pictures, arrays and tables of any kind, alone, in folders or in archives, and what is said about them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_core.base.errors import InputError
from vae_core.data.choices import ImportChoices
from vae_core.data.duplicates import say_duplicates
from vae_core.data.images import Size, shown
from vae_core.data.imageset import MIN_IMAGES, Images
from vae_core.data.mapped import LEAST_BYTES, Source
from vae_core.data.readers.arrays import Found, Spill, found_in, holds_images
from vae_core.data.readers.blobs import Blob, from_path, from_uploads
from vae_core.data.readers.gather import Gathered, gather
from vae_core.data.readers.npy import map_npy
from vae_core.data.readers.pictures import Pictures, fitted, read_pictures, room, target, too_few
from vae_core.data.readers.ranges import Reading, say_dark
from vae_core.data.readers.stored import Stored
from vae_core.data.streamed import stream
from vae_core.data.taken import Question, Remedy, Taken, listed

MAX_UPLOAD_BYTES = 100 * 2**20

_COMPARED = 1024  # images whose channels are compared at once
_PICTURES = "pictures"  # what the user takes, of pictures beside arrays of images

Progress = Callable[[float], None]


class Imported(NamedTuple):
    """A data set, and the record of what was read, as what, and what was not used."""

    images: Images
    taken: Taken


def read_files(files: Sequence[tuple[str, bytes]], choices: ImportChoices, progress: Progress | None = None) -> Imported:
    """Uploads as (name, bytes): any number of images, arrays, tables and archives of them.

    Args:
        files: names are only ever shown, never used as paths.
        choices: how images are read and fitted.
        progress: called with the share that is done, 0 to 1, up to 100 times.

    Raises:
        InputError: a file is over 100 MB, or fewer than 10 images can be read.
        Question: the files can be read in several ways.
    """
    for name, data in files:
        if len(data) > MAX_UPLOAD_BYTES:
            raise InputError(f"{shown(name)} has {len(data) / 2**20:,.0f} MB; an upload may have {MAX_UPLOAD_BYTES // 2**20} MB.")
    blobs = from_uploads(files)
    name = blobs[0].name if len(blobs) == 1 else "upload"
    return _read(blobs, name, choices, progress, Taken())


def read_path(path: Path, choices: ImportChoices, progress: Progress | None = None) -> Imported:
    """A folder with all its sub-folders, or one file of those that `read_files` takes.

    A `.npy` file of more than 256 MB whose pixels need no conversion is mapped: it may be larger than memory, and nothing is copied.

    Args:
        path: links in a folder are followed.
        choices: how images are read and fitted.
        progress: called with the share that is done, 0 to 1, up to 100 times.

    Raises:
        InputError: there is no such file or folder, or fewer than 10 images can be read in it.
        Question: the files can be read in several ways.
    """
    mapped = _mapped(path, choices)
    if mapped is not None:
        return mapped
    taken = Taken()
    sources: list[Source] = []

    def spill(stored: Stored) -> tuple[NDArray[np.uint8], Reading]:
        pixels, source, reading = stream(stored, choices.range, Source.of(path), progress, taken)
        sources.append(source)
        return pixels, reading

    read = _read(from_path(path, taken), path.resolve().name, choices, progress, taken, spill if path.is_file() else None)
    if sources and isinstance(read.images.pixels, np.memmap):
        return Imported(replace(read.images, source=sources[0]), taken)
    return read


def _mapped(path: Path, choices: ImportChoices) -> Imported | None:
    """The images of a large file whose pixels need no change, left in that file; None for all else."""
    if path.suffix.lower() != ".npy" or not path.is_file() or path.stat().st_size <= LEAST_BYTES:
        return None
    source = Source.of(path)
    pixels = map_npy(path) if choices.range is None and choices.layout is None else None
    if pixels is None:
        return None
    channels, height, width = pixels.shape[1:]
    if choices.channels not in (None, channels) or target(Size(height, width), choices) != (height, width):
        return None
    note = f"{shown(path.name)} is used where it lies: keep it there, unchanged, as long as you train on it or look at its models."
    return Imported(Images(_title(path.name), _as_found(pixels, choices), source=source), Taken(notes=[note]))


def _read(
    blobs: Sequence[Blob], name: str, choices: ImportChoices, progress: Progress | None, taken: Taken, spill: Spill | None = None
) -> Imported:
    taken.budget.given = sum(blob.size for blob in blobs)
    gathered = gather(blobs, taken)
    solid = [stored for stored in gathered.arrays if holds_images(stored) and (len(stored.shape) > 2 or not gathered.pictures)]
    if solid and len(gathered.pictures) >= MIN_IMAGES and choices.take is None:
        names = [shown(one.name) for one in solid]
        raise Question(
            f"{shown(name)} holds {len(gathered.pictures):,} pictures and, as arrays, {listed(names)}: choose one.",
            (Remedy("Take the pictures", {"take": _PICTURES}), *(Remedy(f"Take {one}", {"take": one}) for one in names)),
        )
    if solid and choices.take != _PICTURES:
        for blob in gathered.pictures:
            taken.leave(blob.name, "is a picture beside arrays of images, which were taken.")
        images = _from_arrays(gathered, name, choices, progress, taken, spill)
    elif gathered.pictures:
        for field in ("layout", "planes", "frame"):
            if getattr(choices, field) is not None:
                taken.notes.append(f"The {field} that was chosen is one of arrays: these are pictures, which have none.")
        arrays = [stored for stored in gathered.arrays if stored not in solid]
        tick = _ticker(progress, 2 * len(gathered.pictures))
        read = read_pictures(gathered.pictures, gathered.tables, arrays, name, choices, taken, tick)
        say_dark(read.pixels, read.reading, taken)
        pixels = np.ascontiguousarray(_as_found(read.pixels, choices))
        images = _images(name, pixels, read)
    elif gathered.arrays:
        images = _from_arrays(gathered, name, choices, progress, taken)  # says why they hold no images
    else:
        for table in gathered.tables:
            taken.leave(table.name, "is a table, and there are no images beside it.")
        raise InputError(too_few(name, 0, taken))
    say_duplicates(images, taken)
    return Imported(images, taken)


def _from_arrays(
    gathered: Gathered, name: str, choices: ImportChoices, progress: Progress | None, taken: Taken, spill: Spill | None = None
) -> Images:
    found = found_in(gathered.arrays, gathered.tables, name, choices, taken, spill)
    n, height, width, channels = found.frames.shape
    size = target(Size(height, width), choices)
    if isinstance(found.frames, np.memmap):
        if size != (height, width) or choices.channels not in (None, channels):
            raise InputError(
                f"{shown(name)} is too large for memory: its images stay as they are, {height} × {width} with {channels} channels."
            )
        return _images(name, found.frames.transpose(0, 3, 1, 2), found)
    # A grey array that is padded with a colour is grey no more: any other stays grey without a look at its pixels.
    wanted = choices.channels or (1 if channels == 1 and (size == (height, width) or choices.fit == "crop") else 3)
    if (height, width, channels) == (*size, wanted):
        pixels = _planes_first(found.frames, name, taken)
    else:
        pixels = room(n, wanted, size, name, taken)
        tick = _ticker(progress, n)
        for index, frame in enumerate(found.frames):
            tick()
            picture = Image.fromarray(np.ascontiguousarray(frame[..., 0] if channels == 1 else frame))
            pixels[index] = fitted(picture, choices.model_copy(update={"channels": wanted}), size)
    if size != (height, width):
        taken.notes.append(f"Resized {n:,} of {n:,} images to {size.height} × {size.width} pixels (height × width).")
    say_dark(pixels, found.reading, taken)
    return _images(name, np.ascontiguousarray(_as_found(pixels, choices)), found)


def _planes_first(frames: NDArray[np.uint8], name: str, taken: Taken) -> NDArray[np.uint8]:
    """Images [N, H, W, C] as [N, C, H, W], within the same memory where they lie behind each other: `frames` are not to be used again."""
    planes = frames.transpose(0, 3, 1, 2)
    if not frames.flags.c_contiguous or planes.flags.c_contiguous:
        if not planes.flags.c_contiguous:
            taken.budget.hold(planes.size, name)
        return np.ascontiguousarray(planes)
    rows = frames.reshape(len(frames), -1)
    for first in range(0, len(frames), _COMPARED):
        rows[first : first + _COMPARED] = planes[first : first + _COMPARED].reshape(-1, rows.shape[1])
    return rows.reshape(planes.shape)


def _images(name: str, pixels: NDArray[np.uint8], read: Found | Pictures) -> Images:
    known = read.known
    return Images(
        _title(name),
        pixels,
        known.labels,
        known.class_names,
        known.factors,
        known.factor_names,
        known.factor_values,
        read.test_start,
        validation_start=read.validation_start,
    )


def _as_found(pixels: NDArray[np.uint8], choices: ImportChoices) -> NDArray[np.uint8]:
    """The pixels; one channel of them where nothing was chosen and every pixel of every image is grey."""
    if choices.channels is not None or pixels.shape[1] == 1:
        return pixels
    parts = (pixels[start : start + _COMPARED] for start in range(0, len(pixels), _COMPARED))
    return pixels[:, :1] if all((part == part[:, :1]).all() for part in parts) else pixels


def _title(name: str) -> str:
    return shown(Path(name).stem) or "images"


def _ticker(progress: Progress | None, total: int) -> Callable[[], None]:
    """A function to call after each of `total` steps, which reports every whole per cent once."""
    done = 0

    def tick() -> None:
        nonlocal done
        done += 1
        if progress is not None and done * 100 // total > (done - 1) * 100 // total:
            progress(done / total)

    return tick
