"""A multi-rate model on the KL weight page: sliders that the pictures follow, and the figures that explain what they do."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import address, state
from pages.ui.ground.menus import link_to_view
from pages.ui.ground.models import gaussian_sigma
from pages.ui.ground.refusals import refuse
from pages.ui.ground.wording import mean, mean_percent, of_unseen
from pages.ui.live.multirate import check_weights, multirate_sliders, read_weights, runs_here
from pages.ui.panels import sampling
from pages.ui.screens.kl_weight import over_beta, train_sweep, translator
from pages.ui.screens.kl_weight.blur_panel import blur_panel
from pages.ui.screens.kl_weight.coverage_panel import coverage_panel
from pages.ui.screens.kl_weight.over_beta import LESSONS
from pages.ui.screens.kl_weight.sweep_figures import numbers, of_samples
from pages.ui.screens.kl_weight.tabs import BLUR, CODE, COVERAGE, FIGURES, MEANING, TRAINING, tabs
from vae_core.analysis import advice, explore, tradeoff
from vae_core.analysis.advice import Rival
from vae_core.analysis.explore import Floats, Pixels
from vae_core.analysis.fidelity import Fidelity
from vae_core.analysis.folding import Beta
from vae_core.analysis.tradeoff import Mark, Samples, Tradeoff
from vae_core.analysis.tradeoff_table import csv_table
from vae_core.base.display import three_digits
from vae_core.base.errors import InputError
from vae_core.export.multirate_content import trained_alone
from vae_core.runs import sweeps
from vae_core.runs.catalogue import Entry
from vae_core.runs.sweeps import Measures

Weights = tuple[float, ...]
"""β alone, or β_μ and β_σ of a split model."""

_SYMBOLS = ("β",), ("β_μ", "β_σ")
STAND_INS = "The images are not on this computer: these are what the model draws from their codes at its lowest KL weight."
IMAGES = "Images that the model has not learnt from."


@st.fragment
def multirate_view(entry: Entry, models: Mapping[str, Entry]) -> None:
    """The sliders and everything that follows them."""
    try:
        _view(entry, models)
    except InputError as error:
        refuse(error)


_UNWITNESSED = (
    f"Left of {tradeoff.CROSSING:g} one network for every weight may keep its codes closer together than a model that was trained for "
    "such a weight alone would. *MNIST, every KL weight*, in 2-D and in 16-D, shows models of that kind there."
)


def _view(entry: Entry, models: Mapping[str, Entry]) -> None:
    known = cache.pictures_of(entry)
    if known is None:
        st.info(f"The images of {entry.card.data.title} are not on this computer, and no codes of them were kept.", icon=":material/info:")
        return
    found = _measured(entry)
    weights = _asked(entry, found)
    stand_ins = cache.alone(entry)
    shown = _stand_in(found, stand_ins, weights)
    pictures = known.take(known.chosen(sweeps.EXAMPLES))
    dedicated = _dedicated(entry, found, models)
    place = state.get(_place_key(entry))
    live = runs_here(entry) and multirate_sliders(
        entry=entry,
        beta=weights,
        tradeoff=found,
        dedicated=dedicated,
        pictures=pictures,
        pictures_note=_note(entry, original=known.original),
        alone=stand_ins,
        noise=explore.sample_prior(entry.card.model.latent, sampling.COUNT, seed=0),
        key=state.KL_MULTIRATE_LIVE,
        on_beta=partial(_turn, found),
        on_place=partial(_take_place, entry),
        place=place,
    )
    if not live:
        weights = _stops(found, weights)
        shown = _stand_in(found, stand_ins, weights)
        _on_release(shown or entry, found, weights, pictures, original=known.original)
    if len(weights) == 2:
        st.markdown(LESSONS["Split"])
    if found.samples is not None:
        st.markdown(_of_samples(found, found.samples))
    if not found.alone and any(tradeoff.left_of_crossing(axis[0]) for axis in found.axes):
        st.caption(_UNWITNESSED)
    if shown is None:
        _warn(entry, found, weights, dedicated)
    beta = _beta(weights)
    contents: dict[str, Callable[[], object]] = {
        MEANING: lambda: _meaning(found, dedicated),
        BLUR: lambda: blur_panel(entry=shown or entry, beta=None if shown else beta, place=place, key=state.KL_MULTIRATE_BLUR),
        COVERAGE: lambda: coverage_panel(entry=shown or entry, beta=None if shown else beta),
        FIGURES: lambda: _table(found),
        CODE: lambda: translator.translator(entry.card.model, weights[0] or float(found.axes[0][1]), gaussian_sigma(entry)),
        TRAINING: lambda: _training(entry),
    }
    tabs(contents, key=state.KL_MULTIRATE_TABS)
    link_to_view()


def _stand_in(found: Tradeoff, stand_ins: Sequence[Entry], weights: Weights) -> Entry | None:
    """The model of one weight that is shown at these weights, if any."""
    lowest = found.axes[0][: found.alone].tolist()
    return stand_ins[lowest.index(weights[0])] if weights[0] in lowest else None


def _note(entry: Entry, *, original: bool) -> str:
    """What the pictures are."""
    unseen = cache.unseen_by(entry)
    if unseen is not None:
        return f"Some of {of_unseen(unseen)}."
    return IMAGES if original else STAND_INS


def _meaning(found: Tradeoff, dedicated: Sequence[Mark]) -> None:
    """What the pictures and the curves show, in words."""
    for heading in ("Trade-off", "Samples", "Ellipses", "One model", "Marks" if dedicated else "No marks"):
        st.markdown(LESSONS[heading])
    if found.samples is not None:
        st.markdown(LESSONS["Sample quality"])
    if found.distortion.min() < 0:
        st.markdown(LESSONS["Density"])


def _of_samples(found: Tradeoff, samples: Samples) -> str:
    """What becomes of samples from end to end; of a model of two weights where both are equal."""
    axis = found.axes[0]
    along = samples.figures[:: len(axis) + 1] if len(found.axes) == 2 else samples.figures
    return advice.of_samples(axis.tolist(), [Fidelity(*row) for row in along.tolist()], samples.best, samples.count)


def _training(entry: Entry) -> None:
    """Models of one weight of the same shape, or any sweep."""
    st.subheader("To compare this model with")
    train_sweep.beside(entry)
    st.subheader("Any other")
    train_sweep.form()


def _beta(weights: Weights) -> Beta:
    return weights[0] if len(weights) == 1 else (weights[0], weights[1])


def _measured(entry: Entry) -> Tradeoff:
    """The figures over all weights, measured now where they are not kept."""
    kept = cache.kept_tradeoff(entry)
    if kept is not None:
        return cache.joined_tradeoff(entry, kept)
    words = "Measuring this model from one end of its range to the other. This happens once."
    bar = st.progress(0.0, words)
    found = cache.tradeoff(entry, lambda share: bar.progress(share, words))
    bar.empty()
    return cache.joined_tradeoff(entry, found)


def _asked(entry: Entry, found: Tradeoff) -> Weights:
    """The weights that the address asks for, if this model takes them; else those at which it is judged."""
    card, asked = entry.card.train.weights, state.asked(state.KL_MULTIRATE)
    judged = card if isinstance(card, tuple) else (card,) * len(found.axes)
    if asked is None:
        return judged
    try:
        weights = check_weights(read_weights(asked), found)
    except InputError as error:
        address.leave_out(state.KL_MULTIRATE, asked, error, f"{' and '.join(f'{weight:g}' for weight in judged)} is shown instead.")
        return judged
    return (found.nearest(weights[0]),) if found.alone else weights


def _turn(found: Tradeoff, weights: Weights) -> None:
    """The user has let go of a slider: to four digits, but no further than the range, whose ends may have more."""
    rounded = [np.clip(float(f"{weight:.4g}"), axis[0], axis[-1]) for weight, axis in zip(weights, found.axes, strict=True)]
    state.tell(state.KL_MULTIRATE, ",".join(f"{weight:.12g}" for weight in rounded))


def _take_place(entry: Entry, place: Floats) -> None:
    """A code was chosen on the map: the blur is counted there, in its tab."""
    state.put(_place_key(entry), place)
    state.put(state.KL_MULTIRATE_TABS, BLUR)


def _place_key(entry: Entry) -> str:
    return state.part(state.KL_PLACE, entry.id)


def _dedicated(entry: Entry, found: Tradeoff, models: Mapping[str, Entry]) -> list[Mark]:
    """Models of one KL weight that differ in nothing else: those on this computer, and at other weights those measured with the model."""
    here = [cache.mark(other) for other in sweeps.dedicated(entry, models.values())]
    points = {point.beta: point for point in (*found.dedicated, *here)}
    return [points[beta] for beta in sorted(points)]


def _stops(found: Tradeoff, weights: Weights) -> Weights:
    """Streamlit's own sliders in place of the live ones, with a stop at each measured weight; they move the pictures on release."""
    chosen = []
    for number, (axis, weight) in enumerate(zip(found.axes, weights, strict=True)):
        stops = axis.tolist()
        nearest = stops[tradeoff.nearest_station(axis, weight)]
        key = state.part(state.KL_MULTIRATE_STOP, number)
        if state.get(key) not in stops:
            state.put(key, nearest)
        label = f"KL weight {_SYMBOLS[len(weights) - 1][number]}"
        chosen.append(st.select_slider(label, stops, format_func=three_digits, key=key))
    _turn(found, tuple(chosen))
    return tuple(chosen)


