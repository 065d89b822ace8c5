"""arrays: the ranges, layouts and names that `.npy` and `.npz` files come with, and hostile ones."""

from __future__ import annotations

import contextlib
import io
import struct
import time
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tests.data.readers.reading import Read, found, from_npz, npy, real
from vae_core.base.errors import InputError
from vae_core.data.readers.blobs import from_uploads

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 256, (12, 9, 11), np.uint8)
COLOUR = RNG.integers(0, 256, (12, 9, 11, 3), np.uint8)
CLEAR = np.where(GREY < 230, np.uint8(255), GREY)
"""Mostly opaque, as a transparency is."""


def from_npy(data: bytes) -> Read:
    return found(from_uploads([("x.npy", data)]))


@pytest.mark.slow
def test_nouns(shared: Path) -> None:
    path = shared / "data/nouns32/nouns_12000_32_rgb.npz"
    read = real(path)
    with np.load(path) as arrays:
        np.testing.assert_array_equal(read.frames, arrays["images"])
        np.testing.assert_array_equal(read.factors, arrays["factors"])
        assert read.factor_names == ("background", "body", "accessory", "head", "glasses")
        assert read.factor_values[3] == tuple(arrays["head_names"])
        assert [len(values) for values in read.factor_values] == [2, 30, 137, 234, 21]
    assert read.labels is None
    assert read.notes == ("Not used: factor_sizes has 5 rows for 12,000 images; it needs one row for each.",)


@pytest.mark.slow
def test_twemoji(shared: Path) -> None:
    read = real(shared / "data/twemoji/twemoji_64_rgba.npz")
    assert read.frames.shape == (3720, 64, 64, 4)
    assert read.labels is not None
    counts = dict(zip(read.class_names, np.bincount(read.labels).tolist(), strict=True))
    assert (counts["Flags"], counts["People & Body"], counts["no label"]) == (269, 2148, 70)
    assert read.notes[:2] == (
        "The last of the 4 channels of images was taken as transparency.",
        '70 of 3,720 images have a label without a name and are shown as "no label".',
    )
    assert {name for name, _ in read.taken.unused} == {"codes", "names"}


@pytest.mark.slow
def test_dsprites_without_its_pickled_metadata(shared: Path) -> None:
    path = shared / "data/dsprites_subset/dsprites_subset.npz"
    read = real(path)
    with np.load(path) as arrays:
        np.testing.assert_array_equal(read.frames[..., 0], arrays["imgs"] * 255)
        np.testing.assert_array_equal(read.factors, arrays["latents_classes"])
    assert read.factor_names == ("shape", "scale", "orientation", "posX", "posY")
    assert read.notes == (
        "The values of imgs were taken as 0 for black and 1 for white.",
        "Not used: metadata is a pickled Python object, which is never loaded: save a plain array of numbers or texts.",
        "Not used: latents_values has the factors of latents_classes in other units.",
        "Not used: original_dataset_indices has a number of its own for each image, as a count or an index has.",
    )
    plain = real(shared / "data/dsprites_subset/dsprites_grid46080_plain.npz")
    assert plain.factor_values == (("square", "ellipse", "heart"), (), (), (), ())


UNIT = GREY / np.float32(255)


@pytest.mark.parametrize(
    ("values", "expected", "taken"),
    [
        (GREY, GREY, None),
        (GREY.astype(">i4"), GREY, "0 to 255"),
        (GREY.astype(np.uint16), GREY, "0 to 255"),
        (GREY.astype(np.uint16) * 257, GREY, "0 to 65,535"),
        (GREY > 99, (GREY > 99) * 255, None),
        ((GREY > 99).astype(np.uint8), (GREY > 99) * 255, "0 for black and 1 for white"),
        ((GREY > 99).astype(np.int64), (GREY > 99) * 255, "0 for black and 1 for white"),
        (UNIT, GREY, "0 to 1"),
        (UNIT.astype(np.float16), GREY, "0 to 1"),
        (UNIT.astype(">f8"), GREY, "0 to 1"),
        (UNIT + np.float32(1e-4), GREY, "0 to 1"),
        (UNIT * 2 - 1, GREY, "−1 to 1"),
        (GREY.astype(np.float64), GREY, "0 to 255"),
    ],
)
def test_ranges(values: NDArray[np.generic], expected: NDArray[np.generic], taken: str | None) -> None:
    read = from_npy(npy(values))
    np.testing.assert_array_equal(read.frames[..., 0], expected)
    assert read.notes == (() if taken is None else (f"The values of x were taken as {taken}.",))


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    ("stored", "expected"),
    [
        (GREY, GREY[..., None]),
        (GREY[..., None], GREY[..., None]),
        (COLOUR, COLOUR),
        (COLOUR.transpose(0, 3, 1, 2), COLOUR),
        (np.concatenate([COLOUR, CLEAR[..., None]], -1), np.concatenate([COLOUR, CLEAR[..., None]], -1)),
    ],
    ids=["HW", "HW1", "HWC", "CHW", "RGBA"],
)
def test_layouts(stored: NDArray[np.uint8], expected: NDArray[np.uint8], order: str) -> None:
    file = io.BytesIO()
    np.save(file, np.asfortranarray(stored) if order == "F" else np.ascontiguousarray(stored))
    np.testing.assert_array_equal(from_npy(file.getvalue()).frames, expected)


