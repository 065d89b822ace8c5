"""Learn: the lesson, a question a step, each answered by a picture from a trained model and a number."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import link_to_view, next_page
from pages.ui.ground.refusals import refuse
from pages.ui.screens.learn import before, bound, compress, continuity, dream, forces, regions, tradeoff, trick
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
}
TEXTS = cache.lessons("learn")


def ask(key: str, found: Found, *, wide: bool = False) -> None:
    """The prediction; once there is one, whether it was right, and why. A wide one has its answers in a row."""
    question, *answers = TEXTS[f"{key}: predict"].split("\n- ")
    with st.container(border=True):
        key_of = state.part(state.LEARN_ANSWER, key)
        guess = st.radio(f"**Predict.** {question}", answers, index=None, key=key_of, horizontal=wide)
        if guess is None:
            if not wide:
                st.caption("Choose an answer: the model's own numbers then tell.")
            return
        right = answers[found.right]
        st.markdown(f":material/check: **Right.** {right}." if guess == right else f":material/close: **Not so.** {right}.")
        st.write(TEXTS[f"{key}: why"].format(**found.figures))


def deeper(key: str, found: Found) -> None:
    """The maths with this picture's numbers, and a program that computes it."""
    with st.expander("Show the maths", icon=":material/function:"):
        st.markdown(TEXTS[f"{key}: maths"].format(**found.figures))
    with st.expander("Show the code", icon=":material/code:"):
        st.caption("It runs as it is, in the folder of this program.")
        st.code(cache.program(key), language="python")


@st.fragment
def step(key: str) -> None:
    """The question, the picture beside the prediction, and what unfolds below."""
    one = STEPS[key]
    st.subheader(TEXTS[f"{key}: ask"], anchor=False)
    st.write(TEXTS[f"{key}: see"])
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
        return
    with above:
        ask(key, found, wide=one.wide)
    with below:
        deeper(key, found)


keys = {one.name: key for key, one in STEPS.items()}  # the address tells the name on the rail
with st.container(horizontal=True, vertical_alignment="center"):
    st.title("Learn", width="content")
    chosen = st.segmented_control(
        "Step",
        list(keys),
        default=STEPS["compress"].name,
        required=True,
        key=state.LEARN_STEP,
        bind="query-params",
        label_visibility="collapsed",
    )
step(keys[chosen])
after = list(keys)[list(keys).index(chosen) + 1 :]
if after:
    st.page_link(
        "pages/learn.py",
        label=f"**Next: {after[0]}.** {TEXTS[f'{keys[after[0]]}: ask']}",
        icon=":material/arrow_forward:",
        icon_position="right",
        query_params={state.LEARN_STEP: after[0]},
    )
else:
    next_page("train", "Train", "Train a model on images of your own, and ask it the same questions.")
link_to_view()
