"""Which arrays beside the images say something about each image, by their rows and their names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.data.readers.columns import Column, Values, columns_of
from vae_core.data.readers.names import Part, is_of_names, label_rank, stems_of, without_part
from vae_core.data.readers.stored import Stored
from vae_core.data.taken import Taken

# The published dSprites keeps the names of its factors in a pickled object only; its smaller copies leave out the colour.
_DSPRITES = ("color", "shape", "scale", "orientation", "posX", "posY")
_TABLES = {"factors": "factor_names", "latents_classes": "latents_names"}
_SAME_AGAIN = {"latents_values": "latents_classes"}
_ANY = {"label", "class", "target", "category", "y"}


def columns_for(rows: Mapping[Part | None, int], arrays: Sequence[Stored], taken: Taken) -> list[list[Column]]:
    """The columns of each part of a set.

    Args:
        rows: how many images each part has, in their order.
        arrays: all but the images.
        taken: is told of every array that was not used, and why.

    Raises:
        InputError: labels or factors have another number of rows than the images.
    """
    by_name = {stored.name: stored for stored in arrays}
    texts: dict[str, tuple[str, ...]] = {}
    data: list[tuple[Stored, list[Part | None]]] = []
    for stored in arrays:
        if stored.name in _SAME_AGAIN and _SAME_AGAIN[stored.name] in by_name:
            taken.leave(stored.name, f"has the factors of {_SAME_AGAIN[stored.name]} in other units.")
        elif _is_of_texts(stored) and (is_of_names(stored.name) or stored.shape[0] not in (*rows.values(), sum(rows.values()))):
            texts[stored.name] = _texts(stored, taken)
        elif (parts := _parts_of(stored, rows, taken)) is not None:
            data.append((stored, parts))
    found: dict[Part | None, list[Column]] = {part: [] for part in rows}
    named: set[str] = set()
    for stored, parts in data:
        try:
            values = stored.load(taken.budget)
        except InputError as error:
            if stored.name in _TABLES or label_rank(_title(stored)) is not None:
                raise
            taken.leave(stored.name, error)
            continue
        title = without_part(_title(stored))
        if stored.name in _TABLES and values.ndim == 2 and values.dtype.kind in "buif":
            columns = _table(stored.name, values, texts, named, taken)
        else:
            own = stored.names or _names_for(title, stored, texts, named)
            columns = columns_of(title, values, own, taken)
        done = 0
        for part in parts:
            found[part] += [column._replace(values=column.values[done : done + rows[part]]) for column in columns]
            done += rows[part]
    for name in texts.keys() - named:
        taken.leave(name, "has texts that name nothing which was read.")
    return list(found.values())


def _title(stored: Stored) -> str:
    return stored.file.rpartition("/")[2].partition(".")[0] if stored.name == "arr_0" and stored.file else stored.name


def _is_of_texts(stored: Stored) -> bool:
    return stored.dtype.kind in "US" and len(stored.shape) == 1


def _texts(stored: Stored, taken: Taken) -> tuple[str, ...]:
    values: Values = stored.load(taken.budget)
    plain = np.char.decode(values, "utf-8", "replace") if values.dtype.kind == "S" else values
    return tuple(shown(str(text)) for text in plain)


def _parts_of(stored: Stored, rows: Mapping[Part | None, int], taken: Taken) -> list[Part | None] | None:
    """The parts whose images an array has rows for; None, and a reason, where it has none."""
    part = stored.part
    count = stored.shape[0] if stored.shape else 1
    if part in rows and part is not None:
        wanted: list[Part | None] = [part]
    elif count == sum(rows.values()) and (part is None or len(rows) == 1):
        return list(rows)
    elif part is None:
        wanted = [other for other, size in rows.items() if size == count]
        if len(wanted) > 1:
            taken.leave(stored.name, f"has {count:,} rows, as several parts of the set have images: name its part.")
            return None
    else:
        taken.leave(stored.name, f"belongs to a {part} part, of which there are no images.")
        return None
    expected = rows[wanted[0]] if wanted else sum(rows.values())
    if count == expected and wanted and stored.shape:
        return list(wanted)
    why = f"has {count:,} rows for {expected:,} images; it needs one row for each."
    if stored.name in _TABLES or label_rank(_title(stored)) is not None:
        raise InputError(f"{shown(_title(stored))} {why}")
    taken.leave(stored.name, why if stored.shape else "is a single value, which says nothing of each image.")
    return None


def _names_for(title: str, stored: Stored, texts: Mapping[str, tuple[str, ...]], named: set[str]) -> tuple[str, ...]:
    """The texts that name the classes or the columns of an array, by what the names share; none where there are none."""
    own = stems_of(title)
    width = stored.shape[1] if len(stored.shape) == 2 else 1
    best: tuple[int, str] | None = None
    for name, listed in texts.items():
        about = stems_of(name)
        fits = width == 1 or len(listed) == width
        likeness = 3 if about == own else 2 if (about & own) - _ANY else 1 if about <= _ANY and label_rank(title) is not None else 0
        if fits and likeness and (best is None or likeness > best[0]):
            best = likeness, name
    if best is None:
        return ()
    named.add(best[1])
    return texts[best[1]]


def _table(name: str, values: Values, texts: Mapping[str, tuple[str, ...]], named: set[str], taken: Taken) -> list[Column]:
    """A table of factors [N, F]: what caused each image, one factor a column."""
    width = values.shape[1]
    with np.errstate(over="ignore"):
        factors = values.astype(np.float32)
    names = texts.get(_TABLES[name], _DSPRITES[-width:] if name == "latents_classes" else ())
    named.add(_TABLES[name])
    if len(names) != width:
        names = tuple(f"factor {index + 1}" for index in range(width))
    columns = []
    for title, column in zip(names, factors.T, strict=True):
        if not np.isfinite(column).all():
            taken.leave(title, f"has no number for {np.count_nonzero(~np.isfinite(column)):,} of {len(column):,} images.")
            continue
        own = texts.get(f"{title}_names", ())
        fits = bool(own) and bool(np.isin(column, np.arange(len(own))).all())
        if fits:
            named.add(f"{title}_names")
        columns.append(Column(title, column, own if fits else ()))
    return columns