def test_an_array_longer_than_one_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.readers.npy._CHUNK_BYTES", 100)
    for values in (UNIT, GREY):
        np.testing.assert_array_equal(from_npz(images=values).frames[..., 0], GREY)


def test_labels_by_several_names() -> None:
    labels = np.array([3, 7] * 6)
    for key, values in (
        ("labels", labels),
        ("y", labels[:, None]),
        ("targets", labels.astype(np.float32)),
        ("label", labels.astype(">u2")),
    ):
        read = from_npz(images=GREY, **{key: values})
        np.testing.assert_array_equal(read.labels, labels == 7)
        assert read.class_names == ("3", "7")


def test_names_of_labels() -> None:
    read = from_npz(images=GREY, labels=np.array([0, 1, 9, -1] * 3), class_names=np.array(["cat", "dog"]))
    assert read.class_names == ("cat", "dog", "no label")
    assert read.labels is not None
    assert read.labels.tolist() == [0, 1, 2, 2] * 3
    texts = from_npz(images=GREY, labels=np.array(["dog", "cat"] * 6))
    assert texts.labels is not None
    assert (texts.labels.tolist(), texts.class_names) == ([1, 0] * 6, ("cat", "dog"))


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        (np.full(12, np.nan), "labels has no number for 12 of 12 images."),
        (np.zeros((12, 2)), "labels 1 is the same for every image. So it is with labels 2."),
        (np.zeros(12, complex), "labels holds complex128, which is neither text nor a number."),
        (np.array([{}] * 12), "labels is a pickled Python object, which is never loaded: save a plain array of numbers or texts."),
        (np.zeros((12, 501)), "labels has 501 numbers for each image, too many for labels."),
    ],
)
def test_what_is_no_label_is_left_out_and_said(labels: NDArray[np.generic], why: str) -> None:
    read = from_npz(images=GREY, labels=labels)
    assert (read.labels, read.class_names) == (None, ())
    assert read.notes == (f"Not used: {why}",)


def test_factors() -> None:
    table = np.stack([np.arange(12) % 3, np.linspace(0, 1, 12)], 1)
    names = {"factor_names": np.array(["hat", "tilt"]), "hat_names": np.array(["none", "cap", "crown"]), "tilt_names": np.array(["a", "b"])}
    read = from_npz(images=GREY, factors=table, **names)
    np.testing.assert_array_equal(read.factors, table.astype(np.float32))
    assert (read.factor_names, read.factor_values) == (("hat", "tilt"), (("none", "cap", "crown"), ()))
    assert from_npz(images=GREY, factors=table).factor_names == ("factor 1", "factor 2")


def test_parts_are_joined_in_order() -> None:
    """The layouts of keras' mnist.npz and of MedMNIST."""
    keras = from_npz(x_test=GREY[:10], x_train=GREY, y_test=np.arange(10), y_train=np.arange(12) % 10)
    np.testing.assert_array_equal(keras.frames[..., 0], np.concatenate([GREY, GREY[:10]]))
    assert keras.labels is not None
    assert (keras.labels.tolist(), keras.starts[1]) == ([*(np.arange(12) % 10), *range(10)], 12)
    medical = from_npz(train_images=GREY, val_images=GREY[:10], test_images=GREY[:11], train_labels=np.zeros((12, 1), int))
    assert (len(medical.frames), medical.starts[1], len(medical.class_names)) == (33, 22, 2)


def test_the_array_named_images_is_preferred() -> None:
    np.testing.assert_array_equal(from_npz(other=COLOUR, images=GREY).frames[..., 0], GREY)


def forged_header(text: str, payload: bytes = b"", version: int = 1) -> bytes:
    length = struct.pack("<H" if version == 1 else "<I", len(text))
    return b"\x93NUMPY" + bytes([version, 0]) + length + text.encode("latin1") + payload


def stated(shape: str, descr: str = "|u1") -> str:
    return f"{{'descr': '{descr}', 'fortran_order': False, 'shape': {shape}, }}\n"


