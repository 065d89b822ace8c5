"""Images, and what is known about each, from arrays of any file: which are which, which belong together, and what is left."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.choices import ImportChoices, Layout
from vae_core.data.images import shown
from vae_core.data.imageset import MIN_IMAGES
from vae_core.data.readers.columns import Column, Known, columns_of, joined, known_of
from vae_core.data.readers.labels import columns_for
from vae_core.data.readers.layouts import (
    EXPECTED,
    arranged,
    frame_of_rows,
    frames_of_width,
    is_turned,
    layout_of,
    layouts_of,
    likeliest,
    middle,
    pictures_of,
    unrolled,
    words_of,
)
from vae_core.data.readers.names import PARTS, Part, is_of_images, kin_of, label_rank, natural, part_of
from vae_core.data.readers.ranges import Reading, reading_of, say_clipped
from vae_core.data.readers.stored import MAX_BYTES, Stored
from vae_core.data.readers.tables import Table, of_rows
from vae_core.data.taken import Question, Remedy, Taken, listed

Pixels = NDArray[np.uint8]
Spill = Callable[[Stored], tuple[Pixels, Reading]]
"""Writes an array of images to the disk; gives a map of it, [N, C, H, W], and its range."""

_IMAGE_BYTES = 64  # besides its pixels: the parts of a set are lists of their images, and so are the prints by which equal ones are found


EACH_A_CLASS = "each file a class"
"""What `ImportChoices.take` says where every file of images is a class of its own."""


@dataclass(frozen=True)
class Found:
    """What arrays hold, before it is fitted to a size.

    Attributes:
        frames: uint8 [N, H, W, C], C is 1, 3 or 4 (straight alpha).
        reading: the range that became 0 to 255.
        known: what is known about each image.
        validation_start, test_start: the first image of the set's own validation and test part; None where there is none.
    """

    frames: Pixels
    reading: Reading
    known: Known
    validation_start: int | None
    test_start: int | None


def holds_images(stored: Stored) -> bool:
    """Whether the shape of an array allows that it holds images."""
    if stored.dtype.kind not in "buif":
        return False
    return bool(layouts_of(stored.shape)) or (len(stored.shape) == 2 and bool(frames_of_width(stored.shape[1])))


def _may_lie_in_columns(stored: Stored) -> bool:
    """Whether each column of a table can be an image, as in the Frey faces; rows come first."""
    return (
        stored.dtype.kind in "buif" and len(stored.shape) == 2 and stored.shape[1] >= MIN_IMAGES and bool(frames_of_width(stored.shape[0]))
    )


def found_in(
    arrays: Sequence[Stored], tables: Sequence[Table], name: str, choices: ImportChoices, taken: Taken, spill: Spill | None = None
) -> Found:
    """The images among arrays, one part after another with the test part last, and their columns.

    Args:
        arrays, tables: what the files hold.
        name: of all of them together.
        choices: how images are read.
        taken: is told.
        spill: keeps an array that is too large for memory on the disk; None where that may not be.

    Raises:
        InputError: there are no images, too few, too many to hold in memory, or what belongs to them does not fit.
        Question: there are several sets of images, or their layout is a matter of choice.
    """
    images, left = _images_among(arrays, name, choices.take, taken)
    images = sorted(images, key=lambda stored: (_order(stored.part), natural(f"{stored.file} {stored.name}")))
    frames, counts, reading = _frames(images, choices, taken, spill)
    rows: dict[Part | None, int] = {}
    for stored, count in zip(images, counts, strict=True):
        rows[stored.part] = rows.get(stored.part, 0) + count
    repeats = len(frames) // sum(counts)
    rest = [stored for stored in arrays if not any(stored is other for other in (*images, *left))]
    strangers = {_group_of(stored) for stored in left if holds_images(stored)} - {_group_of(stored) for stored in images}
    for stored in rest:
        if _group_of(stored) in strangers:
            taken.leave(_title(stored), "belongs to images that were not taken.")
    rest = [stored for stored in rest if _group_of(stored) not in strangers]
    by_part = columns_for(rows, rest, taken)
    for table in tables:
        _add_table(table, rows, by_part, taken)
    if choices.take == EACH_A_CLASS and len(rows) == 1:
        by_part[0] = [_of_files(images, counts, taken), *by_part[0]]
    columns = joined(by_part, list(rows.values()), taken)
    if repeats > 1:
        columns = [column._replace(values=np.repeat(column.values, repeats)) for column in columns]
    starts = dict(zip(rows, np.cumsum([0, *rows.values()]).tolist(), strict=False))
    return Found(frames, reading, known_of(columns, taken), *held_out({part: start * repeats for part, start in starts.items()}, taken))


def _add_table(table: Table, rows: Mapping[Part | None, int], by_part: list[list[Column]], taken: Taken) -> None:
    """The columns of a table with one row for each image of the set, or of the part that its name says."""
    part = part_of(table.name)
    wanted = [part] if part in rows else list(rows)
    total = sum(rows[one] for one in wanted)
    if len(table) != total:
        taken.leave(table.name, f"has {len(table):,} rows for {total:,} images; it needs one row for each.")
        return
    columns, done = of_rows(table, taken), 0
    for one in wanted:
        by_part[list(rows).index(one)] += [column._replace(values=column.values[done : done + rows[one]]) for column in columns]
        done += rows[one]


def held_out(starts: dict[Part | None, int], taken: Taken) -> tuple[int | None, int | None]:
    """The first validation and the first test image, given where each part starts; both None where there would be nothing to learn from."""
    kept = [part for part in PARTS[1:] if part in starts]
    if not kept:
        return None, None
    if min(starts[part] for part in kept) == 0:
        taken.notes.append(f"All images are of the {kept[0]} part; they are learnt from like those of any other set.")
        return None, None
    if "test" in starts:
        taken.read.append("The set's own test images come last and are never trained on.")
    if "validation" in starts:
        taken.read.append("The set's own validation images are kept apart from training.")
    return starts.get("validation"), starts.get("test")


def _images_among(arrays: Sequence[Stored], name: str, wanted: str | None, taken: Taken) -> tuple[list[Stored], list[Stored]]:
    """The arrays of the one set of images that is there, or of the one that the user wants; and those of other images."""
    images = [stored for stored in arrays if holds_images(stored)]
    solid = [stored for stored in images if len(stored.shape) > 2]
    flat_ones = images or [stored for stored in arrays if _may_lie_in_columns(stored)]
    candidates = solid or [stored for stored in flat_ones if label_rank(stored.name) is None]
    if not candidates:
        raise InputError(f"{shown(name)} holds no images: {_described(arrays)}, but images are {EXPECTED}.")
    groups: dict[str, list[Stored]] = {}
    for stored in candidates:
        groups.setdefault(_group_of(stored), []).append(stored)
    flat = [stored for stored in images if stored not in candidates and is_of_images(stored.name)]
    alike = len({stored.shape[1:] for stored in candidates}) == 1
    apart = alike and all(len(members) == 1 and members[0].file for members in groups.values())
    if wanted == EACH_A_CLASS and apart:
        return candidates, flat
    if wanted is not None:
        whole = [stored for key, members in groups.items() if shown(key) == wanted for stored in members]
        chosen = whole or [stored for stored in candidates if shown(stored.name) == wanted]
    elif len(groups) == 1:
        chosen = next(iter(groups.values()))
    else:
        named = [members for members in groups.values() if any(_says_images(stored) for stored in members)]
        chosen = named[0] if len(named) == 1 else []
    if not chosen:
        raise Question(
            f"{shown(name)} holds several sets of images ({_described(candidates)}): choose one.",
            [
                *([Remedy("Take all: each file is a class", {"take": EACH_A_CLASS})] if apart else []),
                *(Remedy(f"Take {shown(key)}", {"take": shown(key)}) for key in sorted(groups, key=natural)),
            ],
        )
    left = [*flat, *(stored for stored in candidates if not any(stored is other for other in chosen))]
    for stored in left:
        taken.leave(_title(stored), f"is another array of images; {shown(_title(chosen[0]))} was taken.")
    return chosen, left


def _of_files(images: Sequence[Stored], counts: Sequence[int], taken: Taken) -> Column:
    """The file of each image as its class, as Quick, Draw! is published."""
    names = [stored.file.rpartition("/")[2].rpartition(".")[0] or stored.file for stored in images]
    taken.notes.append("Each file was taken as a class.")
    return columns_of("file", np.repeat(names, counts), (), taken)[0]


def _says_images(stored: Stored) -> bool:
    return is_of_images(stored.name) or (stored.name.startswith("arr_") and is_of_images(stored.file))


def _title(stored: Stored) -> str:
    """What an array is called in a sentence: by its file, where its own name says nothing."""
    return stored.file if stored.name == "arr_0" and stored.file else stored.name


def _group_of(stored: Stored) -> str:
    """The name of the set that an array belongs to: what its file and its own name say besides parts and numbers."""
    return " ".join(dict.fromkeys((*kin_of(stored.file.rpartition("/")[2].partition(".")[0]), *kin_of(stored.name)))) or "images"


def _order(part: Part | None) -> int:
    return (None, *PARTS).index(part)


def _frames(arrays: Sequence[Stored], choices: ImportChoices, taken: Taken, spill: Spill | None) -> tuple[Pixels, list[int], Reading]:
    """The pixels of all arrays [N, H, W, C], how many images each array has, and their range.

    Several images may be made of each in the file. All are read into one block of memory, which is the result where it can be.
    """
    first = arrays[0]
    size = sum(math.prod(stored.shape) for stored in arrays)
    if size > MAX_BYTES:
        if spill is None or len(arrays) > 1 or not _can_spill(first):
            raise InputError(
                f"{shown(first.name)} holds {size / 2**30:.1f} GB of pixels, more than the {MAX_BYTES // 2**30} GB that are read into "
                "memory: for more, give `python -m vae_core train` the file itself, with one array of images in C order, grey or RGB."
            )
        lying = layouts_of(first.shape)[0]
        if choices.layout not in (None, lying):
            raise InputError(
                f"{shown(first.name)} is too large for memory and is used as it lies, as {words_of(lying)}: it cannot be taken as "
                f"{words_of(choices.layout)}."
            )
        pixels, reading = spill(first)
        taken.read.append(
            f"{len(pixels):,} images of {pixels.shape[2]} × {pixels.shape[3]} pixels from {shown(first.name)}, values {reading.words}; "
            "they are on the disk, not in memory."
        )
        return pixels.transpose(0, 2, 3, 1), [len(pixels)], reading
    if not size:
        raise InputError(f"{shown(first.name)} holds 0 images; at least {MIN_IMAGES} are needed.")
    taken.budget.hold(size + _IMAGE_BYTES * sum(max(stored.shape) for stored in arrays), first.name)
    reading = reading_of(arrays, choices.range, taken)
    large = max(arrays, key=lambda stored: math.prod(stored.shape))
    copies = 2 * size if _is_grey_with_transparency(large) else size  # which become images with four channels
    if not taken.budget.has_room(copies) and _is_copied(large, reading, choices.layout):
        taken.budget.hold(copies, first.name)  # is refused before memory is taken
    flat, views, outside, done = np.empty(size, np.uint8), [], 0, 0
    for stored in arrays:
        begin = done
        for chunk in stored.chunks():
            flat[done : done + len(chunk)] = reading.bytes(chunk)
            outside += reading.outside(chunk)
            done += len(chunk)
        views.append(stored.shaped(flat[begin:done]).view(np.uint8))
    if choices.range is None:
        say_clipped(outside, size, reading, first.name, taken)
    largest = max(views, key=lambda view: view.size)
    in_order = not any(stored.fortran for stored in arrays)  # the images of all arrays lie behind each other
    if largest.ndim > 2:
        layout = layout_of(largest, choices.layout, first.name, taken)
        in_order, how = in_order and layout[0] == "N", words_of(layout)
        as_frames = partial(arranged, layout=layout)
    else:
        if choices.frame is None and is_turned(largest):
            taken.notes.append(f"{shown(first.name)} is {list(largest.shape)}, and its columns were taken as the images.")
            views, largest, in_order = [view.T for view in views], largest.T, False
        how = "flat rows"
        as_frames = partial(unrolled, frame=frame_of_rows(largest, choices.frame, first.name, taken))
    if not in_order and (len(arrays) > 1 or largest.ndim == 2):
        taken.budget.hold(size, first.name)
    frames = [as_frames(view) for view in views]
    if len({read.shape[1:] for read in frames}) > 1:
        raise Question(
            f"{listed([shown(_title(stored)) for stored in arrays])} hold images of different sizes ({_described(arrays)}): choose one.",
            [Remedy(f"Take {shown(stored.name)}", {"take": shown(stored.name)}) for stored in arrays],
        )
    if sum(map(len, frames)) < MIN_IMAGES:
        raise InputError(f"{shown(first.name)} holds {sum(map(len, frames))} images; at least {MIN_IMAGES} are needed.")
    height, width = frames[0].shape[1:3]
    titles = listed([shown(_title(stored)) for stored in arrays], 6)
    taken.read.append(f"{sum(map(len, frames)):,} images of {height} × {width} pixels from {titles} ({how}), values {reading.words}.")
    together = as_frames(flat.reshape(-1, *views[0].shape[1:])) if in_order else np.concatenate(frames) if len(frames) > 1 else frames[0]
    return pictures_of(together, choices.planes, first.name, taken), [len(read) for read in frames], reading


def _is_grey_with_transparency(stored: Stored) -> bool:
    return len(stored.shape) == 4 and 2 in (stored.shape[1], stored.shape[-1])


def _is_copied(stored: Stored, reading: Reading, wanted: Layout | None) -> bool:
    """Whether the images of an array become others in memory, or do not lie behind each other, told by a look at its middle."""
    if len(stored.shape) == 2:
        return not frames_of_width(stored.shape[1])  # of rows that may be images only all of them tell
    if stored.fortran or _is_grey_with_transparency(stored):
        return True
    block = np.ix_(*(range(*part.indices(size)) for part, size in zip(middle(stored.shape), stored.shape, strict=True)))
    places = np.ravel_multi_index(block, stored.shape)
    flat, pixels, done = places.reshape(-1), np.empty(places.size, np.uint8), 0
    for chunk in stored.chunks():
        first, last = np.searchsorted(flat, (done, done + len(chunk)))
        pixels[first:last] = reading.bytes(chunk[flat[first:last] - done])
        done += len(chunk)
    return (wanted or likeliest(stored.shape, pixels.reshape(places.shape)))[0] != "N"


def _can_spill(stored: Stored) -> bool:
    """Whether an array can be used as it lies, byte for value."""
    layouts = layouts_of(stored.shape)
    layout = layouts[0] if layouts else None
    plain = layout == "NHW" or (layout in ("NHWC", "NCHW") and stored.shape[layout.index("C")] in (1, 3))
    return plain and not stored.fortran


def _described(arrays: Sequence[Stored]) -> str:
    if not arrays:
        return "it has no plain arrays"
    alike = len({_title(stored) for stored in arrays}) < len(arrays)
    names = [f"{stored.name} in {stored.file}" if alike else _title(stored) for stored in arrays]
    return listed([f"{shown(name)} is {list(stored.shape)} {stored.dtype.name}" for name, stored in zip(names, arrays, strict=True)])
