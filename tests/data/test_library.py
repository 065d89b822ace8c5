"""library: imported sets survive, whole or not at all, and an id is never a path."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from vae_core.base.errors import InputError
from vae_core.base.storage import home
from vae_core.data.imageset import Images
from vae_core.data.library import delete_imported, imported, load_imported, restore_imported, save_imported

FULL = Images(
    "cats",
    np.random.default_rng(0).integers(0, 256, (12, 3, 8, 9), np.uint8),
    np.arange(12, dtype=np.int64) % 2,
    ("tabby", "black"),
    np.linspace(0, 1, 24, dtype=np.float32).reshape(12, 2),
    ("age", "hat"),
    ((), ("none", "cap")),
    10,
    "CC0",
)
BARE = Images("bare", np.zeros((10, 1, 8, 8), np.uint8))


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path / "home"))


@pytest.mark.parametrize("images", [FULL, BARE], ids=["full", "bare"])
def test_round_trip(images: Images) -> None:
    identifier = save_imported(images, "My cats")
    loaded = load_imported(identifier)
    assert loaded.name == identifier
    assert loaded.identity == images.identity
    for name in ("labels", "factors"):
        np.testing.assert_array_equal(getattr(loaded, name), getattr(images, name))
    for name in ("class_names", "factor_names", "factor_values", "test_start", "licence"):
        assert getattr(loaded, name) == getattr(images, name)


def test_listing_is_in_order_of_import() -> None:
    assert imported() == {}
    assert not home().exists()
    saved = [save_imported(images, title) for images, title in ((FULL, "First"), (BARE, "Second"), (FULL, "\n"))]
    assert list(imported()) == saved
    first, second, third = imported().values()
    assert (first.title, first.licence, first.download) == ("First", "CC0", False)
    assert first.description == "12 RGB images of 8 × 9 pixels, imported."
    assert second.description == "10 grey images of 8 × 8 pixels, imported."
    assert third.title == "cats"


def test_deleting_can_be_undone() -> None:
    identifier, other = save_imported(FULL, "a"), save_imported(BARE, "b")
    delete_imported(identifier)
    assert list(imported()) == [other]
    for act in (load_imported, delete_imported):
        with pytest.raises(InputError, match="There is no imported data set"):
            act(identifier)
    restore_imported(identifier)
    assert list(imported()) == [identifier, other]
    assert load_imported(identifier).identity == FULL.identity
    with pytest.raises(InputError, match="There is no imported data set"):
        restore_imported(identifier)


def test_the_trash_is_emptied_after_a_week() -> None:
    old, young, last = (save_imported(BARE, title) for title in "abc")
    for identifier in (old, young):
        delete_imported(identifier)
    trash = home() / "trash" / "data"
    week_ago = (trash / old).stat().st_mtime - 8 * 86_400
    os.utime(trash / old, (week_ago, week_ago))
    os.utime(home() / "data" / last, (week_ago, week_ago))
    delete_imported(last)
    delete_imported(save_imported(BARE, "d"))
    kept = {path.name for path in trash.iterdir()}
    assert old not in kept
    assert {young, last} < kept


@pytest.mark.parametrize(
    "identifier", ["", ".", "..", "../data", "/", "..%2f", "%252e", "..\\", "a;b", "C:", "a\0b", "\\\\host\\share", "x" * 5000]
)
def test_text_never_becomes_a_path(identifier: str) -> None:
    save_imported(BARE, "a")
    for act in (load_imported, delete_imported, restore_imported):
        with pytest.raises(InputError, match="There is no imported data set"):
            act(identifier)


def test_every_flipped_bit_is_noticed() -> None:
    identifier = save_imported(FULL, "a")
    path = home() / "data" / identifier / "arrays.safetensors"
    whole = path.read_bytes()
    for position in np.random.default_rng(0).integers(0, len(whole), 50):
        path.write_bytes(whole[:position] + bytes([whole[position] ^ 1]) + whole[position + 1 :])
        with pytest.raises(InputError, match="is damaged on disk"):
            load_imported(identifier)


def test_a_damaged_card_is_refused_and_not_listed() -> None:
    identifier = save_imported(FULL, "a")
    card = home() / "data" / identifier / "card.json"
    for content in (b"", b"{}", b"null", card.read_bytes().replace(b'"format": 1', b'"format": 2'), b"[" * 200_000):
        card.write_bytes(content)
        assert imported() == {}
        with pytest.raises(InputError, match="is damaged on disk"):
            load_imported(identifier)


def test_a_full_disk_leaves_nothing_behind(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(InputError, match=r"^My cats could not be kept: No space left on device \(.*\)\. Free some space"):
        save_imported(FULL, "My cats")
    assert list((home() / "data").iterdir()) == []


def test_a_half_written_set_is_not_seen() -> None:
    (home() / "data" / ".0123.tmp").mkdir(parents=True)
    assert imported() == {}
    with pytest.raises(InputError):
        load_imported(".0123.tmp")
