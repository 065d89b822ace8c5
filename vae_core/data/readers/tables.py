"""Tables beside images: CSV, TSV and CelebA's lists, matched to the images by file name or row by row; and tables that are the images."""

from __future__ import annotations

import csv
import io
import itertools
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.data.budget import Budget
from vae_core.data.images import shown
from vae_core.data.imageset import MIN_IMAGES
from vae_core.data.readers.blobs import Blob
from vae_core.data.readers.columns import Column, columns_of
from vae_core.data.readers.layouts import frames_of_width
from vae_core.data.readers.names import Part, is_picture, label_rank, part_of, words_of
from vae_core.data.readers.stored import MAX_BYTES, MAX_TABLE_BYTES, Stored, held
from vae_core.data.taken import Taken

ENDINGS = (".csv", ".tsv", ".txt", ".tab")

_PIXEL_COLUMNS = 65  # so many numbers a row and one more are the smallest images and their label
_NAME_SHARE = 0.5  # of the rows whose text names an image: then the column is that of the file names
_PART_COLUMNS = {"split", "splits", "set", "subset", "partition", "part", "usage", "fold", "phase"}
_CELEBA_PARTS = {"0": "train", "1": "validation", "2": "test"}
_LONGEST = 200  # characters of a text that can be a class
_FIRST = 5  # rows that show what a table holds
_ROW_BYTES = 100  # of memory, besides the cells of a row or the letters of a cell
_BREAKS = "\n\r\v\f\x1c\x1d\x1e\x85\u2028\u2029"  # at which `str.splitlines` splits


@dataclass(frozen=True)
class Table:
    """Columns of texts or numbers, all of the same length; `texts` names the whole numbers of some."""

    name: str
    columns: Mapping[str, Sequence[str] | NDArray[np.generic]]
    texts: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(next(iter(self.columns.values()), ()))


def read_table(blob: Blob, budget: Budget) -> Table | list[Stored]:
    """A text file as a table; as arrays of pixels and labels where its rows are images.

    Raises:
        InputError: it is no table, too large by itself or for what is left to the import, or damaged.
    """
    head = _decoded(blob.start(2**20), blob.name)
    rows = list(itertools.islice(_rows(head, _separator(head), blob.name), _FIRST))[:-1]  # the last may be cut
    if rows and max(map(len, rows[:3])) >= _PIXEL_COLUMNS and sum(map(_is_number, rows[-1])) >= _PIXEL_COLUMNS - 1:
        return _pixels(blob, _separator(head), max(map(len, rows[:3])), budget)
    table = _whole(_decoded(blob.read(MAX_TABLE_BYTES), blob.name), blob.name, budget)
    if table and len(table[0]) == 1 and table[0][0].isdecimal() and any(len(row) > 1 for row in table):  # how many rows, in CelebA's lists
        table = table[1:]
    width = max((len(row) for row in table[1:]), default=0)
    if len(table) < 3 or width < 1:
        raise InputError(f"{shown(blob.name)} is a text that is no table.")
    if width == 1:
        return _single(blob.name, [row[0] for row in table])
    if len(table[0]) == width - 1:  # a heading without one for the names
        table[0] = ["file", *table[0]]
    whole = [row for row in table if len(row) == width]
    if len(whole) < 0.9 * len(table):
        raise InputError(f"{shown(blob.name)} is a text whose lines have different numbers of columns.")
    heading = whole[0] if not any(map(_is_number, whole[0])) and not is_picture(whole[0][0]) else None
    first = "column 1" if _is_number(whole[0][0]) else "file"
    names = heading or [_stem(blob.name) if index else first for index in range(width)]
    if heading is None and width > 2:
        names = [first, *(f"column {index + 2}" for index in range(width - 1))]
    body = whole[1:] if heading else whole
    listed = [index for index, cell in enumerate(body[0]) if len(cell.split()) >= _PIXEL_COLUMNS - 1 and all(map(_is_number, cell.split()))]
    if listed:
        return _listed_pixels(blob, names, body, listed[0])
    return Table(blob.name, {name.strip() or f"column {index + 1}": [row[index] for row in body] for index, name in enumerate(names)})


