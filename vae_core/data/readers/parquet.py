"""Parquet files as Hugging Face writes them: image files in one column, and what is known about each in the others.

Format of the classes' names: the key "huggingface" of the schema's metadata, https://huggingface.co/docs/datasets/about_dataset_features
"""

from __future__ import annotations

import io
import json
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from vae_core.base.errors import InputError
from vae_core.data.images import image_format, shown
from vae_core.data.readers.blobs import Blob, in_memory
from vae_core.data.readers.names import part_of
from vae_core.data.readers.stored import MAX_BYTES, Stored, held
from vae_core.data.readers.tables import Table
from vae_core.data.taken import Taken

if TYPE_CHECKING:
    import pyarrow as pa

MARK = b"PAR1"
FILE = "file"
"""The column of `read_parquet`'s table that names the pictures."""

_OBJECT_BYTES = 40
_ROWS = 16  # at once: a page may repeat one large value, and is not believed to be small


def read_parquet(blob: Blob, taken: Taken) -> tuple[list[Blob], list[Stored], Table]:
    """The pictures of a column of image files, the arrays of columns of equal lists, and all other columns as a table.

    Args:
        blob: the file.
        taken: is told which columns are not used; its budget counts the rest.

    Raises:
        InputError: it is damaged, or holds more than is left to the import.
    """
    import pyarrow.parquet as pq  # comes with streamlit; slow to import

    try:
        file = pq.ParquetFile(io.BytesIO(blob.read(MAX_BYTES)))
        _check_size(file, blob.name, taken)
        rows: dict[str, list[Any]] = {name: [] for name in file.schema_arrow.names}
        for batch in file.iter_batches(batch_size=_ROWS):
            taken.budget.hold(batch.nbytes, blob.name)
            for name, column in zip(batch.schema.names, batch.columns, strict=True):
                rows[name] += _values(column)
    except InputError:
        raise
    except Exception as error:
        raise InputError(f"{shown(blob.name)} is a damaged or cut-short parquet file and cannot be read.") from error
    texts = _class_names(file.schema_arrow.metadata or {})
    return _sorted(blob, rows, texts, taken)


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


def _check_size(file: Any, name: str, taken: Taken) -> None:  # noqa: ANN401 - pyarrow ships no types
    """Count the values that a file states: each is an object, or in a list a number of eight bytes."""
    metadata = file.metadata
    values = sum(metadata.row_group(group).column(column).num_values for group in range(metadata.num_row_groups) for column in
                 range(metadata.num_columns))  # fmt: skip
    taken.budget.hold(8 * values + _OBJECT_BYTES * metadata.num_rows * metadata.num_columns, name)


def _values(column: pa.Array) -> list[Any]:
    import pyarrow.types as kinds

    if kinds.is_struct(column.type) and column.type.get_field_index("bytes") >= 0:
        return column.field("bytes").to_pylist()  # type: ignore[no-any-return]
    if kinds.is_list(column.type) or kinds.is_large_list(column.type) or kinds.is_fixed_size_list(column.type):
        return [np.array(value) for value in column.to_pylist()]
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
    blob: Blob, rows: dict[str, list[Any]], texts: dict[str, tuple[str, ...]], taken: Taken
) -> tuple[list[Blob], list[Stored], Table]:
    stem = blob.name.rpartition("/")[2].rpartition(".")[0]
    folder = f"{part_of(stem)}/" if part_of(stem) else ""
    pictures: list[Blob] = []
    arrays: list[Stored] = []
    columns: dict[str, Any] = {}
    for name, values in rows.items():
        first = next((value for value in values if value is not None), None)
        if isinstance(first, bytes) and image_format(first[:16]) is not None:
            if pictures:
                taken.leave(name, "is a second column of pictures; the first was taken.")
                continue
            pictures = [in_memory(f"{folder}{stem}-{row:07}", value or b"") for row, value in enumerate(values)]
        elif isinstance(first, np.ndarray) and first.dtype.kind in "buif" and len({getattr(value, "shape", None) for value in values}) == 1:
            arrays.append(held(name, np.stack(values), blob.name))
        elif isinstance(first, bool | int | float):
            numbers = [np.nan if value is None else value for value in values]
            columns[name] = np.array(numbers)
        elif isinstance(first, str):
            columns[name] = ["" if value is None else str(value) for value in values]
        else:
            taken.leave(name, "holds neither pictures nor numbers nor texts.")
    if pictures:
        columns = {FILE: [picture.name for picture in pictures], **columns}
    return pictures, arrays, Table(blob.name, columns, texts)
