"""pictures: what folders, tables and arrays beside image files say, and files that are no images among them."""

from __future__ import annotations

import io
import struct
from collections.abc import Mapping

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.data.readers.reading import npy, npz, smooth, zipped
from vae_core.data.choices import ImportChoices
from vae_core.data.images import Size
from vae_core.data.importing import Imported, read_files
from vae_core.data.readers.pictures import typical

N = 40
GREY = smooth(N)
DIGITS = np.arange(N) % 4


def file(pixels: NDArray[np.generic], kind: str = "PNG") -> bytes:
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind)
    return stream.getvalue()


def read(files: Mapping[str, bytes], **choices: object) -> Imported:
    return read_files(list(files.items()), ImportChoices.model_validate(choices))


def folders(*names: str, each: int = 4) -> dict[str, bytes]:
    """So many pictures in each folder, all different."""
    return {f"{name}/{index}.png": file(GREY[(each * place + index) % N] + np.uint8(place)) for place, name in enumerate(names)
            for index in range(each)}  # fmt: skip


@pytest.mark.parametrize("words", [("train", "val", "test"), ("Training", "validation", "testing"), ("train2017", "val2017", "test2017")])
def test_folders_of_parts_are_no_classes_and_test_images_come_last(words: tuple[str, str, str]) -> None:
    deep = [f"set/{part}/{kind}" for part in words for kind in ("cat", "dog")]
    for names in (deep, [f"{kind}/{part}/images" for part in words for kind in ("cat", "dog")]):
        images, taken = read({"x.zip": zipped(folders(*names))})
        assert images.class_names == ("cat", "dog")
        assert (images.validation_start, images.test_start, len(images)) == (8, 16, 24)
        split = images.split()
        assert split.test.tolist() == list(range(16, 24))
        assert split.validation.tolist() == list(range(8, 16))
        assert any("are parts of the set, not classes" in sentence for sentence in taken.read)


def test_a_class_may_be_called_train_and_a_lone_test_folder_is_learnt_from() -> None:
    assert read(folders("bus", "train", "car")).images.class_names == ("bus", "car", "train")
    alone = read(folders("test/a", "test/b", "test/c"))
    assert (alone.images.class_names, alone.images.test_start) == (("a", "b", "c"), None)


