"""The words of a class and the passes that they give."""

from __future__ import annotations

from pathlib import Path

import pytest

from vae_core.base import passes
from vae_core.base.errors import InputError

STUDENTS, TEACHER_WORD = "apple-tree", "a-long-word-of-the-teacher"


@pytest.fixture
def words(fresh_home: Path) -> passes.Words:
    return passes.settled(STUDENTS, TEACHER_WORD)


def test_each_word_gives_its_name_and_a_wrong_one_none(words: passes.Words) -> None:
    assert words.name_for(TEACHER_WORD) == passes.TEACHER
    one, other = words.name_for(STUDENTS), words.name_for(STUDENTS)
    assert one is not None
    assert one != other
    for wrong in ("", "apple-tre", "apple-trees", TEACHER_WORD[:-1], "é", "\ud800", passes.TEACHER, words.key):
        assert words.name_for(wrong) is None


def test_a_pass_holds_for_its_name_alone(words: passes.Words) -> None:
    name = words.name_for(STUDENTS)
    assert name is not None
    held = words.signed(name)
    assert words.name_on(held) == name
    seal = held.partition(".")[2]
    forged = [
        "",
        name,
        f"{name}.",
        f"{passes.TEACHER}.{seal}",
        f"{'0' * 16}.{seal}",
        held[:-1],
        held + "0",
        held.upper(),
        f"../{held}",
        "é.é",
    ]
    assert [text for text in forged if words.name_on(text) is not None] == []


def test_words_and_passes_hold_over_a_restart_and_fall_with_the_word(words: passes.Words) -> None:
    teacher, student = words.signed(passes.TEACHER), words.signed("0123456789abcdef")
    again = passes.settled(None, None)
    assert again == words == passes.kept()
    assert again.name_on(student) == "0123456789abcdef"
    changed = passes.settled("pear-tree-2", None)
    assert changed.name_on(student) is None
    assert changed.name_on(teacher) == passes.TEACHER
    assert changed.teacher == TEACHER_WORD


def test_new_words_are_drawn_and_nobody_else_may_read_them(fresh_home: Path) -> None:
    drawn = passes.settled(None, None)
    assert (len(drawn.students), len(drawn.teacher)) == (8, 16)
    assert passes.place().stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("word", ["short", "two words here", "../../etc/passwd", "a" * 65, "apple-tree?x=1"])
def test_a_word_that_does_not_fit_a_link_is_refused(fresh_home: Path, word: str) -> None:
    with pytest.raises(InputError, match="The word of the class has 8 to 64 letters, digits and hyphens"):
        passes.settled(word, None)


def test_a_class_with_the_word_of_the_teacher_is_refused(words: passes.Words) -> None:
    for students, teacher in ((TEACHER_WORD, None), ("one-word-for-all", "one-word-for-all")):
        with pytest.raises(InputError, match="everybody would come in as the teacher"):
            passes.settled(students, teacher)
    assert passes.kept() == words


def test_without_words_there_is_no_class(fresh_home: Path) -> None:
    with pytest.raises(InputError, match="make serve"):
        passes.kept()
