"""standard: a set is kept on the disk, and made or asked for again when what is kept is damaged or out of date."""

from __future__ import annotations

from collections import Counter
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest

from vae_core import data
from vae_core.base.errors import InputError
from vae_core.data import digits, openml, standard
from vae_core.data.faces import FACES
from vae_core.data.imageset import Images


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("LATENT_LOOM_HOME", str(home))
    return home


def small(name: str) -> Images:
    generator = np.random.default_rng(5)
    return Images(
        name=name,
        pixels=generator.integers(256, size=(30, 3, 8, 9), dtype=np.uint8),
        labels=np.arange(30) % 2,
        class_names=("even", "odd"),
        factors=generator.random((30, 2), dtype=np.float32),
        factor_names=("hue", "kind"),
        factor_values=((), ("a", "b")),
        test_start=20,
        licence="none",
    )


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Counter[str]:
    """How often the set "faces", which is a small one here, is made."""
    counter: Counter[str] = Counter()

    def generate() -> Images:
        counter["faces"] += 1
        return small("faces")

    monkeypatch.setattr(standard, "_GENERATED", {"faces": FACES._replace(generate=generate, version=1, describe=None)})
    return counter


def assert_same(a: Images, b: Images) -> None:
    for field in fields(Images):
        x, y = getattr(a, field.name), getattr(b, field.name)
        if isinstance(x, np.ndarray):
            assert x.dtype == y.dtype
            assert np.array_equal(x, y)
        else:
            assert x == y, field.name


def test_every_set_is_described() -> None:
    assert list(data.SETS) == ["digits", "sprites", "faces", "mnist", "fashion-mnist"]
    assert {name for name, info in data.SETS.items() if info.download} == set(openml.SOURCES)
    for info in data.SETS.values():
        assert info.title
        assert info.licence
        assert info.description.endswith(".")


def test_digits_come_back_from_the_disk_as_they_were_made() -> None:
    made = data.load("digits")
    assert_same(made, digits.generate())
    assert_same(data.load("digits"), made)


def test_a_set_is_made_once(calls: Counter[str], empty_home: Path) -> None:
    made = data.load("faces")
    assert_same(data.load("faces"), made)
    assert calls["faces"] == 1
    assert [path.relative_to(empty_home).as_posix() for path in empty_home.rglob("*.npz")] == ["cache/sets/faces.npz"]


def test_a_damaged_file_is_made_again(calls: Counter[str], empty_home: Path) -> None:
    made = data.load("faces")
    file = empty_home / "cache" / "sets" / "faces.npz"
    good = file.read_bytes()
    flipped = [good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :] for at in range(0, len(good), len(good) // 20)]
    damaged = [b"", b"x", good[:40], good[:64], good[:-1], good + b"\0", b"\0" * len(good), *flipped]
    for count, bad in enumerate(damaged, start=2):
        file.write_bytes(bad)
        assert_same(data.load("faces"), made)
        assert calls["faces"] == count
        assert file.read_bytes() == good


def test_another_version_is_made_again(calls: Counter[str], monkeypatch: pytest.MonkeyPatch) -> None:
    data.load("faces")
    made = standard._GENERATED["faces"]
    monkeypatch.setattr(standard, "_GENERATED", {"faces": made._replace(version=made.version + 1)})
    data.load("faces")
    data.load("faces")
    assert calls["faces"] == 2


def test_a_disk_that_takes_no_file_costs_only_time(calls: Counter[str], empty_home: Path) -> None:
    empty_home.mkdir()
    (empty_home / "cache").write_text("a file where the folder should be")
    assert_same(data.load("faces"), data.load("faces"))
    assert calls["faces"] == 2


def test_a_set_that_is_downloaded_once_is_there_from_then_on(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(openml, "download", small)
    assert not data.complete("mnist")
    with pytest.raises(InputError, match=r"^MNIST is not on this computer yet, only its test images: download it first"):
        data.load_exactly("mnist")
    assert_same(data.download("mnist"), small("mnist"))
    assert data.complete("mnist")
    assert not data.complete("fashion-mnist")
    assert_same(data.load_exactly("mnist"), small("mnist"))
    assert_same(data.load("mnist"), small("mnist"))
    assert (data.at_hand("mnist"), data.at_hand("fashion-mnist")) == ("mnist", "fashion-mnist-10k")
    assert len(data.load_exactly("mnist-10k")) == 10_000  # a run that began with these goes on with these


def test_a_damaged_download_asks_for_a_new_one(monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    monkeypatch.setattr(openml, "download", small)
    data.download("mnist")
    (empty_home / "cache" / "sets" / "mnist.npz").write_bytes(b"half")
    with pytest.raises(InputError, match="download it first"):
        data.load("mnist")


def test_a_download_that_cannot_be_kept_says_so(monkeypatch: pytest.MonkeyPatch, empty_home: Path) -> None:
    monkeypatch.setattr(openml, "download", small)
    empty_home.mkdir()
    (empty_home / "cache").write_text("a file where the folder should be")
    with pytest.raises(InputError, match="MNIST was downloaded but could not be kept"):
        data.download("mnist")


@pytest.mark.parametrize("name", ["digits", "cifar", "../mnist", ""])
def test_only_some_sets_can_be_downloaded(name: str) -> None:
    with pytest.raises(InputError, match="choose one of mnist, fashion-mnist"):
        data.download(name)


@pytest.mark.parametrize("name", ["digits", "sprites", "faces", "mnist", "fashion-mnist"])
def test_the_built_in_sets_need_no_network(name: str) -> None:
    assert data.complete(data.at_hand(name))


def test_only_where_a_model_learnt_from_the_whole_set_its_test_images_are_unseen() -> None:
    assert data.test_part("mnist", 70_000) == "mnist-10k"
    assert data.test_part("fashion-mnist", 70_000) == "fashion-mnist-10k"
    assert [data.test_part(name, count) for name, count in (("mnist-10k", 10_000), ("mnist", 10_000), ("digits", 70_000))] == [None] * 3
