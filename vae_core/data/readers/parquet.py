"""Parquet files as Hugging Face writes them: image files in one column, and what is known about each in the others.

Format of the classes' names: the key "huggingface" of the schema's metadata, https://huggingface.co/docs/datasets/about_dataset_features
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base import limits
from vae_core.base.errors import InputError
from vae_core.data.images import image_format, shown
from vae_core.data.readers.blobs import Blob, in_memory
from vae_core.data.readers.names import part_of
from vae_core.data.readers.stored import MAX_BYTES, Elements, Stored
from vae_core.data.readers.tables import Table
from vae_core.data.taken import Taken

if TYPE_CHECKING:
    import pyarrow as pa

MARK = b"PAR1"
FILE = "file"
"""The column of `read_parquet`'s table that names the pictures."""

_TEXT_BYTES = 100  # of memory, for a cell that becomes an object of Python
_NUMBER_BYTES = 8
_MOST_TEXT = 201  # characters: a longer text is no class
_MOST_KNOWN = 2**28  # bytes of all columns beside the images
_ROWS = 16  # at once: a page may repeat one large value, and is not believed to be small
_MANY_ROWS = 2**16  # at once, of numbers
_BATCH_VALUES = 2**20
_LONGEST = 2**22  # numbers of an image
_LOOK_BYTES = 200 * 2**20
_IN_MEMORY = 2**27  # bytes of a file


def read_parquet(blob: Blob, taken: Taken) -> tuple[list[Blob], list[Stored], Table]:
    """The pictures of a column of image files, the arrays of columns of equal lists, and all other columns as a table.

    Numbers never become objects of Python, and lists of them are read again whenever they are wanted: their file is all that is kept.

    Args:
        blob: the file.
        taken: is told which columns are not used; its budget counts the rest.

    Raises:
        InputError: it is damaged, or holds more than is left to the import.
    """
    try:
        file = _opened(blob)
        kinds = {name: _kind(kind) for name, kind in zip(file.schema_arrow.names, file.schema_arrow.types, strict=True)}
        known = _affordable(blob, file, kinds, taken)
        arrays = [stored for name, kind in kinds.items() if kind == "lists" and (stored := _lists(blob, file, name, taken)) is not None]
        numbers = {name: _numbers(file, name) for name in known if kinds[name] == "number"}
        rows: dict[str, list[Any]] = {name: [] for name in known if kinds[name] == "other"}
        for batch in file.iter_batches(batch_size=_ROWS, columns=list(rows)) if rows else ():
            taken.budget.hold(batch.nbytes, blob.name)
            for name in rows:
                rows[name] += _values(_column(batch, name))
    except (InputError, MemoryError):
        raise
    except Exception as error:
        raise _damaged(blob) from error
    columns = {name: numbers.get(name, rows.get(name, [])) for name in known}
    if len({*map(len, columns.values()), *(stored.shape[0] for stored in arrays)}) > 1:
        raise _damaged(blob)  # each was read by itself
    pictures, table = _sorted(blob, columns, _class_names(file.schema_arrow.metadata or {}), taken)
    return pictures, arrays, table


def joined(tables: Sequence[Table]) -> list[Table]:
    """Tables that name their pictures in the same columns, as the shards of a set do, as one; all others as they are."""
    groups: dict[tuple[str, ...], list[Table]] = {}
    for number, table in enumerate(tables):
        names = tuple(table.columns)
        groups.setdefault(names if names[:1] == (FILE,) else (*names, str(number)), []).append(table)
    found = []
    for group in groups.values():
        first = group[0]
        columns = {
            name: np.concatenate([np.asarray(table.columns[name]) for table in group])
            if isinstance(first.columns[name], np.ndarray)
            else [text for table in group for text in table.columns[name]]
            for name in first.columns
        }
        found.append(first if len(group) == 1 else Table(first.name, columns, first.texts))
    return found


def _damaged(blob: Blob) -> InputError:
    return InputError(f"{shown(blob.name)} is a damaged or cut-short parquet file and cannot be read.")


