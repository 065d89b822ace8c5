"""What a step of the lesson hands to the texts beside its picture, and what several steps choose alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.screens.learn.language import say
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

MODEL, AUTOENCODER, SIXTEEN, EVERY_WEIGHT = "mnist-2d", "mnist-2d-ae", "mnist-16d", "mnist-2d-rates"
REPLAYED = "digits-2d"
"""Brings the snapshots of its training."""
MOST_SEED = 2**31 - 1
_ROOM_TYPE = 17  # screen pixels


class Found(NamedTuple):
    """What a picture has shown.

    Attributes:
        figures: the numbers that the step's texts name, as they are written.
        right: which of the step's answers is the right one, by the model's own figures.
        settings: for the worksheet, what is chosen and what comes of it, by what each is called.
        pictures: for the worksheet, rows of pictures, uint8 [N, C, H, W], by what each row is.
    """

    figures: dict[str, str]
    right: int
    settings: dict[str, str]
    pictures: dict[str, NDArray[np.uint8]]


def model(model_id: str) -> Entry:
    """One of the bundled models of the lesson.

    Raises:
        InputError: it is not there, or damaged.
    """
    found = cache.models().get(model_id)
    if found is None:
        raise InputError(
            say("This step shows the bundled model {model}, which is gone or damaged: install Latent Loom again.", model=model_id)
        )
    return found


def choose_digit() -> tuple[int, NDArray[np.uint8]]:
    """An image by its class, the same in all steps: its number in the set and its pixels [1, H, W]."""
    chosen = st.segmented_control(
        say("Digit"),
        range(10),
        default=cache.FIRST_DIGIT,
        required=True,
        key=state.LEARN_DIGIT,
        bind="query-params",
        label_visibility="collapsed",
    )
    number = int(cache.one_of_each()[chosen])
    return number, cache.digits().pixels[number]


def choose_seed(key: str) -> int:
    """The seed of random codes, and a button that rolls again; the address holds it."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        hint = say("The same seed, the same codes.")
        seed = st.number_input(say("Seed"), 0, MOST_SEED, 0, key=key, bind="query-params", width=140, help=hint)
        st.button(say("Roll again"), icon=":material/casino:", on_click=state.put, args=(key, (seed + 1) % MOST_SEED))
    return seed


def show_chart(figure: go.Figure, *, alt: str) -> None:
    """A chart of the lesson, in larger type before a room; `alt` says what it shows."""
    if state.get(state.LEARN_PRESENT):
        type_size = {"size": _ROOM_TYPE}
        figure.update_layout(font=type_size, legend_font=type_size).update_annotations(font=type_size)
        for turn in (figure.update_xaxes, figure.update_yaxes):
            turn(tickfont=type_size, title_font=type_size)
    st.plotly_chart(figure, config={"displayModeBar": False}, alt=alt)
