"""What a class draws: nothing that was acknowledged is lost, and nobody sends or sees more than is theirs."""

from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from vae_core import data
from vae_core.base import owners
from vae_core.base.errors import InputError
from vae_core.base.storage import write_sealed
from vae_core.data import drawings
from vae_core.data.drawings import Session

ANNA, BEN = "a" * 16, "b" * 16
CLASSES = ("circle", "cross", "heart")


@pytest.fixture
def session(fresh_home: Path) -> Session:
    drawings.begin(CLASSES, None)
    found = drawings.current()
    assert found is not None
    return found


def drawing(seed: int) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, drawings.SHAPE, np.uint8)


def send(name: str | None, session: Session, label: int = 0, seed: int = 0) -> int:
    with owners.acting_as(name):
        return drawings.add(session.id, label, drawing(seed))


def test_thirty_who_draw_at_once_lose_nothing_and_become_a_set(session: Session) -> None:
    acknowledged: set[int] = set()
    on_disk: list[bool] = []
    folder = drawings._folder(session.id)

    def draw(student: int) -> None:
        name = f"{student:016x}"
        for place in range(10):
            seed = student * 10 + place
            count = send(name, session, seed % 3, seed)
            on_disk.append(count == place + 1 == sum(name in each for each in drawings._names(folder)))
            acknowledged.add(seed)

    threads = [threading.Thread(target=draw, args=(student,)) for student in range(1, 31)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert on_disk == [True] * 300
    assert len(acknowledged) == 300
    identifier = drawings.end(session.id, "Ours")
    kept = data.load(identifier)
    assert kept.labels is not None
    assert {(pixels.tobytes(), label) for pixels, label in zip(kept.pixels, kept.labels.tolist(), strict=True)} == {
        (drawing(seed).tobytes(), seed % 3) for seed in acknowledged
    }
    assert (kept.shape, kept.class_names) == ((1, 28, 28), CLASSES)
    assert data.known()[identifier].title == "Ours"
    assert drawings.current() is None
    with owners.acting_as(ANNA):
        assert identifier in data.known()


def test_a_set_needs_ten_and_the_session_stays_open(session: Session) -> None:
    for seed in range(9):
        send(ANNA, session, seed=seed)
    with pytest.raises(InputError, match="at least 10 images, and 9 were drawn"):
        drawings.end(session.id, "Ours")
    assert drawings.current() == session
    send(BEN, session, seed=9)
    drawings.end(session.id, "Ours")
    with pytest.raises(InputError, match="Your teacher has ended this drawing"):
        send(ANNA, session, seed=10)


def test_the_teacher_takes_one_away_or_all_of_a_browser(session: Session) -> None:
    for seed in range(3):
        send(ANNA, session, seed=seed)
    send(BEN, session, seed=3)
    newest, second, *_ = drawings.drawings(session.id)
    assert np.array_equal(newest.pixels, drawing(3))
    drawings.remove(session.id, newest.id, all_of_its_browser=False)
    assert len(drawings.drawings(session.id)) == 3
    drawings.remove(session.id, second.id, all_of_its_browser=True)
    assert drawings.drawings(session.id) == []
    for gone in (second.id, "../../words.json", "session.json"):
        with pytest.raises(InputError, match="gone already"):
            drawings.remove(session.id, gone, all_of_its_browser=True)
    assert drawings.current() == session


def test_students_neither_open_nor_see_nor_end_it(session: Session) -> None:
    send(ANNA, session)
    with owners.acting_as(BEN):
        (name,) = drawings._names(drawings._folder(session.id))
        for forbidden in (
            lambda: drawings.begin(CLASSES, None),
            lambda: drawings.drawings(session.id),
            lambda: drawings.remove(session.id, name, all_of_its_browser=False),
            lambda: drawings.end(session.id, "Mine"),
            drawings.discard,
        ):
            with pytest.raises(InputError, match="Only the teacher"):
                forbidden()
        assert drawings.current() == session


@pytest.mark.parametrize("name", [None, owners.NOBODY])
def test_who_is_no_student_sends_nothing(session: Session, name: str | None) -> None:
    with pytest.raises(InputError, match="Only students of the class draw"):
        send(name, session)


@pytest.mark.parametrize(
    ("label", "pixels", "sentence"),
    [
        (3, drawing(0), "Choose what it is"),
        (-1, drawing(0), "Choose what it is"),
        (0, np.zeros(drawings.SHAPE, np.uint8), "something drawn"),
        (0, drawing(0)[:, :8], "28 × 28 grey pixels"),
        (0, np.tile(drawing(0), (1, 300, 200)), "28 × 28 grey pixels"),
        (0, drawing(0).astype(np.float32), "28 × 28 grey pixels"),
    ],
)
def test_what_is_no_drawing_is_refused(session: Session, label: int, pixels: NDArray[np.uint8], sentence: str) -> None:
    with owners.acting_as(ANNA), pytest.raises(InputError, match=sentence):
        drawings.add(session.id, label, pixels)
    assert drawings.drawings(session.id) == []


def test_nobody_floods_it(session: Session, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawings, "MOST_EACH", 2)
    monkeypatch.setattr(drawings, "MOST", 3)
    assert [send(ANNA, session, seed=seed) for seed in (0, 1)] == [1, 2]
    with pytest.raises(InputError, match="You have sent 2 drawings, and more are not taken"):
        send(ANNA, session)
    send(BEN, session)
    with pytest.raises(InputError, match="The class has sent 3 drawings"):
        send(BEN, session)


@pytest.mark.parametrize("names", [["one"], ["a", ""], ["a", "A "], ["a", "b" * 41], [f"c{place}" for place in range(13)]])
def test_classes_that_cannot_be_told_apart_open_nothing(fresh_home: Path, names: list[str]) -> None:
    with pytest.raises(InputError, match="classes"):
        drawings.begin(names, None)
    assert drawings.current() is None


def test_a_name_of_a_class_is_only_text(fresh_home: Path) -> None:
    drawings.begin(["../../etc", "<img onerror=x>", "\u202eheart"], "../../model")
    session = drawings.current()
    assert session is not None
    assert session.classes[:2] == ("../../etc", "<img onerror=x>")
    assert "\u202e" not in session.classes[2]
    send(ANNA, session, 0)
    assert sorted(path.parent.name for path in fresh_home.rglob("*") if path.is_file() and "etc" in path.name) == []
    assert len(drawings.drawings(session.id)) == 1


def test_a_damaged_drawing_is_counted_and_costs_itself_alone(session: Session) -> None:
    send(ANNA, session, seed=0)
    send(ANNA, session, seed=1)
    folder = drawings._folder(session.id)
    broken = folder / drawings._names(folder)[0]
    broken.write_bytes(broken.read_bytes()[:-1])
    assert len(drawings.drawings(session.id)) == drawings.damaged(session.id) == 1


def test_a_new_session_takes_the_place_of_the_old_one(session: Session) -> None:
    send(ANNA, session)
    drawings.begin(["a", "b"], "mnist-2d")
    new = drawings.current()
    assert new is not None
    assert (new.classes, new.model) == (("a", "b"), "mnist-2d")
    assert drawings.drawings(new.id) == []
    with pytest.raises(InputError, match="ended"):
        drawings.drawings(session.id)


def test_a_drawing_that_comes_while_the_session_is_discarded_makes_no_folder_of_its_own(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    teacher = threading.Thread(target=drawings.discard)

    def slow(path: Path, key: str, payload: bytes) -> None:
        teacher.start()
        teacher.join(0.2)
        write_sealed(path, key, payload)

    monkeypatch.setattr(drawings, "write_sealed", slow)
    send(ANNA, session)
    teacher.join()
    assert drawings._SHELF.folders() == []
    assert len(drawings._names(drawings._SHELF.trash / session.id)) == 1