def _on_release(entry: Entry, found: Tradeoff, weights: Weights, pictures: Pixels, *, original: bool) -> None:
    """What the live component shows, as pictures and charts of Streamlit."""
    at = ", ".join(f"{symbol} = {three_digits(weight)}" for symbol, weight in zip(_SYMBOLS[len(weights) - 1], weights, strict=True))
    one = entry.card.model.beta_range is None
    model = (cache.opened(entry.folder) if one else cache.opened_at(entry.folder, _beta(weights))).model
    if one:
        st.caption(trained_alone(entry.card))
    st.subheader("Images and reconstructions")
    over_beta.reconstructions(model, pictures, at=at, original=original)
    st.subheader("Samples")
    over_beta.samples(model, at=at)
    rows = [_measures(found, (stop, *weights[1:])) for stop in found.axes[0].tolist()]
    current = found.axes[0].tolist().index(weights[0])
    numbers(rows[current])
    over_beta.charts(rows, current)


def _measures(found: Tradeoff, weights: Weights) -> Measures:
    beta = _beta(weights)
    now, samples = found.figures(beta), found.samples
    return Measures(
        weights[0],
        now.distortion,
        now.rate,
        now.kl_per_dim,
        now.sharpness,
        now.effective,
        found.samples_at(beta),
        found.errors_at(beta),
        compared=0 if samples is None else samples.count,
    )


