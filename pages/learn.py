"""Learn: the lesson, a question a step, each answered by a picture from a trained model and a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import link_to_view, next_page
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
    words,
)
from pages.ui.screens.learn.found import Found
from vae_core.base.errors import InputError


class Step(NamedTuple):
    """A step of the lesson: its name on the rail, its picture, and whether that needs the page's whole width."""

    name: str
    picture: Callable[[], Found]
    wide: bool = False


STEPS = {
    "compress": Step("Compress", compress.picture),
    "dream": Step("Dream", dream.picture),
    "regions": Step("Regions", regions.picture, wide=True),
    "continuity": Step("Continuity", continuity.picture),
    "trick": Step("The trick", trick.picture),
    "bound": Step("The bound", bound.picture),
    "forces": Step("Two forces", forces.picture),
    "tradeoff": Step("Trade-off", tradeoff.picture, wide=True),
    "before": Step("Before", before.picture),
    "create": Step("Create", create.picture),
}
TEXTS = cache.lessons("learn")
BAR, NOTES = (state.part(state.LEARN_PRESENT, key) for key in (state.LEARN_STEP, state.LEARN_NOTES))


def ask(key: str, found: Found, met: set[str], *, wide: bool = False) -> None:
    """The prediction; once there is one, whether it was right, and why. A wide one has its answers in a row."""
    question, *answers = TEXTS[f"{key}: predict"].split("\n- ")
    with st.container(border=True):
        key_of = state.part(state.LEARN_ANSWER, key)
        guess = st.radio(f"**Predict.** {question}", answers, index=None, key=key_of, bind="query-params", horizontal=wide)
        if guess is None:
            if not wide:
                st.caption("Choose an answer: the model's own numbers then tell.")
            return
        right = answers[found.right]
        st.markdown(f":material/check: **Right.** {right}." if guess == right else f":material/close: **Not so.** {right}.")
        words.told(TEXTS[f"{key}: why"].format(**found.figures), met)


def deeper(key: str, found: Found, met: set[str]) -> None:
    """The maths with this picture's numbers, and a program that computes it."""
    with st.expander("Show the maths", icon=":material/function:"):
        text = TEXTS[f"{key}: maths"].format(**found.figures)
        st.markdown(text)
        words.listed(text, met)
    if state.get(state.LEARN_PRESENT):
        return
    with st.expander("Show the code", icon=":material/code:"):
        st.caption("It runs as it is, in the folder of this program.")
        st.code(cache.program(key), language="python")


def notes(key: str) -> None:
    """What the teacher asks and watches for, where they want it before a room."""
    if state.get(state.LEARN_PRESENT) and state.get(state.LEARN_NOTES):
        with st.container(border=True, key=NOTES):
            st.markdown(f":material/school: **For the teacher**\n\n{TEXTS[f'{key}: notes']}")


def further(key: str) -> None:
    """The next step, or after the last one the page where one goes on."""
    rest = list(STEPS)[list(STEPS).index(key) + 1 :]
    if rest:
        presenting.onward(f"**Next: {STEPS[rest[0]].name}.** {TEXTS[f'{rest[0]}: ask']}", STEPS[rest[0]].name)
    else:
        next_page("sliders", "Sliders", "Take any model, and move each number of its codes by hand.")


@st.fragment
def step(key: str) -> None:
    """The question, the picture beside the prediction, and what unfolds below."""
    one, met = STEPS[key], set[str]()
    words.told(TEXTS[f"{key}: ask"], met, level=1 if state.get(state.LEARN_PRESENT) else 2)
    words.told(TEXTS[f"{key}: see"], met)
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
    with above:
        notes(key)
    if not state.get(state.LEARN_PRESENT):
        sheet.fill_in(key, {key: one.name for key, one in STEPS.items()})
        link_to_view()


keys = {one.name: key for key, one in STEPS.items()}  # the address tells the name on the rail
with st.container(horizontal=True, vertical_alignment="center", key=BAR):
    heading = st.container(width="content")
    chosen = st.segmented_control(
        "Step",
        list(keys),
        default=STEPS["compress"].name,
        required=True,
        key=state.LEARN_STEP,
        bind="query-params",
        label_visibility="collapsed",
    )
    steering = st.container(horizontal=True, width="content")
    presented = st.toggle(
        "For a room",
        key=state.LEARN_PRESENT,
        bind="query-params",
        help="Large type, one step a screen, without the menu. The arrow keys, Page Up and Page Down turn the steps, as a clicker does.",
    )
    if presented:
        st.toggle("Notes", key=state.LEARN_NOTES, bind="query-params", help="For the teacher: what to ask, what to watch for, how long.")
    else:
        heading.title("Learn")
if presented:
    names = [None, *keys, None]
    place = names.index(chosen)
    with steering:
        presenting.steer(names[place - 1], names[place + 1])
step(keys[chosen])
if presented:
    presenting.room(BAR, NOTES)
else:
    further(keys[chosen])
words.dress()
presenting.listen()
