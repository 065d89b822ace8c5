"""Step 10: pictures that nobody has drawn: eight codes at random, the way between two of them, and one number of a code at a time."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.pictures import show_row, show_tiles
from pages.ui.screens.learn.found import SIXTEEN, Found, choose_seed, model
from pages.ui.screens.learn.language import say
from vae_core.analysis import explore
from vae_core.analysis.lesson import off
from vae_core.base.display import BODIES, dimension_name, three_digits
from vae_core.runs.catalogue import Entry

_COUNT, _FRAMES, _STRONGEST = 8, 7, 4
_TILE, _SIDE = 56, 84  # screen pixels: of a sample, of which eight stand in a row, and of a frame


def picture() -> Found:
    """Samples, a walk between two of them, and a direction from the first of both; and how real what lies halfway is."""
    entry = model(SIXTEEN)
    vae, axes = cache.opened(entry.folder).model, cache.axes(entry)
    shown = st.container()
    seed = choose_seed(state.LEARN_THROW)
    codes = explore.sample_prior(entry.card.model.latent, _COUNT, seed=seed)
    samples = explore.decode(vae, codes)
    numbers = [str(number + 1) for number in range(_COUNT)]
    with shown:
        st.markdown(say("**Sample**"))
        show_tiles(samples, names=[say("Sample {number}", number=number) for number in numbers], target=_TILE)
    with st.container(horizontal=True):
        start = _choose(say("**Walk** from sample"), numbers, numbers[0], state.LEARN_FROM)
        end = _choose(say("to sample"), numbers, numbers[1], state.LEARN_TO)
    first, last = codes[numbers.index(start)], codes[numbers.index(end)]
    walk = explore.decode(vae, explore.interpolate(first, last, _FRAMES))
    show_row(
        walk,
        alt=say("The walk from sample {start} to sample {end} in {frames} pictures", start=start, end=end, frames=_FRAMES),
        target=_SIDE,
    )
    names = {dimension_name(number): int(number) for number in axes.order[:_STRONGEST]}
    along = _choose(say("**Turn** one number of the first"), list(names), next(iter(names)), state.LEARN_ALONG)
    number = names[along]
    turned = np.linspace(axes.low[number], axes.high[number], _FRAMES, dtype=np.float32)
    row = explore.traverse(vae, first, np.array([number]), turned[None])[0]
    alt = say("Sample {start} as {along} goes from {low:.1f} to {high:.1f}", start=start, along=along, low=turned[0], high=turned[-1])
    show_row(row, alt=alt, target=_SIDE)
    _doors(entry)
    found = cache.halfway(entry.folder)
    return Found(
        {
            "ends": off(found.ends),
            "walk": off(found.walk),
            "fade": off(found.fade),
            "along": along,
            "low": f"{turned[0]:.1f}".replace("-", "−"),
            "high": f"{turned[-1]:.1f}".replace("-", "−"),
            "nats": f"{axes.information[number]:.1f}",
        },
        right=1 if found.walk < found.fade else 0,
        settings={
            say("Seed"): str(seed),
            say("Halfway, off from the nearest real digit"): off(found.walk),
            say("Two laid over each other"): off(found.fade),
        },
        pictures={
            say("Samples 1 to 8"): samples,
            say("From sample {start} to sample {end}", start=start, end=end): walk,
            say("Sample {start}, with {along} turned", start=start, along=along): row,
        },
    )


def _choose(label: str, options: list[str], first: str, key: str) -> str:
    chosen: str = st.segmented_control(label, options, default=first, required=True, key=key, bind="query-params")
    return chosen


# What else may have been set on the Train page. The first two say that its fields are filled in for a set, and would fill them in anew.
_SET_BEFORE = (
    state.TRAIN_SUGGESTED,
    state.TRAIN_SUGGESTED_PACE,
    state.TRAIN_PLAIN,
    state.TRAIN_EVERY_WEIGHT,
    state.TRAIN_HALVES,
    state.TRAIN_PIXEL,
    state.TRAIN_GREYS,
    state.TRAIN_SCHEDULE,
    state.TRAIN_CAPACITY,
    state.TRAIN_FREE_BITS,
    state.TRAIN_TC,
)


def _doors(entry: Entry) -> None:
    """Where one goes on by oneself: with an own drawing, and with a model of one's own as this one was trained."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.page_link("pages/home.py", label=say("Draw your own"), icon=":material/draw:")
        asked = st.button(say("Train your own, set as this model was"), icon=":material/model_training:")
    if asked:
        _train(entry)


def _train(entry: Entry) -> None:
    """Open the Train page with all settings of this model: by its address, and those that no address holds by their fields."""
    model, train = entry.card.model, entry.card.train
    for key in _SET_BEFORE:
        state.take(key)
    state.put(state.TRAIN_SEED, train.seed)
    state.put(state.TRAIN_BATCH, train.batch)
    state.put(state.TRAIN_LEARNING_RATE, train.lr)
    state.put(state.part(state.TRAIN_HIDDEN, model.body), ", ".join(map(str, model.hidden)))
    asked = {
        state.TRAIN_DATA: entry.card.data.name,
        state.TRAIN_BODY: BODIES[model.body].capitalize(),
        state.TRAIN_LATENT: str(model.latent),
        state.TRAIN_KL_WEIGHT: three_digits(train.beta),
        state.TRAIN_EPOCHS: str(train.epochs),
    }
    st.switch_page("pages/train.py", query_params=asked)
