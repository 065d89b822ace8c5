"""shelf: folders are written whole, found by id alone, thrown away for a week and taken back."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from vae_core.base.shelf import Shelf, folders_in
from vae_core.base.storage import home

THINGS = Shelf("things", trash_name="old/things")
DAY = 86_400


@pytest.fixture(autouse=True)
def empty_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path / "home"))


def test_an_empty_shelf_makes_no_folder() -> None:
    assert THINGS.folders() == []
    assert THINGS.find("a") is None
    THINGS.empty_trash()
    assert not home().exists()


def test_what_is_added_is_found_under_its_id() -> None:
    one, other = THINGS.add({"a.txt": b"one"}), THINGS.add({"a.txt": b"other"})
    assert one != other
    assert THINGS.find(one) == home() / "things" / one
    assert (home() / "things" / one / "a.txt").read_bytes() == b"one"
    assert [folder.name for folder in THINGS.folders()] == sorted([one, other])


def test_files_and_hidden_folders_are_no_folders_of_the_shelf() -> None:
    identifier = THINGS.add({"a.txt": b"one"})
    (THINGS.place / "notes.txt").write_text("mine")
    (THINGS.place / ".half.tmp").mkdir()
    assert [folder.name for folder in folders_in(THINGS.place)] == [identifier]
    for name in ("notes.txt", ".half.tmp"):
        assert THINGS.find(name) is None
        assert not THINGS.discard(name)


def test_what_was_thrown_away_comes_back_as_it_was() -> None:
    identifier = THINGS.add({"a.txt": b"one"})
    assert THINGS.discard(identifier)
    assert THINGS.folders() == []
    assert not THINGS.discard(identifier)
    assert [folder.name for folder in folders_in(home() / "trash" / "old" / "things")] == [identifier]
    assert THINGS.restore(identifier)
    assert not THINGS.restore(identifier)
    assert (THINGS.place / identifier / "a.txt").read_bytes() == b"one"


def test_the_week_counts_from_the_throwing_away(monkeypatch: pytest.MonkeyPatch) -> None:
    identifier = THINGS.add({"a.txt": b"one"})
    os.utime(THINGS.place / identifier, (0, 0))
    THINGS.discard(identifier)
    now = time.time()
    for days, kept in ((0.0, [identifier]), (6.9, [identifier]), (7.1, [])):
        monkeypatch.setattr(time, "time", lambda days=days: now + days * DAY)
        THINGS.empty_trash()
        assert [folder.name for folder in folders_in(THINGS.trash)] == kept


@pytest.mark.parametrize("text", ["", ".", "..", "../things", "/", "{id}/", "./{id}", "{id}/../{id}", "a\0b", "x" * 5000])
def test_an_id_is_never_part_of_a_path(text: str) -> None:
    identifier = THINGS.add({"a.txt": b"one"})
    hostile = text.format(id=identifier)
    assert THINGS.find(hostile) is None
    assert not THINGS.discard(hostile)
    THINGS.discard(identifier)
    assert not THINGS.restore(hostile)
