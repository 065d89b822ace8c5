"""shipped: what is packed is what is drawn, the test images are the published ones, each with its licence, and all of it is small."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from vae_core import data
from vae_core.base.errors import InputError
from vae_core.data import faces, openml, shipped, sprites
from vae_core.data.faces import portrait
from vae_core.data.imageset import Images

MEGABYTE = 10**6


def drawn_face(images: Images, row: int) -> np.ndarray:
    return portrait.draw(faces.face_of(faces.sample(len(images), 0)[row]))


def drawn_sprite(images: Images, row: int) -> np.ndarray:
    return sprites.draw(sprites.factor_table()[row : row + 1])[0]


@pytest.mark.parametrize(("name", "draw"), [("faces", drawn_face), ("sprites", drawn_sprite)])
def test_a_pack_holds_what_is_drawn_bit_for_bit(name: str, draw: Callable[[Images, int], np.ndarray]) -> None:
    images = data.load(name)
    for row in (0, 1, 95, 96, 1_234, len(images) - 1):
        np.testing.assert_array_equal(images.pixels[row], draw(images, row))


def test_each_pack_comes_back_as_it_was() -> None:
    random = np.random.default_rng(0)
    for name, shape in (("faces", (7, 3, 64, 64)), ("sprites", (192, 1, 32, 32))):
        pixels = random.integers(256, size=shape, dtype=np.uint8)
        pack = shipped.PACKS[name]
        np.testing.assert_array_equal(pack.unfold(pack.fold(pixels)), pixels)


@pytest.mark.parametrize("name", sorted(openml.SOURCES))
def test_the_test_images_are_the_published_ones(name: str) -> None:
    images = data.load(name)
    assert (images.name, images.shape, len(images), images.test_start) == (f"{name}-10k", (1, 28, 28), 10_000, None)
    assert images.labels is not None
    assert openml.digest(images.pixels, images.labels.astype(np.uint8)) == openml.SOURCES[name].digests[1]
    assert images.class_names == openml.SOURCES[name].class_names
    assert (images.licence, data.info(images.name)) == (openml.SOURCES[name].licence, data.info(images.name))
    assert [len(part) for part in images.split()] == [8_000, 1_000, 1_000]


def test_licences_lie_beside_the_images_and_all_is_small() -> None:
    assert "creativecommons.org/licenses/by-sa/3.0" in (licence := (shipped.FOLDER / "mnist" / "LICENSE").read_text("utf-8"))
    assert "LeCun" in licence
    assert "Cortes" in licence
    assert "The MIT License (MIT) Copyright © 2017 Zalando SE" in (shipped.FOLDER / "fashion-mnist" / "LICENSE").read_text("utf-8")
    sizes = {path.relative_to(shipped.FOLDER).as_posix(): path.stat().st_size for path in shipped.FOLDER.rglob("*") if path.is_file()}
    assert all(sum(size for file, size in sizes.items() if file.startswith(f"{name}/")) < 5 * MEGABYTE for name in openml.SOURCES)
    assert sum(sizes.values()) < 16 * MEGABYTE
    assert set(sizes) == {pack.file for pack in shipped.PACKS.values()} | {
        f"{name}/{file}" for name, files in shipped.FILES.items() for file in (*files, "LICENSE")
    }


@pytest.fixture
def damaged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in which every file is cut short."""
    for path in shipped.FOLDER.rglob("*"):
        if path.is_file():
            copy = tmp_path / path.relative_to(shipped.FOLDER)
            copy.parent.mkdir(exist_ok=True)
            copy.write_bytes(path.read_bytes()[:1_000])
    monkeypatch.setattr(shipped, "FOLDER", tmp_path)
    return tmp_path


def test_damaged_test_images_are_one_sentence_and_a_damaged_pack_none(damaged: Path) -> None:
    with pytest.raises(InputError, match=r"assets/sets/mnist/t10k-images-idx3-ubyte\.gz is gone or damaged: install"):
        data.load("mnist")
    assert shipped.drawings("sprites", sprites.VERSION) is None  # it is drawn again


def test_a_pack_of_another_version_is_not_taken() -> None:
    assert shipped.drawings("sprites", sprites.VERSION) is not None
    assert shipped.drawings("sprites", sprites.VERSION + 1) is None
