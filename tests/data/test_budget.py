"""budget: what one import may take is one sum over all its files, and is refused before memory or time is spent."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tests.data import hostile
from tests.data.readers.reading import npz
from tests.memory import at_most
from vae_core.base.errors import InputError
from vae_core.data import ImportChoices
from vae_core.data.budget import DECODED_PER_BYTE, MAX_DECODED, Budget
from vae_core.data.images import open_image, png_bytes
from vae_core.data.importing import read_files
from vae_core.foreign.state_dicts import read_weights
from vae_core.training.checkpoint import unpack

AS_FOUND = ImportChoices()
MB = 2**20

Files = list[tuple[str, bytes]]


def refused(files: Files) -> str:
    with pytest.raises(InputError) as refusal:
        read_files(files, AS_FOUND)
    return str(refusal.value)


def gzips(count: int, images: int = 10_000) -> Files:
    return [(f"images-{index}.gz", hostile.gzipped_idx(images, 20, index)) for index in range(count)]


def arrays(count: int) -> Files:
    return [("x.npz", hostile.flat_npz([f"x_{index}" for index in range(count)], 10_000, 20))]


def in_a_zip(count: int) -> Files:
    return [("x.zip", hostile.zipped(gzips(count)))]


@pytest.mark.parametrize("made", [gzips, arrays, in_a_zip])
def test_files_parts_and_members_that_each_fit_are_refused_together(made: Callable[[int], Files], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 18 * MB)  # four of them have 4 MB each
    assert len(read_files(made(4), AS_FOUND).images) == 40_000
    files = made(6)
    assert sum(len(data) for _, data in files) < 0.5 * MB
    with at_most(5):
        refused(files)
    assert "takes this import over the 0.0176 GB of memory that one may hold: bring fewer or smaller images." in refused(files)


def test_images_are_counted_besides_their_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 10 * MB)
    files = [("x.npz", hostile.flat_npz(["x"], 100_000, 8))]  # 6 MB of pixels
    with at_most(1):
        refused(files)
    assert "x takes this import over the" in refused(files)
    assert len(read_files([("x.npz", hostile.flat_npz(["x"], 1000, 80))], AS_FOUND).images) == 1000


def test_grey_with_transparency_is_counted_with_its_copy_before_it_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    pixels = np.full((1000, 40, 40, 2), 255, np.uint8)
    files = [("x.npz", npz(x=pixels))]
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 2.5 * pixels.nbytes)  # one copy has room, and it takes two
    with monkeypatch.context() as patch:
        patch.delattr("vae_core.data.readers.arrays.layout_of")  # which is asked once the pixels are there
        assert "takes this import over" in refused(files)
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 5 * pixels.nbytes)
    assert len(read_files(files, AS_FOUND).images) == 1000


def test_labels_and_pictures_are_counted_as_what_they_become(monkeypatch: pytest.MonkeyPatch) -> None:
    labels = {f"label_{index}": np.zeros((100, 500), np.int64) for index in range(5)}  # 0.4 MB each
    noise = np.random.default_rng(0).integers(0, 256, (100, 64, 64), np.uint8)
    pictures = [(f"{index}.png", png_bytes(picture[None])) for index, picture in enumerate(noise)]  # 1.2 MB as RGB
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 1.3 * MB)
    assert len(read_files(pictures, AS_FOUND).images) == 100
    assert len(read_files([("x.npz", npz(x=noise, label_0=labels["label_0"]))], AS_FOUND).images) == 100
    assert "label_2 takes this import over the" in refused([("x.npz", npz(x=noise, **labels))])
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 1.1 * MB)
    assert "upload takes this import over the" in refused(pictures)


@pytest.mark.parametrize("shape", [(15_000, 56, 56), (5000, 56, 56, 3)], ids=["grey", "colours last"])
def test_the_pixels_of_arrays_are_in_memory_once(shape: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.readers.npy._CHUNK_BYTES", 2**20)
    image = np.zeros(shape[1:], np.uint8)
    image[:5, :9], image[5:20, 3:], image[..., -1:] = 255, np.arange(53).reshape(53, *[1] * (len(shape) - 3)), 7
    pixels = np.broadcast_to(image, shape)
    files = [("a.npz", hostile.one_array(pixels))]
    size = pixels.size
    read = read_files(files, AS_FOUND).images
    np.testing.assert_array_equal(read.pixels[-1], image[None] if image.ndim == 2 else image.transpose(2, 0, 1))
    np.testing.assert_array_equal(read.pixels[0], read.pixels[-1])
    with at_most(1.7 * size / MB):
        read_files(files, AS_FOUND)


def test_the_pixels_of_pictures_are_counted_before_the_first_is_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.readers.pictures.open_image", None)
    assert refused([("x.zip", hostile.large_pictures(300, 4000))]) == (
        "The pictures in x.zip have more than 4,000 million pixels in all, the most that are decoded of 0.0516 MB of files: make them "
        "smaller first."
    )


def test_a_folder_of_photographs_may_have_as_many_pixels_as_its_bytes_speak_for() -> None:
    budget = Budget(given=MAX_DECODED)
    budget.decode(DECODED_PER_BYTE * MAX_DECODED, "x")
    with pytest.raises(InputError, match=r"^The pictures in x have more than 64,000 million pixels in all, .* of 3810 MB"):
        budget.decode(1, "x")


def test_a_large_photograph_is_made_smaller_while_it_is_decoded() -> None:
    data = hostile.grey_jpeg(2200, 3000)
    assert open_image(data, "x.jpg").size == (3000, 2200)
    assert open_image(data, "x.jpg", least=256).size == (375, 275)
    assert open_image(data, "x.jpg", least=300).size == (750, 550)
    assert open_image(hostile.grey_jpeg(1000, 3000), "x.jpg", least=256).size == (3000, 1000)


def test_a_list_of_too_many_files_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    data = hostile.endless_zip(66_000)
    monkeypatch.setattr("zipfile.ZipFile", None)
    sentence = r"x\.zip holds too many files: archives may hold 65,535 in all, those inside them included\."
    for call, words in (
        (lambda: read_files([("x.zip", data)], AS_FOUND), sentence.removesuffix(r"\.")),
        (lambda: unpack(data, "m.zip"), r"^m\.zip has 1,000 files or more and is no Latent Loom model file"),
        (lambda: read_weights(data, "m.pt"), r"^m\.pt holds more than 65,535 parts, which no file of weights has\.$"),
    ):
        with pytest.raises(InputError, match=words):
            call()


def test_a_refused_file_takes_nothing_from_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    budget = Budget()
    for count in (budget.list, budget.unpack, budget.hold, budget.decode):
        with pytest.raises(InputError):
            count(2**40, "large")
        count(1, "small")


@pytest.mark.parametrize("line", [b"1\n", b"1\r", b"1,2\n", b"-1 1\n", "1\u20281\n".encode()])
def test_a_table_is_counted_before_it_is_split(line: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 10 * MB)
    table = line * (MB // len(line))
    files = [("x.zip", hostile.zipped([("labels.csv", table)]))]
    with at_most(16):
        refused(files)
    assert "labels.csv takes this import over the" in refused(files)


def test_cells_that_are_all_different_are_counted_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 4 * MB)
    texts = "\n".join(f"{index},{index:x}" for index in range(30_000)).encode()
    assert "labels.csv takes this import over the" in refused([("labels.csv", texts)])


def test_a_table_of_pixels_is_counted_before_its_numbers_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 6 * MB)
    monkeypatch.setattr("numpy.loadtxt", None)
    rows = (b",".join([b"1"] * 65) + b"\n") * 20_000
    assert "a.csv takes this import over the" in refused([("x.zip", hostile.zipped([("a.csv", rows)]))])
