"""A run on the Train page: what was chosen for it stands beside it, and one that was stopped can go on."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from safetensors.numpy import load
from streamlit.testing.v1 import AppTest

from pages.ui.ground import state
from tests.pages.steps import press
from tests.pages.test_train import TINY, opened, texts
from vae_core.base.config import RunConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.runs import directory, jobs
from vae_core.runs.execute import execute


@pytest.fixture(autouse=True)
def own_home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No runs but the test's own, and no worker: what is queued stays queued."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path))
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)


def config(train: TrainConfig = TINY.train, **model: object) -> RunConfig:
    return TINY.model_copy(update={"train": train, "model": TINY.model.model_copy(update=model)})


def finished(asked: RunConfig) -> Path:
    folder = directory.create(asked)
    for _ in execute(folder):
        pass
    return folder


def stopped() -> Path:
    """A run that was stopped at its first record."""
    folder = directory.create(config(TrainConfig(epochs=50, threads=1)))
    for _ in execute(folder):
        directory.request_stop(folder)
    assert directory.status(folder).state == "stopped"
    return folder


def labels(page: AppTest) -> list[str]:
    return [button.label for button in page.button]


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (
            config(),
            "Fully connected, 2 latent dimensions. A pixel is: chance of white (Bernoulli). The KL weight β is 1 all through the run.",
        ),
        (config(variational=False), "2 latent dimensions, a plain autoencoder. A pixel is: chance of white (Bernoulli)."),
        (config(TrainConfig(binarise="stochastic")), "chance of white (Bernoulli), black and white, drawn anew each time."),
        (config(likelihood="logistic", sigma=0.25), "one of 256 levels (discretised logistic), σ 0.25."),
        (config(likelihood="gaussian", sigma_is="optimal"), "brightness with noise (Gaussian), σ best for each batch (optimal)."),
        (
            config(TrainConfig(beta=2.5, schedule="linear", ramp=0.1)),
            "β rises from 0 to 2.5 over the first 10 % of the run and stays there.",
        ),
        (
            config(TrainConfig(capacity=5.0, tc=2.0)),
            "rises from 0 to 5 nats over the first 50 % of it. Total correlation is charged 2 times",
        ),
    ],
)
def test_what_was_chosen_stands_with_the_run(asked: RunConfig, said: str) -> None:
    directory.create(asked)
    assert said in texts(opened())


@pytest.mark.parametrize(
    ("likelihood", "sigma_is", "name"),
    [("gaussian", "learned", "sigma.log_sigma"), ("logistic", "learned", "sigma.log_sigma"), ("gaussian", "optimal", "running")],
)
def test_what_sigma_has_become_is_told_once_the_run_has_ended(likelihood: str, sigma_is: str, name: str) -> None:
    folder = finished(config(likelihood=likelihood, sigma_is=sigma_is))
    kept = directory.newest_checkpoint(folder)
    assert kept is not None
    weights = load((kept / "weights.safetensors").read_bytes())[f"likelihood.{name}"]
    sigma = math.sqrt(math.exp(2 * weights) + 0.001**2) if sigma_is == "learned" else math.sqrt(weights[0] / weights[1])
    assert sigma != pytest.approx(0.1, rel=1e-3)  # where it began
    assert f"σ is now {sigma:.3g}." in texts(opened())


def test_a_damaged_model_leaves_the_run_on_the_page() -> None:
    folder = finished(config(likelihood="gaussian", sigma_is="learned"))
    kept = directory.newest_checkpoint(folder)
    assert kept is not None
    (kept / "card.json").write_text("{}")
    text = texts(opened())
    assert "σ learned." in text
    assert "σ is now" not in text


def test_a_schedule_is_drawn_beside_the_curves_with_a_mark_and_the_figures_say_what_they_count() -> None:
    finished(config(TrainConfig(epochs=2, threads=1, schedule="linear")))
    page = opened()
    charts = [chart.proto.alt for chart in page.get("plotly_chart")]
    assert len(charts) == 3
    assert charts[2].endswith("After epoch 2 it is 1.")
    assert "with the final KL weight and nothing else" in texts(page)


def test_a_stopped_run_goes_on_when_asked() -> None:
    folder = stopped()
    page = opened()
    press(page, "Resume")
    assert [run.id for run in jobs.waiting()] == [folder.name]
    assert f"It goes on after epoch {directory.records(folder)[-1].epoch:.3g}." in texts(page)
    assert "Resume" not in labels(page)
    press(page, "Stop")
    assert "Resume" in labels(page)


def test_a_run_that_cannot_go_on_has_no_such_button() -> None:
    finished(config())
    assert "Resume" not in labels(opened())
    failed = directory.create(config())
    directory.set_status(failed, "failed", "Training diverged at step 3.", final=True)
    page = opened()
    assert not {"Resume", "Begin again"} & set(labels(page))
    assert "Change the settings below and start again." in texts(page)


def test_a_run_that_was_cut_off_before_it_saved_anything_begins_again() -> None:
    folder = directory.create(config())
    directory.set_status(folder, "running")
    page = opened()
    assert "The training process ended unexpectedly; it had no checkpoint yet." in texts(page)
    assert "*Begin again* takes the same settings; or change them below and start another run." in texts(page)
    press(page, "Begin again")
    assert [run.id for run in jobs.waiting()] == [folder.name]
    assert "Begin again" not in labels(page)


def test_why_a_run_could_not_go_on_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(run_id: str) -> None:
        raise InputError("The saved training is damaged.")

    stopped()
    monkeypatch.setattr(jobs, "resume", refuse)
    page = press(opened(), "Resume")
    assert "The saved training is damaged." in texts(page)
    assert "Resume" in labels(page)


def test_the_reason_is_said_where_only_the_runs_are_drawn_again() -> None:
    def script() -> None:
        from pages.ui.ground import state
        from pages.ui.screens.train import monitor
        from vae_core.base.errors import InputError

        state.put(state.SHARED_REFUSED, InputError("The saved training is damaged."))
        monitor._watch(polling=False)

    assert "The saved training is damaged." in texts(AppTest.from_function(script).run())


def test_a_resumed_run_waits_behind_those_that_were_queued_meanwhile() -> None:
    first = stopped()
    page = opened()
    press(page, "Start training")
    page.selectbox(key=state.TRAIN_RUN).set_value(first.name).run()
    press(page, "Resume")
    assert "1 run ahead of this one." in texts(page)


def test_a_run_on_a_cluster_waits_there_and_can_be_stopped() -> None:
    folder = directory.create(config(), state="submitted")
    page = opened()
    assert "It waits for its turn on the cluster." in texts(page)
    assert "In the cluster's queue" in texts(page)
    press(page, "Stop")
    assert directory.status(folder).state == "stopped"