def _single(name: str, cells: list[str]) -> Table:
    """A table of one column; its first cell is a heading where it says labels, or is no number above numbers."""
    heads = label_rank(cells[0]) is not None or (not _is_number(cells[0]) and all(map(_is_number, cells[1:])))
    return Table(name, {cells[0].strip(): cells[1:]} if heads else {_stem(name): cells})


def matched(table: Table, files: Sequence[str], taken: Taken) -> tuple[list[Column], list[Part | None] | None] | None:
    """What a table says of images: its columns, one value for each image, and the part of each where a column says it.

    Args:
        table: its rows name files, or are as many as the images, in their order.
        files: the path of each image.
        taken: is told of what was not used.

    Returns:
        None where the rows belong to no images, which `taken` is told.
    """
    best = max(((_hits(values, files), name) for name, values in table.columns.items()), default=(0, ""))
    if best[0] >= _NAME_SHARE * min(len(table), len(files)) and best[0] > 0:
        key: str | None = best[1]
        place = _places(table.columns[best[1]], files)
        at = [_found(place, file) for file in files]
    elif len(table) == len(files):
        key, at = None, list(range(len(files)))
        taken.notes.append(f"{shown(table.name)} names no files: its rows were taken in the order of the images.")
    else:
        taken.leave(table.name, f"has {len(table):,} rows, which neither name the images nor are as many as they.")
        return None
    missing = sum(index is None for index in at)
    if missing:
        taken.notes.append(f"{shown(table.name)} says nothing of {missing:,} of {len(files):,} images.")
    return _read_columns(table, key, at, taken)


def placed(tables: Sequence[Table], files: Sequence[str]) -> list[Table]:
    """Tables in a folder beside the pictures that they name, with the folder before each name; those with the same columns as one."""
    found: dict[tuple[str, ...], Table] = {}
    for number, table in enumerate(tables):
        folder = table.name.rpartition("/")[0]
        within = f"{folder}/"
        inside = [file.removeprefix(within) for file in files if folder and file.startswith(within)]
        hits, key = max(((_hits(values, inside), name) for name, values in table.columns.items()), default=(0, ""))
        if hits < _NAME_SHARE * min(len(table), len(inside)) or not hits:
            found[str(number), *table.columns] = table
            continue
        columns = dict(table.columns) | {key: [f"{folder}/{str(value).strip()}" for value in table.columns[key]]}
        before = found.get(tuple(columns))
        if before is None or any(isinstance(values, np.ndarray) for values in columns.values()):
            found[tuple(columns) if before is None else (str(number), *columns)] = Table(table.name, columns, table.texts)
        else:
            merged = {name: [*map(str, before.columns[name]), *map(str, values)] for name, values in columns.items()}
            found[tuple(columns)] = Table(before.name, merged, before.texts)
    return list(found.values())


def of_rows(table: Table, taken: Taken) -> list[Column]:
    """The columns of a table whose rows are the images of arrays, in their order."""
    taken.notes.append(f"The rows of {shown(table.name)} were taken in the order of the images.")
    return _read_columns(table, None, list(range(len(table))), taken)[0]


def _read_columns(table: Table, key: str | None, at: list[int | None], taken: Taken) -> tuple[list[Column], list[Part | None] | None]:
    columns: list[Column] = []
    parts: list[Part | None] | None = None
    for name, values in table.columns.items():
        if name == key:
            continue
        if parts is None and (found := _parts_in(name, [None if index is None else str(values[index]) for index in at])):
            parts = found
            continue
        if isinstance(values, np.ndarray):
            if None in at:
                taken.leave(name, f"has no value for {at.count(None):,} of {len(at):,} images.")
                continue
            chosen = values[np.array(at)]
        else:
            chosen = np.array(["" if index is None else values[index].strip()[:_LONGEST] for index in at])
        columns += columns_of(name, chosen, table.texts.get(name, ()), taken)
    return columns, parts


