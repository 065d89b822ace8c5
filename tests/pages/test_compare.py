"""The Compare page: every row on the same images, a table without a gap, a model of one's own, two models linked, and the memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.cache import compare
from pages.ui.cache import memory as tried
from pages.ui.ground import state
from pages.ui.screens.compare import ways
from tests.pages.steps import captions, open_page, press
from vae_core.analysis import explore, memorisation, methods
from vae_core.analysis.fidelity import Fidelity
from vae_core.base.errors import InputError
from vae_core.training.origin import Origin

NAMES = ["PCA", "Autoencoder", "VAE", "β-VAE, β = 0.1", "β-VAE, β = 3", "β-VAE, β = 10", "Boltzmann machine", "Deep belief network"]


def pictures(page: AppTest) -> list[str]:
    return re.findall(r'alt="([^"]+)"', "".join(element.proto.body for element in page.get("html")))


def unescaped(name: str) -> str:
    """A column's name as one reads it."""
    return re.sub("[\\\\\N{WORD JOINER}]", "", name)


def texts(page: AppTest) -> str:
    return "\n".join(text.value for text in page.text)


def test_every_row_rebuilds_draws_and_walks_and_every_figure_says_itself_or_why_not() -> None:
    page = open_page("compare")
    shown = pictures(page)
    for name in NAMES:
        for what in ("Rebuilt", "Drawn from seed 0", "A walk between two images"):
            assert f"{what}: {name}" in shown
    order = [element.type for element in page.main]
    assert order.index("html") < order.index("number_input")  # on a phone what one chooses would else fill the first screen
    assert len(page.get("plotly_chart")) == len(NAMES)
    table = page.table[0].value.rename(columns=unescaped)
    assert list(table.columns) == ["Figure", *NAMES]
    assert not table.isin(["", "–", "—", "nan"]).any().any()
    assert not table.astype(str).apply(lambda column: column.str.contains("nan|inf ")).any().any()
    cells = {line.iloc[0].partition("**")[2].partition("**")[0]: line for _, line in table.iterrows()}
    assert "no chance" in cells["Distortion D"]["PCA"]
    assert "a point" in cells["Rate R"]["Autoencoder"]
    for name, figure in product(NAMES[1:], ("Error", "Distortion D", "All digits")):
        assert " ± " in cells[figure][name]
    assert set(cells["Learnt from"][NAMES]) == {"54,000"}
    rates = [float(cells["Rate R"][name].split(" ± ")[0]) for name in NAMES[3:6]]
    assert rates == sorted(rates, reverse=True)  # the larger β, the less a code tells
    (alike,) = (text.value for text in page.markdown if "look alike" in text.value)
    assert f"{rates[0]:.1f}, {rates[1]:.1f} and {rates[2]:.1f} nats" in alike
    widths = [cache.regions(way).std.mean() for way in cache.ways_of(cache.models()["mnist-2d-rates"])]  # type: ignore[union-attr]
    assert "σ is {:.2f}, {:.2f} and {:.2f} on average".format(*widths) in alike
    assert widths[2] > 5 * widths[0]
    (line,) = [trace for trace in json.loads(page.get("plotly_chart")[5].proto.spec)["data"] if trace["mode"] == "lines"]
    assert len(line["x"]["bdata"] if isinstance(line["x"], dict) else line["x"]) > 60  # the regions are drawn


def test_the_figures_of_a_network_are_those_of_its_validation_and_its_row_is_what_the_model_draws() -> None:
    entry = cache.models()["mnist-2d"]
    (way,) = cache.ways_of(entry)
    found = cache.figures(way)
    assert (found.distortion, found.rate) == pytest.approx((entry.card.figures.distortion, entry.card.figures.rate), rel=0.03)
    model = cache.opened(entry.folder).model
    assert np.array_equal(cache.drawn(way, 5, 3), explore.decode(model, explore.sample_prior(2, 5, seed=3)))
    rows = cache.unseen()
    assert len(np.unique(rows)) == 2_000
    labels = cache.digits().labels
    assert labels is not None
    assert labels[rows[:20]].tolist() == [*range(10)] * 2
    assert not np.isin(rows, cache.digits().split().train).any()


