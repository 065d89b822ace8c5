"""The Class page, which the teacher of a class has and nobody else."""

from __future__ import annotations

from pathlib import Path

import pytest
import streamlit as st

from tests.pages.steps import open_page, press
from tests.runs.test_catalogue import make_run
from vae_core.base import owners, passes
from vae_core.runs import directory, room

ANNA = "a" * 16


@pytest.fixture
def words(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> passes.Words:
    monkeypatch.setenv("LATENT_LOOM_CLASS", "http://192.0.2.7:8501")
    return passes.settled("apple-tree", "a-long-word-of-the-teacher")


@pytest.fixture
def menu(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of the menu as it was drawn last."""
    titles: list[str] = []
    navigation = st.navigation

    def listed(pages: list[st.Page], **settings: str) -> object:
        titles[:] = [page.title for page in pages]
        return navigation(pages, **settings)  # type: ignore[arg-type]

    monkeypatch.setattr(st, "navigation", listed)
    return titles


def test_it_shows_the_link_and_never_the_teachers_word(words: passes.Words, menu: list[str]) -> None:
    page = open_page("classroom")
    assert menu[-1] == "Class"
    assert [code.value for code in page.code] == ["http://192.0.2.7:8501/?class=apple-tree"]
    assert words.teacher not in str(page)
    (picture,) = page.get("image")
    assert picture.proto.imgs[0].alt == "The link of the class as a QR code"


def test_the_teacher_sees_and_stops_what_is_trained(words: passes.Words) -> None:
    with owners.acting_as(ANNA):
        run = make_run("Of Anna", "queued", model=False)
    page = open_page("classroom")
    assert "Of Anna, student aaaa, waiting" in [text.value for text in page.text]
    press(page, "Stop")
    assert directory.status(directory.RUNS.place / run).state == "stopped"


def test_the_room_is_cleared_after_a_second_word(words: passes.Words) -> None:
    with owners.acting_as(ANNA):
        make_run("Of Anna", model=False)
    page = press(open_page("classroom"), "Clear the room")
    assert len(directory.listing()) == 1
    press(page, "Yes, clear it")
    assert directory.listing() == []
    assert page.success[0].value == "The room is clear."


@pytest.mark.parametrize(("still", "runs"), [(1, "1 run"), (2, "2 runs")])
def test_the_teacher_is_told_of_runs_that_are_left(words: passes.Words, monkeypatch: pytest.MonkeyPatch, still: int, runs: str) -> None:
    monkeypatch.setattr(room, "reset", lambda: still)
    page = press(press(open_page("classroom"), "Clear the room"), "Yes, clear it")
    assert page.success[0].value == f"The room is clear. {runs} will end after the step under way: then clear the room once more."


def test_neither_a_student_nor_a_laptop_has_the_page(words: passes.Words, menu: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as student:
        student.setattr(owners, "_who", lambda: ANNA)
        assert [title.value for title in open_page("classroom").title] != ["Class"]
        assert "Class" not in menu
    monkeypatch.delenv("LATENT_LOOM_CLASS")
    open_page("models")
    assert "Class" not in menu
