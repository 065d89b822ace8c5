"""What is known about each image, in any form that people keep it in → classes, kinds and quantities."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.data.images import shown
from vae_core.data.readers.names import label_rank, natural
from vae_core.data.taken import Taken, listed

MAX_COLUMNS = 500
NO_LABEL = "no label"
_YES_NO = ("no", "yes")
_MANY = 100  # images: where so many whole numbers are all different they are no measurement
_SURE, _UNSURE = 1000, 10_000  # the ranks of columns that are classes by what they hold, not by their name

Values = NDArray[Any]


class Column(NamedTuple):
    """What one column says of each image.

    Attributes:
        name: its name in its file.
        values: int64 [N], indices into `texts`, or float32 [N], a quantity.
        texts: what the whole numbers stand for; empty for a quantity.
        rank: how surely these are the classes, 0 for the surest; None where they are none.
    """

    name: str
    values: Values
    texts: tuple[str, ...] = ()
    rank: int | None = None


@dataclass(frozen=True)
class Known:
    """The same as the fields of `Images`."""

    labels: NDArray[np.int64] | None = None
    class_names: tuple[str, ...] = ()
    factors: NDArray[np.float32] | None = None
    factor_names: tuple[str, ...] = ()
    factor_values: tuple[tuple[str, ...], ...] = field(default=())


def columns_of(name: str, values: Values, texts: tuple[str, ...], taken: Taken) -> list[Column]:
    """An array with one row for each image as columns; none, and a reason in `taken`, where it says nothing that can be used.

    Whole numbers and texts are classes, by their name or because they look like it; numbers are quantities; a row with a single 1 is a
    class; rows of zeros and ones, or of −1 and 1, are so many columns of "no" and "yes"; other rows are quantities.

    Args:
        name: of the array.
        values: [N] or [N, C], of numbers or texts.
        texts: the names of classes, or of the C columns; empty where there are none.
        taken: is told.
    """
    if values.ndim > 1:
        values = values.reshape(len(values), -1)
        if values.shape[1] != 1:
            return _of_rows(name, values, texts, taken)
        values = values[:, 0]
    if values.dtype.kind == "S":
        values = np.char.decode(values, "utf-8", "replace")
    if values.dtype.kind not in "buifU":
        taken.leave(name, f"holds {values.dtype.name}, which is neither text nor a number.")
        return []
    return _of_texts(name, values, taken) if values.dtype.kind == "U" else _of_numbers(name, values, texts, taken)


def known_of(columns: Sequence[Column], taken: Taken) -> Known:
    """The surest classes of the columns as labels, everything else as factors, whose names are made different."""
    ranked = sorted((column.rank, index) for index, column in enumerate(columns) if column.rank is not None)
    first = ranked[0][1] if ranked else None
    rest = [_as_quantity(column) if column.rank == _UNSURE else column for index, column in enumerate(columns) if index != first]
    for column in rest[MAX_COLUMNS:]:
        taken.leave(column.name, f"is one column too many: {MAX_COLUMNS} are kept beside the classes.")
    rest = rest[:MAX_COLUMNS]
    if rest:
        taken.read.append(f"{listed([shown(column.name) for column in rest], 8)} can colour the map.")
    names: list[str] = []
    for column in rest:
        name, again = shown(column.name), 2
        while name in names:
            name, again = f"{shown(column.name)} {again}", again + 1
        names.append(name)
    factors = np.stack([column.values.astype(np.float32) for column in rest], axis=1) if rest else None
    values = tuple(column.texts for column in rest)
    if first is None:
        return Known(factors=factors, factor_names=tuple(names), factor_values=values)
    classes = columns[first]
    taken.read.append(f"Classes from {shown(classes.name)}: {len(np.unique(classes.values)):,}.")
    return Known(classes.values.astype(np.int64), classes.texts, factors, tuple(names), values)


def joined(parts: Sequence[Sequence[Column]], rows: Sequence[int], taken: Taken) -> list[Column]:
    """The columns of several parts of a set, one part after another. Where a part lacks classes, its images have no label.

    Args:
        parts: the columns of each part.
        rows: how many images each part has.
        taken: is told.
    """
    if len(parts) == 1:
        return list(parts[0])
    found = []
    names = list(dict.fromkeys(column.name for part in parts for column in part))
    for name in names:
        same = [next((column for column in part if column.name == name), None) for part in parts]
        whole = [column for column in same if column is not None]
        if len({bool(column.texts) for column in whole}) > 1 or (len(whole) < len(parts) and not whole[0].texts):
            taken.leave(name, "has no numbers for some parts of the set.")
            continue
        if len(whole) < len(parts):
            lacking = sum(count for column, count in zip(same, rows, strict=True) if column is None)
            taken.notes.append(f'{shown(name)} is not there for {lacking:,} images of other parts, which are shown as "{NO_LABEL}".')
            whole = [
                Column(name, np.zeros(count, np.int64), (NO_LABEL,)) if column is None else column
                for column, count in zip(same, rows, strict=True)
            ]
        every = {text for column in whole for text in column.texts}
        texts = tuple(sorted(every - {NO_LABEL}, key=natural)) + ((NO_LABEL,) if NO_LABEL in every else ())
        if all(column.texts == whole[0].texts for column in whole):
            values = np.concatenate([column.values for column in whole])
            texts = whole[0].texts
        else:
            place = {text: index for index, text in enumerate(texts)}
            values = np.concatenate([np.array([place[text] for text in column.texts], np.int64)[column.values] for column in whole])
        found.append(Column(name, values, texts, next((column.rank for column in whole if column.rank is not None), None)))
    return found


def _of_texts(name: str, values: Values, taken: Taken) -> list[Column]:
    stripped = np.char.strip(values)
    try:
        numbers = np.array([float(text) if text else np.nan for text in stripped.tolist()])
    except ValueError:
        numbers = None
    if numbers is not None and len(numbers) and not np.isnan(numbers).all():
        return _of_numbers(name, numbers, (), taken)
    plain = np.array([shown(text) or NO_LABEL for text in stripped.tolist()])
    distinct, inverse = np.unique(plain, return_inverse=True)
    if len(distinct) == len(plain) > 1:
        taken.leave(name, "has a text of its own for each image, which makes no classes.")
        return []
    order = sorted(range(len(distinct)), key=lambda index: natural(str(distinct[index])))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    rank = label_rank(name)
    return [Column(name, place[inverse], tuple(str(distinct[index]) for index in order), _SURE if rank is None else rank)]


def _of_numbers(name: str, values: Values, texts: tuple[str, ...], taken: Taken) -> list[Column]:
    rank = label_rank(name)
    whole = values.dtype.kind != "f" or bool(np.equal(values, np.floor(values)).all())
    if whole and texts and rank is None:
        rank = _SURE
    if not whole or (rank is None and not texts):
        return _unnamed(name, values, taken, whole=whole, label_like=True)
    if values.dtype.kind == "b":
        return [Column(name, values.astype(np.int64), texts or _YES_NO, rank)]
    numbers = values.astype(np.int64)
    if not texts:
        distinct, inverse = np.unique(numbers, return_inverse=True)
        return [Column(name, inverse.astype(np.int64), tuple(str(value) for value in distinct.tolist()), rank)]
    nameless = (numbers < 0) | (numbers >= len(texts))
    if not nameless.any():
        return [Column(name, numbers, texts, rank)]
    if numbers.min() == 1 and numbers.max() == len(texts):
        return [Column(name, numbers - 1, texts, rank)]  # counted from 1
    taken.notes.append(f'{nameless.sum():,} of {len(numbers):,} images have a label without a name and are shown as "{NO_LABEL}".')
    return [Column(name, np.where(nameless, len(texts), numbers), (*texts, NO_LABEL), rank)]


def _unnamed(name: str, values: Values, taken: Taken, *, whole: bool, label_like: bool) -> list[Column]:
    """Numbers whose name says nothing: yes and no, what looks like the numbers of classes, else a quantity."""
    with np.errstate(over="ignore"):
        quantity = values.astype(np.float32)
    missing = ~np.isfinite(quantity)
    if missing.any():
        taken.leave(name, f"has no number for {missing.sum():,} of {len(values):,} images.")
        return []
    distinct = np.unique(quantity)
    if len(distinct) == 1:
        taken.leave(name, "is the same for every image.")
        return []
    if len(distinct) == 2 and distinct.tolist() in ([0, 1], [-1, 1]):
        return [Column(name, (quantity == 1).astype(np.int64), _YES_NO)]
    if whole and len(distinct) == len(values) and (len(values) >= _MANY or np.ptp(quantity) == len(values) - 1):
        taken.leave(name, "has a number of its own for each image, as a count or an index has.")
        return []
    if whole and label_like and distinct[0] in (0, 1) and np.ptp(distinct) == len(distinct) - 1 <= len(values) / 2:
        texts = tuple(str(int(value)) for value in distinct)
        return [Column(name, np.searchsorted(distinct, quantity).astype(np.int64), texts, _UNSURE)]
    return [Column(name, quantity)]


def _as_quantity(column: Column) -> Column:
    """Whole numbers that looked like classes, as numbers again: other columns are the classes."""
    return Column(column.name, np.array([float(text) for text in column.texts], np.float32)[column.values])


def _of_rows(name: str, values: Values, texts: tuple[str, ...], taken: Taken) -> list[Column]:
    width = values.shape[1]
    if values.dtype.kind not in "buif":
        taken.leave(name, f"is {list(values.shape)} of {values.dtype.name}; labels are one number or text for each image.")
        return []
    if not width or (width > MAX_COLUMNS and not _is_one_hot(values)):
        taken.leave(name, f"has {width:,} numbers for each image, too many for labels.")
        return []
    if _is_one_hot(values):
        taken.notes.append(f"{shown(name)} has a single 1 for each image among {width}: its place was taken as the class.")
        names = texts if len(texts) == width else tuple(map(str, range(width)))
        return [Column(name, values.argmax(axis=1).astype(np.int64), names, label_rank(name) if label_rank(name) is not None else _SURE)]
    titles = texts if len(texts) == width else tuple(f"{name} {index + 1}" for index in range(width))
    return [
        column
        for title, of_one in zip(titles, values.T, strict=True)
        for column in _unnamed(title, of_one, taken, whole=False, label_like=False)
    ]


def _is_one_hot(values: Values) -> bool:
    return bool(values.shape[1] > 1 and np.isin(values, (0, 1)).all() and (values.sum(axis=1) == 1).all())
