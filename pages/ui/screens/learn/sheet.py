"""The worksheet: a student's answers beside what each step has shown, and the answers for the teacher, as a page each."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.screens.learn.found import Found
from vae_core.export.worksheet import Question, SheetStep, answer_sheet, worksheet

QUESTIONS = cache.lessons("learn/questions")
_LONGEST = 2_000


def remember(key: str, found: Found) -> None:
    """Keep what a step shows now, for the sheet."""
    state.put(state.part(state.LEARN_SHOWN, key), found)


def fill_in(key: str, names: Mapping[str, str]) -> None:
    """Fields for the questions of a step, and both sheets; `names` are those of all steps by their keys."""
    with st.expander("Worksheet", icon=":material/edit_note:"):
        for number, heading in enumerate(QUESTIONS):
            step, _, question = heading.partition(": ")
            if step == key:
                st.text_area(
                    f"{number + 1}. {question}",
                    max_chars=_LONGEST,
                    key=state.part(state.LEARN_WRITTEN, number),
                    persist_state="session",
                    height=100,
                )
        with st.container(horizontal=True, vertical_alignment="bottom"):
            name = st.text_input("Your name, if you like", max_chars=80, key=state.LEARN_NAME, persist_state="session", width=240)
            mine = st.button("Make my worksheet", icon=":material/description:")
            teachers = st.button("Make the answer sheet", icon=":material/school:")
        # Made on request: a link that stood here before could still be to a sheet without the last words.
        if mine:
            _offer(worksheet(_steps(names), name=name), "worksheet.html")
        elif teachers:
            _offer(answer_sheet(_steps(names)), "answers.html")
        st.caption(
            "All fourteen questions, each with the pictures and numbers that you left its step with. Your answers stay in this tab and go "
            "when it is closed or loaded again: take the sheet with you before that. It opens in any browser and prints as it is."
        )


def _offer(page: str, name: str) -> None:
    st.download_button(f"Download {name}", page, name, "text/html", icon=":material/download:", type="primary", on_click="ignore")


def _steps(names: Mapping[str, str]) -> list[SheetStep]:
    """All steps that have questions, as they were left."""
    texts = cache.lessons("learn")
    asked: dict[str, list[Question]] = {}
    for number, (heading, answer) in enumerate(QUESTIONS.items()):
        step, _, question = heading.partition(": ")
        asked.setdefault(step, []).append(Question(question, answer, state.get(state.part(state.LEARN_WRITTEN, number)) or ""))
    return [_step(key, names[key], asked[key], texts) for key in names if key in asked]


def _step(key: str, name: str, questions: list[Question], texts: Mapping[str, str]) -> SheetStep:
    found: Found | None = state.get(state.part(state.LEARN_SHOWN, key))
    if found is None:
        return SheetStep(name, questions, {}, {})
    guess: str | None = state.get(state.part(state.LEARN_ANSWER, key))
    question, *answers = texts[f"{key}: predict"].split("\n- ")
    told = "" if guess is None else f"{guess}. {'That is right.' if guess == answers[found.right] else f'Not so: {answers[found.right]}.'}"
    why = texts[f"{key}: why"].format(**found.figures)
    return SheetStep(name, questions, found.settings, found.pictures, (question, told) if told else None, why)