def test_a_model_of_other_numbers_or_other_images_is_told_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compare, "_judge", lambda: None)  # which would first have to learn to tell digits apart
    monkeypatch.setattr(methods, "quality", lambda one, judge: Fidelity(0.9, 0.1, 1, 0.5))
    page = open_page("compare", **{state.COMPARE_OWN: "mnist-16d"})
    assert "Its codes have 16 numbers, these have 2" in texts(page)
    page.selectbox(key=state.COMPARE_OWN).set_value("fashion-rates").run()
    assert "It learnt from other images" in texts(page)
    page.selectbox(key=state.COMPARE_OWN).set_value("mnist-2d-beta-0.01").run()
    assert "cannot stand in a row" not in texts(page)
    assert [unescaped(name) for name in page.table[0].value.columns] == ["Figure", *NAMES, "Chosen: MNIST, 2-D, β = 0.01"]


def test_of_a_model_from_elsewhere_nobody_knows_what_it_has_seen() -> None:
    entry = cache.models()["mnist-2d-beta-0.01"]
    assert ways.missing(entry) is None
    elsewhere = entry.card.model_copy(update={"origin": Origin.model_construct()})
    assert "nobody here knows which images it has seen" in str(ways.missing(replace(entry, card=elsewhere)))


def test_two_models_are_linked_by_an_image() -> None:
    page = open_page("compare", **{state.COMPARE_VIEW: "Two models", state.COMPARE_IMAGE: "7"})
    said = captions(page)
    assert "turned, mirrored, scaled and shifted" in said
    assert re.search(r"What still differs then is 12\s% of the spread", said)
    found = cache.linked(cache.models()["mnist-2d"], cache.models()["mnist-2d-ae"], 7)
    assert 7 in found.numbers
    assert found.chance < found.kept.mean() < 1
    page.selectbox(key=state.COMPARE_OTHER).set_value("mnist-16d").run()
    assert "both are drawn in a plane" in captions(page)


def test_memory_is_measured_on_request_and_what_was_trained_before_a_stop_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tried, "_SEEN", 1_000)
    monkeypatch.setattr(tried, "FOLDS", 3)
    monkeypatch.setattr(tried, "REPEATS", 1)
    monkeypatch.setattr(memorisation, "SAMPLES", 2)
    page = open_page("compare", **{state.COMPARE_VIEW: "Memory", state.MODEL: "digits-2d", state.COMPARE_COUNT: "300"})
    assert "Train and measure" in [button.label for button in page.button]
    assert not page.get("plotly_chart")
    press(page, "Train and measure")
    assert len(page.get("plotly_chart")) == 1
    assert "pixel by pixel" in captions(page)
    name, done = page.session_state[state.COMPARE_FOLDS]
    assert len(done) == 3
    page.session_state[state.COMPARE_FOLDS] = (name, {number: done[number] for number in range(1)})
    page.run()
    assert "Go on with 2 of 3 trainings" in [button.label for button in page.button]


def test_a_training_that_fails_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def diverged(*_: object) -> Iterator[float]:
        raise InputError("The loss is no number any more.")
        yield 0.0

    monkeypatch.setattr(memorisation, "log_likelihoods", diverged)
    page = open_page("compare", **{state.COMPARE_VIEW: "Memory", state.MODEL: "digits-2d", state.COMPARE_COUNT: "300"})
    press(page, "Train and measure")
    assert "The loss is no number any more." in texts(page)


def test_a_plain_autoencoder_has_no_score() -> None:
    page = open_page("compare", **{state.COMPARE_VIEW: "Memory", state.MODEL: "mnist-2d-ae"})
    assert "gives no probability to an image" in texts(page)
