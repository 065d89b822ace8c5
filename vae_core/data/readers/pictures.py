"""Image files, loose, in folders or in archives → pixels of one size, with what folders, tables and arrays beside them say."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_core.base.errors import InputError
from vae_core.data.choices import ImportChoices
from vae_core.data.images import MAX_FILE_BYTES, MORE, Size, deep_values, eight_bits, fit_image, image_size, open_image, shown
from vae_core.data.imageset import MAX_SIDE, MIN_IMAGES, MIN_SIDE
from vae_core.data.readers.arrays import held_out
from vae_core.data.readers.blobs import Blob
from vae_core.data.readers.columns import Column, Known, known_of
from vae_core.data.readers.folders import read_folders, without_masks
from vae_core.data.readers.labels import columns_for
from vae_core.data.readers.names import PARTS, Part, natural_path
from vae_core.data.readers.ranges import FEW_LEVELS, Reading, number, reading_of
from vae_core.data.readers.stacks import pages_of
from vae_core.data.readers.stored import MAX_BYTES, Elements, Stored
from vae_core.data.readers.tables import Table, matched, placed
from vae_core.data.taken import Taken

REDUCED_SIDE = 64

_MOST_DEEP = 64  # pictures of 16 bits and more that are looked at for their range
_MOST_VALUES = 2**18  # of each of these
_SPARE = 4  # times the size that is wanted: so large a photograph is decoded, at least
_ALIKE = 0.5  # of the pictures: a size that so many have is that of the set

Tick = Callable[[], None]


class Pictures(NamedTuple):
    """Pictures as a set: uint8 [N, C, H, W], what is known about each, and where the set's own parts begin."""

    pixels: NDArray[np.uint8]
    reading: Reading
    known: Known
    validation_start: int | None
    test_start: int | None


def read_pictures(
    blobs: Sequence[Blob], tables: Sequence[Table], arrays: Sequence[Stored], name: str, choices: ImportChoices, taken: Taken, tick: Tick
) -> Pictures:
    """Image files as a set, training part first and test part last, in the natural order of their names.

    Args:
        blobs: the files; one that cannot be read is left out.
        tables, arrays: what lies beside them.
        name: of all of them together.
        choices: how they are fitted.
        taken: is told.
        tick: is called twice for each file.

    Raises:
        InputError: fewer than 10 can be read, or they are too many for memory.
    """
    if len(blobs) == 1:
        blobs = pages_of(blobs[0], taken)
    learnt = without_masks([blob.folder for blob in blobs])
    for blob, kept_in in zip(blobs, learnt, strict=True):
        if not kept_in:
            taken.leave(blob.name, "is a mask beside the images.")
    blobs = [blob for blob, kept_in in zip(blobs, learnt, strict=True) if kept_in]
    blobs, columns, parts = _in_order(sorted(blobs, key=lambda blob: natural_path(blob.name)), tables, arrays, taken)
    sizes = _sizes(blobs, name, taken, tick)
    size = target(typical(list(sizes.values())), choices)
    pixels = room(len(sizes), choices.channels or 3, size, name, taken)
    deep = _deep_reading([blob for blob in blobs if blob in sizes], choices, taken)
    levels = Reading(*choices.range) if choices.range is not None and deep is None else None
    if levels is not None:
        taken.notes.append(f"The pictures were stretched: black is {number(levels.black)} and white is {number(levels.white)}.")
    files = [(index, blob) for index, blob in enumerate(blobs) if blob in sizes]
    kept, brightest, resized = _fill(pixels, files, choices, size, deep, levels, taken, tick)
    if len(kept) < MIN_IMAGES:
        raise InputError(too_few(name, len(kept), taken))
    if choices.range is None and deep is None and 0 < brightest <= FEW_LEVELS[-1]:
        levels = Reading(0, next(top for top in FEW_LEVELS if brightest <= top))
        taken.notes.append(f"The pictures hold values of {levels.words} only: they were stretched, {number(levels.white)} is white.")
        _fill(pixels, files, choices, size, deep, levels, Taken(), lambda: None)
    if resized:
        taken.notes.append(f"Resized {resized:,} of {len(kept):,} images to {size.height} × {size.width} pixels (height × width).")
    of = np.array(kept)
    known = known_of([_of_rows(column, of) for column in columns], taken)
    starts: dict[Part | None, int] = {}
    for place, index in enumerate(kept):
        starts.setdefault(parts[index], place)
    alike = len(set(sizes.values()))
    taken.read.append(f"{len(kept):,} pictures{', all of one size' if alike == 1 else f' of {alike:,} sizes'}.")
    return Pictures(pixels[: len(kept)], deep or levels or Reading(0, 255), known, *held_out(starts, taken))


