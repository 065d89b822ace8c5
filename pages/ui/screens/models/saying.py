"""What a user says of a model that was trained elsewhere, where its files leave it open; and the bar that moves while it is opened."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import get_args

import streamlit as st

from pages.ui.ground import state
from vae_core.base.config import SIGMAS_OF, LikelihoodName
from vae_core.foreign.said import ORDERS, Said
from vae_core.foreign.telling import Tell
from vae_core.training.origin import ENCODER_GIVES, RANGES

FOUND, OWN_RANGE, SIGMA = "What is found", "mean and standard deviation", "σ of a pixel"
WORDS = {"0,1": "0 to 1", "-1,1": "−1 to 1", "0,255": "0 to 255", "continuous_bernoulli": "continuous bernoulli"}
ENCODER_HELP = (
    "Mean and width as two outputs (mean,…), in one of twice the length, means first (joined,…) or in turn (interleaved,…), or the mean "
    "alone. The width is a log-variance (logvar), the log of a standard deviation (logstd), std or variance."
)
_BAR_SECONDS = 0.2


def ask(scope: str) -> Said:
    """What the user says: each field is for what the files leave open, and what comes of it is seen below."""

    def choose(label: str, options: Sequence[str], which: str, help: str) -> str | None:
        key = state.part(scope, state.PART_WAY, which)
        chosen = st.selectbox(label, [FOUND, *options], format_func=lambda name: WORDS.get(name, name), key=key, help=help)
        return None if chosen == FOUND else chosen

    def write(label: str, example: str, which: str, help: str | None = None) -> str | None:
        return st.text_input(label, placeholder=example, key=state.part(scope, state.PART_WAY, which), help=help).strip() or None

    with st.container(horizontal=True, vertical_alignment="bottom"):
        encoder = choose("The encoder gives", ENCODER_GIVES, "encoder", ENCODER_HELP)
        decoder = choose("The decoder gives", ("picture", "logits"), "decoder", "Logits go through a sigmoid to become a picture.")
        pixels = choose("Its pixels are", (*RANGES, OWN_RANGE), "pixels", "What the model takes for black and white.")
        likelihood = choose("A pixel is", get_args(LikelihoodName), "likelihood", "What D and the figures measure.")
    with st.container(horizontal=True, vertical_alignment="bottom"):
        image = write("Size of its pictures", "as in the files", "image", "Channels x height x width, such as 3x64x64.")
        latent = write("Size of its code", "as in the files", "latent", "A number such as 10, or channels x height x width such as 4x8x8.")
        order = choose("Order of a flat picture", ORDERS, "order", "For colour pictures that the files hold as one list of numbers.")
        if pixels == OWN_RANGE:
            mean = write("Mean of each channel", "0.5, 0.5, 0.5", "mean") or "0.5"
            pixels = f"{mean}/{write('Standard deviation of each', '0.5, 0.5, 0.5', 'std') or '0.5'}"
        sigma = None
        if likelihood in SIGMAS_OF:
            sigma = st.number_input(SIGMA, 0.001, 10.0, 1.0, format="%g", key=state.part(scope, state.PART_WAY, SIGMA))
    return Said(encoder, decoder, pixels, image, latent, order, likelihood, sigma)


@contextmanager
def bar() -> Iterator[Tell]:
    """A bar that moves while something long goes on, with what is done now; gone when it is over."""
    place, shown = st.empty(), 0.0

    def tell(part: float, words: str) -> None:
        nonlocal shown
        if time.monotonic() - shown > _BAR_SECONDS:
            shown = time.monotonic()
            place.progress(min(1.0, part), f"{words} …")

    try:
        yield tell
    finally:
        place.empty()
