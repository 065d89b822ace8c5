"""The worksheet: a student's answers beside what each step has shown, and the answers for the teacher, as a page each."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui.ground import state
from pages.ui.screens.learn.found import Found
from pages.ui.screens.learn.language import current, say, texts, told_with
from vae_core.base.translation import local
from vae_core.export.worksheet import Question, SheetStep, answer_sheet, worksheet

_LONGEST = 2_000


def remember(key: str, found: Found) -> None:
    """Keep what a step shows now, for the sheet."""
    state.put(state.part(state.LEARN_SHOWN, current(), key), found)  # its words are in this language


def fill_in(key: str, names: Mapping[str, str]) -> None:
    """Fields for the questions of a step, and both sheets; `names` are those of all steps by their keys."""
    with st.expander(say("Worksheet"), icon=":material/edit_note:"):
        for number, (step, question, _) in enumerate(_questions()):
            if step == key:
                st.text_area(
                    f"{number + 1}. {question}",
                    max_chars=_LONGEST,
                    key=state.part(state.LEARN_WRITTEN, number),
                    persist_state="session",
                    height=100,
                )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input(say("Your name, if you like"), max_chars=80, key=state.LEARN_NAME, persist_state="session", width=240)
            mine = st.button(say("Make my worksheet"), icon=":material/description:")
            teachers = st.button(say("Make the answer sheet"), icon=":material/school:")
        # Made on request: a link that stood here before could still be to a sheet without the last words.
        if mine:
            _offer(worksheet(_steps(names), name=name, language=current()), say("worksheet.html"))
        elif teachers:
            _offer(answer_sheet(_steps(names), language=current()), say("answers.html"))
        st.caption(
            say(
                "All fourteen questions, each with the pictures and numbers that you left its step with. Your answers stay in this "
                "tab and go when it is closed or loaded again: take the sheet with you before that. It opens in any browser and prints "
                "as it is."
            )
        )


def _questions() -> list[tuple[str, str, str]]:
    """The step, the question and the answer of all of them, in their order."""
    asked = ((heading.split(": ")[0], text.partition("\n\n")) for heading, text in texts("learn/questions").items())
    return [(step, question, answer) for step, (question, _, answer) in asked]


def _offer(page: str, name: str) -> None:
    st.download_button(
        say("Download {name}", name=name), page, name, "text/html", icon=":material/download:", type="primary", on_click="ignore"
    )


def _steps(names: Mapping[str, str]) -> list[SheetStep]:
    """All steps that have questions, as they were left."""
    asked: dict[str, list[Question]] = {}
    for number, (step, question, answer) in enumerate(_questions()):
        asked.setdefault(step, []).append(Question(question, answer, state.get(state.part(state.LEARN_WRITTEN, number)) or ""))
    return [_step(key, names[key], asked[key]) for key in names if key in asked]


def _step(key: str, name: str, questions: list[Question]) -> SheetStep:
    found: Found | None = state.get(state.part(state.LEARN_SHOWN, current(), key))
    if found is None:
        return SheetStep(name, questions, {}, {})
    guess: str | None = state.get(state.part(state.LEARN_ANSWER, key))
    lesson = texts("learn")
    question, *answers = lesson[f"{key}: predict"].split("\n- ")
    right = answers[found.right]
    verdict = say("That is right.") if guess == right else say("Not so: {right}.", right=right)
    told = "" if guess is None else f"{guess}. {verdict}"
    why = told_with(lesson[f"{key}: why"], found.figures)
    settings = {what: local(value, current()) for what, value in found.settings.items()}
    return SheetStep(name, questions, settings, found.pictures, (question, told) if told else None, why)