def typical(sizes: Sequence[Size]) -> Size:
    """The size of a set: one that half of the pictures have, else the median shape at the median length of the longer side."""
    if not sizes:
        return Size(MIN_SIDE, MIN_SIDE)
    size, count = Counter(sizes).most_common(1)[0]
    if count >= _ALIKE * len(sizes):
        return size
    ratio = float(np.exp(np.median([np.log(size.width / size.height) for size in sizes])))
    longer = float(np.median([max(size) for size in sizes]))
    return Size(max(1, round(longer * min(1, 1 / ratio))), max(1, round(longer * min(1, ratio))))


def target(found: Size, choices: ImportChoices) -> Size:
    """The size to fit to: as chosen, else as found; what is larger than 128 becomes 64 on its longer side."""
    zoom = REDUCED_SIDE / max(found) if max(found) > MAX_SIDE else 1
    height, width = (max(MIN_SIDE, round(side * zoom)) for side in found)
    return Size(choices.height or height, choices.width or width)


def room(n: int, channels: int, size: Size, name: str, taken: Taken) -> NDArray[np.uint8]:
    """Memory for so many images.

    Raises:
        InputError: that is more than 1 GiB, or more than is left to the import.
    """
    if n * channels * size.height * size.width > MAX_BYTES:
        raise InputError(
            f"{shown(name)} holds {n:,} images; at {size.height} × {size.width} that is more than the {MAX_BYTES // 2**30} GB of pixels "
            "that are read: choose a smaller size or grey."
        )
    taken.budget.hold(n * channels * size.height * size.width, name)
    return np.empty((n, channels, *size), np.uint8)


def fitted(image: Image.Image, choices: ImportChoices, size: Size) -> NDArray[np.uint8]:
    """One image in the size and the channels of the set, RGB where nothing is chosen."""
    channels = choices.channels or 3
    return fit_image(image, channels=channels, height=size.height, width=size.width, background=choices.background, fit=choices.fit)


def too_few(name: str, kept: int, taken: Taken) -> str:
    """The sentence about files of which fewer than 10 are images, with the reason that most of them have."""
    why = taken.commonest()
    said = f" ({why.removesuffix('.')})" if why else ""
    return f"{shown(name)} has {kept} readable image{'' if kept == 1 else 's'}{said}, and at least {MIN_IMAGES} are needed."


def _in_order(
    blobs: list[Blob], tables: Sequence[Table], arrays: Sequence[Stored], taken: Taken
) -> tuple[list[Blob], list[Column], list[Part | None]]:
    """The files by part and by name, what is known about each, and its part."""
    folders = read_folders([blob.folder for blob in blobs], taken)
    parts, columns = folders.parts, list(folders.columns)
    for table in placed(tables, [blob.name for blob in blobs]):
        found = matched(table, [blob.name for blob in blobs], taken)
        if found is not None:
            columns += found[0]
            parts = found[1] if found[1] is not None and not any(parts) else parts
    order = sorted(range(len(blobs)), key=lambda index: (None, *PARTS).index(parts[index]))
    parts = [parts[index] for index in order]
    columns = [column._replace(values=column.values[np.array(order, np.int64)]) for column in columns]
    try:
        beside = columns_for(Counter(parts), arrays, taken)
    except InputError as error:
        taken.leave(arrays[0].file, error)
        beside = []
    if len(beside) == 1:
        columns += beside[0]
    return [blobs[index] for index in order], columns, parts


