"""tries: who guesses words is heard so often and no more, and nobody else is kept out by it."""

from __future__ import annotations

import pytest

from pages.ui.server import tries
from pages.ui.server.tries import EACH, IN_ALL, Tries


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The seconds that have passed."""
    passed = [1000.0]
    monkeypatch.setattr("time.monotonic", lambda: passed[0])
    return passed


def guess(heard_by: Tries, address: str, words: int) -> int:
    """How many of these wrong words are looked at."""
    heard = 0
    for _ in range(words):
        if heard_by.may(address):
            heard_by.wrong(address)
            heard += 1
    return heard


def test_an_address_has_so_many_and_as_many_again_each_minute(clock: list[float]) -> None:
    some = Tries()
    assert guess(some, "a", 500) == EACH
    assert guess(some, "b", 500) == EACH
    clock[0] += 6
    assert guess(some, "a", 500) == 1
    clock[0] += 600
    assert guess(some, "a", 500) == EACH


def test_all_together_have_so_many_and_who_has_said_none_is_heard(clock: list[float]) -> None:
    some = Tries()
    assert sum(guess(some, str(number), EACH) for number in range(IN_ALL // EACH)) == IN_ALL
    assert guess(some, "late", 50) == 1
    assert some.may("another")
    clock[0] += 60
    assert guess(some, "late", 50) == EACH


def test_it_remembers_no_more_addresses_than_it_has_room_for(clock: list[float], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tries, "_MOST_ADDRESSES", 8)
    some = Tries()
    for number in range(100):
        guess(some, str(number), 1)
    assert len(some._each) == 8
    clock[0] += 60
    guess(some, "new", 1)
    assert list(some._each) == ["new"]
