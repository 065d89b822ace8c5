"""A class in three browsers: a teacher and two students, each in a space of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from pages.ui.server.door import COOKIE
from tests.browser.classroom import TEACHERS, WORD, serve_class
from tests.browser.conftest import new_context, watched
from tests.browser.steps import open_link, settle
from tests.browser.test_draw import stroke
from vae_core.base import owners
from vae_core.runs import catalogue


@pytest.fixture
def classroom(tmp_path: Path) -> Iterator[str]:
    """A server in lab mode with a home of its own; its address."""
    with serve_class(tmp_path) as server:
        yield server.url
    written = server.log.read_text(errors="replace")
    assert not any(word in written for word in ("Traceback", "Warning", "WARNING")), written


def come_in(context: BrowserContext, word: str) -> str:
    """Say the word that the page asks for; returns the name on the pass."""
    page = context.new_page()
    page.goto("/")
    page.get_by_label("The word of the class").fill(word)
    page.get_by_role("button", name="Come in").click()
    page.get_by_label("The word of the class").wait_for(state="detached")
    assert word not in page.url
    page.close()
    return next(str(cookie["value"]) for cookie in context.cookies() if cookie["name"] == COOKIE).partition(".")[0]


def test_a_teacher_and_two_students(classroom: str, browser: Browser, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with ExitStack() as stack:
        contexts = [new_context(browser, classroom, 1280, 900) for _ in range(3)]
        for context in contexts:
            stack.callback(context.close)
        _, of_anna, of_ben = [come_in(context, word) for context, word in zip(contexts, (TEACHERS, WORD, WORD), strict=True)]
        assert of_anna != of_ben
        teacher, anna, ben = [stack.enter_context(watched(context)) for context in contexts]
        own_models(of_anna, anna, ben, tmp_path / "home", monkeypatch)
        a_vote(teacher, anna, ben)
        a_drawing(teacher, anna)


def own_models(of_anna: str, anna: Page, ben: Page, home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A student's model is in no other list, until it is shared."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(home))
    with owners.acting_as(of_anna):
        model = catalogue.keep(catalogue.load("digits-2d"))
        catalogue.rename(model, "Of Anna")
    open_link(anna, f"models?model={model}")
    expect(anna.get_by_role("button", name="Model: Of Anna")).to_be_visible()
    open_link(ben, f"models?model={model}")
    expect(ben.get_by_text(f'There is no model "{model}"')).to_be_visible()
    expect(ben.get_by_role("link", name="Class", exact=True)).to_have_count(0)
    anna.get_by_role("button", name="Share with the class").click()
    settle(anna)
    open_link(ben, f"models?model={model}")
    expect(ben.get_by_role("button", name="Model: Of Anna")).to_be_visible()
    expect(ben.get_by_role("button", name="Delete", exact=True)).to_be_disabled()


def a_vote(teacher: Page, anna: Page, ben: Page) -> None:
    """The bars grow before the room while the students answer."""
    for student in (anna, ben):
        open_link(student, "learn?step=The trick")
    open_link(teacher, "learn?step=The trick&present=true")
    teacher.get_by_role("button", name="Let the class vote").click()
    for student in (anna, ben):
        expect(student.get_by_text("Your class votes.")).to_be_visible()
        student.get_by_test_id("stRadio").filter(has_text="Your class votes.").locator("label:has(input)").nth(1).click()
        expect(student.get_by_text("Your answer is in.")).to_be_visible()
    expect(teacher.get_by_text("Answers: 2")).to_be_visible()
    teacher.get_by_role("button", name="Close the vote").click()
    for student in (anna, ben):
        expect(student.get_by_text("Your class votes.")).to_have_count(0)
        expect(student.get_by_text(re.compile("Right.|Not so."))).to_be_visible()


def a_drawing(teacher: Page, anna: Page) -> None:
    """It arrives on the teacher's page, and the student is told."""
    open_link(anna, "draw")
    open_link(teacher, "classroom")
    teacher.get_by_role("button", name="Let the class draw").click()
    expect(anna.get_by_text("What do you draw?")).to_be_visible()
    anna.get_by_role("radio", name="cross").click()
    stroke(anna, (0.3, 0.3), (0.7, 0.7))
    anna.get_by_role("button", name="Send").click()
    expect(anna.get_by_text("Arrived. You have sent 1 drawing.")).to_be_visible()
    expect(teacher.get_by_text("1 drawing: circle 0, cross 1, heart 0.")).to_be_visible()
    expect(teacher.get_by_role("radiogroup", name="Drawings of the class").get_by_role("radio", name="cross")).to_have_count(1)
    expect(teacher.get_by_test_id("stPlotlyChart")).to_be_visible()