def _opened(blob: Blob) -> Any:  # noqa: ANN401 - pyarrow ships no types
    """The file, its texts as places among those that differ: a large one that is repeated is in memory once."""
    import pyarrow.parquet as pq  # comes with streamlit; slow to import
    import pyarrow.types as kinds

    large = _IN_MEMORY < blob.size <= MAX_BYTES  # from the disk; in an archive it is slow to look here and there, and yet no damage is held
    source = blob.open() if large else io.BytesIO(blob.read(MAX_BYTES))
    schema = pq.read_schema(source)
    texts = [name for name, kind in zip(schema.names, schema.types, strict=True) if kinds.is_string(kind) or kinds.is_large_string(kind)]
    source.seek(0)
    return pq.ParquetFile(source, read_dictionary=texts)


def _kind(kind: pa.DataType) -> str:
    """What a column holds: "lists" of numbers, at whatever depth, a "number", or "other"."""
    import pyarrow.types as kinds

    depth = 0
    while kinds.is_list(kind) or kinds.is_large_list(kind) or kinds.is_fixed_size_list(kind):
        kind, depth = kind.value_type, depth + 1
    if kinds.is_dictionary(kind) and not depth:
        kind = kind.value_type
    if kinds.is_integer(kind) or kinds.is_floating(kind) or kinds.is_boolean(kind):
        return "lists" if depth else "number"
    return "other"


def _affordable(blob: Blob, file: Any, kinds: Mapping[str, str], taken: Taken) -> list[str]:  # noqa: ANN401 - as above
    """The columns besides lists for which there is room, by how many rows the file states; `taken` is told of the rest."""
    found, size = [], 0
    for name, kind in kinds.items():
        wanted = file.metadata.num_rows * (_NUMBER_BYTES if kind == "number" else _TEXT_BYTES)
        if kind == "lists":
            continue
        if size + wanted > _MOST_KNOWN:
            taken.leave(name, f"takes the columns beside the images over {_MOST_KNOWN // 2**20} MB, too much for labels, names or factors.")
            continue
        size += wanted
        found.append(name)
    taken.budget.hold(size, blob.name)
    return found


def _column(batch: Any, name: str) -> pa.Array:  # noqa: ANN401 - as above
    """The column of this name, texts cut short, values in place of places among them; a name with a dot may bring other columns along."""
    import pyarrow as pa
    import pyarrow.compute as compute
    import pyarrow.types as kinds

    column = batch.column(batch.schema.names.index(name))
    if not kinds.is_dictionary(column.type):
        return column
    values = column.dictionary
    if kinds.is_string(values.type) or kinds.is_large_string(values.type):
        values = compute.utf8_slice_codeunits(values, 0, _MOST_TEXT)
    return pa.DictionaryArray.from_arrays(column.indices, values).dictionary_decode()


