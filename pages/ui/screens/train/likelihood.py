"""What a pixel is to the model, on the Train page: the likelihood, its σ, and what is done with greys."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.pictures import show_tiles
from pages.ui.ground.wording import GREYS, PIXELS, SIGMAS
from pages.ui.screens.train import datasets
from pages.ui.screens.train.compared import without_greys
from vae_core.base.config import SIGMAS_OF, Binarise, LikelihoodName, SigmaIs
from vae_core.data import Images
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.training import binarise


class PixelChoice(NamedTuple):
    """What was chosen: fields of `ModelConfig`, and of `TrainConfig`."""

    model: dict[str, Any]
    train: dict[str, Any]


def choose_likelihood(images: Images) -> PixelChoice:
    """The fields, and below them what the choice means."""
    lessons = cache.lessons("train")
    columns = st.columns([2, 2, 1], vertical_alignment="bottom")
    with columns[0]:
        likelihood = _likelihood()
    if likelihood in SIGMAS_OF:
        with columns[1]:
            sigma_is = _sigma_is(likelihood)
        with columns[2]:
            sigma = _sigma(sigma_is)
        st.caption(f"{lessons[likelihood]} {lessons[sigma_is]}")
        return PixelChoice({"likelihood": likelihood, "sigma_is": sigma_is, "sigma": sigma}, {})
    if likelihood != "bernoulli":
        st.caption(lessons[likelihood])
        return PixelChoice({"likelihood": likelihood}, {})
    if without_greys(images):
        st.caption(f"{lessons[likelihood]} {lessons['Black and white already']}")
        return PixelChoice({"likelihood": likelihood}, {})
    with columns[1]:
        grey = _grey()
    st.caption(lessons[likelihood])
    if grey == "no":
        st.caption(f":material/info: {lessons['Grey under Bernoulli']}")
    else:
        st.caption(lessons[grey])
        _strips(images, grey)
    return PixelChoice({"likelihood": likelihood}, {"binarise": grey})


def _likelihood() -> LikelihoodName:
    shown = st.selectbox(
        "A pixel is",
        list(PIXELS),
        None,
        key=state.TRAIN_PIXEL,
        bind="query-params",
        help="What the decoder's output means, and with it what the distortion counts: the likelihood.",
    )
    return PIXELS[shown or next(iter(PIXELS))]


def _grey() -> Binarise:
    return GREYS[
        st.selectbox(
            "Greys",
            list(GREYS),
            key=state.TRAIN_GREYS,
            bind="query-params",
            help="A chance of white is a likelihood only of black and white pixels: greys can stay as they are or become black and white.",
        )
    ]


def _sigma_is(likelihood: LikelihoodName) -> SigmaIs:
    options = [option for option, sigma_is in SIGMAS.items() if sigma_is in SIGMAS_OF[likelihood]]
    if state.get(state.TRAIN_SIGMA_IS) not in (None, *options):
        state.put(state.TRAIN_SIGMA_IS, options[0])
    more = "" if "optimal" in SIGMAS_OF[likelihood] else f" The {LIKELIHOODS[likelihood].distribution} has no best σ in closed form."
    help_text = f"The standard deviation of the noise; black to white is 1.{more}"
    return SIGMAS[st.selectbox("Noise σ", options, key=state.TRAIN_SIGMA_IS, bind="query-params", help=help_text)]


def _sigma(sigma_is: SigmaIs) -> float:
    return st.number_input(
        "σ" if sigma_is == "fixed" else "σ at the start",
        0.001,
        10.0,
        0.1,
        step=0.05,
        format="%g",
        key=state.TRAIN_SIGMA,
        bind="query-params",
        disabled=sigma_is == "optimal",
        help="Black to white is 1.",
    )


def _strips(images: Images, grey: Binarise) -> None:
    """The images of the preview as the model will see them; where they are drawn anew, twice."""
    rows = datasets.spread(images)
    if grey == "static":
        strips = {"As the model sees them": binarise.fixed_draw(images.take(rows))}
    else:
        rows = rows[::2]
        times = ("As the model sees them, one time", "The same images, another time")
        strips = {time: _drawn(images.take(rows), seed) for seed, time in enumerate(times)}
    for title, drawn in strips.items():
        st.caption(title)
        show_tiles(drawn, names=[f"Image {row} in black and white" for row in rows.tolist()])


def _drawn(pixels: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """One draw as training makes them: each value is 255 with its level as the chance, else 0."""
    white = 255 * np.random.default_rng(seed).random(pixels.shape) < pixels
    return np.where(white, np.uint8(255), np.uint8(0))
