"""The KL weight page: what follows the slider, what is said where something is missing, and what the button queues."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest
from streamlit.testing.v1 import AppTest

from pages.ui.ground.state import KL_BETA, KL_CHANGE, KL_SWEEP, KL_SWEEP_EPOCHS, KL_SWEEP_TABS, PART_PICK, part
from pages.ui.screens.kl_weight.tabs import CODE
from tests import many, sweep
from tests.pages.steps import open_cards, open_page
from vae_core import data
from vae_core.base.config import RunConfig
from vae_core.base.display import with_error
from vae_core.runs import catalogue, directory, jobs, sweeps

NONE = "There is no model to turn yet"


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with a sweep of four models."""
    folder = tmp_path_factory.mktemp("sweep")
    sweep.train(folder)
    return folder


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home with nothing in it, no bundled models, and no worker that would train."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path))
    monkeypatch.setattr(catalogue, "BUNDLED", tmp_path / "none")
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)
    return tmp_path


@pytest.fixture
def full(empty: Path, trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LATENT_LOOM_HOME", str(trained))


def opened(**parameters: str) -> AppTest:
    return open_page("kl_weight", **parameters)


def at(page: AppTest, beta: float) -> AppTest:
    page.select_slider(key=KL_BETA).set_value(beta).run()
    assert not page.exception
    return page


def figures(page: AppTest) -> dict[str, float]:
    """The metrics as numbers; of "3 of 6" the first."""
    return {metric.label: float(metric.value.split()[0].replace(",", "")) for metric in page.metric}


def words(page: AppTest) -> str:
    return "\n".join(str(element.value) for kind in (page.info, page.caption, page.warning, page.text, page.markdown) for element in kind)


@pytest.mark.usefixtures("full")
def test_a_larger_beta_blurs_and_switches_dimensions_off() -> None:
    page = opened()
    low, high = figures(at(page, 0.05)), figures(at(page, 10.0))
    assert high["Sharpness"] < low["Sharpness"]
    assert (low["Unused dimensions"], high["Unused dimensions"]) == (0, 6)
    assert high["Rate R"] < low["Rate R"]
    assert high["Distortion D"] > low["Distortion D"]


@pytest.mark.usefixtures("full")
def test_the_loss_is_d_plus_beta_times_the_plain_rate() -> None:
    shown = figures(at(opened(), 0.3))
    assert shown["Loss D + β·R"] == pytest.approx(shown["Distortion D"] + 0.3 * shown["Rate R"], abs=0.11)


@pytest.mark.usefixtures("full")
def test_collapse_is_said_only_where_no_dimension_is_used() -> None:
    page = opened()
    assert "posterior collapse" in words(at(page, 10.0))
    assert "posterior collapse" not in words(at(page, 0.3))


@pytest.mark.usefixtures("full")
def test_a_link_restores_the_beta() -> None:
    assert opened(beta="0.05").select_slider(key=KL_BETA).value == 0.05
    assert opened(beta="7").select_slider(key=KL_BETA).value in sweep.BETAS


@pytest.mark.usefixtures("full")
def test_the_same_images_and_codes_are_shown_at_every_beta() -> None:
    page = opened()
    low, high = shown(at(page, 0.05)), shown(at(page, 10.0))
    assert len(low["Validation image"]) == sweeps.EXAMPLES
    assert low["Validation image"] == high["Validation image"]
    assert len(low["Its reconstruction at β = 0.05"]) == sweeps.EXAMPLES
    for source in ("the prior N(0, I)", "the mixture"):
        assert low[f"Sample 1 from {source} at β = 0.05"] != high[f"Sample 1 from {source} at β = 10"]
    assert shown(at(page, 0.05)) == low


def shown(page: AppTest) -> dict[str, list[str]]:
    """The addresses of the pictures by what they are called, which for these small ones are the pictures themselves."""
    pictures: dict[str, list[str]] = {}
    for element in page.get("image"):
        for picture in element.proto.imgs:
            pictures.setdefault(picture.alt, []).append(picture.url)
    return pictures


@pytest.mark.usefixtures("full")
def test_the_table_has_a_row_for_every_beta() -> None:
    table = at(opened(), 0.3).table[0].value
    assert list(table["β"]) == ["0.05", "**0.3** ◆", "1", "10"]
    assert list(table["Unused"]) == ["0", "0", "0", "6"]
    for name in ("D", "R", "D + R", "N_eff", "Sharpness", "Coverage"):
        assert " ± " in table[name].iloc[1], name


def test_images_that_are_not_at_hand_leave_samples_and_the_cards_figures(full: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "complete", lambda name: False)
    page = at(opened(), 0.3)
    assert "no reconstructions to show" in words(page)
    assert [metric.value for metric in page.metric if metric.label in ("Sharpness", "Unused dimensions")] == ["–", "–"]
    card = next(entry.card for entry in catalogue.models().values() if entry.card.train.beta == 0.3)
    assert figures_of(page, "Distortion D") == with_error(card.figures.distortion, card.figures.error("distortion"))


def figures_of(page: AppTest, label: str) -> str:
    return next(metric.value for metric in page.metric if metric.label == label)


@pytest.mark.usefixtures("empty")
def test_without_a_sweep_the_page_says_so_and_offers_to_train_one() -> None:
    page = opened()
    assert NONE in words(page)
    page.number_input(key=KL_SWEEP_EPOCHS).set_value(3).run()
    betas(page, "0.5, 5")
    assert "2 models to train, one after another" in words(page)
    assert "MB of memory besides torch itself." in words(page)
    press(page, "Train this sweep")
    waiting = jobs.waiting()
    assert [(run.config.train.beta, run.config.train.epochs, run.config.data) for run in waiting] == [
        (0.5, 3, "digits"),
        (5.0, 3, "digits"),
    ]
    assert "0 of 2 models trained, waiting for its turn" in page.get("progress")[0].proto.text
    assert "still in training" in words(page)
    betas(page, "0.5, 5")
    assert "All 2 models are trained already, or on their way: nothing is trained twice." in words(page)
    betas(page, "0.5, 5, 50")
    assert "1 model to train, " in words(page)
    assert "2 of the 3 are trained already, or on their way: nothing is trained twice." in words(page)
    assert page.session_state[KL_SWEEP] == next(iter(sweeps.listing([], directory.listing())))
    press(page, "Stop all")
    assert jobs.waiting() == []
    assert NONE in words(page.run())


def betas(page: AppTest, text: str) -> None:
    next(field for field in page.text_input if field.label == "KL weights").set_value(text).run()
    assert not page.exception


def press(page: AppTest, label: str) -> None:
    next(button for button in page.button if button.label == label).click().run()
    assert not page.exception


@pytest.mark.usefixtures("empty")
def test_a_list_that_is_no_list_of_weights_is_refused_in_a_sentence() -> None:
    page = opened()
    betas(page, "1, =2+3")
    assert "'=2+3' is not a KL weight from 0.001 to 1000" in words(page)
    assert "Train this sweep" not in [button.label for button in page.button]


def test_one_trained_model_and_one_that_failed_are_said(empty: Path) -> None:
    sweep.train(empty, (1.0,))
    run(3.0)
    directory.set_status(run(30.0), "failed", "The disk is full.")
    page = opened()
    assert "Only one KL weight is trained so far" in words(page)
    assert "β = 30 is missing: The disk is full." in words(page)
    assert "1 of 3 models trained" in page.get("progress")[0].proto.text


def run(beta: float) -> Path:
    """A queued run for the trained sweep."""
    training = sweep.TRAIN.model_copy(update={"beta": beta, "threads": 1})
    return directory.create(RunConfig(name="Digits", data="digits", model=sweep.MODEL, train=training))


def test_cards_choose_between_models_of_every_weight_and_sweeps(empty: Path, trained: Path) -> None:
    copytree(trained / "models", empty / "models")
    model = many.save(empty)
    page = opened(sweep=sweep.ID)
    assert bar(page) == "Sweep: **Digits, fully connected, 15 epochs** · K = 6 · β 0.05 to 10 · 4 models"
    cards = open_cards(page, KL_CHANGE, KL_SWEEP)
    assert {key: label.endswith("(chosen)") for key, label in cards.items()} == {model.id: False, sweep.ID: True}
    page.button(key=part(KL_SWEEP, PART_PICK, model.id)).click().run()
    assert not page.exception
    assert page.query_params["sweep"] == model.id
    assert bar(page) == "Model: **Digits, every KL weight** · K = 6 · β 0.01 to 10 · uploaded"
    assert 'is called "gone"' in words(opened(sweep="gone"))


def bar(page: AppTest) -> str:
    """What stands on the button that leads to the cards."""
    return str(page.button(key=KL_CHANGE).label).replace("\\", "")


@pytest.mark.usefixtures("full")
def test_the_translator_starts_from_the_chosen_beta() -> None:
    page = opened()
    page.session_state[KL_SWEEP_TABS] = CODE
    text = words(at(page, 1.0))
    assert "w = 0.001 is **β = 0.064**" in text  # the mean of 64 cross-entropies
    assert "The page's β = 1 is **w = 0.01562**" in text