def _lists(blob: Blob, file: Any, name: str, taken: Taken) -> Stored | None:  # noqa: ANN401 - as above
    """A column of equal lists of numbers as an array that is read when it is wanted; None, and a reason in `taken`, for unequal ones."""
    row = sum(
        column.num_values
        for group in range(file.metadata.num_row_groups)
        for column in map(file.metadata.row_group(group).column, range(file.metadata.num_columns))
        if column.path_in_schema.startswith(f"{name}.")
    ) // max(1, file.metadata.num_rows)
    step = max(1, min(_MANY_ROWS, _BATCH_VALUES // max(1, row)))

    def arrays(source: Any) -> Iterator[NDArray[Any] | None]:  # noqa: ANN401 - as above
        return (_stacked(_column(batch, name)) for batch in source.iter_batches(batch_size=step, columns=[name]))

    if row > _LONGEST:
        taken.leave(name, f"holds lists of about {row:,} numbers, and of up to {_LONGEST:,} they are read.")
        return None
    count, like = 0, None
    try:
        with limits.sparing(_LOOK_BYTES):
            for array in arrays(file):
                if array is None or (like is not None and (array.shape[1:], array.dtype) != like):
                    taken.leave(name, "holds lists that are not all of the same length.")
                    return None
                count, like = count + len(array), (array.shape[1:], array.dtype)
    except MemoryError:  # a page may say of a few bytes that they are a list of a thousand million
        taken.leave(name, f"takes more than {_LOOK_BYTES // 2**20} MB to look at a few of its lists.")
        return None
    if like is None:
        taken.leave(name, "holds no rows.")
        return None

    def chunks() -> Iterator[Elements]:
        try:
            for array in arrays(_opened(blob)):
                assert array is not None
                yield array.reshape(-1)
        except (InputError, MemoryError):
            raise
        except Exception as error:
            raise InputError(f"{shown(blob.name)} is damaged and cannot be read.") from error

    return Stored(name, (count, *like[0]), like[1], chunks, file=blob.name)


def _stacked(column: pa.Array) -> NDArray[Any] | None:
    """Lists of numbers as one array [N, …]; None where they are not equally long, or one is missing."""
    import pyarrow.compute as compute
    import pyarrow.types as kinds

    if column.null_count:
        return None
    if not (kinds.is_list(column.type) or kinds.is_large_list(column.type) or kinds.is_fixed_size_list(column.type)):
        numbers: NDArray[Any] = column.to_numpy(zero_copy_only=False)
        return numbers
    ends = compute.min_max(compute.list_value_length(column)).as_py() if len(column) else {"min": 0, "max": 0}
    inner = _stacked(column.flatten()) if ends["min"] == ends["max"] else None
    return None if inner is None else inner.reshape(len(column), ends["min"], *inner.shape[1:])


def _numbers(file: Any, name: str) -> NDArray[Any]:  # noqa: ANN401 - as above
    """A column of numbers; NaN where one is missing."""
    import pyarrow as pa

    columns = (_column(batch, name) for batch in file.iter_batches(batch_size=_MANY_ROWS, columns=[name]))
    parts = [(column.cast(pa.float64()) if column.null_count else column).to_numpy(zero_copy_only=False) for column in columns]
    return np.concatenate(parts) if parts else np.empty(0)


def _values(column: pa.Array) -> list[Any]:
    import pyarrow.types as kinds

    if kinds.is_struct(column.type) and column.type.get_field_index("bytes") >= 0:
        column = column.field("bytes")
    return column.to_pylist()  # type: ignore[no-any-return]


def _class_names(metadata: dict[bytes, bytes]) -> dict[str, tuple[str, ...]]:
    """The names of each ClassLabel column."""
    try:
        features = json.loads(metadata.get(b"huggingface", b"{}")).get("info", {}).get("features", {})
        named = {name: feature["names"] for name, feature in features.items() if isinstance(feature, dict) and "names" in feature}
        return {name: tuple(shown(str(text)) for text in names) for name, names in named.items()}
    except (ValueError, AttributeError, TypeError):
        return {}  # the numbers stand for themselves


def _sorted(
    blob: Blob, columns: Mapping[str, list[Any] | NDArray[Any]], texts: dict[str, tuple[str, ...]], taken: Taken
) -> tuple[list[Blob], Table]:
    """The pictures, and what is known of each."""
    stem = blob.name.rpartition("/")[2].rpartition(".")[0]
    folder = f"{part_of(stem)}/" if part_of(stem) else ""
    pictures: list[Blob] = []
    known: dict[str, Any] = {}
    for name, values in columns.items():
        if isinstance(values, np.ndarray):
            known[name] = values
            continue
        first = next((value for value in values if value is not None), None)
        if isinstance(first, bytes) and image_format(first[:16]) is not None:
            if pictures:
                taken.leave(name, "is a second column of pictures; the first was taken.")
                continue
            pictures = [in_memory(f"{folder}{stem}-{row:07}", value or b"") for row, value in enumerate(values)]
        elif isinstance(first, str):
            known[name] = ["" if value is None else str(value) for value in values]
        else:
            taken.leave(name, "holds neither pictures nor numbers nor texts.")
    if pictures:
        known = {FILE: [picture.name for picture in pictures], **known}
    return pictures, Table(blob.name, known, texts)
