"""The blur, counted: what the best decoder would show at a code, the images that it averages, and what is left to the model's own."""

from __future__ import annotations

import math
from typing import Any, NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import Averaged, Population
from pages.ui.ground import state
from pages.ui.ground.pictures import show_picture
from pages.ui.ground.refusals import refuse
from pages.ui.ground.wording import label_of, of_unseen
from vae_core.analysis import explore
from vae_core.analysis.coverage import HOLE
from vae_core.analysis.explore import Floats, Pixels
from vae_core.analysis.folding import Beta
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE
from vae_core.runs import sweeps
from vae_core.runs.catalogue import Entry

LEARNT, STANDS_IN, UNSEEN, KEPT = "A learnt image", "A test image", "An unseen image", "A kept code"
HALFWAY, RANDOM, MAP = "Halfway between two", "A random code", "The code chosen on the map"
LESSONS = cache.lessons("kl_weight")
_SIDE, _SMALL = 150, 72  # screen pixels
_ALONE = 1.05  # N_eff below which one image has nearly all the weight


class Place(NamedTuple):
    """A chosen code.

    Attributes:
        z: float32 [K].
        image: the image whose code it is, uint8 [C, H, W]; None where it is no image's.
        learnt: whether the model learnt from that image.
    """

    z: Floats
    image: Pixels | None = None
    learnt: bool = True


@st.fragment
def blur_panel(*, entry: Entry, key: str, beta: Beta | None = None, place: Floats | None = None) -> None:
    """Choose a code, and see what the KL weight blurs there and what the decoder does.

    Args:
        entry: a model of one KL weight, or a multi-rate one.
        beta: of a multi-rate model.
        place: a code chosen elsewhere, float32 [K]; each new one is taken at once.
        key: starts the keys of all widgets inside.
    """
    if not entry.card.model.variational:
        st.caption("A deterministic autoencoder gives each image a point without width: no images share a code, so none are averaged.")
        return
    try:
        point = cache.opened(entry.folder) if beta is None else cache.opened_at(entry.folder, beta)
        population = cache.population(entry, beta)
        if population is None:
            st.caption(":material/info: The images that the model learnt from are not on this computer, and no codes of them were kept.")
            return
        chosen = _choose(entry, population, point.model, place, key)
        found = cache.averaged(entry, beta, population, chosen.z)
    except InputError as error:
        refuse(error)
        return
    own = explore.decode(point.model, chosen.z[None])[0]
    _pictures(chosen.image, found, own)
    st.markdown(verdict(found, own, len(population.posterior.mean)))
    compared = "" if chosen.image is None else beside(found, own, chosen.image, learnt=chosen.learnt)
    st.caption(f"{compared} {density(found.ratio)}")
    _heaviest(entry, population, found)
    for sentence in _reservations(entry, population):
        st.caption(f":material/info: {sentence}")
    with st.popover("What these mean", icon=":material/school:"):
        for heading in ("Blur", "N_eff"):
            st.markdown(f"**{heading}.** {LESSONS[heading]}")


def _choose(entry: Entry, population: Population, model: VAE, place: Floats | None, key: str) -> Place:
    """The fields that choose a code."""
    way, followed = state.part(key, state.PART_WAY), state.part(key, state.PART_FOLLOWED)
    if place is not None and not np.array_equal(state.get(followed), place):
        state.put(followed, place)
        state.put(way, MAP)
    images = (KEPT,) if not population.original else (LEARNT, UNSEEN) if population.learnt else (STANDS_IN,)
    ways = (*images, HALFWAY, RANDOM)
    ways = ways if place is None else (*ways, MAP)
    if state.get(way) not in ways:
        state.put(way, ways[0])
    chosen = st.segmented_control("Which code", ways, required=True, key=way)
    if chosen == MAP and place is not None:
        return Place(place)
    if chosen == RANDOM:
        seed_key = state.part(key, state.PART_SEED)
        state.default(seed_key, 0)
        words = "Each number draws another code from the prior N(0, I)."
        seed = st.number_input("Which one", 0, 10**6, None, key=seed_key, help=words, width=180)
        return Place(explore.sample_prior(entry.card.model.latent, 1, seed=seed or 0)[0])
    if chosen == UNSEEN:
        known = cache.pictures_of(entry)
        assert known is not None  # where there is a population there are pictures
        unseen = known.take(known.chosen(sweeps.EXAMPLES))
        row = _example("Image", len(unseen), 0, state.part(key, state.PART_UNSEEN))
        return Place(explore.encode(model, unseen[row : row + 1]).mean[0], unseen[row], learnt=False)
    rows = np.linspace(0, len(population.posterior.mean) - 1, sweeps.EXAMPLES).astype(np.int64)
    with st.container(horizontal=True):
        first = rows[_example("Image", len(rows), 0, state.part(key, state.PART_FIRST))]
        if chosen != HALFWAY:
            return Place(population.posterior.mean[first], population.take(np.array([first]))[0] if population.original else None)
        last = rows[_example("and image", len(rows), 1, state.part(key, state.PART_LAST))]
    return Place(population.posterior.mean[[first, last]].mean(0))


def _example(label: str, count: int, default: int, key: str) -> int:
    """One of some images, counted from 0."""
    numbers = range(1, count + 1)
    if state.get(key) not in numbers:
        state.put(key, min(default, count - 1) + 1)
    chosen = st.segmented_control(label, numbers, required=True, key=key, width="content")
    return (chosen or 1) - 1