def _of_rows(column: Column, rows: NDArray[np.int64]) -> Column:
    """A column for some of the images; a class that none of them has is no more."""
    values = column.values[rows]
    if not column.texts:
        return column._replace(values=values)
    present, places = np.unique(values, return_inverse=True)
    return column._replace(values=places.astype(np.int64), texts=tuple(column.texts[index] for index in present.tolist()))


def _sizes(blobs: Sequence[Blob], name: str, taken: Taken, tick: Tick) -> dict[Blob, Size]:
    """The size of each picture that can be read, from its header; together they are counted before the first is decoded."""
    sizes: dict[Blob, Size] = {}
    for blob in blobs:
        tick()
        try:
            sizes[blob] = image_size(blob.read(MAX_FILE_BYTES), blob.name)
        except InputError as error:
            taken.leave(blob.name, error)
            continue
        taken.budget.decode(math.prod(sizes[blob]), name)
    return sizes


def _deep_reading(blobs: Sequence[Blob], choices: ImportChoices, taken: Taken) -> Reading | None:
    """The range of pictures with 16 bits and more, judged on some of them; None where there are none."""
    some = []
    for blob in blobs[:: max(1, len(blobs) // _MOST_DEEP)]:
        try:
            values = deep_values(blob.read(MAX_FILE_BYTES), blob.name)
        except InputError:
            continue  # whoever decodes it says why
        if values is not None:
            flat = values.ravel()
            some.append(np.append(flat[:: max(1, flat.size // _MOST_VALUES)], [flat.min(), flat.max()]))
    if not some:
        return None

    def chunks() -> Iterator[Elements]:
        yield from some

    return reading_of([Stored("the pictures", (sum(map(len, some)),), some[0].dtype, chunks)], choices.range, taken)


def _fill(
    pixels: NDArray[np.uint8],
    files: Sequence[tuple[int, Blob]],
    choices: ImportChoices,
    size: Size,
    deep: Reading | None,
    levels: Reading | None,
    taken: Taken,
    tick: Tick,
) -> tuple[list[int], int, int]:
    """Decode and fit each file; gives the places of those that could be, the highest value of any, and how many were resized.

    `deep` is the range of pictures with more than 8 bits, `levels` of those with 8.
    """
    kept: list[int] = []
    brightest, resized, animated, seen_through = 0, 0, 0, 0
    table = None if levels is None else levels.bytes(np.arange(256, dtype=np.uint8)).tolist()
    for index, blob in files:
        tick()
        try:
            shallow = eight_bits if deep is None else deep.bytes
            image = open_image(blob.read(MAX_FILE_BYTES), blob.name, shallow, _SPARE * max(size))
        except InputError as error:
            taken.leave(blob.name, error)
            continue
        colours = image.split()[: len(image.getbands()) - image.mode.endswith("A")]
        brightest = max(brightest, *(int(np.asarray(band).max()) for band in colours))
        if table is not None:
            image = image.point([level for band in image.getbands() for level in (range(256) if band == "A" else table)])
        pixels[len(kept)] = fitted(image, choices, size)
        animated += image.info.get(MORE, False)
        seen_through += image.mode.endswith("A") and choices.background == (0, 0, 0) and int(np.asarray(image.getchannel("A")).min()) < 255
        resized += image.size != (size.width, size.height)
        kept.append(index)
    if animated:
        taken.notes.append(f"{animated:,} of {len(kept):,} files have several frames or pages, of which the first was taken.")
    if seen_through:
        taken.notes.append(f"{seen_through:,} of {len(kept):,} pictures are transparent in places: black stands behind them.")
    return kept, brightest, resized
