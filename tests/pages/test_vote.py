"""The vote of a class on a question of the lesson: counted in memory, without names, once for each browser."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.screens.learn import ballots
from tests.pages.steps import captions, open_page, press
from vae_core.base import owners
from vae_core.base.errors import InputError

ANNA, BEN = "a" * 16, "b" * 16
ANSWERS = cache.lessons("learn")["trick: predict"].split("\n- ")[1:]
ANSWER = state.part(state.LEARN_ANSWER, "trick")


@pytest.fixture(autouse=True)
def in_class(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lab mode, and no vote left by another test."""
    monkeypatch.setenv("LATENT_LOOM_CLASS", "http://127.0.0.1:8501")
    yield
    ballots._votes.clear()


def cast(name: str | None, answer: int, step: str = "trick") -> bool:
    with owners.acting_as(name):
        return ballots.cast(step, ballots.number(step) or "", answer)


def test_each_browser_counts_once_and_may_change_its_mind() -> None:
    ballots.begin("trick", 3)
    assert [cast(ANNA, 0), cast(BEN, 0), cast(ANNA, 2)] == [True] * 3
    assert ballots.counts("trick") == [1, 0, 1]
    assert ballots.counts("bound") == []


def test_nothing_is_left_of_a_closed_vote_and_the_next_one_is_another() -> None:
    ballots.begin("trick", 3)
    first = ballots.number("trick")
    cast(ANNA, 1)
    assert ballots.end("trick") == [0, 1, 0]
    assert ballots._votes == {}
    assert not cast(ANNA, 1)
    ballots.begin("trick", 3)
    with owners.acting_as(ANNA):
        assert not ballots.cast("trick", first or "", 1)  # from a page that shows the vote before
    assert ballots.counts("trick") == [0, 0, 0]


def test_an_answer_that_was_taken_is_counted_however_late_it_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    taken: list[bool] = []

    class Late:
        """A lock that Ben waits for while the vote is closed: he gets it as soon as it is free."""

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None:
            monkeypatch.setattr(ballots, "_lock", threading.Lock())
            taken.append(cast(BEN, 1))

    ballots.begin("trick", 3)
    cast(ANNA, 1)
    monkeypatch.setattr(ballots, "_lock", Late())
    assert ballots.end("trick")[1] == 1 + sum(taken)
    assert len(taken) == 1


@pytest.mark.parametrize("answer", [-1, 3, 10**9])
def test_an_answer_that_there_is_not_is_refused(answer: int) -> None:
    ballots.begin("trick", 3)
    with pytest.raises(InputError, match="from 0 to 2"):
        cast(ANNA, answer)


def test_who_may_what(monkeypatch: pytest.MonkeyPatch) -> None:
    with owners.acting_as(ANNA):
        for forbidden in (lambda: ballots.begin("trick", 3), lambda: ballots.end("trick")):
            with pytest.raises(InputError, match="Only the teacher"):
                forbidden()
    ballots.begin("trick", 3)
    for nobody in (None, owners.NOBODY):
        with pytest.raises(InputError, match="Only students vote"):
            cast(nobody, 0)
    monkeypatch.setattr(ballots, "MOST_VOTERS", 1)
    cast(ANNA, 0)
    cast(ANNA, 1)
    with pytest.raises(InputError, match="no more are counted"):
        cast(BEN, 0)


def test_thirty_who_vote_at_once_are_thirty() -> None:
    ballots.begin("trick", 3)
    threads = [threading.Thread(target=cast, args=(f"{voter:016x}", voter % 3)) for voter in range(1, 31)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ballots.counts("trick") == [10, 10, 10]


def bars(page: AppTest) -> list[str]:
    return [bar.proto.text for bar in page.get("progress")]


def test_the_teacher_opens_the_vote_before_the_room_sees_it_grow_and_closes_it() -> None:
    assert "Let the class vote" not in [button.label for button in open_page("learn", step="The trick").button]
    page = press(open_page("learn", step="The trick", present="true"), "Let the class vote")
    assert [radio for radio in page.radio if radio.key == ANSWER] == []
    cast(ANNA, 1)
    page.run()
    assert bars(page) == [f"**{count}** · {answer}" for count, answer in zip((0, 1, 0), ANSWERS, strict=True)]
    assert "Answers: 1" in captions(page)
    assert ANNA not in str(page)
    press(page, "Close the vote")
    assert ballots._votes == {}
    assert bars(page)[1].startswith("**1**")
    assert any("Your class has voted." in text.value for text in page.markdown)
    assert "Let the class vote again" in [button.label for button in page.button]
    page.radio(key=ANSWER).set_value(ANSWERS[2]).run()
    assert any("**Right.**" in text.value for text in page.markdown)


def test_a_student_answers_and_sees_what_is_right_when_it_is_closed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(owners, "_who", lambda: ANNA)
    page = open_page("learn", step="The trick", lang="de")
    with owners.acting_as(None):
        ballots.begin("trick", 3)
    page.run()
    (vote,) = (radio for radio in page.radio if radio.label.startswith("**Eure Klasse stimmt ab.**"))
    vote.set_value(vote.options[2]).run()
    assert "Deine Antwort ist gezählt." in captions(page)
    assert not any("**Richtig.**" in text.value for text in page.markdown)
    assert ballots.counts("trick") == [0, 0, 1]
    with owners.acting_as(None):
        ballots.end("trick")
    page.run()
    assert any("**Richtig.**" in text.value for text in page.markdown)


def test_on_a_laptop_there_is_no_vote(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("LATENT_LOOM_CLASS")
    page = open_page("learn", step="The trick", present="true")
    assert "Let the class vote" not in [button.label for button in page.button]