def _warn(entry: Entry, found: Tradeoff, weights: Weights, dedicated: Sequence[Mark]) -> None:
    """What may be wrong at these weights and what to do about it; of two weights only whether the codes say anything."""
    now = found.figures(_beta(weights))
    rivals = [Rival(point.beta, point.distortion, point.rate) for point in dedicated]
    if len(weights) == 1:
        rivals += [Rival(beta, d, r) for beta, d, r in zip(found.axes[0], found.distortion, found.rate, strict=True)]
    own = Rival(weights[0], now.distortion, now.rate)
    sentences = advice.given(now.kl_per_dim, own, rivals if len(weights) == 1 else [])
    assert entry.card.model.beta_range is not None
    ends = advice.at_the_ends(dict(zip(_SYMBOLS[len(weights) - 1], weights, strict=True)), entry.card.model.beta_range)
    for sentence in (*sentences, *ends):
        st.info(sentence, icon=":material/lightbulb:")


def _table(found: Tradeoff) -> None:
    """All that was measured, to read and to take away."""
    symbols = _SYMBOLS[len(found.axes) - 1]
    columns = {symbol: [three_digits(weight) for weight in found.weights[:, number]] for number, symbol in enumerate(symbols)}
    named = {"D": "distortion", "R": "rate", "D_μ": "rate_mu", "D_σ": "rate_sigma"}
    columns |= {
        symbol: [mean(value, error) for value, error in zip(getattr(found, name), found.error(name), strict=True)]
        for symbol, name in named.items()
    }
    columns |= {
        "Unused": ["–" if math.isnan(rate) else f"{count}" for rate, count in zip(found.rate, found.unused, strict=True)],
        "N_eff": [mean(*each) for each in zip(found.effective, found.error("effective"), strict=True)],
        "Sharpness": [mean_percent(*each) for each in zip(found.sharpness, found.error("sharpness"), strict=True)],
    }
    if found.samples is not None:
        rows = [Fidelity(*row) for row in found.samples.figures.tolist()]
        columns |= {name.capitalize(): [of_samples(row, name, found.samples.count) for row in rows] for name in Fidelity._fields}
    st.table(columns, hide_index=True)
    st.caption(f"Nats per image. {LESSONS['All figures']} There were {found.learnt:,} of these. {LESSONS['Errors']} {LESSONS['Table']}")
    if found.samples is not None:
        best = ", ".join(f"{name} {value:.2f}" for name, value in found.samples.best._asdict().items())
        count = f"{found.samples.count:,}"
        st.caption(f"Of {count} samples against {count} held-out images. Other images of the set in their place: {best}.")
    st.download_button("Download as CSV", csv_table(found), "kl_weights.csv", "text/csv", icon=":material/download:", on_click="ignore")
