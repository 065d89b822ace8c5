"""mapped: a large `.npy` is used where it lies, costs no memory, and whoever changes it is told so."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import pytest
from numpy.lib.format import open_memmap
from numpy.typing import NDArray

from tests.analysis.test_memory import peak
from tests.memory import at_most
from vae_core.base.errors import InputError
from vae_core.base.storage import home
from vae_core.data import Images, ImportChoices, delete_imported, imported, importing, load, save_imported
from vae_core.data.importing import read_path
from vae_core.data.readers import arrays
from vae_core.data.readers import pictures as reading

AS_FOUND = ImportChoices()


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Every `.npy` file counts as large, and the home is empty."""
    monkeypatch.setattr(importing, "LEAST_BYTES", 0)
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path / "home"))


def pictures(*shape: int) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, shape, np.uint8)


def saved(folder: Path, array: NDArray[np.generic]) -> Path:
    path = folder / "big.npy"
    np.save(path, array)
    return path


def is_map(pixels: NDArray[np.uint8]) -> bool:
    return isinstance(pixels, np.memmap)


@pytest.mark.parametrize(
    ("shape", "order", "channels"),
    [
        ((12, 9, 11), "NHW", 1),
        ((12, 1, 9, 11), "NCHW", 1),
        ((12, 3, 9, 11), "NCHW", 3),
        ((12, 9, 11, 3), "NHWC", 3),
        ((12, 9, 11, 1), "NHWC", 1),
    ],
)
def test_what_needs_no_conversion_stays_in_its_file(tmp_path: Path, shape: tuple[int, ...], order: str, channels: int) -> None:
    path = saved(tmp_path, pictures(*shape))
    images, taken = read_path(path, AS_FOUND)
    wanted = pictures(*shape)
    wanted = wanted[:, None] if order == "NHW" else np.moveaxis(wanted, 3, 1) if order == "NHWC" else wanted
    assert (images.name, images.shape) == ("big", (channels, 9, 11))
    assert is_map(images.pixels)
    assert taken.sentences() == (
        "big.npy is used where it lies: keep it there, unchanged, as long as you train on it or look at its models.",
    )
    np.testing.assert_array_equal(images.pixels, wanted)
    assert images.identity == Images("copy", np.ascontiguousarray(wanted)).identity
    with pytest.raises(ValueError, match="read-only"):
        images.pixels[0] = 1


def test_grey_in_three_equal_channels_is_one_channel_of_the_file(tmp_path: Path) -> None:
    grey = pictures(1500, 1, 8, 8)
    path = saved(tmp_path, grey.repeat(3, axis=1))
    images = read_path(path, AS_FOUND).images
    assert is_map(images.pixels)
    np.testing.assert_array_equal(images.pixels, grey)
    np.testing.assert_array_equal(load(save_imported(images, "grey")).pixels, grey)
    coloured = grey.repeat(3, axis=1)
    coloured[-1, 2, 7, 7] ^= 1  # far behind the first images
    assert read_path(saved(tmp_path, coloured), AS_FOUND).images.shape == (3, 8, 8)


@pytest.mark.parametrize(
    "array",
    [
        pictures(12, 9, 11).astype(np.float32) / 255,
        pictures(12, 9, 11).astype(np.uint16),
        pictures(12, 9, 11) // 128,
        np.asfortranarray(pictures(12, 9, 11)),
        np.maximum(pictures(12, 9, 11, 4), np.array([0, 0, 0, 255], np.uint8)),
        pictures(12, 9, 160),
    ],
    ids=["float", "uint16", "0 and 1", "Fortran order", "alpha", "too wide"],
)
def test_what_needs_a_conversion_is_read(tmp_path: Path, array: NDArray[np.generic]) -> None:
    images = read_path(saved(tmp_path, array), AS_FOUND).images
    assert images.source is None
    assert not is_map(images.pixels)


@pytest.mark.parametrize("choices", [ImportChoices(height=8), ImportChoices(channels=1)])
def test_what_is_wanted_otherwise_is_read(tmp_path: Path, choices: ImportChoices) -> None:
    assert read_path(saved(tmp_path, pictures(12, 9, 11, 3)), choices).images.source is None


def test_a_small_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, pictures(12, 9, 11))
    monkeypatch.setattr(importing, "LEAST_BYTES", path.stat().st_size)
    assert read_path(path, AS_FOUND).images.source is None
    monkeypatch.setattr(importing, "LEAST_BYTES", path.stat().st_size - 1)
    assert read_path(path, AS_FOUND).images.source is not None


def test_a_set_beyond_the_limit_is_mapped_or_the_limit_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (arrays, reading):
        monkeypatch.setattr(module, "MAX_BYTES", 1000)
    assert len(read_path(saved(tmp_path, pictures(12, 9, 11)), AS_FOUND).images) == 12
    with pytest.raises(InputError, match=r"^big holds .* more than the .* read into memory: for more, give .* in C order"):
        read_path(saved(tmp_path, np.asfortranarray(pictures(12, 9, 11))), AS_FOUND)