def test_folders_in_folders_are_classes_at_each_level_in_natural_order() -> None:
    names = [f"Alphabet{a}/character{c}" for a in (1, 2, 10) for c in (1, 2, 11)]
    images = read({"omniglot.zip": zipped(folders(*names))}).images
    assert images.class_names == tuple(names)
    assert images.factor_names == ("folder level 1",)
    assert images.factor_values == (("Alphabet1", "Alphabet2", "Alphabet10"),)
    assert images.factors is not None
    assert images.labels is not None
    np.testing.assert_array_equal(images.factors[:, 0], images.labels // 3)


def test_files_that_are_no_images_are_counted_named_and_refuse_nothing() -> None:
    foreign = {
        "a.pdf": b"%PDF-1.7",
        "b.pdf": b"%PDF-1.7",
        "c.docx": b"PK\3\4 no archive",
        "d.npy": b"\x93NUMPY",
        "e.gz": b"\x1f\x8b",
        "f.png": b"",
    }
    pictures = {f"{index}.pgm": file(GREY[index], "PPM") for index in range(12)}
    images, taken = read({**foreign, **pictures})
    np.testing.assert_array_equal(images.pixels[:, 0], GREY[:12])
    assert [name for name, _ in taken.unused] == [*foreign]
    assert taken.sentences()[0].endswith("image. So it is with b.pdf.")
    with pytest.raises(ValueError, match=r"upload has 2 readable images \(a.pdf is not a PNG.*\), and at least 10"):
        read({**foreign, **dict(list(pictures.items())[:2])})


def test_two_archives_of_one_set_and_one_beside_loose_pictures() -> None:
    train, test = (folders("a", "b", each=count) for count in (8, 3))
    images, _ = read({"train.zip": zipped(train), "test.zip": zipped(test)})
    assert (len(images), images.test_start, images.class_names) == (22, 16, ("a", "b"))
    loose, taken = read({**train, "test.zip": zipped(test)})
    assert len(loose) == 16
    assert taken.sentences() == ("Not used: test.zip is an archive beside images that lie open, and was left closed.",)


def test_labels_beside_the_pictures() -> None:
    pictures = {f"images/{index}.png": file(GREY[index]) for index in range(N)}
    for name, data in (("labels/labels.npy", npy(DIGITS)), ("labels.npz", npz(y=DIGITS)), ("train-labels-idx1-ubyte", idx(DIGITS))):
        images, _ = read({"x.zip": zipped({**pictures, name: data})})
        np.testing.assert_array_equal(images.labels, DIGITS)
        np.testing.assert_array_equal(images.pixels[:, 0], GREY)


def idx(labels: NDArray[np.int64]) -> bytes:
    return struct.pack(">BBBBI", 0, 0, 8, 1, len(labels)) + labels.astype(np.uint8).tobytes()


def test_a_table_names_its_files_in_any_order_and_may_say_the_parts() -> None:
    pictures = {f"images/{index:03}.png": file(GREY[index]) for index in range(N)}
    rows = [
        f"{index:03}.png,{'cat' if index % 2 else 'dog'},{index / 4},{'test' if index > 29 else 'train'},x" for index in reversed(range(39))
    ]
    table = "\n".join(["file_name,label,size,split,comment", *rows]).encode()
    images, taken = read({"x.zip": zipped({**pictures, "metadata.csv": table})})
    assert (images.class_names, images.factor_names, images.test_start) == (("cat", "dog", "no label"), ("comment",), 31)
    assert images.labels is not None
    assert images.labels[:4].tolist() == [2, 1, 0, 1]  # the last picture, of which the table says nothing, belongs to no part and is first
    assert "metadata.csv says nothing of 1 of 40 images." in taken.notes
    assert dict(taken.unused) == {"size": "has no number for 1 of 40 images."}


def test_a_table_in_each_part_s_folder_speaks_of_that_part_alone() -> None:
    files: dict[str, bytes] = {}
    for number, part in enumerate(("train", "test")):
        rows = [f"{index}.png,{('cat', 'dog')[(index + number) % 2]}" for index in range(12)]
        files |= {f"{part}/{index}.png": file(GREY[12 * number + index]) for index in range(12)}
        files[f"{part}/labels.csv"] = "\n".join(["name,label", *rows]).encode()
    images, taken = read({"x.zip": zipped(files)})
    assert (images.class_names, images.test_start, taken.sentences()) == (("cat", "dog"), 12, ())
    assert images.labels is not None
    assert images.labels.tolist() == [0, 1] * 6 + [1, 0] * 6


def test_a_table_may_name_its_files_by_their_path_on_another_computer() -> None:
    files = folders("pictures", each=12)
    lines = [f"C:\\data\\faces\\{index}.png,{'ab'[index % 2]}" for index in range(12)]
    found = read(files | {"labels.csv": "\n".join(["path,kind", *reversed(lines)]).encode()})
    assert found.images.labels is not None
    assert [found.images.class_names[label] for label in found.images.labels] == ["ab"[index % 2] for index in range(12)]
    assert not found.taken.unused


def test_frames_behind_the_first_and_what_is_transparent_are_said() -> None:
    def moving(kind: str, seed: int) -> bytes:
        frames, out = [Image.fromarray(GREY[(seed + turn) % N]) for turn in range(3)], io.BytesIO()
        frames[0].save(out, kind, save_all=True, append_images=frames[1:])
        return out.getvalue()

    files = {f"{kind} {index}.{kind.lower()}": moving(kind, index) for kind in ("GIF", "TIFF") for index in range(6)}
    assert "12 of 14 files have several frames or pages, of which the first was taken." in read(files | folders("x", each=2)).taken.notes
    seen_through = np.dstack([*[GREY[0]] * 3, np.where(GREY[0] > 50, 255, 0)]).astype(np.uint8)
    solid = np.dstack([*[GREY[1]] * 3, np.full_like(GREY[1], 255)])
    files = folders("x", each=10) | {"a.png": file(seen_through), "b.png": file(solid)}
    said = "1 of 12 pictures are transparent in places: black stands behind them."
    assert said in read(files).taken.notes
    assert said not in read(files, background=(255, 255, 255)).taken.notes  # as the user wants it


def test_celeba_s_lists() -> None:
    names = [f"{index + 1:06}.jpg" for index in range(N)]
    pictures = {name: file(GREY[index], "JPEG") for index, name in enumerate(names)}
    attributes = "\n".join(
        [str(N), "Male Young", *(f"{name} {1 - 2 * (i % 2):2d} {1 - 2 * (i % 3 > 0):2d}" for i, name in enumerate(names))]
    )
    parts = "\n".join(f"{name} {0 if i < 20 else 1 if i < 30 else 2}" for i, name in enumerate(names))
    images, _ = read({**pictures, "list_attr_celeba.txt": attributes.encode(), "list_eval_partition.txt": parts.encode()})
    assert (images.validation_start, images.test_start) == (20, 30)
    assert (images.factor_names, images.factor_values) == (("Male", "Young"), (("no", "yes"), ("no", "yes")))
    assert images.factors is not None
    np.testing.assert_array_equal(images.factors[:, 0], np.arange(N) % 2 == 0)


@pytest.mark.parametrize(
    ("pixels", "said"),
    [
        ((GREY.astype(np.uint16) * 16), "The values of the pictures were taken as 0 to 4,095."),
        ((GREY.astype(np.uint16) * 4), "The values of the pictures were taken as 0 to 1,023."),
        ((GREY / 255).astype(np.float32), "The values of the pictures were taken as 0 to 1."),
        ((GREY > 99).astype(np.uint8), "The pictures hold values of 0 to 1 only: they were stretched, 1 is white."),
    ],
)
def test_pictures_of_other_depths_are_stretched_and_said(pixels: NDArray[np.generic], said: str) -> None:
    images, taken = read({f"{index}.tif": file(picture, "TIFF") for index, picture in enumerate(pixels)})
    assert taken.sentences()[0] == said
    assert abs(images.pixels.astype(int).max() - 255) <= 1
    assert images.pixels[:, 0].mean() == pytest.approx((pixels / pixels.max() * 255).mean(), abs=1)


def test_dark_pictures_are_a_doubt_with_one_click_to_stretch() -> None:
    dark = {f"{index}.png": file(picture // 8) for index, picture in enumerate(GREY)}
    (doubt,) = read(dark).taken.doubts
    assert doubt.sentence.startswith("These images are dark: the brightest pixel of most is at most 3")
    again = read(dark, **doubt.remedies[0].choices)
    assert (again.images.pixels.max(), again.taken.doubts) == (255, [])
    assert again.taken.sentences() == ("The pictures were stretched: black is 0 and white is 31.",)


def test_masks_are_not_learnt_from() -> None:
    pictures = {f"data/{kind}/{index}.png": file(GREY[index]) for kind in ("images", "masks") for index in range(12)}
    images, taken = read({"x.zip": zipped(pictures)})
    assert (len(images), images.labels, len(taken.unused)) == (12, None, 12)


def test_the_typical_shape_is_not_that_of_the_first_file() -> None:
    assert typical([Size(40, 30)] * 6 + [Size(9, 9)] * 5) == Size(40, 30)
    photos = [Size(100, 900), *(Size(200 + index, 300 + 2 * index) for index in range(9))]
    assert typical(photos) == pytest.approx((204, 308), abs=4)
    assert typical([Size(300 + index, 200) for index in range(5)] + [Size(200, 300 + index) for index in range(5)]) == pytest.approx(
        (302, 302), abs=2
    )


def test_the_same_picture_in_training_and_validation_is_counted() -> None:
    twice = {f"{index}.png": file(GREY[index % 20]) for index in range(N)}
    images, taken = read(twice)
    split = images.split()
    learnt = {images.pixels[row].tobytes() for row in split.train}
    again = sum(images.pixels[row].tobytes() in learnt for row in split.validation)
    assert again > 0
    assert taken.doubts[0].sentence.startswith(f"{again} of 4 validation images are also among the training images, pixel by pixel.")
    assert not read({f"{index}.png": file(GREY[index]) for index in range(N)}).taken.doubts


def test_names_from_elsewhere_are_printable_in_every_sentence() -> None:
    evil = "\u202eevil\n\x1b[31m"
    pictures = {f"{evil}/{index}.png": file(picture) for index, picture in enumerate(GREY)}
    rows = "".join(f"{index}.png,{index % 3}\n" for index in range(30))
    short = "a,b\n" + "1,2\n" * 5
    tables = {f"{evil}.csv": f"file,{evil[:2]}{evil[-4:]}\n{rows}".encode(), f"{evil}-short.csv": short.encode(), f"{evil}.txt": b"x"}
    _, taken = read({**pictures, **tables})
    said = [*taken.read, *taken.sentences()]
    assert any("says nothing of 10 of 40 images" in sentence for sentence in said)
    assert all(sentence.isprintable() for sentence in said)


def test_choices_that_are_of_arrays_are_said_to_be_of_no_use() -> None:
    _, taken = read({f"{index}.png": file(picture) for index, picture in enumerate(GREY)}, layout="NHW", planes="each")
    assert [note.split(" ")[1] for note in taken.notes if "is one of arrays" in note] == ["layout", "planes"]
