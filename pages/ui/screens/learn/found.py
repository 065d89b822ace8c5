"""What a step of the lesson hands to the texts beside its picture, and what several steps choose alike."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import state
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

MODEL, AUTOENCODER, SIXTEEN, EVERY_WEIGHT = "mnist-2d", "mnist-2d-ae", "mnist-16d", "mnist-2d-rates"
CHART = {"displayModeBar": False}


class Found(NamedTuple):
    """What a picture has shown.

    Attributes:
        figures: the numbers that the step's texts name, as they are written.
        right: which of the step's answers is the right one, by the model's own figures.
    """

    figures: dict[str, str]
    right: int


def model(model_id: str) -> Entry:
    """One of the bundled models of the lesson.

    Raises:
        InputError: it is not there, or damaged.
    """
    found = cache.models().get(model_id)
    if found is None:
        raise InputError(f"This step shows the bundled model {model_id}, which is gone or damaged: install Latent Loom again.")
    return found


def choose_digit() -> tuple[int, NDArray[np.uint8]]:
    """An image by its class, the same in all steps: its number in the set and its pixels [1, H, W]."""
    chosen = st.segmented_control("Digit", range(10), default=3, required=True, key=state.LEARN_DIGIT, label_visibility="collapsed")
    number = int(cache.one_of_each()[chosen])
    return number, cache.digits().pixels[number]


def off(amount: float) -> str:
    """An error on the scale from black to white: "12.3 %"."""
    return f"{100 * amount:.1f}\N{NO-BREAK SPACE}%"
