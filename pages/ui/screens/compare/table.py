"""The figures of all methods in one table, with what each means and why it is not there where it is not."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground.wording import mean, mean_percent, plain
from pages.ui.screens.compare.ways import LATENT, OWN, PART, Row
from vae_core.analysis.fidelity import share_error
from vae_core.analysis.older import Figures
from vae_core.base.display import duration

_BYTES, _DOUBLE = 4, 8  # of a number in single and in double precision
_STYLE = """<style>
@media (max-width: 640px) { [data-testid="stTable"] :is(th, td):first-child { min-width: 12rem; } }
</style>"""  # else a phone gives what a figure means one word a line
_ADAM = 4  # numbers for each that a network learns: itself, its slope and two moments


def show(listed: list[Row]) -> None:
    """The table, a figure a line."""
    texts = cache.lessons("compare")
    found = {one.name: cache.figures(one.way) for one in listed}
    lines = {
        "learnt": {one.name: f"{_learnt(one):,}" for one in listed},
        "code": {one.name: _code(one) for one in listed},
        "error": {one.name: mean_percent(found[one.name].error, found[one.name].spread.error) for one in listed},
        "distortion": {one.name: _nats(found[one.name], one, texts, "distortion") for one in listed},
        "rate": {one.name: _nats(found[one.name], one, texts, "rate") for one in listed},
        "precision": {one.name: _share(found[one.name].quality.precision, found[one.name]) for one in listed},
        "coverage": {one.name: _share(found[one.name].quality.coverage, found[one.name]) for one in listed},
        "drawing": {one.name: f"{1000 * found[one.name].drawing:.2g} ms" for one in listed},
        "numbers": {one.name: f"{_numbers(one, found[one.name]):,}" for one in listed},
        "memory": {one.name: f"{_BYTES * _numbers(one, found[one.name]) / 1e6:.2g} MB" for one in listed},
        "workspace": {one.name: f"{_workspace(one, found[one.name]) / 1e6:.0f} MB" for one in listed},
        "training": {one.name: _training(one) for one in listed},
    }
    named = {one.name: plain(one.name) for one in listed}
    st.html(_STYLE)
    st.table(
        [{"Figure": _meaning(key, texts)} | {named[name]: cell for name, cell in cells.items()} for key, cells in lines.items()],
        hide_index=True,
        border="horizontal",
    )
    st.caption(texts["Errors"])
    if any(one.way.key == OWN for one in listed):
        st.caption(texts["Own"])


def _meaning(key: str, texts: dict[str, str]) -> str:
    """The name of a figure, and what it means."""
    name, _, sentence = texts[f"{key}: means"].partition("\n")
    return f"**{name}** {sentence}"


def _share(share: float, figures: Figures) -> str:
    return mean_percent(share, share_error(share, figures.images))


def _nats(figures: Figures, one: Row, texts: dict[str, str], figure: str) -> str:
    """D or R in nats, or why there is none."""
    amount: float = getattr(figures, figure)
    if amount == amount:
        return mean(amount, getattr(figures.spread, figure))
    key = "ae" if one.entry is not None else one.way.key
    return texts[f"{key}: distortion"] if figure == "distortion" else texts[f"{key}: rate"]


def _code(one: Row) -> str:
    """How many numbers a code has."""
    if one.entry is not None or one.way.key == cache.LINEAR:
        return f"{LATENT}"
    machine = cache.older_ways().lower if one.way.key == cache.RESTRICTED else cache.older_ways().upper
    return f"{len(machine.hidden_bias)} units, each on or off"


def _learnt(one: Row) -> int:
    """How many images it has learnt from."""
    if one.entry is not None and one.entry.card.data.name == PART:
        return len(cache.digits().split().train)
    return _TRAINING


_TRAINING = 54_000
"""Images of MNIST's training part that are not held out to validate."""


def _numbers(one: Row, figures: Figures) -> int:
    """How many numbers it has learnt; a network for every KL weight learnt them for all of these at once."""
    return figures.numbers if one.entry is None else cache.parameter_count(one.entry.card.model)


def _workspace(one: Row, figures: Figures) -> float:
    """Bytes to train: the images as they are held, and all numbers that belong to what is learnt."""
    values = _learnt(one) * cache.digits().pixels[0].size
    if one.entry is None:
        return (_DOUBLE if one.way.key == cache.LINEAR else _BYTES) * (values + figures.numbers)
    return values + _BYTES * _ADAM * _numbers(one, figures)


def _training(one: Row) -> str:
    """How long its training takes."""
    seconds = cache.older_ways().seconds
    if one.way.key == OWN:
        assert one.entry is not None  # it is a model
        return f"{duration(one.entry.card.seconds)}, where it was trained"
    known = {
        cache.LINEAR: seconds.linear,
        cache.RESTRICTED: seconds.restricted,
        cache.DEEP: seconds.deep,
        cache.AUTOENCODER: seconds.autoencoder,
    }
    known |= {cache.VARIATIONAL: seconds.variational, cache.EVERY_WEIGHT: seconds.every_weight}
    shared = " for all β" if one.way.key == cache.EVERY_WEIGHT else ""
    return f"{duration(known[one.way.key])}{shared}"
