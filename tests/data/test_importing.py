"""importing: files of every kind → images of one size, and what is said on the way."""

from __future__ import annotations

import gzip
import io
import struct
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image, ImageOps
from pydantic import ValidationError

from vae_core.base.errors import InputError
from vae_core.data.choices import ImportChoices
from vae_core.data.images import png_bytes, to_pil
from vae_core.data.importing import Imported, read_files, read_path
from vae_core.data.readers.names import natural

AS_FOUND = ImportChoices()


def pictures(n: int = 12, channels: int = 3, height: int = 9, width: int = 11) -> NDArray[np.uint8]:
    return np.random.default_rng(0).integers(0, 256, (n, channels, height, width), np.uint8)


def pngs(pixels: NDArray[np.uint8], folder: str = "") -> list[tuple[str, bytes]]:
    return [(f"{folder}{index:03}.png", png_bytes(picture)) for index, picture in enumerate(pixels)]


def zipped(files: Mapping[str, bytes] | list[tuple[str, bytes]]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in dict(files).items():
            archive.writestr(name, data)
    return file.getvalue()


def npy(array: NDArray[np.generic]) -> bytes:
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def one(name: str, data: bytes, choices: ImportChoices = AS_FOUND) -> Imported:
    return read_files([(name, data)], choices)


@pytest.mark.slow
def test_mnist_folder_and_its_sample_as_a_zip(shared: Path) -> None:
    whole, taken = read_path(shared / "data/mnist", AS_FOUND)
    assert (whole.name, whole.pixels.shape, whole.test_start, taken.sentences()) == (
        "mnist",
        (70_000, 1, 28, 28),
        60_000,
        (
            "Not used: README.md is not a PNG, JPEG, WEBP, BMP, GIF, TIFF, PGM or PPM image. So it is with SHA256SUMS.",
            "Not used: mnist_png_1000_by_class.zip is an archive beside images that lie open, and was left closed.",
        ),
    )
    sample, _ = read_path(shared / "data/mnist/mnist_png_1000_by_class.zip", AS_FOUND)
    assert whole.labels is not None
    assert sample.labels is not None
    digits = [np.flatnonzero(whole.labels[60_000:] == digit)[:100] + 60_000 for digit in range(10)]
    np.testing.assert_array_equal(sample.pixels, whole.pixels[np.concatenate(digits)])
    np.testing.assert_array_equal(sample.labels, np.repeat(np.arange(10), 100))
    assert sample.class_names == tuple("0123456789")


def test_nouns_png_agree_with_the_arrays(shared: Path) -> None:
    whole, _ = read_path(shared / "data/nouns32/nouns_12000_32_rgb.npz", AS_FOUND)
    sample, taken = read_path(shared / "data/nouns32/nouns_500_png_by_head.zip", AS_FOUND)
    assert (whole.shape, sample.shape, taken.sentences()) == ((3, 32, 32), (3, 32, 32), ())
    assert {picture.tobytes() for picture in sample.pixels} <= {picture.tobytes() for picture in whole.pixels}


@pytest.mark.slow
def test_twemoji_in_a_few_seconds(shared: Path) -> None:
    began = time.process_time()
    images, taken = read_path(shared / "data/twemoji/twemoji_72_png.zip", AS_FOUND)
    assert time.process_time() - began < 5
    assert (images.pixels.shape, images.labels, len(taken.sentences())) == ((3720, 3, 72, 72), None, 3)
    assert taken.notes[1] == "5 of 372 validation images are also among the training images, pixel by pixel."


def test_twemoji_folder_by_hand(shared: Path) -> None:
    folder = shared / "data/twemoji/png_faces_folder"
    images, _ = read_path(folder, ImportChoices(background=(255, 255, 255)))
    for path, picture in zip(sorted(folder.iterdir(), key=lambda path: natural(path.name)), images.pixels, strict=True):
        rgba = np.asarray(Image.open(io.BytesIO(path.read_bytes())).convert("RGBA"), np.float64)
        alpha = rgba[..., 3:] / 255
        np.testing.assert_array_equal(picture, np.rint(rgba[..., :3] * alpha + 255 * (1 - alpha)).transpose(2, 0, 1))


def test_awkward_folder_names_what_it_skips(shared: Path) -> None:
    images, taken = read_path(shared / "data/awkward", ImportChoices(channels=3, height=40, width=60))
    assert (images.pixels.shape, images.class_names) == ((17, 3, 40, 60), ("alpha", "colour", "exif"))
    assert [name for name, _ in taken.unused][-3:] == ["corrupt/broken.png", "corrupt/truncated_image.png", "corrupt/truncated_jpeg.jpg"]
    path = shared / "data/awkward/exif/Landscape_6.jpg"
    expected = ImageOps.exif_transpose(Image.open(io.BytesIO(path.read_bytes()))).resize((60, 40), Image.Resampling.BOX)
    np.testing.assert_array_equal(images.pixels[13], np.asarray(expected).transpose(2, 0, 1))


def test_uploads_zip_and_folder_agree(tmp_path: Path) -> None:
    files = pngs(pictures(6), "set/cats/") + pngs(pictures(12)[6:], "set/dogs/")
    for name, data in files:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    (tmp_path / "set.zip").write_bytes(zipped(files))
    for images, taken in (
        read_files(files, AS_FOUND),
        one("set.zip", zipped(files)),
        read_path(tmp_path / "set", AS_FOUND),
        read_path(tmp_path / "set.zip", AS_FOUND),
    ):
        np.testing.assert_array_equal(images.pixels, pictures(12))
        np.testing.assert_array_equal(images.labels, np.repeat([0, 1], 6))
        assert (images.class_names, taken.sentences()) == (("cats", "dogs"), ())


def test_folders_that_all_images_share_are_no_class() -> None:
    flat, _ = one("x.zip", zipped(pngs(pictures(), "a/b/")))
    assert (flat.labels, flat.class_names) == (None, ())
    deep = [(f"top/{folder}/{name}", data) for folder in ("train/cat", "train/dog", "test/cat") for name, data in pngs(pictures(4))]
    assert one("x.zip", zipped(deep))[0].class_names == ("cat", "dog")
    mixed = pngs(pictures(6), "top/") + pngs(pictures(6), "top/cats/")
    images, taken = one("x.zip", zipped(mixed))
    assert images.class_names == ("cats", "no label")
    assert '6 of 12 images lie beside the folders of classes and are shown as "no label".' in taken.notes


@pytest.mark.parametrize("count", [12, 300])
def test_a_class_of_one_image_each(count: int) -> None:
    images, _ = one("x.zip", zipped([(f"{index:03}/a.png", png_bytes(pictures(1)[0])) for index in range(count)]))
    assert images.labels is not None
    assert images.labels.tolist() == list(range(count))


def test_one_bad_image_among_many_is_skipped_and_named() -> None:
    files = [*pngs(pictures(30)), ("031.png", png_bytes(pictures()[0])[:-20]), ("032.png", b"")]
    images, taken = read_files(files, AS_FOUND)
    np.testing.assert_array_equal(images.pixels, pictures(30))
    assert taken.sentences() == (
        "Not used: 032.png is empty.",
        "Not used: 031.png is a damaged or cut-short PNG image and cannot be read.",
    )


def test_grey_if_all_are_grey() -> None:
    grey = pictures(channels=1)
    as_colour = [(f"{index}.png", png_bytes(np.repeat(picture, 3, 0))) for index, picture in enumerate(grey)]
    assert read_files(as_colour, AS_FOUND).images.shape == (1, 9, 11)
    assert read_files(as_colour, ImportChoices(channels=3)).images.shape == (3, 9, 11)
    assert read_files([*as_colour, ("z.png", png_bytes(pictures()[0]))], AS_FOUND).images.shape == (3, 9, 11)
    np.testing.assert_array_equal(read_files(pngs(grey), AS_FOUND).images.pixels, grey)


def test_the_most_common_size_wins() -> None:
    files = pngs(pictures(8)) + [(f"x{name}", data) for name, data in pngs(pictures(5, height=30, width=30))]
    images, taken = read_files(files, AS_FOUND)
    assert images.shape == (3, 9, 11)
    assert taken.sentences() == ("Resized 5 of 13 images to 9 × 11 pixels (height × width).",)


@pytest.mark.parametrize(
    ("found", "choices", "size"),
    [
        ((128, 128), {}, (128, 128)),
        ((129, 129), {}, (64, 64)),
        ((120, 180), {}, (43, 64)),
        ((300, 20), {}, (64, 8)),
        ((3, 3), {}, (8, 8)),
        ((20, 30), {"height": 28}, (28, 30)),
        ((300, 20), {"height": 28, "width": 100}, (28, 100)),
    ],
)
def test_sizes(found: tuple[int, int], choices: dict[str, int], size: tuple[int, int]) -> None:
    pixels = pictures(10, 1, *found)
    chosen = ImportChoices.model_validate(choices)
    assert read_files(pngs(pixels), chosen).images.shape == (1, *size)
    if min(found) >= 8:
        assert one("x.npy", npy(pixels), chosen).images.shape == (1, *size)


@pytest.mark.parametrize(
    "choices", [{"channels": 1}, {"height": 20, "width": 8}, {"height": 20, "width": 8, "fit": "pad"}, {"channels": 3}]
)
def test_arrays_follow_the_same_rules_as_images(choices: dict[str, object]) -> None:
    chosen = ImportChoices.model_validate({**choices, "background": (9, 99, 200)})
    for channels in (1, 3):
        pixels = pictures(channels=channels)
        array = one("x.npy", npy(pixels), chosen)
        files = read_files(pngs(pixels), chosen)
        np.testing.assert_array_equal(array.images.pixels, files.images.pixels)
        assert array.taken.sentences() == files.taken.sentences()


def test_transparent_arrays_lie_on_the_background() -> None:
    rgba = np.random.default_rng(0).integers(0, 256, (10, 8, 9, 4), np.uint8)
    rgba[..., 3] = np.where(rgba[..., 3] < 230, 0, rgba[..., 3])  # mostly clear, as a transparency is
    pixels = one("x.npy", npy(rgba), ImportChoices(background=(9, 99, 200))).images.pixels
    alpha = rgba[..., 3:] / 255
    np.testing.assert_array_equal(pixels.transpose(0, 2, 3, 1), np.rint(rgba[..., :3] * alpha + np.array([9, 99, 200]) * (1 - alpha)))


def idx(array: NDArray[np.uint8]) -> bytes:
    return struct.pack(f">BBBB{array.ndim}I", 0, 0, 8, array.ndim, *array.shape) + array.tobytes()


def test_idx_uploads_and_idx_in_a_zip() -> None:
    grey = pictures(channels=1)[:, 0]
    labels = np.arange(12, dtype=np.uint8) % 3
    files = [
        ("train-images-idx3-ubyte.gz", gzip.compress(idx(grey))),
        ("train-labels-idx1-ubyte.gz", gzip.compress(idx(labels))),
        ("t10k-images-idx3-ubyte", idx(255 - grey)),
        ("t10k-labels-idx1-ubyte", idx(labels)),
    ]
    for images, taken in (read_files(files, AS_FOUND), one("archive.zip", zipped(files))):
        np.testing.assert_array_equal(images.pixels[:, 0], np.concatenate([grey, 255 - grey]))
        np.testing.assert_array_equal(images.labels, np.concatenate([labels, labels]))
        assert (images.test_start, images.class_names, taken.sentences()) == (12, ("0", "1", "2"), ())


def test_what_a_file_holds_decides_and_not_its_name() -> None:
    grey = pictures(channels=1)
    for name, data in (
        ("x.zip", npy(grey)),
        ("x.png", zipped({"arr_0.npy": npy(grey)})),
        ("x.npz", zipped(pngs(grey))),
        ("x.csv", idx(grey[:, 0])),
    ):
        np.testing.assert_array_equal(one(name, data).images.pixels, grey)


def test_names_with_markup_stay_text() -> None:
    files = [(f"<img src=x onerror=alert(1)>/{name}", data) for name, data in pngs(pictures(6))]
    files += [(f"\u202eevil\n/{name}", data) for name, data in pngs(pictures(6))]
    assert one("x.zip", zipped(files)).images.class_names == ("<img src=x onerror=alert(1)>", "evil")


def test_nothing_is_written_to_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    one("x.zip", zipped(pngs(pictures(), "../../")))
    assert list(tmp_path.iterdir()) == []


def test_progress_grows_to_one() -> None:
    seen: list[float] = []
    read_files(pngs(pictures(30)), AS_FOUND, seen.append)
    assert seen == sorted(set(seen))
    assert (len(seen) <= 100, seen[-1]) == (True, 1)


PNG = png_bytes(pictures(1)[0])


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ([], "^upload has 0 readable images, and at least 10 are needed"),
        ([("x.png", PNG)], "^x.png has 1 readable image, and at least 10"),
        (pngs(pictures(9)), "^upload has 9 readable images, and"),
        ([("x.txt", b"text")], r"^x.txt has 0 readable images \(x.txt is a text that is no table\), and"),
        ([(f"{index}.png", b"bad") for index in range(20)], r"^upload has 0 readable images \(0.png is not a PNG"),
        ([("x.zip", zipped({}))], r"^x\.zip has 0 readable images \(x\.zip is a ZIP archive with nothing in it\)"),
        ([("x.zip", zipped({"lib.zip": zipped(pngs(pictures()))}))], r"^x.zip has 0 readable images \(lib.zip is an archive"),
        ([("x.zip", b"PK\3\4" + bytes(50))], r"\(x.zip is a ZIP archive that is cut off"),
        ([("x.npz", zipped({"a.npy": npy(np.zeros(3))}))], "^x.npz holds no images"),
        ([("big.npy", bytes(100 * 2**20 + 1))], "^big.npy has 100 MB; an upload may have 100 MB"),
        ([("x.npy", npy(np.zeros((22_000, 128, 128), np.uint8)[:9]))], "holds 9 images"),
    ],
    ids=range(11),
)
def test_refused(files: list[tuple[str, bytes]], reason: str) -> None:
    with pytest.raises(InputError, match=reason) as refusal:
        read_files(files, AS_FOUND)
    assert str(refusal.value).endswith(".")