@pytest.mark.parametrize("order", ["NCHW", "NHWC"])
def test_no_step_copies_the_set(tmp_path: Path, order: str) -> None:
    path, side, n = tmp_path / "big.npy", 64, 16_000  # 62 MB of zeros, which take no room on the disk
    pixels = open_memmap(path, mode="w+", dtype=np.uint8, shape=(n, 1, side, side) if order == "NCHW" else (n, side, side, 1))
    pixels[[0, n - 1]] = 200
    del pixels
    with at_most(40):  # a step in reading is 16 MB
        images = load(save_imported(read_path(path, AS_FOUND).images, "big"))
        assert len(images.identity) == 64
        split = images.split()
        assert images.take(split.train[-100:]).sum() == 200 * side * side
    assert sum(file.stat().st_size for file in home().rglob("*") if file.is_file()) < 2000


def test_rows_are_taken_into_memory_as_asked(tmp_path: Path) -> None:
    pixels = pictures(30, 9, 11, 3)
    mapped = read_path(saved(tmp_path, pixels), AS_FOUND).images
    held = Images("held", np.ascontiguousarray(np.moveaxis(pixels, 3, 1)))
    rows = np.array([7, 3, 3, 29])
    for images in (mapped, held):
        taken = images.take(rows)
        np.testing.assert_array_equal(taken, held.pixels[rows])
        assert taken.flags.c_contiguous
        assert taken.flags.writeable
        assert not is_map(taken)


def test_the_library_keeps_the_place_and_not_the_pixels(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = saved(tmp_path, pictures(12, 9, 11, 3))
    monkeypatch.chdir(tmp_path)
    images = read_path(Path("big.npy"), AS_FOUND).images  # the place is kept in full
    identifier = save_imported(images, "big.npy")
    assert save_imported(images, "big.npy") == identifier
    monkeypatch.chdir("/")
    kept = load(identifier)
    assert (kept.name, kept.source, kept.identity) == (identifier, images.source, images.identity)
    assert is_map(kept.pixels)
    assert imported()[identifier].description == "12 RGB images of 9 × 11 pixels, imported."
    other = tmp_path / "moved.npy"
    path.rename(other)
    assert save_imported(read_path(other, AS_FOUND).images, "big.npy") != identifier  # or it would not be found again
    delete_imported(identifier)
    assert other.exists()


@pytest.mark.parametrize("harm", ["cut short", "touched", "gone", "replaced"])
def test_a_file_that_is_not_the_same_any_more_is_refused(tmp_path: Path, harm: str) -> None:
    path = saved(tmp_path, pictures(12, 9, 11))
    images = read_path(path, AS_FOUND).images
    identifier = save_imported(images, "big")
    if harm == "cut short":
        os.truncate(path, 500)
    elif harm == "touched":
        os.utime(path, ns=(0, path.stat().st_mtime_ns + 1))
    elif harm == "gone":
        path.unlink()
    else:
        saved(tmp_path, pictures(13, 9, 11))
    fresh = Images("fresh", images.pixels, source=images.source)  # one whose identity is not known yet
    for act in (lambda: images.take([0]), lambda: fresh.identity, lambda: load(identifier)):
        with pytest.raises(
            InputError, match="cannot be read: No such file" if harm == "gone" else r"big\.npy has changed since"
        ) as refused:
            act()
        assert str(path) in str(refused.value)


def test_a_header_that_states_more_than_there_is_is_refused(tmp_path: Path) -> None:
    path = saved(tmp_path, pictures(12, 9, 11))
    os.truncate(path, path.stat().st_size - 1)
    with pytest.raises(InputError, match=r"^big\.npy is cut short or damaged"):
        read_path(path, AS_FOUND)
    path.write_bytes(b"\x93NUMPY\x01\x00" + bytes(200))
    with pytest.raises(InputError, match="its header is damaged"):
        read_path(path, AS_FOUND)


def test_a_pickle_is_never_mapped(tmp_path: Path) -> None:
    path = tmp_path / "big.npy"
    np.save(path, np.array([{"a": 1}] * 12, object), allow_pickle=True)
    with pytest.raises(InputError, match="pickled Python object, which is never loaded"):
        read_path(path, AS_FOUND)


@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is told by Linux alone")
def test_rows_of_a_map_come_without_what_lies_around_them(tmp_path: Path) -> None:
    """Each row that is touched brings the pages around it: of 4,000 rows far apart that was the whole file."""
    shape = (50_000, 1, 64, 64)
    open_memmap(tmp_path / "x.npy", mode="w+", dtype=np.uint8, shape=shape)[::500] = 7
    images = Images("x", open_memmap(tmp_path / "x.npy", mode="r"))
    rows = np.random.default_rng(0).permutation(50_000)[:4_000]
    for chunk in images.chunks():
        assert chunk.any()  # the file is in the system's memory, so that all of it could be mapped at once
    images.take(rows[:10])
    assert peak(lambda: images.take(rows)) < 60  # MB, of which the rows themselves are 16, and the file has 200
    np.testing.assert_array_equal(images.take(rows[:300]), images.pixels[rows[:300]])
