"""What the Train page offers beyond the plain model: likelihoods, σ, binarisation, objectives; and which figures it says do not compare."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state, wording
from pages.ui.ground.wording import AS_IT_IS, DRAWN_ANEW, DRAWN_ONCE, FIXED, LEARNED, OPTIMAL
from pages.ui.screens.train.likelihood import _drawn
from tests.likelihoods import EVERY
from tests.pages.steps import press
from tests.pages.test_train import BERNOULLI, CONTINUOUS, GAUSSIAN, LOGISTIC, MARKUP, TINY, opened, texts
from vae_core import data
from vae_core.base.config import RunConfig, TrainConfig
from vae_core.data import Images
from vae_core.runs import catalogue, cores, directory, jobs
from vae_core.runs.execute import execute
from vae_core.training import train
from vae_core.training.binarise import fixed_draw


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No models and runs but the test's own, and no worker: what is queued stays queued."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path))
    monkeypatch.setattr(catalogue, "BUNDLED", tmp_path / "none")
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)


def started(page: AppTest) -> RunConfig:
    """What the page queues."""
    press(page, "Start training")
    return jobs.waiting()[-1].config


def keys(page: AppTest) -> set[str | None]:
    return {element.key for kind in (page.selectbox, page.number_input, page.slider) for element in kind}


def shown(page: AppTest, alt: str) -> list[str]:
    """The addresses of the pictures with this text in their name, which for these small ones are the pictures themselves."""
    return [picture.url for element in page.get("image") for picture in element.proto.imgs if alt in picture.alt]


def keep(page_name: str, train_config: TrainConfig, **model: object) -> str:
    """Train a tiny model on the digits to the end; returns its id."""
    config = TINY.model_copy(update={"name": page_name, "train": train_config, "model": TINY.model.model_copy(update=model)})
    folder = directory.create(config)
    for _ in execute(folder):
        pass
    return folder.name


@pytest.mark.parametrize(("pixel", "sigma_is"), [(BERNOULLI, None), (CONTINUOUS, None), *((GAUSSIAN, each) for each in wording.SIGMAS)])
def test_each_likelihood_can_be_chosen_is_explained_and_is_queued(pixel: str, sigma_is: str | None) -> None:
    page = opened()
    page.selectbox(key=state.TRAIN_PIXEL).set_value(pixel).run()
    if sigma_is is not None:
        page.number_input(key=state.TRAIN_SIGMA).set_value(0.25).run()
        page.selectbox(key=state.TRAIN_SIGMA_IS).set_value(sigma_is).run()
        assert page.number_input(key=state.TRAIN_SIGMA).disabled == (sigma_is == OPTIMAL)
    assert cache.lessons("train")[wording.PIXELS[pixel]] in texts(page)
    model = started(page).model
    assert model.likelihood == wording.PIXELS[pixel]
    assert (model.sigma_is, model.sigma) == (("fixed", 0.1) if sigma_is is None else (wording.SIGMAS[sigma_is], 0.25))


def test_the_page_offers_what_the_core_has() -> None:
    page = opened(**{state.TRAIN_PIXEL: LOGISTIC})
    offered = {(name, "fixed") for name in wording.PIXELS.values()}
    for pixel in (GAUSSIAN, LOGISTIC):
        page.selectbox(key=state.TRAIN_PIXEL).set_value(pixel).run()
        offered |= {(wording.PIXELS[pixel], wording.SIGMAS[option]) for option in page.selectbox(key=state.TRAIN_SIGMA_IS).options}
    assert offered == set(EVERY)


def test_an_optimal_sigma_does_not_follow_to_a_likelihood_that_has_none() -> None:
    page = opened(**{state.TRAIN_PIXEL: GAUSSIAN, state.TRAIN_SIGMA_IS: OPTIMAL})
    assert page.selectbox(key=state.TRAIN_SIGMA_IS).value == OPTIMAL
    page.selectbox(key=state.TRAIN_PIXEL).set_value(LOGISTIC).run()
    assert page.selectbox(key=state.TRAIN_SIGMA_IS).value == FIXED
    assert started(page).model.sigma_is == "fixed"


def test_greys_under_bernoulli_are_called_what_they_are_and_under_no_other_likelihood() -> None:
    page = opened()
    assert page.selectbox(key=state.TRAIN_GREYS).value == AS_IT_IS
    assert "cross-entropy, not a likelihood" in texts(page)
    page.selectbox(key=state.TRAIN_PIXEL).set_value(CONTINUOUS).run()
    assert "cross-entropy, not a likelihood" not in texts(page)
    assert state.TRAIN_GREYS not in keys(page)


def test_binarised_images_are_shown_as_the_model_will_see_them() -> None:
    page = opened(**{state.TRAIN_GREYS: DRAWN_ONCE})
    once = shown(page, "in black and white")
    assert len(once) == 12
    assert started(page).train.binarise == "static"
    page.selectbox(key=state.TRAIN_GREYS).set_value(DRAWN_ANEW).run()
    anew = shown(page, "in black and white")
    assert len(anew) == 12
    assert set(anew[:6]).isdisjoint(anew[6:])  # the same six images, drawn twice
    assert shown(page.run(), "in black and white") == anew
    assert started(page).train.binarise == "stochastic"
    page.selectbox(key=state.TRAIN_PIXEL).set_value(GAUSSIAN).run()
    assert started(page).train.binarise == "no"


def test_a_draw_has_the_grey_level_as_its_chance_of_white() -> None:
    levels = np.repeat(np.array([0, 64, 128, 255], np.uint8), 50_000).reshape(4, 1, 250, 200)
    drawn = _drawn(levels, seed=0)
    assert set(np.unique(drawn)) == {0, 255}
    share = (drawn == 255).mean(axis=(1, 2, 3))
    assert share[[0, 3]].tolist() == [0, 1]
    assert share[1:3] == pytest.approx([64 / 255, 128 / 255], abs=0.01)


def test_images_that_are_black_and_white_already_are_not_binarised() -> None:
    drawn = fixed_draw(np.random.default_rng(0).integers(0, 256, (30, 1, 8, 8), np.uint8))
    page = opened(**{state.TRAIN_DATA: data.save_imported(Images("upload", drawn), "Drawn"), state.TRAIN_GREYS: DRAWN_ONCE})
    assert "black and white already" in texts(page)
    assert "cross-entropy, not a likelihood" not in texts(page)
    assert state.TRAIN_GREYS not in keys(page)
    assert started(page).train.binarise == "no"
    page.selectbox(key=state.TRAIN_DATA).set_value("digits").run()
    assert page.selectbox(key=state.TRAIN_GREYS).value == DRAWN_ONCE
    assert "black and white already" not in texts(page)


def test_models_whose_figures_do_not_compare_are_named_as_plain_text() -> None:
    keep("Alike", TrainConfig(epochs=1, threads=1))
    page = opened()
    assert not [box for box in page.expander if "compare" in box.label]
    keep(MARKUP, TrainConfig(epochs=1, threads=1, binarise="static"))
    keep("Dense", TrainConfig(epochs=1, threads=1), likelihood="gaussian")
    page.run()
    (box,) = [box for box in page.expander if "compare" in box.label]
    assert box.label == "Its figures will not compare with those of 2 models of these images"
    (line,) = [element.value for element in box.text]
    assert line.startswith(f"Dense, {MARKUP}: cross-entropy of grey pixels is not a likelihood")
    assert "Alike" not in line
    other = page.query_params[state.TRAIN_DATA] = data.save_imported(Images("upload", data.load("digits").pixels[:50]), "Others")
    page.run()
    assert page.selectbox(key=state.TRAIN_DATA).value == other
    assert not [box for box in page.expander if "compare" in box.label]
    page.selectbox(key=state.TRAIN_DATA).set_value("digits").run()
    page.selectbox(key=state.TRAIN_PIXEL).set_value(GAUSSIAN).run()
    (box,) = [box for box in page.expander if "compare" in box.label]
    assert "2 models" in box.label
    assert len(box.text) == 2


@pytest.mark.parametrize(
    ("choices", "fields", "said"),
    [
        ({state.TRAIN_SCHEDULE: "Warm-up", state.TRAIN_RAMP: "0.25"}, {"schedule": "linear", "ramp": 0.25}, "0 to 3 over the first 25 %"),
        ({state.TRAIN_SCHEDULE: "Cyclical", state.TRAIN_CYCLES: "7"}, {"schedule": "cyclical", "cycles": 7}, "The run has 7 cycles"),
        ({state.TRAIN_CAPACITY: "12.5"}, {"capacity": 12.5}, "rises from 0 to 12.5 nats"),
        ({state.TRAIN_FREE_BITS: "0.2"}, {"free_bits": 0.2}, "Each dimension has 0.2 nats free."),
        ({state.TRAIN_TC: "5"}, {"tc": 5.0}, "Total correlation is charged 5 times"),
    ],
)
def test_a_link_sets_the_objective_which_is_said_and_queued(choices: dict[str, str], fields: dict[str, object], said: str) -> None:
    page = opened(**choices, **{state.TRAIN_KL_WEIGHT: "3"})
    assert said in texts(page)
    asked = started(page).train
    assert asked == TrainConfig(beta=3.0, epochs=asked.epochs, threads=cores.threads(), **fields)  # type: ignore[arg-type]
    assert page.caption  # the run that waits says it too
    assert texts(page).count(said) == 2


def test_nothing_is_said_of_the_plain_objective_and_no_curve_drawn() -> None:
    page = opened()
    assert "The KL weight β is" not in texts(page)
    assert not page.get("plotly_chart")
    assert state.TRAIN_RAMP not in keys(page)
    page.selectbox(key=state.TRAIN_SCHEDULE).set_value("Cyclical").run()
    (curve,) = page.get("plotly_chart")
    assert "4 cycles" in curve.proto.alt


def curve(asked: TrainConfig, steps: int, done: int | None = None) -> tuple[list[list[float]], str]:
    """What `chart` draws, as [x, y] of each trace, and its text."""

    def script(asked: str, steps: int, done: int | None) -> None:
        from pages.ui.screens.train import objective
        from vae_core.base.config import TrainConfig

        objective.chart(TrainConfig.model_validate_json(asked), steps, done=done, key="curve")

    page = AppTest.from_function(script, args=(asked.model_dump_json(), steps, done)).run()
    assert not page.exception
    (drawn,) = page.get("plotly_chart")
    return [trace[axis] for trace in json.loads(drawn.proto.spec)["data"] for axis in "xy"], drawn.proto.alt


def test_the_curve_goes_as_the_schedule_says_and_a_mark_shows_where_the_run_is() -> None:
    (epochs, betas), words = curve(TrainConfig(beta=4.0, schedule="cyclical", cycles=2, ramp=0.5, epochs=10), steps=8)
    assert epochs == [0, 1.25, 2.5, 3.75, 5, 6.25, 7.5, 8.75]
    assert betas == [0, 2, 4, 4, 0, 2, 4, 4]
    assert words == "The run has 2 cycles; in each, the KL weight β rises from 0 to 4 over the first 50 % of it and stays there."
    (_, goals, mark, height), words = curve(TrainConfig(capacity=20.0, ramp=1.0, epochs=10), steps=10, done=5)
    assert goals == [2 * step for step in range(10)]
    assert (mark, height) == ([5], [10])
    assert words.endswith("After epoch 5 it is 10.")
    (_, _, mark, _), _ = curve(TrainConfig(schedule="linear", epochs=10), steps=10, done=10)
    assert mark == [10]


def test_a_long_curve_is_thinned_and_none_of_its_cycles_lost() -> None:
    (_, betas), _ = curve(TrainConfig(schedule="linear"), steps=1_000_000)
    assert len(betas) == 600
    (_, betas), _ = curve(TrainConfig(schedule="cyclical", cycles=200), steps=1_000_000)
    assert sum(low < 0.2 and before > 0.9 for before, low in pairwise(betas)) == 199


@pytest.mark.parametrize("other", [{state.TRAIN_SCHEDULE: "Warm-up"}, {state.TRAIN_FREE_BITS: "0.5"}])
def test_a_capacity_cannot_be_had_where_the_configuration_rules_it_out(other: dict[str, str]) -> None:
    page = opened(**other, **{state.TRAIN_CAPACITY: "5"})
    assert page.number_input(key=state.TRAIN_CAPACITY).disabled
    assert "No capacity here. " in texts(page)
    assert started(page).train.capacity is None


def test_a_plain_autoencoder_has_no_objective_to_choose_and_keeps_none() -> None:
    page = opened(**{state.TRAIN_SCHEDULE: "Warm-up"})
    page.toggle(key=state.TRAIN_PLAIN).set_value(True).run()
    assert state.TRAIN_SCHEDULE not in keys(page)
    assert started(page).train.schedule == "constant"
    page.toggle(key=state.TRAIN_PLAIN).set_value(False).run()
    assert page.selectbox(key=state.TRAIN_SCHEDULE).value == "Warm-up"


def test_total_correlation_of_too_large_a_batch_is_refused_with_the_rule() -> None:
    name = data.save_imported(Images("upload", np.zeros((9000, 1, 8, 8), np.uint8)), "Many")
    page = opened(**{state.TRAIN_DATA: name, state.TRAIN_TC: "2"})
    page.number_input(key=state.TRAIN_BATCH).set_value(6000).run()
    assert "take a smaller batch" in texts(page)
    assert next(button for button in page.button if button.label == "Start training").disabled


def test_the_estimate_is_of_the_objective_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    timed: list[float] = []

    def seconds(model: object, asked: TrainConfig, *, steps: int = 3) -> float:
        timed.append(asked.tc)
        return 0.5 if asked.tc else 0.001

    monkeypatch.setattr(train, "seconds_per_image", seconds)
    page = opened(**{state.TRAIN_TC: "2", state.TRAIN_EPOCHS: "10", state.TRAIN_LATENT: "7"})
    assert "About 2.0 h" in texts(page)  # 1439 images, 10 times, half a second each
    page.number_input(key=state.TRAIN_EPOCHS).set_value(20).run()
    assert "About 4.0 h" in texts(page)
    assert timed.count(1.0) == 3  # the best of three, once


def test_every_choice_survives_a_switch_of_pages() -> None:
    page = opened()
    page.selectbox(key=state.TRAIN_GREYS).set_value(DRAWN_ANEW).run()
    page.selectbox(key=state.TRAIN_SCHEDULE).set_value("Cyclical").run()
    page.number_input(key=state.TRAIN_CYCLES).set_value(9).run()
    page.selectbox(key=state.TRAIN_PIXEL).set_value(GAUSSIAN).run()
    page.selectbox(key=state.TRAIN_SIGMA_IS).set_value(LEARNED).run()
    page.switch_page("pages/models.py").run()
    page.switch_page("pages/train.py").run()
    asked = started(page)
    assert (asked.train.schedule, asked.train.cycles, asked.model.sigma_is) == ("cyclical", 9, "learned")


@pytest.mark.parametrize("hostile", ["../../etc/passwd", "\0", "nan", "-1", "1e999"])
def test_a_hostile_address_leaves_the_objective_plain(hostile: str) -> None:
    names = (state.TRAIN_GREYS, state.TRAIN_SIGMA_IS, state.TRAIN_SIGMA, state.TRAIN_SCHEDULE, state.TRAIN_RAMP, state.TRAIN_CYCLES)
    page = opened(**dict.fromkeys((*names, state.TRAIN_CAPACITY, state.TRAIN_FREE_BITS, state.TRAIN_TC), hostile))
    assert started(page).train == TrainConfig(epochs=100, threads=cores.threads())
