"""Learn: the lesson, a question a step, each answered by a picture from a trained model and a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import link_and_why, link_to_view
from pages.ui.ground.refusals import refuse
from pages.ui.screens.learn import (
    before,
    bound,
    compress,
    continuity,
    create,
    dream,
    forces,
    presenting,
    regions,
    sheet,
    tradeoff,
    trick,
    vote,
    words,
)
from pages.ui.screens.learn.found import Found
from pages.ui.screens.learn.language import choose, current, say, texts, told_with
from vae_core.base.errors import InputError


class Step(NamedTuple):
    """A step of the lesson: its picture, whether that needs the page's whole width, and whether a screen hardly holds it."""

    picture: Callable[[], Found]
    wide: bool = False
    dense: bool = False


STEPS = {
    "compress": Step(compress.picture),
    "dream": Step(dream.picture),
    "regions": Step(regions.picture, wide=True),
    "continuity": Step(continuity.picture),
    "trick": Step(trick.picture),
    "bound": Step(bound.picture),
    "forces": Step(forces.picture),
    "tradeoff": Step(tradeoff.picture, wide=True, dense=True),
    "before": Step(before.picture),
    "create": Step(create.picture),
}
BAR, NOTES = (state.part(state.LEARN_PRESENT, key) for key in (state.LEARN_STEP, state.LEARN_NOTES))


def choices(language: str) -> dict[str, list[str]]:
    """What one chooses by words, in this language, by the keys: the steps by their names, where the ellipse begins, and answers."""
    lesson = cache.lessons("learn", language)
    answers = {state.part(state.LEARN_ANSWER, key): lesson[f"{key}: predict"].split("\n- ")[1:] for key in STEPS}
    return {state.LEARN_STEP: [lesson[f"{key}: name"] for key in STEPS], state.LEARN_Q: list(bound.beginnings(language)), **answers}


def ask(key: str, found: Found, met: set[str], *, wide: bool = False) -> None:
    """The prediction; once there is one, whether it was right, and why. A wide one has its answers in a row."""
    question, *answers = texts("learn")[f"{key}: predict"].split("\n- ")
    with st.container(border=True):
        key_of = state.part(state.LEARN_ANSWER, key)
        if vote.held(key, question, answers, key_of, wide=wide):
            return
        guess = st.radio(f"**{say('Predict.')}** {question}", answers, index=None, key=key_of, bind="query-params", horizontal=wide)
        if guess is None:
            if not wide:
                st.caption(say("Choose an answer: the model's own numbers then tell."))
            return
        right = answers[found.right]
        st.markdown(
            f":material/check: **{say('Right.')}** {right}." if guess == right else f":material/close: **{say('Not so.')}** {right}."
        )
        words.told(told_with(texts("learn")[f"{key}: why"], found.figures), met)


def deeper(key: str, found: Found, met: set[str]) -> None:
    """The maths with this picture's numbers, and a program that computes it."""
    with st.expander(say("Show the maths"), icon=":material/function:"):
        text = told_with(texts("learn")[f"{key}: maths"], found.figures)
        st.markdown(text)
        words.listed(text, met)
    if state.get(state.LEARN_PRESENT):
        return
    with st.expander(say("Show the code"), icon=":material/code:"):
        st.caption(say("It runs as it is, in the folder of this program."))
        st.code(cache.program(key), language="python")


def notes(key: str) -> None:
    """What the teacher asks and watches for, where they want it before a room."""
    if state.get(state.LEARN_PRESENT) and state.get(state.LEARN_NOTES):
        with st.container(border=True, key=NOTES):
            st.markdown(f":material/school: **{say('For the teacher')}**\n\n{texts('learn')[f'{key}: notes']}")


def further(key: str) -> None:
    """The next step, or after the last one the page where one goes on."""
    rest = list(STEPS)[list(STEPS).index(key) + 1 :]
    if rest:
        lesson = texts("learn")
        name = lesson[f"{rest[0]}: name"]
        presenting.onward(say("**Next: {name}.** {why}", name=name, why=lesson[f"{rest[0]}: ask"]), name)
    else:
        why = say("Take any model, and move each number of its codes by hand.")
        link_and_why("pages/sliders.py", say("**Next: Sliders**"), why, {})


@st.fragment
def step(key: str) -> None:
    """The question, the picture beside the prediction, and what unfolds below."""
    one, lesson, met = STEPS[key], texts("learn"), set[str]()
    words.told(lesson[f"{key}: ask"], met, level=1 if state.get(state.LEARN_PRESENT) else 2)
    words.told(lesson[f"{key}: see"], met)
    if one.wide:
        above, left, below = (st.container() for _ in range(3))
    else:
        left, above = st.columns([2, 1], gap="medium")
        below = above
    try:
        with left:
            found = one.picture()
    except InputError as error:
        refuse(error)
    else:
        sheet.remember(key, found)
        with above:
            ask(key, found, met, wide=one.wide)
        with below:
            deeper(key, found, met)
    with below:
        notes(key)
    if not state.get(state.LEARN_PRESENT):
        sheet.fill_in(key, {key: lesson[f"{key}: name"] for key in STEPS})
        link = say("Link to this view"), say("This address opens the page as it is now, on this server.")
        link_to_view(*link, **{state.LEARN_LANGUAGE: current()})


bar, body = st.container(horizontal=True, vertical_alignment="center", key=BAR), st.container()
choose(choices)  # at the end of the page, but asked first: all words follow it
words.dress()  # and before a word is shown
keys = dict(zip(choices(current())[state.LEARN_STEP], STEPS, strict=True))  # the address tells the name on the rail
with bar:
    heading = st.container(width="content")
    chosen = st.segmented_control(
        say("Step"),
        list(keys),
        default=next(iter(keys)),
        required=True,
        key=state.LEARN_STEP,
        bind="query-params",
        label_visibility="collapsed",
    )
    steering = st.container(horizontal=True, width="content")
    hint = say("Large type, one step a screen, without the menu. The arrow keys, Page Up and Page Down turn the steps, as a clicker does.")
    presented = st.toggle(say("For a room"), key=state.LEARN_PRESENT, bind="query-params", help=hint)
    if presented:
        hint = say("For the teacher: what to ask, what to watch for, how long.")
        st.toggle(say("Notes"), key=state.LEARN_NOTES, bind="query-params", help=hint)
    else:
        heading.title(say("Learn"), anchor=False)
if presented:
    names = [None, *keys, None]
    place = names.index(chosen)
    with steering:
        presenting.steer(names[place - 1], names[place + 1])
with body:
    vote.listen(keys[chosen])
    step(keys[chosen])
    if presented:
        presenting.room(BAR, NOTES, dense=STEPS[keys[chosen]].dense)
    else:
        further(keys[chosen])
presenting.listen()
