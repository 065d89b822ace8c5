"""Images that were read in the other process are those that would have been read here; files made to do harm are one sentence."""

from __future__ import annotations

import importlib.util
import io
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.analysis.test_memory import peak
from tests.data import hostile
from vae_core.base.errors import InputError
from vae_core.data import Images, ImportChoices, apart, importing
from vae_core.data.images import open_image, png_bytes
from vae_core.data.mapped import Source
from vae_core.data.taken import Question

MB = 2**20
AS_FOUND = ImportChoices()
on_linux = pytest.mark.skipif(sys.platform != "linux", reason="Linux alone tells the peak of a process")


def npz(**arrays: np.ndarray) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)  # type: ignore[arg-type]
    return file.getvalue()


def noise(count: int = 20, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (count, 9, 11), np.uint8)


def in_folders() -> list[tuple[str, bytes]]:
    names = ("train/cat", "train/dog", "test/cat")
    return [(f"{names[index % 3]}/{index}.png", png_bytes(picture[None])) for index, picture in enumerate(noise(30))]


FILES = {
    "an array with labels and factors": [("x.npz", npz(images=noise(), labels=np.arange(20) % 3, size=np.linspace(0, 1, 20)))],
    "folders": in_folders(),
    "a ZIP, with what is not used": [("x.zip", hostile.zipped([*in_folders(), ("notes.doc", b"text")]))],
    "a doubt": [("x.npz", npz(x=noise() // 16))],
    **({"HDF5": [("x.h5", hostile.hdf5((20, 9, 11), (3, 9, 11)))]} if importlib.util.find_spec("h5py") else {}),
}


def same(one: Images, other: Images) -> None:
    for name, value in vars(one).items():
        np.testing.assert_equal(getattr(other, name), value, err_msg=name)


@pytest.mark.parametrize("files", FILES.values(), ids=FILES)
def test_it_is_the_same_set_with_the_same_record(files: list[tuple[str, bytes]]) -> None:
    here, there = importing.read_files(files, AS_FOUND), apart.read_files(files, AS_FOUND)
    same(here.images, there.images)
    assert there.taken == here.taken


def test_a_question_comes_with_its_remedies() -> None:
    files = [("x.npz", npz(one=noise(), other=noise(30)))]
    with pytest.raises(Question) as here:
        importing.read_files(files, AS_FOUND)
    with pytest.raises(Question) as there:
        apart.read_files(files, AS_FOUND)
    assert str(there.value) == str(here.value)
    assert there.value.remedies == here.value.remedies


def test_a_folder_is_read_where_the_caller_stands(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, data in in_folders():
        (tmp_path / "set" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / name).write_bytes(data)
    monkeypatch.chdir(tmp_path)
    same(importing.read_path(Path("set"), AS_FOUND).images, apart.read_path(Path("set"), AS_FOUND).images)
    with pytest.raises(InputError, match=r"^There is no file or folder nothing\.$"):
        apart.read_path(Path("nothing"), AS_FOUND)


def test_a_file_that_is_mapped_is_mapped_here(tmp_path: Path) -> None:
    other = np.lib.format.open_memmap(tmp_path / "larger.npy", "w+", np.uint8, (6000, 128, 128, 3))
    other[:12] = 200
    other.flush()
    read = apart.read_path(tmp_path / "larger.npy", AS_FOUND)
    assert isinstance(read.images.pixels, np.memmap)
    assert read.images.shape == (1, 128, 128)  # all of it is grey
    assert read.images.source == Source.of(tmp_path / "larger.npy")
    np.testing.assert_array_equal(read.images.take([0, 11, 12, -1])[:, 0, 0, 0], [200, 200, 0, 0])


@pytest.mark.usefixtures("fresh_home")
def test_the_bar_hears_of_it_and_stops_it() -> None:
    heard: list[float] = []
    apart.read_files(in_folders(), AS_FOUND, heard.append)
    assert heard == sorted(heard)
    assert max(heard) == 1

    class Stopped(Exception):
        pass

    def stop(share: float) -> None:
        raise Stopped

    with pytest.raises(Stopped):
        apart.read_files(in_folders(), AS_FOUND, stop)
    assert len(apart.read_files(in_folders(), AS_FOUND).images) == 30


def test_two_who_import_at_once_get_their_own() -> None:
    found: dict[int, Images] = {}

    def read(seed: int) -> None:
        for _ in range(3):
            found[seed] = apart.read_files([("x.npz", npz(x=noise(200, seed)))], AS_FOUND).images

    both = [threading.Thread(target=read, args=(seed,)) for seed in (1, 2)]
    for thread in both:
        thread.start()
    for thread in both:
        thread.join()
    for seed in (1, 2):
        np.testing.assert_array_equal(found[seed].pixels[:, 0], noise(200, seed))


@on_linux
def test_a_set_that_takes_too_much_memory_is_one_sentence_and_the_server_does_not_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    files = [("x.npz", npz(x=np.zeros((64, 64, 30_000), np.uint8)))]  # images last, which are turned around: known when they are read

    def refused() -> None:
        with pytest.raises(InputError, match=r"^x\.npz took more than 0\.0625 GB of memory to open, and was given up\.$"):
            apart.read_files(files, AS_FOUND)

    monkeypatch.setattr(apart, "ROOM", 64 * MB)
    assert peak(refused) < 16
    monkeypatch.undo()
    assert len(apart.read_files(in_folders(), AS_FOUND).images) == 30


def test_a_set_that_takes_too_long_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(apart, "SECONDS", 0.0)
    files = [(f"{index}.png", hostile.png_of(2000, 2000)) for index in range(300)]
    with pytest.raises(InputError, match=r"^The upload took more than 0 seconds to open, and was given up\.$"):
        apart.read_files(files, AS_FOUND)


@on_linux
@pytest.mark.parametrize(
    ("name", "data"),
    [
        ("x.gz", hostile.gzipped_idx(20_000, 64)),
        ("x.npz", hostile.flat_npz(["a", "b", "c"], 20_000, 64)),
        ("x.zip", hostile.large_pictures(300, 4000)),
        ("x.zip", hostile.endless_zip(66_000)),
        ("x.png", hostile.wordy_png(100_000)),
    ],
    ids=["gzip", "three parts", "pictures of 16 million pixels", "a list without end", "a PNG of texts"],
)
def test_what_is_refused_takes_nothing_of_the_server(name: str, data: bytes) -> None:
    apart.read_files(in_folders(), AS_FOUND)  # the child is there

    def refused() -> None:
        with pytest.raises(InputError):
            apart.read_files([(name, data)], ImportChoices(layout="HWCN"))

    assert peak(refused) < 16


@pytest.mark.parametrize("mode", ["L", "LA", "RGB", "RGBA", "P", "I;16"])
def test_a_picture_is_the_same(mode: str) -> None:
    file = io.BytesIO()
    pixels = np.random.default_rng(0).integers(0, 256, (30, 40, 4), np.uint8)
    if mode == "I;16":
        Image.fromarray(pixels[..., 0].astype(np.uint16) * 200).save(file, "PNG")
    else:
        Image.fromarray(pixels, "RGBA").convert(mode).save(file, "PNG")
    here, there = open_image(file.getvalue(), "x.png"), apart.open_picture(file.getvalue(), "x.png")
    assert (there.mode, there.size, there.tobytes()) == (here.mode, here.size, here.tobytes())


def test_a_large_photograph_comes_smaller_where_nobody_needs_more() -> None:
    data = hostile.grey_jpeg(2200, 3000)
    assert apart.open_picture(data, "x.jpg").size == (3000, 2200)
    assert apart.open_picture(data, "x.jpg", 256).size == (375, 275)


def test_a_picture_that_is_none_is_refused_in_the_same_words() -> None:
    for data in (b"", b"text", hostile.png_of(5000, 5000), hostile.wordy_png(70_000), hostile.png_of(8, 8)[:-30]):
        with pytest.raises(InputError) as here:
            open_image(data, "x.png")
        with pytest.raises(InputError) as there:
            apart.open_picture(data, "x.png")
        assert str(there.value) == str(here.value)