def _parts_in(name: str, values: Sequence[str | None]) -> list[Part | None] | None:
    """The part of each image, where a column is that of the parts; None where it is not."""
    if not set(words_of(name)) & _PART_COLUMNS:
        return None
    distinct = {value for value in values if value is not None}
    coded = distinct <= _CELEBA_PARTS.keys() and "partition" in name.lower()
    said = {value: _CELEBA_PARTS[value] if coded else part_of(value) for value in distinct}
    if len(distinct) < 2 or None in said.values():
        return None
    return [None if value is None else said[value] for value in values]  # type: ignore[misc]


def _hits(values: Sequence[str] | NDArray[np.generic], files: Sequence[str]) -> int:
    """How many images a column names."""
    if isinstance(values, np.ndarray):
        return 0
    place = _places(values, files)
    return sum(_found(place, file) is not None for file in files)


def _places(values: Sequence[str] | NDArray[np.generic], files: Sequence[str]) -> dict[str, int]:
    """The row of each path; where none is that of a file, of each without the folders that all begin with, as on another computer."""
    place = {str(value).strip().replace("\\", "/").removeprefix("./"): index for index, value in enumerate(values)}
    first, last = (path.split("/")[:-1] for path in (min(place, default=""), max(place, default="")))  # all others lie between these two
    same = len(list(itertools.takewhile(lambda pair: pair[0] == pair[1], zip(first, last, strict=False))))
    if same and not any(_found(place, file) is not None for file in files):
        return {path.split("/", same)[-1]: index for path, index in place.items()}
    return place


def _found(place: Mapping[str, int], file: str) -> int | None:
    """The row of a file, by its path or any end of it, with or without what comes after the last dot."""
    parts = file.split("/")
    ends = ["/".join(parts[index:]) for index in range(len(parts))]
    return next((place[end] for whole in ends for end in (whole, whole.rpartition(".")[0]) if end and end in place), None)


