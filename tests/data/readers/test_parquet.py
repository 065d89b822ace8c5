"""parquet: image files as Hugging Face keeps them, in shards, with the names of their classes; and rows of numbers."""

from __future__ import annotations

import io
import json
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.data import hostile
from tests.data.readers.reading import found, smooth
from tests.data.readers.test_pictures import file, read
from vae_core.base.errors import InputError
from vae_core.data.readers.blobs import from_uploads

N = 40
GREY = smooth(N)
DIGITS = np.arange(N) % 3


def parquet(columns: dict[str, Any], names: tuple[str, ...] = (), rows: slice = slice(None)) -> bytes:
    table = pa.table({name: values if isinstance(values, pa.Array) else list(values) for name, values in columns.items()})
    features = {"label": {"names": names, "_type": "ClassLabel"}}
    stream = io.BytesIO()
    cut = table.slice(rows.start or 0, (rows.stop or N) - (rows.start or 0))
    pq.write_table(cut.replace_schema_metadata({"huggingface": json.dumps({"info": {"features": features}})}), stream)
    return stream.getvalue()


PICTURES = [{"bytes": file(picture), "path": f"{index}.png"} for index, picture in enumerate(GREY)]
COLUMNS = {"image": PICTURES, "label": DIGITS.tolist(), "age": np.linspace(0, 1, N).tolist(), "notes": [{"a": 1}] * N}


def test_shards_with_named_classes_and_a_test_part() -> None:
    names = ("cat", "dog", "eel")
    shards = {
        "data/train-00000-of-00002.parquet": parquet(COLUMNS, names, slice(0, 15)),
        "data/train-00001-of-00002.parquet": parquet(COLUMNS, names, slice(15, 30)),
        "data/test-00000-of-00001.parquet": parquet(COLUMNS, names, slice(30, 40)),
    }
    images, taken = read(shards)
    np.testing.assert_array_equal(images.pixels[:, 0], GREY)
    np.testing.assert_array_equal(images.labels, DIGITS)
    assert (images.class_names, images.test_start, images.factor_names) == (names, 30, ("age",))
    assert {name for name, _ in taken.unused} == {"notes"}


def test_a_column_of_bytes_and_a_column_of_lists() -> None:
    plain = parquet({"img": [picture["bytes"] for picture in PICTURES], "digit": DIGITS.tolist()})
    images, _ = read({"x.parquet": plain})
    np.testing.assert_array_equal(images.pixels[:, 0], GREY)
    np.testing.assert_array_equal(images.labels, DIGITS)
    nested = found(from_uploads([("x.parquet", parquet({"image": GREY.tolist(), "label": DIGITS.tolist()}))]))
    np.testing.assert_array_equal(nested.frames[..., 0], GREY)
    np.testing.assert_array_equal(nested.labels, DIGITS)


def test_values_are_counted_before_they_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    repeated = parquet({"label": ["three"] * 10_000}, rows=slice(0, 10_000))
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 450_000)
    monkeypatch.setattr(pq.ParquetFile, "iter_batches", None)
    with pytest.raises(InputError, match=r"x\.parquet takes this import over the"):
        read({"x.parquet": repeated})


def test_a_damaged_file_and_one_that_unpacks_to_too_much_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = parquet(COLUMNS)
    with pytest.raises(InputError, match=r"x\.parquet is a damaged or cut-short parquet file"):
        read({"x.parquet": whole[:-40]})
    noise = {"bytes": file(np.random.default_rng(0).integers(0, 256, (200, 200), np.uint8)), "path": "x"}
    repeated = parquet({"image": [noise] * N, "label": DIGITS.tolist()})  # kept once in the file
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 10**6)  # half as much as all 40, and twice as much as they make
    with pytest.raises(InputError, match=r"x\.parquet takes this import over the .* GB of memory that one may hold"):
        read({"x.parquet": repeated})


def test_what_is_no_set_of_equal_lists_is_named() -> None:
    lists = {"image": GREY.tolist(), "box": [[1] * (index % 3) for index in range(N)], "gap": [None, *[[1, 2]] * (N - 1)], "none": [[]] * N}
    images, taken = read({"x.parquet": parquet({**lists, "label": DIGITS.tolist()})})
    np.testing.assert_array_equal(images.pixels[:, 0], GREY)
    assert {name: why for name, why in taken.unused if "same length" in why}.keys() == {"box", "gap"}


def test_numbers_are_read_as_what_they_are() -> None:
    some = [None if index == 3 else index / 7 for index in range(N)]
    columns = {
        "image": PICTURES,
        "a": some,
        "a.b": [index % 2 == 0 for index in range(N)],
        "label": pa.array(DIGITS.tolist()).dictionary_encode(),
    }
    images, taken = read({"x.parquet": parquet(columns)})
    np.testing.assert_array_equal(images.labels, DIGITS)
    assert images.factor_names == ("a.b",)
    assert ("a", "has no number for 1 of 40 images.") in taken.unused


def test_columns_that_nobody_needs_so_many_of_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.readers.parquet._MOST_KNOWN", (100 + 8) * N)
    images, taken = read({"x.parquet": parquet({"image": PICTURES, "label": DIGITS.tolist(), "age": DIGITS.tolist()})})
    np.testing.assert_array_equal(images.labels, DIGITS)
    assert [name for name, why in taken.unused if "over 0 MB, too much for labels" in why] == ["age"]


def test_memory_that_is_out_is_no_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*arguments: object, **options: object) -> None:
        raise MemoryError

    monkeypatch.setattr(pq.ParquetFile, "iter_batches", refuse)
    with pytest.raises(MemoryError):
        read({"x.parquet": parquet(COLUMNS)})


def test_columns_of_different_lengths_are_damage(monkeypatch: pytest.MonkeyPatch) -> None:
    """A spoilt file can have them, though no writer makes such."""
    monkeypatch.setattr("vae_core.data.readers.parquet._numbers", lambda file, name: np.zeros(N - 1))
    with pytest.raises(InputError, match=r"x\.parquet is a damaged or cut-short parquet file"):
        read({"x.parquet": parquet(COLUMNS)})


def test_a_large_file_is_read_where_it_lies(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.readers.parquet._IN_MEMORY", 0)
    data = parquet({"image": GREY.tolist(), "label": DIGITS.tolist(), "kind": ["a", "b"] * (N // 2)})
    for files in ({"x.parquet": data}, {"x.zip": hostile.zipped([("x.parquet", data)])}):
        images, _ = read(files)
        np.testing.assert_array_equal(images.pixels[:, 0], GREY)
        np.testing.assert_array_equal(images.labels, DIGITS)
