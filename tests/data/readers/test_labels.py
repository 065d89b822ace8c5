"""labels and columns: what is known about each image, under the names and in the forms that people give it."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.data.readers.reading import from_files, from_npz, npy, npz, smooth
from vae_core.data.choices import ImportChoices
from vae_core.data.taken import Question

N = 40
GREY = smooth(N)
DIGITS = np.arange(N) % 4
NAMES = np.array(["cat", "dog", "eel", "fox"])


@pytest.mark.parametrize(
    "columns",
    [
        {"labels": DIGITS, "label_names": NAMES},
        {"target": DIGITS, "target_names": NAMES},
        {"y": np.eye(4)[DIGITS], "classes": NAMES},
        {"y": np.eye(4, dtype=np.uint8)[DIGITS][:, :, None], "class_names": NAMES.astype("S3")},
        {"labels": DIGITS.astype(np.float64), "categories": NAMES},
        {"labels": DIGITS + 1, "names": NAMES},  # counted from 1
        {"anything": NAMES[DIGITS]},
        {"species": NAMES[DIGITS].astype("S5")},
    ],
)
def test_classes_by_any_name(columns: dict[str, NDArray[np.generic]]) -> None:
    read = from_npz(images=GREY, **columns)
    np.testing.assert_array_equal(read.labels, DIGITS)
    assert read.class_names == tuple(NAMES)
    assert not read.taken.unused


def test_every_label_column_is_kept_and_the_finest_is_first() -> None:
    read = from_npz(
        data=GREY,
        fine_labels=DIGITS,
        coarse_labels=DIGITS // 2,
        fine_label_names=NAMES,
        coarse_label_names=np.array(["fur", "fish"]),
        attrs=np.stack([np.arange(N) % 2, np.arange(N) % 3 == 0], 1) * 2 - 1,
        attr_names=np.array(["old", "wet"]),
        weight=np.linspace(0, 1, N),
    )
    assert read.class_names == tuple(NAMES)
    assert read.factor_names == ("old", "wet", "coarse_labels", "weight")
    assert read.factor_values == (("no", "yes"), ("no", "yes"), ("fur", "fish"), ())
    assert read.factors is not None
    np.testing.assert_array_equal(read.factors[:, 0], np.arange(N) % 2)
    assert "old, wet, coarse_labels and weight can colour the map." in read.taken.read


def test_what_says_nothing_is_named_with_the_reason() -> None:
    read = from_npz(images=GREY, ids=np.arange(N) + 7, code=np.arange(N).astype("U9"), one=np.zeros(N), few=np.zeros(3), words=NAMES)
    assert read.labels is None
    assert read.factors is None
    assert dict(read.taken.unused) == {
        "ids": "has a number of its own for each image, as a count or an index has.",
        "code": "has a number of its own for each image, as a count or an index has.",
        "one": "is the same for every image.",
        "few": "has 3 rows for 40 images; it needs one row for each.",
        "words": "has texts that name nothing which was read.",
    }


def test_classes_are_in_natural_order_and_none_is_dropped() -> None:
    many = np.array([f"s{index}" for index in np.arange(2 * N) % 60])
    read = from_npz(images=np.repeat(GREY, 2, axis=0), labels=many)
    assert read.class_names[:3] + read.class_names[-1:] == ("s0", "s1", "s2", "s59")
    numbers = from_npz(images=np.repeat(GREY, 60, axis=0), labels=np.arange(60 * N) % 1200)
    assert len(numbers.class_names) == 1200


def test_parts_by_their_names() -> None:
    parts = {"train": slice(0, 20), "valid": slice(20, 30), "test": slice(30, 40)}
    for form in ("{}_images {}_labels", "x{} y{}", "{}X {}Y", "images_{} labels_{}"):
        x, y = form.split()
        arrays = {x.format(part): GREY[rows] for part, rows in parts.items()} | {
            y.format(part): DIGITS[rows] for part, rows in parts.items()
        }
        read = from_npz(**dict(reversed(arrays.items())))
        np.testing.assert_array_equal(read.frames[..., 0], GREY)
        np.testing.assert_array_equal(read.labels, DIGITS)
        assert read.starts == (20, 30)
        assert not read.taken.unused


def test_pairs_of_files_as_kmnist_has_them() -> None:
    files = {f"kmnist-{part}-{what}__npz": npz(arr_0=array[rows]) for part, rows in (("train", slice(0, 25)), ("test", slice(25, 40)))
             for what, array in (("imgs", GREY), ("labels", DIGITS))}  # fmt: skip
    read = from_files(**files)
    np.testing.assert_array_equal(read.frames[..., 0], GREY)
    np.testing.assert_array_equal(read.labels, DIGITS)
    assert read.starts == (None, 25)
    other = {f"k49-train-{what}__npz": npz(arr_0=array) for what, array in (("imgs", GREY), ("labels", DIGITS))}
    with pytest.raises(Question, match="several sets of images") as asked:
        from_files(**files, **other)
    assert [dict(remedy.choices) for remedy in asked.value.remedies] == [{"take": "k49"}, {"take": "kmnist"}]
    chosen = from_files(ImportChoices(take="k49"), **files, **other)
    assert (len(chosen.frames), chosen.starts, chosen.class_names) == (40, (None, None), ("0", "1", "2", "3"))


def test_a_table_and_an_array_beside_an_array() -> None:
    table = "\n".join(["digit;age", *(f"{digit};{digit * 1.5}" for digit in DIGITS)]).encode("utf-16")
    read = from_files(images__npy=npy(GREY), attributes__csv=table)
    assert (read.class_names, read.factor_names) == (("0", "1", "2", "3"), ("age",))
    assert read.factors is not None
    np.testing.assert_array_equal(read.factors[:, 0], DIGITS * 1.5)
    np.testing.assert_array_equal(from_files(images__npy=npy(GREY), labels__npy=npy(DIGITS)).labels, DIGITS)


def test_a_part_without_labels_costs_the_others_nothing() -> None:
    read = from_npz(x_train=GREY[:30], y_train=DIGITS[:30], x_test=GREY[30:])
    assert read.class_names == ("0", "1", "2", "3", "no label")
    assert read.labels is not None
    assert read.labels.tolist() == [*DIGITS[:30], *[4] * 10]
    assert 'y is not there for 10 images of other parts, which are shown as "no label".' in read.notes


def test_arrays_without_names_and_labels_one_a_line() -> None:
    unnamed = from_npz(arr_0=GREY, arr_1=DIGITS)
    np.testing.assert_array_equal(unnamed.labels, DIGITS)
    assert "Classes from arr_1: 4." in unnamed.taken.read
    np.testing.assert_array_equal(from_files(images__npy=npy(GREY), labels__txt="\n".join(NAMES[DIGITS]).encode()).labels, DIGITS)


def test_a_table_whose_cells_list_the_pixels_as_fer2013_has_it() -> None:
    usage = ["Training"] * 25 + ["PublicTest"] * 15
    rows = [f"{digit},{' '.join(map(str, picture.ravel()))},{part}" for digit, picture, part in zip(DIGITS, GREY, usage, strict=True)]
    read = from_files(fer__csv="\n".join(["emotion,pixels,Usage", *rows]).encode())
    np.testing.assert_array_equal(read.frames[..., 0], GREY)
    np.testing.assert_array_equal(read.labels, DIGITS)
    assert read.starts == (None, 25)


@pytest.mark.parametrize("place", ["first", "last", "named"])
def test_tables_of_pixels(place: str) -> None:
    rows = GREY.reshape(N, -1)
    label = DIGITS[:, None]
    columns: dict[str, list[NDArray[Any]]] = {
        "first": [label, rows],
        "last": [rows, label],
        "named": [rows[:, :7], label, rows[:, 7:]],
    }
    heading = [f"pixel{index}" for index in range(7)] + ["label"] + [f"pixel{index}" for index in range(7, 144)]
    lines = [",".join(map(str, line)) for line in np.concatenate(columns[place], axis=1).tolist()]
    read = from_files(some__csv="\n".join([",".join(heading), *lines] if place == "named" else lines).encode())
    np.testing.assert_array_equal(read.frames[..., 0], GREY)
    np.testing.assert_array_equal(read.labels, DIGITS)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("\n".join(map(str, DIGITS)), "labels"),  # whose first line is no number of rows
        ("\n".join(["digit", *map(str, DIGITS)]), "digit"),
        ("\n".join(["label", *NAMES[DIGITS]]), "label"),
        ("\n".join(NAMES[DIGITS]), "labels"),
    ],
)
def test_a_file_of_one_label_a_line_with_a_heading_or_without(text: str, name: str) -> None:
    read = from_files(images__npy=npy(GREY), labels__csv=text.encode())
    np.testing.assert_array_equal(read.labels, DIGITS)
    assert f"Classes from {name}: 4." in read.taken.read
    assert not read.taken.unused


def test_files_of_which_each_is_a_class_are_a_question() -> None:
    files = {f"{name}__npy": npy(GREY[10 * place : 10 * place + 10].reshape(10, -1)) for place, name in enumerate(NAMES)}
    with pytest.raises(Question, match="several sets of images") as asked:
        from_files(**files)
    first = asked.value.remedies[0]
    assert first.title == "Take all: each file is a class"
    read = from_files(ImportChoices.model_validate(first.choices), **files)
    assert read.class_names == tuple(NAMES)
    np.testing.assert_array_equal(read.labels, np.repeat(np.arange(4), 10))
    np.testing.assert_array_equal(read.frames[..., 0], GREY)
    assert "Each file was taken as a class." in read.taken.notes