BAD_FLOATS = [np.where(GREY.max() == GREY, bad, UNIT) for bad in (np.nan, np.inf, -np.inf)]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (npy([{}] * 12), "pickled Python object"),
        (npy([]), "holds no images: x is \\[0\\] float64, but images are"),
        (npy(GREY[:0]), "holds 0 images"),
        (npy(GREY[:9]), "holds 9 images; at least 10"),
        (npy(GREY[:, :7]), "holds no images"),
        (npy(GREY.astype(complex)), "holds no images: x is .* complex128"),
        (npy(GREY.astype("S3")), "holds no images"),
        (npy(GREY.astype(np.int64).view("M8[s]")), "holds no images"),
        (npy(np.zeros((12, 9, 9), [("r", "u1"), ("g", "u1")])), "holds no images"),
        *((npy(bad), "not finite") for bad in BAD_FLOATS),
        (npy(GREY)[:-1], "states 1,188 bytes and holds 1,187"),
        (npy(GREY) + b"x", "states 1,188 bytes and holds 1,189"),
        (forged_header(stated("(65536, 65536)", "<f8")), "states 34,359,738,368 bytes and holds 0"),
        (forged_header(stated("(200000000000,)")), "states"),
        (forged_header(stated("(-1, -1, 9, 9)"), bytes(81)), "cut short or damaged"),
        (b"\x93NUMPY\2\0" + struct.pack("<I", 2**31) + b"{", "header is damaged"),
        (forged_header("(" * 5000, version=2), "header is damaged"),
        (forged_header(stated("(1,)", "(" * 3000)), "header is damaged"),
        (forged_header(stated("('a',)")), "header is damaged"),
        (b"\x93NUMPY\3\0" + bytes(100), "header is damaged"),
        (b"\x93NUMPY", "header is damaged"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_refused_npy(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=r"^x(\.npy)? .*\.$") as refusal:
        from_npy(data)
    refusal.match(reason)


@pytest.mark.parametrize(
    ("arrays", "reason"),
    [
        ({"a": np.zeros(3), "b": np.zeros((4, 4))}, r"a is \[3\] float64 and b is \[4, 4\] float64, but images are"),
        ({"images": np.array([None] * 12), "labels": np.zeros(12)}, r"holds no images: labels is \[12\] float64"),
        ({"a": GREY, "b": GREY}, "several sets of images .*: choose one"),
        ({"x_train": GREY, "x_test": GREY[:, :8]}, "hold images of different sizes"),
        ({"images": GREY, "labels": np.zeros(11)}, "labels has 11 rows for 12 images"),
        ({"images": GREY, "labels": np.zeros(())}, "labels has 1 rows for 12 images"),
        ({"images": GREY, "factors": np.zeros((13, 2))}, "factors has 13 rows for 12 images"),
        ({"images": GREY, "labels": np.zeros((12, 6 * 2**20), np.uint8)}, "more than 64 MB"),
    ],
)
def test_refused_npz(arrays: dict[str, NDArray[np.generic]], reason: str) -> None:
    with pytest.raises(InputError, match=reason):
        from_npz(**arrays)


def test_a_bomb_is_refused_by_its_header() -> None:
    """A header and a directory entry that agree on 1.4 GB are refused before any of it is inflated."""
    header = forged_header(stated("(375000, 64, 64)"))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("imgs.npy", header + bytes(2**20))
    data = bytearray(file.getvalue())
    struct.pack_into("<I", data, data.index(b"PK\1\2") + 24, len(header) + 375_000 * 64 * 64)
    began = time.process_time()
    sentence = r"^imgs holds 1\.4 GB of pixels, more than the 1 GB that are read into memory: for more, give `.* train` the file itself"
    with pytest.raises(InputError, match=sentence):
        found(from_uploads([("x.npz", bytes(data))]))
    assert time.process_time() - began < 0.1


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=4), st.integers(0, 200), st.booleans())
def test_only_input_errors_escape_from_mutated_files(changes: list[tuple[int, int]], reach: int, zipped: bool) -> None:
    data = bytearray(npy(GREY))
    for position, value in changes:
        data[position % (reach + 1)] = value
    with contextlib.suppress(InputError):
        if zipped:
            file = io.BytesIO()
            with zipfile.ZipFile(file, "w") as archive:
                archive.writestr("images.npy", bytes(data))
                archive.writestr("labels.npy", npy(np.arange(12)))
            read = found(from_uploads([("x.npz", file.getvalue())]))
        else:
            read = from_npy(bytes(data))
        assert read.frames.dtype == np.uint8