def test_pixels_are_limited_at_the_size_they_are_brought_to(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.readers.pictures.MAX_BYTES", 12 * 3 * 9 * 11)
    assert len(read_files(pngs(pictures()), AS_FOUND).images) == 12
    for files in (pngs(pictures()), [("x.npy", npy(pictures()))]):
        with pytest.raises(InputError, match=r"holds 12 images; at 9 × 12 that is more than the .* GB of pixels that are read"):
            read_files(files, ImportChoices(width=12))


def test_what_an_archive_unpacks_to_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vae_core.data.budget.MAX_UNPACKED", sum(len(data) for _, data in pngs(pictures())))
    assert len(one("x.zip", zipped(pngs(pictures()))).images) == 12
    with pytest.raises(InputError, match=r"^x\.zip unpacks to more than"):
        one("x.zip", zipped([*pngs(pictures()), ("a", b"a")]))


def test_missing_path_and_file_too_few(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"^There is no file or folder .*nothing\.$"):
        read_path(tmp_path / "nothing", AS_FOUND)
    with pytest.raises(InputError, match="has 0 readable images, and"):
        read_path(tmp_path, AS_FOUND)


@pytest.mark.parametrize(
    "wrong", [{"channels": 2}, {"height": 7}, {"width": 129}, {"background": (0, 0, 256)}, {"fit": "stretch"}, {"size": 28}]
)
def test_choices_are_bounded(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        ImportChoices.model_validate(wrong)


def test_gif_and_bmp_are_pictures_too() -> None:
    def saved(kind: str) -> bytes:
        file = io.BytesIO()
        to_pil(pictures(1, 1)[0]).save(file, kind)
        return file.getvalue()

    images, _ = read_files([(f"{index}.{kind}", saved(kind)) for kind in ("gif", "bmp", "png") for index in range(5)], AS_FOUND)
    np.testing.assert_array_equal(images.pixels, np.repeat(pictures(1, 1), 15, 0))
