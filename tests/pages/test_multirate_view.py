"""A multi-rate model on the KL weight page: what it is told, what it asks for, and what it shows where nothing is live."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.screens.kl_weight.tabs import BLUR, COVERAGE, FIGURES, TRAINING
from tests import many
from tests.pages.live import send, sent
from tests.pages.steps import open_page, press
from vae_core.analysis import folding, tradeoff, tradeoff_file
from vae_core.analysis.fidelity import share_error
from vae_core.analysis.tradeoff_table import csv_table
from vae_core.base.config import TrainConfig
from vae_core.base.display import with_error
from vae_core.runs import catalogue, jobs
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint

KEY = state.KL_MULTIRATE_LIVE


@pytest.fixture
def entry(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> Entry:
    """The only model there is: a multi-rate one, of the digits, whose figures are kept."""
    monkeypatch.setattr(catalogue, "BUNDLED", fresh_home / "none")
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)
    saved = many.save(fresh_home)
    tradeoff_file.keep(many.figures(), checkpoint.load(saved.folder))
    return saved


def open_tab(page: AppTest, label: str) -> AppTest:
    """Turn to a tab below the pictures."""
    page.session_state[state.KL_MULTIRATE_TABS] = label
    page.run()
    assert not page.exception
    return page


def words(page: AppTest) -> str:
    return "\n".join(str(element.value) for kind in (page.info, page.caption, page.text, page.markdown) for element in kind)


def test_the_browser_is_told_the_measured_figures_and_the_weight_of_the_card(entry: Entry) -> None:
    data = sent(open_page("kl_weight"), KEY)
    point = checkpoint.load(entry.folder)
    found = tradeoff_file.kept(entry.folder, point, original=True)
    assert found is not None
    assert data["beta"] == [1.0]
    assert data["figures"]["rate"] == found.rate.tolist()
    assert data["figures"]["effective"] == found.effective.tolist()
    assert len(data["axes"][0]) == 31
    assert found.samples is not None
    assert data["samples"]["recall"] == found.samples.column("recall").tolist()


def test_what_is_said_of_samples_is_what_was_counted_and_nothing_where_nobody_did(entry: Entry) -> None:
    page = open_page("kl_weight")
    point = checkpoint.load(entry.folder)
    found = tradeoff_file.kept(entry.folder, point, original=True)
    assert found is not None
    assert found.samples is not None
    low, high = (f"{100 * share:.0f}" for share in found.samples.column("recall")[[0, -1]])
    text = words(page).replace("\N{NO-BREAK SPACE}", " ")
    assert f"{low} % of these have such a picture close by" in text
    assert f"and {high} %. Other images" in text
    tradeoff_file.keep(replace(found, samples=None), point)  # as earlier versions kept them
    page = open_page("kl_weight")
    assert "Random codes, counted" not in words(page)
    assert sent(page, KEY)["samples"] is None


def test_only_the_open_tab_is_computed(entry: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    monkeypatch.setattr(cache, "population", lambda entry, beta: asked.append(entry.id))
    page = open_page("kl_weight")
    assert not asked
    for label in (BLUR, COVERAGE):
        open_tab(page, label)
    assert asked == [entry.id] * 2


def test_letting_go_of_the_slider_puts_the_weight_into_the_address(entry: Entry) -> None:
    page = send(open_page("kl_weight"), KEY, {"kind": "beta", "beta": [0.31234567]})
    assert page.query_params[state.KL_MULTIRATE] == "0.3123"
    assert sent(page, KEY)["beta"] == [0.3123]
    assert sent(open_page("kl_weight", rates="0.05"), KEY)["beta"] == [0.05]


@pytest.mark.parametrize("asked", ["0.5,0.5", "100", "nan", "=1", ""])
def test_a_weight_that_the_model_does_not_take_is_left_for_that_of_the_card(asked: str, entry: Entry) -> None:
    assert sent(open_page("kl_weight", rates=asked), KEY)["beta"] == [1.0]


@pytest.mark.parametrize("beta", [[20.0], [1.0, 1.0], "1", [True], [None]])
def test_a_weight_that_no_slider_sends_is_refused(beta: object, entry: Entry) -> None:
    page = send(open_page("kl_weight"), KEY, {"kind": "beta", "beta": beta})
    assert "KL weight" in words(page)
    assert "Not accepted" in words(page)
    assert sent(page, KEY)["beta"] == [1.0]


def test_a_place_on_the_map_is_where_the_blur_is_counted(entry: Entry) -> None:
    place = [0.5, -0.5, 0.0, 0.0, 0.0, 0.0]
    page = send(open_page("kl_weight"), KEY, {"kind": "place", "z": place})
    assert sent(page, KEY)["place"] == place
    assert page.session_state[state.part(state.KL_MULTIRATE_BLUR, state.PART_WAY)] == "The code chosen on the map"


def test_where_the_browser_cannot_draw_there_are_stops_for_every_measured_weight(entry: Entry) -> None:
    page = send(open_page("kl_weight"), KEY, {"kind": "failed", "reason": "No canvas."})
    assert "No canvas." in words(page)
    slider = page.select_slider[0]
    assert (len(slider.options), slider.value) == (31, 1.0)
    rates = []
    for stop in (0.01, 10.0):
        page.select_slider[0].set_value(stop).run()
        assert not page.exception
        rates.append(next(float(metric.value.split(" ± ")[0]) for metric in page.metric if metric.label == "Rate R"))
        assert f"Its reconstruction at β = {stop:g}" in {picture.alt for element in page.get("image") for picture in element.proto.imgs}
    assert rates[0] > rates[1]
    assert page.query_params[state.KL_MULTIRATE] == "10"


def test_stand_ins_are_said_to_be_none_of_the_images(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "BUNDLED", fresh_home / "none")
    many.save(fresh_home, images=False)
    assert "draws from their codes at its lowest KL weight" in sent(open_page("kl_weight"), KEY)["pictures"]["note"]


def test_models_of_one_weight_are_marks_and_can_be_trained(entry: Entry) -> None:
    page = open_page("kl_weight")
    assert sent(page, KEY)["dedicated"] == []
    open_tab(page, TRAINING)
    press(page, "Train models of one KL weight")
    waiting = [run.config for run in jobs.waiting()]
    assert [config.train.beta for config in waiting] == [0.01, 0.1, 1, 10]
    assert all(config.model == entry.card.model.model_copy(update={"beta_range": None}) for config in waiting)
    assert all(config.train.lr == TrainConfig().lr for config in waiting)


def test_a_model_of_one_weight_that_differs_in_nothing_else_is_a_mark(entry: Entry, fresh_home: Path) -> None:
    point = folding.at(checkpoint.load(entry.folder), 3.0)
    card = point.card.model_copy(update={"validation": entry.card.validation})  # any figures: the marks are measured
    checkpoint.save(fresh_home / "models" / f"{7:012x}" / "checkpoint", point.model, card)
    marks = sent(open_page("kl_weight", sweep=entry.id), KEY)["dedicated"]
    assert [mark["beta"] for mark in marks] == [3.0]


def test_the_table_can_be_taken_away(entry: Entry) -> None:
    page = open_tab(open_page("kl_weight"), FIGURES)
    found = tradeoff_file.kept(entry.folder, checkpoint.load(entry.folder), original=True)
    assert found is not None
    assert found.samples is not None
    table = page.table[0].value
    assert table["β"].iloc[0] == "0.01"
    assert len(table) == 31
    recall = found.samples.column("recall")
    for column, values, errors in (
        ("D", found.distortion, found.error("distortion")),
        ("N_eff", found.effective, found.error("effective")),
        ("Recall", recall, np.array([share_error(share, found.samples.count) for share in recall])),
    ):
        least = int(np.nanargmax(errors))
        assert table[column].iloc[least] == with_error(values[least], errors[least], 4)
        assert (" ± " in table[column].iloc[least]) == (errors[least] > 0), column
    assert " ± " in table["D"].iloc[0]
    rows = list(csv.DictReader(io.StringIO(csv_table(found).decode())))
    assert [float(row["beta"]) for row in rows] == pytest.approx(found.axes[0].tolist())


@pytest.mark.parametrize(("model", "further"), [("mnist-2d-rates", 4), ("mnist-rates", 3)])
def test_at_the_left_end_models_of_one_weight_stand_in_and_say_so(model: str, further: float) -> None:
    page = open_page("kl_weight", sweep=model, rates="0")
    data = sent(page, KEY)
    axis, count = data["axes"][0], len(data["alone"])
    assert axis[:count] == [0, 0.0001, 0.001, 0.01]
    assert axis[count] == pytest.approx(tradeoff.CROSSING)
    assert [part["words"].rpartition("β = ")[2] for part in data["alone"][1:]] == ["0.0001.", "0.001.", "0.01."]
    assert data["figures"]["rate"][0] is None
    assert len({part["model"]["hash"] for part in data["alone"]} | {data["model"]["hash"]}) == count + 1
    means = data["figures"]["rate_mu"]
    assert min(means[1:count]) > further * means[count]  # codes leave the prior
    page = send(page, KEY, {"kind": "beta", "beta": [0.0014]})
    assert sent(page, KEY)["beta"] == [0.001]