def _pictures(original: Pixels | None, found: Averaged, own: Pixels) -> None:
    """Side by side: the image, the ideal, the model's own, and where the two differ."""
    ideal: Pixels = np.rint(255 * found.ideal.images[0]).astype(np.uint8)
    shown = [(ideal, "Ideal, x*(z)"), (own, "The model's own"), (explore.difference(own, ideal), "Difference; grey is none")]
    if original is not None:
        shown.insert(0, (original, "The image"))
    with st.container(horizontal=True, gap="small"):
        for picture, name in shown:
            with st.container(width="content", gap="xxsmall"):
                show_picture(picture, alt=name, target=_SIDE)
                st.caption(name)


def verdict(found: Averaged, own: Pixels, count: int) -> str:
    """How much of what is missing at a code the KL weight blurs and how much the decoder lacks; of `count` images, as Markdown."""
    effective = float(found.ideal.effective[0])
    spread = 255 * math.sqrt(found.ideal.spread[0])
    lacking = _levels(own / 255, found.ideal.images[0])
    if effective < _ALONE:
        return (
            f"**One of {count:,} images has this place to itself** (N_eff = {effective:.2f}), so the KL weight blurs nothing here. "
            f"The model's own picture is {lacking:.1f} grey levels of 255 from it: that is the decoder's part."
        )
    average = f"{effective:.1f}" if effective < 100 else f"{effective:,.0f}"
    return (
        f"**The best decoder would average {average} of {count:,} images here.** Those differ from their average by {spread:.1f} of 255 "
        "grey levels: that is blur from the KL weight, which no decoder removes. The model's own picture differs from it by "
        f"{lacking:.1f}: "
        "that is the decoder's part."
    )


def beside(found: Averaged, own: Pixels, image: Pixels, *, learnt: bool) -> str:
    """How far both pictures are from the image whose code this is."""
    ideal, model = (_levels(picture, image / 255) for picture in (found.ideal.images[0], own / 255))
    text = f"The ideal is {ideal:.1f} grey levels from the image itself, the model's own {model:.1f}."
    if learnt and model < ideal:
        return f"{text} The ideal is the best on average over all images that share this place, not for each of them."
    if learnt or model >= ideal:
        return text
    return f"{text} The ideal knows only the learnt images. The model's own is nearer to one that it has not learnt: that is generalising."


def _levels(one: NDArray[Any], other: NDArray[Any]) -> float:
    """Root mean square of the difference of two pictures on the [0, 1] scale, in grey levels."""
    return 255 * math.sqrt(np.square(one - other).mean())


def density(ratio: float) -> str:
    """log q − log p of a place in nats, in words."""
    times = (
        f"{math.exp(abs(ratio)):.{0 if abs(ratio) > math.log(10) else 1}f} times as often"
        if abs(ratio) < math.log(1000)
        else "over a thousand times as often"
    )
    nats = f"log q − log p = {round(ratio, 1) + 0.0:.1f} nats".replace("= -", "= −")
    if ratio < math.log(HOLE):
        return (
            f"This place is a hole: the prior comes here {times} as the codes do, so the decoder has hardly learnt what to draw ({nats})."
        )
    if abs(ratio) < math.log(1.5):
        return f"Codes of images land here about as often as draws of the prior ({nats})."
    more, fewer = ("Codes of images", "draws of the prior") if ratio > 0 else ("Draws of the prior", "codes of images")
    return f"{more} land here {times} as {fewer} ({nats})."


def _heaviest(entry: Entry, population: Population, found: Averaged) -> None:
    """The images that weigh most, with their weights."""
    weights = found.ideal.weights[0]
    weights = weights[weights >= weights[0] / 1000]
    top = found.ideal.top[0, : len(weights)]
    many = f"The {len(top)} images that weigh most hold" if len(top) > 1 else "The image that weighs most holds"
    st.markdown(f"{many} **{_percent(float(weights.sum()))}** of the weight.")
    names = entry.card.data.class_names
    with st.grid("auto", min_column_width=_SMALL + 16, gap="xsmall") as grid:
        rows = zip(population.take(top), found.numbers[: len(top)].tolist(), top.tolist(), weights.tolist(), strict=True)
        for picture, number, row, weight in rows:
            with grid.cell(), st.container(gap="xxsmall"):
                show_picture(picture, alt=f"Image {number}", target=_SMALL)
                st.text(_percent(weight))
                label = None if population.labels is None else int(population.labels[row])
                st.text(f"Image {number}" if label is None else f"Image {number}, class {label_of(None, names, label)}")


def _percent(share: float) -> str:
    """A share on screen, the smaller the more exact."""
    text = "under 0.01" if share < 1e-4 else f"{100 * share:.{2 if share < 0.01 else 1 if share < 0.1 else 0}f}"
    return f"{text}\N{NO-BREAK SPACE}%"


def _reservations(entry: Entry, population: Population) -> list[str]:
    """Where what is shown is not the whole truth."""
    found = []
    if not population.original:
        found.append(
            "The images are not on this computer: those here are drawn by the model itself from the codes kept with it, so the "
            "decoder's part looks smaller than it is."
        )
    unseen = None if population.learnt else cache.unseen_by(entry)
    if unseen is not None:
        found.append(
            f"The images that the model learnt from are not on this computer. {len(population.posterior.mean):,} of {of_unseen(unseen)}, "
            f"stand for all {entry.card.data.images:,}: fewer share a code here than in training."
        )
    if entry.card.train.binarise == "stochastic":
        found.append("The model learnt from images that are drawn in black and white anew each time; here one draw of each stands for all.")
    if entry.card.model.likelihood == "logistic":
        found.append(
            "Under this model's likelihood, the discretised logistic, the best picture is nearer to the median of the images than to "
            "their average, so part of the difference is not the decoder's fault."
        )
    return found
