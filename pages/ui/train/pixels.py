"""What a pixel is to the model, on the Train page: likelihood, σ and what is done with greys; and which models' figures then compare."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import panels, state
from pages.ui.ground.wording import GREYS, OPTIMAL, PIXELS, SIGMAS
from pages.ui.train import datasets
from vae_core.analysis.comparison import is_black_and_white, measure, not_comparable
from vae_core.base.config import Binarise, LikelihoodName, RunConfig, SigmaIs
from vae_core.data import Images
from vae_core.model.likelihoods import DiscretisedLogistic, Gaussian, LearnedSigma, OptimalGaussian
from vae_core.runs.catalogue import Entry
from vae_core.training import binarise

NAMED = 3  # models, for each reason why figures do not compare


class Pixels(NamedTuple):
    """What was chosen: fields of `ModelConfig`, and of `TrainConfig`."""

    model: dict[str, Any]
    train: dict[str, Any]


def choose(images: Images) -> Pixels:
    """The fields, and below them what the choice means."""
    lessons = cache.lessons("train")
    columns = st.columns([2, 2, 1], vertical_alignment="bottom")
    with columns[0]:
        likelihood = _likelihood()
    if likelihood in ("gaussian", "logistic"):
        with columns[1]:
            sigma_is = _sigma_is(likelihood)
        with columns[2]:
            sigma = _sigma(sigma_is)
        st.caption(f"{lessons[likelihood]} {lessons[sigma_is]}")
        return Pixels({"likelihood": likelihood, "sigma_is": sigma_is, "sigma": sigma}, {})
    if likelihood != "bernoulli":
        st.caption(lessons[likelihood])
        return Pixels({"likelihood": likelihood}, {})
    if _black_and_white(images):
        st.caption(f"{lessons[likelihood]} {lessons['Black and white already']}")
        return Pixels({"likelihood": likelihood}, {})
    with columns[1]:
        grey = _grey()
    st.caption(lessons[likelihood])
    if grey == "no":
        st.caption(f":material/info: {lessons['Grey under Bernoulli']}")
    else:
        st.caption(lessons[grey])
        _strips(images, grey)
    return Pixels({"likelihood": likelihood}, {"binarise": grey})


def compare(config: RunConfig, images: Images) -> None:
    """Which models of these images have figures that will not compare with this one's, and why."""
    listed = [entry for entry in cache.models().values() if entry.card.data.name == config.data]
    black_and_white = _black_and_white(images)
    ours = measure(config.model, config.train, black_and_white=black_and_white)
    reasons: dict[str, list[str]] = {}
    for entry in listed:
        reason = not_comparable(ours, measure(entry.card.model, entry.card.train, black_and_white=black_and_white))
        if reason is not None:
            reasons.setdefault(reason, []).append(entry.name)
    if not reasons:
        return
    count = sum(map(len, reasons.values()))
    title = f"Its figures will not compare with those of {count} model{'' if count == 1 else 's'} of these images"
    with st.expander(title, icon=":material/balance:", key="not_comparable"):
        for reason, names in reasons.items():
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            st.text(f"{', '.join(names[:NAMED])}{more}: {reason[0].lower()}{reason[1:]}")


def trained_sigma(folder: Path) -> float:
    """The σ that a trained model has now, learned or optimal or as it was set.

    Args:
        folder: of `catalogue.Entry`; its model's likelihood has a σ.

    Raises:
        InputError: the checkpoint is damaged.
    """
    likelihood = cache.opened(folder).model.likelihood
    if isinstance(likelihood, OptimalGaussian):
        return math.sqrt(likelihood.variance.item())
    assert isinstance(likelihood, Gaussian | DiscretisedLogistic)  # the others have none
    return likelihood.sigma().item() if isinstance(likelihood.sigma, LearnedSigma) else likelihood.sigma


def gaussian_sigma(entry: Entry) -> float | None:
    """`trained_sigma` of a Gaussian model; None of another."""
    return trained_sigma(entry.folder) if entry.card.model.likelihood == "gaussian" else None


def _black_and_white(images: Images) -> bool:
    """Looked up once, for a set without a grey must be read to its end."""
    known: tuple[str, bool] | None = state.get(state.BLACK_AND_WHITE)
    if known is None or known[0] != images.name:
        known = (images.name, is_black_and_white(images))
        state.put(state.BLACK_AND_WHITE, known)
    return known[1]


def _likelihood() -> LikelihoodName:
    shown = st.selectbox(
        "A pixel is",
        list(PIXELS),
        None,
        key=state.PIXEL,
        bind="query-params",
        help="What the decoder's output means, and with it what the distortion counts: the likelihood.",
    )
    return PIXELS[shown or next(iter(PIXELS))]


def _grey() -> Binarise:
    return GREYS[
        st.selectbox(
            "Greys",
            list(GREYS),
            key=state.GREYS,
            bind="query-params",
            help="A chance of white is a likelihood of black and white pixels alone: greys can stay as they are, or be drawn so.",
        )
    ]


def _sigma_is(likelihood: LikelihoodName) -> SigmaIs:
    options = [option for option in SIGMAS if option != OPTIMAL or likelihood == "gaussian"]
    if state.get(state.SIGMA_IS) not in (None, *options):
        state.put(state.SIGMA_IS, options[0])
    more = "" if likelihood == "gaussian" else " The discretised logistic has no best σ in closed form."
    help_text = f"The standard deviation of the noise; black to white is 1.{more}"
    return SIGMAS[st.selectbox("Noise σ", options, key=state.SIGMA_IS, bind="query-params", help=help_text)]


def _sigma(sigma_is: SigmaIs) -> float:
    return st.number_input(
        "σ" if sigma_is == "fixed" else "σ at the start",
        0.001,
        10.0,
        0.1,
        step=0.05,
        format="%g",
        key=state.SIGMA,
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
        panels.tiles(drawn, names=[f"Image {row} in black and white" for row in rows.tolist()])


def _drawn(pixels: NDArray[np.uint8], seed: int) -> NDArray[np.uint8]:
    """One draw as training makes them: each value is 255 with its level as the chance, else 0."""
    white = 255 * np.random.default_rng(seed).random(pixels.shape) < pixels
    return np.where(white, np.uint8(255), np.uint8(0))
