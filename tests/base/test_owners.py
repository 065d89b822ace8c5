"""Whose a folder is: what students of a class find on a shelf, and what they can do there."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest

from vae_core.base import owners, quota
from vae_core.base.errors import InputError
from vae_core.base.shelf import Shelf

ANNA, BEN = "a" * 16, "b" * 16
SHELF = Shelf("models", trash_name="models/upload")


@pytest.fixture
def made(fresh_home: Path) -> dict[str | None, str]:
    """A folder of each, by whose it is."""
    ids: dict[str | None, str] = {}
    for name in (None, ANNA, BEN):
        with owners.acting_as(name):
            ids[name] = SHELF.add({"card.json": b"{}"})
    return ids


def seen(name: str | None) -> set[str]:
    with owners.acting_as(name):
        return {folder.name for folder in SHELF.folders()}


def test_a_student_sees_only_the_own_and_the_teacher_all(made: dict[str | None, str]) -> None:
    assert seen(ANNA) == {made[ANNA]}
    assert seen(BEN) == {made[BEN]}
    assert seen(owners.NOBODY) == set()
    assert seen(None) == set(made.values())


def test_a_guessed_id_finds_nothing(made: dict[str | None, str]) -> None:
    with owners.acting_as(ANNA):
        for guess in (made[BEN], made[None], f"../models/{made[BEN]}", "..", "", made[BEN].upper()):
            assert SHELF.find(guess) is None
            assert not SHELF.discard(guess)
            assert not SHELF.restore(guess)


def test_what_is_shared_is_seen_by_all_and_removed_by_its_owner_alone(made: dict[str | None, str]) -> None:
    folder = SHELF.place / made[ANNA]
    with owners.acting_as(BEN), pytest.raises(InputError, match="only who made it and the teacher"):
        owners.share(folder, shared=True)
    with owners.acting_as(ANNA):
        owners.share(folder, shared=True)
    assert made[ANNA] in seen(BEN)
    with owners.acting_as(BEN), pytest.raises(InputError, match="only who made it and the teacher"):
        SHELF.discard(made[ANNA])
    with owners.acting_as(ANNA):
        owners.share(folder, shared=False)
    assert made[ANNA] not in seen(BEN)


def test_the_trash_gives_back_to_the_owner_and_the_teacher_alone(made: dict[str | None, str]) -> None:
    with owners.acting_as(ANNA):
        assert SHELF.discard(made[ANNA])
    with owners.acting_as(BEN):
        assert not SHELF.restore(made[ANNA])
    with owners.acting_as(ANNA):
        assert SHELF.restore(made[ANNA])
    assert seen(ANNA) == {made[ANNA]}


def test_who_has_left_the_class_makes_nothing(fresh_home: Path) -> None:
    with owners.acting_as(owners.NOBODY), pytest.raises(InputError, match="has left the class"):
        SHELF.add({"card.json": b"{}"})
    assert SHELF.folders() == []


def test_who_asks_is_told_by_the_server_unless_a_block_says_otherwise(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "_who", owners._who)
    assert owners.asking() is None
    owners.told_by(lambda: ANNA)
    assert owners.asking() == ANNA
    with owners.acting_as(None):
        assert owners.asking() is None
    found: list[str | None] = []
    with owners.acting_as(BEN):
        thread = threading.Thread(target=lambda: found.append(owners.asking()))
        thread.start()
        thread.join()
    assert found == [ANNA]


def test_a_laptop_marks_nothing(fresh_home: Path) -> None:
    folder = SHELF.place / SHELF.add({"card.json": b"{}"})
    assert [path.name for path in folder.iterdir()] == ["card.json"]


def test_a_student_has_so_many_bytes_and_things_and_the_teacher_as_many_as_there_are(
    fresh_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quota, "MOST_BYTES", 1000)
    monkeypatch.setattr(quota, "MOST_THINGS", 3)
    SHELF.add({"x": b"0" * 2000})
    with owners.acting_as(BEN):
        SHELF.add({"x": b"0" * 900})
    with owners.acting_as(ANNA):
        first = SHELF.add({"x": b"0" * 400})
        assert quota.used() == (400 + len(ANNA), 1)
        with pytest.raises(
            InputError, match=r"^This takes 0\.0 MB, and of your 0\.0 MB and 3 places .* and 1 are taken: delete some first\.$"
        ):
            SHELF.add({"x": b"0" * 700})
        SHELF.discard(first)
        SHELF.add({"x": b"0" * 700})  # what lay in the trash has made room
        assert not SHELF.restore(first)
        for _ in range(2):
            SHELF.add({"x": b""})
        with pytest.raises(InputError, match="3 are taken"):
            SHELF.add({"x": b""})


def test_uploads_at_once_do_not_find_the_same_room_twice(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "MOST_THINGS", 3)
    refused: list[InputError] = []

    def upload() -> None:
        with owners.acting_as(ANNA):
            try:
                SHELF.add({"x": b"0"})
            except InputError as error:
                refused.append(error)

    threads = [threading.Thread(target=upload) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(seen(ANNA)) == 3
    assert len(refused) == 5


def test_students_leave_room_on_the_disk_with_however_many_names_they_come(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quota, "LEAST_FREE", 10**18)
    SHELF.add({"x": b"0"})
    with owners.acting_as(ANNA), pytest.raises(InputError, match="The disk of the server is nearly full"):
        SHELF.add({"x": b"0"})


def test_what_the_worker_removes_meanwhile_is_passed_over(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan = os.scandir

    def gone(path: str | Path) -> object:
        if str(path).endswith("/1"):
            raise FileNotFoundError(path)
        return scan(path)

    with owners.acting_as(ANNA):
        SHELF.add({"checkpoints/1/weights": b"0" * 10**6, "checkpoints/2/weights": b"0" * 10**6})
        monkeypatch.setattr(os, "scandir", gone)
        assert 10**6 < quota.used().size < 1.5 * 10**6