def _decoded(data: bytes, name: str) -> str:
    if b"\0" in data[:1000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise InputError(f"{shown(name)} is no text.")
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return data.decode("utf-16", "replace")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        cut_short = error.start >= len(data) - 4
        return data[: error.start].decode("utf-8-sig") if cut_short else data.decode("cp1252", "replace")


def _separator(text: str) -> str | None:
    """What stands between the columns; None for blanks."""
    lines = [line for line in text.split("\n", 12)[:12] if line.strip()][1:11]
    counts = {separator: min((line.count(separator) for line in lines), default=0) for separator in (",", "\t", ";")}
    best = max(counts, key=lambda separator: counts[separator])
    return best if counts[best] else None


def _rows(text: str, separator: str | None, name: str) -> Iterator[list[str]]:
    lines = (found.group() for found in re.finditer(f"[^{_BREAKS}]+", text))
    try:
        yield from (line.split() for line in lines) if separator is None else csv.reader(lines, delimiter=separator)
    except csv.Error as error:
        raise InputError(f"{shown(name)} is a text that is no table.") from error


def _whole(text: str, name: str, budget: Budget) -> list[list[str]]:
    """The rows that are not empty. Equal cells are one object: 8 million times −1 or 1, as in CelebA's list, take little memory."""
    separator = _separator(text)
    breaks, gaps = sum(map(text.count, _BREAKS)), sum(map(text.count, separator or " \t"))
    budget.hold(2 * sys.getsizeof(text) + _ROW_BYTES * breaks + 8 * gaps, name)  # before it is split
    same: dict[str, str] = {}
    found = []
    for row in _rows(text, separator, name):
        if row:
            for cell in row:
                if cell not in same:
                    budget.hold(_ROW_BYTES + len(cell), name)
                    same[cell] = cell
            found.append([same[cell] for cell in row])
    return found


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _pixels(blob: Blob, separator: str | None, width: int, budget: Budget) -> list[Stored]:
    """The arrays of a table of pixels: one row an image, with its label in the first or the last column, or in one that is named so."""
    if blob.size > MAX_BYTES:
        raise InputError(f"{shown(blob.name)} has {blob.size / 2**30:.1f} GB; of a table of pixels {MAX_BYTES // 2**30} GB are read.")
    with blob.open() as raw:
        lines = 1 + sum(piece.count(b"\n") for piece in iter(lambda: raw.read(2**20), b""))
    budget.hold(2 * 4 * width * lines, blob.name)  # the numbers, and a copy without the labels
    with blob.open() as raw:
        stream = io.TextIOWrapper(raw, "utf-8-sig", errors="replace")
        first = stream.readline().strip()
        heading = [text.strip().strip('"') for text in first.split(separator)]
        named = not all(map(_is_number, heading))
        try:
            table = np.loadtxt(stream if named else itertools.chain([first], stream), np.float32, delimiter=separator, ndmin=2)
        except ValueError as error:
            raise InputError(f"{shown(blob.name)} is a table of pixels with a cell that is no number.") from error
    if len(table) < MIN_IMAGES:
        raise InputError(f"{shown(blob.name)} holds {len(table)} images; at least {MIN_IMAGES} are needed.")
    label = _label_column(table, heading if named else [])
    pixels = table if label is None else np.delete(table, label, axis=1)
    whole = bool(np.equal(pixels, np.rint(pixels)).all()) and pixels.min() >= 0 and pixels.max() <= 255
    found = [held("pixels", pixels.astype(np.uint8) if whole and pixels.max() > 16 else pixels, blob.name)]
    if label is not None:
        found.append(held("label", table[:, label].astype(np.int64), blob.name))
    return found


def _stem(name: str) -> str:
    return name.rpartition("/")[2].rpartition(".")[0]


def _listed_pixels(blob: Blob, names: Sequence[str], body: Sequence[Sequence[str]], column: int) -> list[Stored]:
    """The arrays of a table in which one cell lists all pixels of an image, as FER2013 has it."""
    try:
        pixels = np.array([np.array(row[column].split(), np.float32) for row in body])
    except ValueError as error:
        raise InputError(f"{shown(blob.name)} lists the pixels of its images, and not as many for each.") from error
    rest = {name: [row[index] for row in body] for index, name in enumerate(names) if index != column}
    said = ((name, _parts_in(name, values)) for name, values in rest.items())
    by, parts = next(((name, parts) for name, parts in said if parts is not None), ("", [None] * len(body)))
    found = []
    for part in dict.fromkeys(parts):
        rows = np.array([other == part for other in parts])
        prefix = "" if part is None else f"{part}_"
        found.append(held(f"{prefix}pixels", pixels[rows], blob.name))
        found += [held(f"{prefix}{name}", np.array(values)[rows], blob.name) for name, values in rest.items() if name != by]
    return found


def _label_column(table: NDArray[np.float32], heading: Sequence[str]) -> int | None:
    """Where the labels are; None where every column is a pixel."""
    named = [index for index, name in enumerate(heading) if label_rank(name) is not None]
    if len(named) == 1:
        return named[0]
    width = table.shape[1]
    square = [frames[0].height == frames[0].width if (frames := frames_of_width(size)) else None for size in (width, width - 1)]
    if square[1] is None or (square[0] and not square[1]):
        return None
    first, last = _likeness(table[:, 0], table[:, 1]), _likeness(table[:, -1], table[:, -2])
    return 0 if first <= last else width - 1


def _likeness(column: NDArray[np.float32], beside: NDArray[np.float32]) -> float:
    """How much a column goes with the one beside it, as pixels do and labels do not; one that never changes is a pixel."""
    if column.min() == column.max() or not np.equal(column, np.rint(column)).all():
        return 2.0
    return 0.0 if beside.min() == beside.max() else abs(float(np.corrcoef(column, beside)[0, 1]))
