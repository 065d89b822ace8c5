"""Random codes: from the prior, or from a mixture of normals fitted to the codes of the model's images; and samples of both to compare."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.models import open_or_stop
from pages.ui.ground.pictures import show_picture, show_tiles
from pages.ui.ground.refusals import refuse
from pages.ui.ground.wording import percent
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.analysis.mixture import Mixture, sample_mixture
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE
from vae_core.runs.catalogue import Entry

PRIOR, STANDARD, MIXTURE = "Prior", "N(0, I)", "Mixture"
COUNT = 8
LESSONS = cache.lessons("kl_weight")


class Sampler(NamedTuple):
    """Where random codes come from.

    Attributes:
        name: in a sentence, "the prior N(0, I)" or "the mixture".
        draw: given how many and a seed, codes, float32 [count, K].
    """

    name: str
    draw: Callable[[int, int], Floats]


def prior(latent: int, *, variational: bool = True) -> Sampler:
    """N(0, I) of K dimensions: the prior that a variational autoencoder was trained with; a plain one has never heard of it."""
    name = "the prior N(0, I)" if variational else STANDARD
    return Sampler(name, lambda count, seed: explore.sample_prior(latent, count, seed=seed))


def fitted(entry: Entry) -> Mixture | None:
    """The mixture; None, with a sentence, where there is nothing to fit it to, or a code is wide."""
    if entry.card.model.wide:
        st.caption(":material/info: There is no mixture: a code here has too many numbers to fit one.")
        return None
    try:
        found = cache.mixture(entry)
    except InputError as error:
        refuse(error)
        return None
    if found is None:
        st.caption(":material/info: There is no mixture: it is fitted to the codes of the model's images, which are not on this computer.")
    return found


def of_mixture(mixture: Mixture) -> Sampler:
    """The mixture as a source of codes."""
    return Sampler("the mixture", lambda count, seed: sample_mixture(mixture, count, seed=seed))


def choose(entry: Entry) -> Sampler:
    """Where random codes come from; of a plain autoencoder also why those of N(0, I) fail."""
    variational = entry.card.model.variational
    first = "The prior is N(0, I), which the model was trained with." if variational else "This model has never heard of N(0, I)."
    if entry.card.model.wide:
        if not variational:
            st.caption(f":material/info: {LESSONS['No prior']}")
        return prior(entry.card.model.latent, variational=variational)
    options = (PRIOR if variational else STANDARD, MIXTURE)
    if state.get(state.SLIDERS_SAMPLER) not in (None, *options):  # chosen for a model of the other kind
        state.put(state.SLIDERS_SAMPLER, options[0])
    chosen = st.segmented_control(
        "Random codes from",
        options,
        default=options[0],
        required=True,
        key=state.SLIDERS_SAMPLER,
        bind="query-params",
        help=f"What Random and Randomise draw from. {first} The mixture is up to ten normal distributions fitted to the codes of the "
        "images, so its draws land where images have their codes.",
    )
    if not variational and chosen != MIXTURE:
        st.caption(f":material/info: {LESSONS['No prior']}")
    mixture = fitted(entry) if chosen == MIXTURE else None
    return prior(entry.card.model.latent, variational=variational) if mixture is None else of_mixture(mixture)


def verdict(mixture: Mixture, *, variational: bool = True) -> str:
    """How well the codes fill the prior, in words with the numbers; of a plain autoencoder N(0, I), which is none."""
    likely, under_prior = (f"{nats:.1f}".replace("-", "−") for nats in (mixture.log_density, mixture.log_prior))
    wide = "the prior" if variational else STANDARD
    share = "Over 99 %" if mixture.missed > 0.995 else f"About {percent(mixture.missed)}"
    text = (
        f"**{share} of the draws from {wide}** land where hardly any image has its code: where the mixture is "
        f"thinner than around 99 % of the codes. It would be 1 % if the codes filled {wide}. "
        f"A code of an image has a log-density of {under_prior} nats under {wide} and {likely} under "
        "the mixture, on average."
    )
    return text.replace(" %", "\N{NO-BREAK SPACE}%")


def row(model: VAE, sampler: Sampler, *, at: str, target: int) -> None:
    """Samples of one kind, always by seed 0, so that models may be compared; `at` tells a screen reader which model it is."""
    st.markdown(f"From {sampler.name}")
    pictures = explore.decode(model, sampler.draw(COUNT, 0))
    show_tiles(pictures, names=[f"Sample {number} from {sampler.name} at {at}" for number in range(1, COUNT + 1)], target=target)


def samples(*, entry: Entry, open_code: Callable[[Floats], None]) -> None:
    """Pictures of both kinds of random codes by the same seed, each with a button that opens its code."""
    mixture, variational = fitted(entry), entry.card.model.variational
    samplers = [prior(entry.card.model.latent, variational=variational)]
    if mixture is not None:
        samplers.append(of_mixture(mixture))
    seed = state.get(state.SLIDERS_SAMPLES_SEED, 0)
    for side, sampler in zip(st.columns(2, gap="medium"), samplers, strict=False):
        with side:
            st.markdown(f"**From {sampler.name}**")
            _choice(entry, sampler, seed, open_code)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            "New samples",
            icon=":material/casino:",
            on_click=state.put,
            args=(state.SLIDERS_SAMPLES_SEED, seed + 1),
            key=state.SLIDERS_SAMPLES_NEW,
        )
        st.caption(f"Drawn with seed {seed}. The number under a sample opens its code on the sliders.", width="content")
    st.caption(LESSONS["Mixture" if variational else "No prior"])
    if mixture is not None:
        st.caption(verdict(mixture, variational=variational))


def _choice(entry: Entry, sampler: Sampler, seed: int, open_code: Callable[[Floats], None]) -> None:
    """Samples of one kind, each with its button."""
    codes = sampler.draw(COUNT, seed)
    with st.grid(4, min_column_width=72, gap="xsmall") as grid:
        for number, (code, picture) in enumerate(zip(codes, explore.decode(open_or_stop(entry).model, codes), strict=True), 1):
            with grid.cell():
                show_picture(picture, alt=f"Sample {number} from {sampler.name}", target=72)
                key = state.part(state.SLIDERS_SAMPLES, sampler.name, number)
                st.button(f"{number}", key=key, on_click=open_code, args=(code,), help=f"Open sample {number} from {sampler.name}.")
    if np.abs(codes).max() >= explore.MAX_COORDINATE:
        st.caption(
            f":material/info: Some of these codes went beyond ±{explore.MAX_COORDINATE:g}, where the sliders end, and were cut there."
        )
