"""A vote of the class on a step's question: the students answer, and the teacher's screen shows before the room how many chose what."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.refusals import attempt, show_refusal
from pages.ui.screens.learn import ballots
from pages.ui.screens.learn.language import say
from vae_core.base import owners, passes

_STUDENTS_LOOK, _TEACHER_LOOKS = 2.0, 0.5  # seconds


def listen(step: str) -> None:
    """Before a step is drawn: from now on the page is drawn again when a vote on it opens or closes. The teacher knows it already."""
    if passes.address() is not None and owners.asking() is not None:
        state.put(_drawn(step), ballots.number(step))
        _listen(step)


@st.fragment(run_every=_STUDENTS_LOOK)
def _listen(step: str) -> None:
    if ballots.number(step) != state.get(_drawn(step)):
        st.rerun()


def held(step: str, question: str, answers: Sequence[str], answered: str, *, wide: bool) -> bool:
    """Draw the vote of a step; whether it stands in the place of the question.

    Args:
        step: its name in the lesson.
        question: what is asked.
        answers: what one can choose.
        answered: the key of the question's own answer, which a student's vote becomes.
        wide: answers stand in a row.
    """
    if passes.address() is None:
        return False
    if owners.asking() is None:
        return bool(state.get(state.LEARN_PRESENT)) and _led(step, question, answers)
    asked = state.get(_drawn(step))
    if asked is None:
        return False
    key = state.part(state.LEARN_VOTE, step, asked)

    def choose() -> None:
        chosen = state.get(key)
        if ballots.cast(step, asked, list(answers).index(chosen)):
            state.put(answered, chosen)

    show_refusal()
    st.radio(f"**{say('Your class votes.')}** {question}", answers, index=None, key=key, horizontal=wide, on_change=attempt, args=(choose,))
    waits, in_it = say("Choose an answer."), say("Your answer is in. You see what is right when the vote is closed.")
    st.caption(waits if state.get(key) is None else in_it)
    return True


def _led(step: str, question: str, answers: Sequence[str]) -> bool:
    """The same for the teacher before the room."""
    result = state.part(state.LEARN_VOTE, step)
    if ballots.number(step) is not None:
        st.markdown(f"**{say('Your class votes.')}** {question}")
        _live(step, answers)
        st.button(
            say("Close the vote"), icon=":material/how_to_vote:", type="primary", on_click=lambda: state.put(result, ballots.end(step))
        )
        return True
    counted: list[int] = state.get(result, [])
    if counted:
        st.markdown(f"**{say('Your class has voted.')}** {say('Choose an answer below: then the room sees what is right, and why.')}")
        _bars(counted, answers)
    again = say("Let the class vote again") if counted else say("Let the class vote")
    st.button(again, icon=":material/how_to_vote:", on_click=ballots.begin, args=(step, len(answers)))
    return False


@st.fragment(run_every=_TEACHER_LOOKS)
def _live(step: str, answers: Sequence[str]) -> None:
    _bars(ballots.counts(step), answers)


def _bars(counted: Sequence[int], answers: Sequence[str]) -> None:
    """How many chose each answer, as a bar of all who answered."""
    for count, answer in zip(counted, answers, strict=False):
        st.progress(count / max(1, sum(counted)), text=f"**{count}** · {answer}")
    st.caption(say("Answers: {count}", count=sum(counted)))


def _drawn(step: str) -> str:
    """Where the session keeps the number of the vote with which the step was drawn."""
    return state.part(state.LEARN_VOTE, step, state.PART_SEEN)
