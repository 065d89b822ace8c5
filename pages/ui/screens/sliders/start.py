"""What the walk on the Sliders page starts from: zero, a random code, or an image at its posterior's mean or at a sample of it."""

from __future__ import annotations

import numpy as np
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.choice import Choice
from pages.ui.ground.models import open_or_stop
from pages.ui.panels.image_input import data_image, uploaded_image
from pages.ui.panels.sampling import Sampler
from vae_core.analysis import explore
from vae_core.runs.catalogue import Entry

DATA, OWN = "Data image", "Own image"
STARTS = ("Zero", "Random", DATA, OWN)
MEAN, SAMPLE = "Mean μ", "Sample μ + σ·ε"
SEEDS = 2**31 - 1


def choose_kind(entry: Entry) -> str:
    """What kind of start it is, one of `STARTS`."""
    kind: str = st.segmented_control(
        "Start from",
        STARTS,
        default=DATA if len(cache.gallery(entry)) else "Zero",
        required=True,
        key=state.SLIDERS_START,
        bind="query-params",
        help="Zero is the code of zeros. Random draws from what is chosen beside Randomise. An image starts at its code.",
    )
    return kind


def choose_start(kind: str, entry: Entry, sampler: Sampler | None, beside: DeltaGenerator) -> Choice | None:
    """The start; None as long as an image is still to be given, which has its place `beside` the deck."""
    latent = entry.card.model.latent
    if kind == DATA:
        return data_image(label="Image", entry=entry, key=state.SLIDERS_IMAGE)
    if kind == OWN:
        with beside:
            return uploaded_image(label="Your image", entry=entry, key=state.SLIDERS_OWN, channel=state.SLIDERS_DECK)
    code, title = np.zeros(latent, np.float32), "Zero"
    if kind == "Random":
        if sampler is None:
            return None
        seed = st.number_input(
            "Seed", 0, SEEDS, key=state.SLIDERS_SEED, bind="query-params", width=180, help="The same seed, the same draw."
        )
        code, title = sampler.draw(1, seed)[0], f"Random draw {seed}"
    return Choice(code, explore.decode(open_or_stop(entry).model, code[None])[0], title, False)


def choose_place(image: Choice) -> Choice:
    """The image at the mean of its posterior or at a sample, as chosen here; an image with a code alone has no choice."""
    if image.std is None:
        return image
    with st.container(horizontal=True, vertical_alignment="bottom"):
        place = st.segmented_control(
            "Its code",
            (MEAN, SAMPLE),
            default=MEAN,
            required=True,
            key=state.SLIDERS_POSTERIOR,
            bind="query-params",
            help="The encoder gives an image no point but a cloud, N(μ, σ²), the band on each slider. While it learns, the decoder is only "
            "ever shown samples of it: z = μ + σ·ε, with ε drawn from N(0, I).",
        )
        if place == MEAN:
            return image
        seed = st.number_input("Seed of ε", 0, SEEDS, key=state.SLIDERS_EPSILON, bind="query-params", width=140)
        st.button("Roll again", icon=":material/casino:", on_click=state.put, args=(state.SLIDERS_EPSILON, (seed + 1) % SEEDS))
    return image._replace(code=image.code + image.std * explore.sample_prior(len(image.code), 1, seed=seed)[0])
