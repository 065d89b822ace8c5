"""Memory: which images a network keeps for themselves, by trainings with and without each."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
import plotly.graph_objects as go
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import Trial
from pages.ui.ground import state
from pages.ui.ground.figures import plain
from pages.ui.ground.models import choose_model, open_or_stop
from pages.ui.ground.pictures import show_row
from pages.ui.ground.refusals import refuse
from pages.ui.ground.wording import nats, of_unseen
from vae_core.analysis import memorisation, neighbours
from vae_core.analysis.fidelity import flat
from vae_core.analysis.memorisation import Memorised
from vae_core.base.colours import PALETTE
from vae_core.base.display import duration
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

_COUNTS = (300, cache.TRIED, 3_000)
_JUDGING = 0.25  # of a training step: what it takes to decode one of the codes by which log p is estimated
_SHOWN, _SIDE, _STRIP = 8, 84, 20
_CHART = {"displayModeBar": False}


_Name: TypeAlias = tuple[str, str, int, bool]  # of what was trained: the model with the hash of its weights, and the images


def show() -> None:
    """The view."""
    texts = cache.lessons("compare")
    entry = choose_model(sentence=texts["Memory"])
    open_or_stop(entry)
    if not entry.card.model.variational:
        raise InputError("A plain autoencoder gives no probability to an image, so it has no score: choose a variational one.")
    _asked(entry)


@st.fragment
def _asked(entry: Entry) -> None:
    """All that a choice here draws again; what cannot be trained is a sentence."""
    try:
        _measured(entry)
    except InputError as error:
        refuse(error)


def _measured(entry: Entry) -> None:
    """The choice of images, the trainings on request, and what they found."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        count = st.segmented_control("Images", _COUNTS, default=cache.TRIED, required=True, key=state.COMPARE_COUNT, bind="query-params")
        planted = st.toggle(
            f"Plant one image {cache.PLANTED} times",
            key=state.COMPARE_PLANTED,
            bind="query-params",
            help=cache.lessons("compare")["Planted"],
        )
    trial, ready = cache.trial(entry, count, planted=planted), cache.memorised(entry, count, planted=planted)
    if ready is not None:
        _found(trial, ready)
        st.caption(cache.lessons("compare")["Ready"])
        return
    name = (entry.id, cache.opened(entry.folder).weights_hash, count, planted)
    known, done = state.get(state.COMPARE_FOLDS, (name, {}))
    if known != name:
        done = {}
    before = st.empty()
    with before.container():
        left = _ask(trial, entry, name, dict(done))
    if not left:
        before.empty()
        done = state.get(state.COMPARE_FOLDS)[1]
        _found(trial, memorisation.scores(trial.folds, [done[number] for number in range(len(trial.folds))]))


def _ask(trial: Trial, entry: Entry, name: _Name, done: dict[int, NDArray[np.float64]]) -> list[int]:
    """What the trainings cost, with the button that starts them; returns the numbers of those that are left.

    Any other press ends the run of the page and with it the training that is under way. Those that are done stay.
    """
    left = [number for number in range(len(trial.folds)) if number not in done]
    if not left:
        return left
    show_row(trial.pixels[:: max(1, len(trial.pixels) // _STRIP)][:_STRIP], alt="Some of the images", target=_SIDE // 2)
    unseen = cache.unseen_by(entry)
    st.text(f"Images: {len(trial.pixels):,} of {entry.card.data.title if unseen is None else of_unseen(unseen)}.")
    st.write(
        f"It trains this network anew on them, {len(trial.folds)} times, each time without another fifth. "
        f"That takes about {duration(_cost(trial, len(left)))} here. {cache.lessons('compare')['Stop']}"
    )
    place = st.empty()
    label = f"Go on with {len(left)} of {len(trial.folds)} trainings" if done else "Train and measure"
    if not place.button(label, type="primary", icon=":material/play_arrow:"):
        return left
    place.button("Stop", icon=":material/stop:")
    bar, total = st.progress(0.0), len(trial.folds)
    for number in left:
        parts = memorisation.log_likelihoods(trial.pixels, trial.folds[number], trial.model, trial.train)
        while number not in done:
            try:
                bar.progress((number + next(parts)) / total, f"Training {number + 1} of {total} …")
            except StopIteration as end:
                done[number] = end.value
                state.put(state.COMPARE_FOLDS, (name, dict(done)))
    return []


def _cost(trial: Trial, trainings: int) -> float:
    """Seconds that so many trainings take here."""
    seen = trial.train.epochs * len(trial.pixels) * (1 - 1 / cache.FOLDS) + _JUDGING * memorisation.SAMPLES * len(trial.pixels)
    return trainings * seen * cache.seconds_per_image(trial.model, trial.train)


def _found(trial: Trial, found: Memorised) -> None:
    """The images that score highest, each beside the one most like it, and how all scores lie."""
    texts = cache.lessons("compare")
    which = memorisation.copies(trial.pixels)
    _, first = np.unique(which, return_index=True)  # each different image once
    order = first[np.argsort(-found.score[first], kind="stable")][:_SHOWN]
    st.markdown(f"**The {len(order)} images of the highest score, each with the one most like it among the others**")
    with st.grid("auto", min_column_width=2 * _SIDE) as grid:
        for place in order.tolist():
            others = first[which[first] != which[place]]
            near = others[neighbours.nearest(flat(trial.pixels[others]), flat(trial.pixels[[place]])[0], 1)[0][0]]
            copies = int((which == which[place]).sum())
            times = f", there {copies} times" if copies > 1 else ""
            with grid.cell():
                pair = trial.pixels[[place, near]]
                show_row(pair, alt="An image, and the one most like it", target=_SIDE)
                st.caption(f"{nats(float(found.score[place]))} nats{times}")
    st.caption(texts["Nearest"])
    st.plotly_chart(_chart(found.score[first]), config=_CHART, alt="How many images have which score")
    middle, high = np.quantile(found.score[first], [0.5, 0.95]).tolist()
    st.caption(f"Half of the images score above {nats(middle)} nats, one in twenty above {nats(high)}. {texts['Score']}")


def _chart(score: NDArray[np.float64]) -> go.Figure:
    figure = go.Figure()
    figure.add_histogram(x=score, nbinsx=60, marker={"color": PALETTE[0]}, hovertemplate="%{y} images at %{x} nats<extra></extra>")
    figure.update_xaxes(title="Score, nats")
    figure.update_yaxes(title="Images", type="log", dtick=1)  # a number at each power of ten
    return plain(figure.update_layout(dragmode=False), height=220)
