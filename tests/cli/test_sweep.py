"""sweep: many runs from one command, planned first; and stop."""

from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from tests.cli.calls import QUICK, in_short
from vae_core.cli.main import main
from vae_core.runs import cluster, directory, jobs
from vae_core.runs.many import Plan

SWEEP = ["sweep", "--data", "digits", *QUICK[:4], "--batch", "500"]


@pytest.fixture(autouse=True)
def places(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Where workers would have been started."""
    started: list[int] = []
    monkeypatch.setattr(jobs, "_start_in", started.append)
    return started


def told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> tuple[dict[str, object], str]:
    assert main(arguments) == 0
    out, err = capsys.readouterr()
    return json.loads(out), err


def test_each_combination_is_a_run_of_one_thread_and_is_planned_first(places: list[int], capsys: pytest.CaptureFixture[str]) -> None:
    asked = [*SWEEP, "--over", "beta=0.5,1", "--over", "latent=2,3"]
    plan, sentence = told([*asked, "--plan"], capsys)
    assert (plan["new"], plan["trained"], directory.listing(), places) == (4, [], [], [])
    assert sentence.startswith("4 runs to train: about ")
    assert "MB of memory each besides torch itself." in sentence
    done, _ = told([*asked, "--workers", "3"], capsys)
    runs = directory.listing()
    assert done["started"] == [run.id for run in reversed(runs)]
    assert {(run.config.train.beta, run.config.model.latent, run.config.train.threads) for run in runs} == {
        (beta, latent, 1) for beta in (0.5, 1.0) for latent in (2, 3)
    }
    assert len({run.config.name for run in runs}) == 4
    assert places == [0, 1, 2]

    again, sentence = told(asked, capsys)
    assert (again["new"], again["active"], "started" in again) == (0, [run.id for run in reversed(runs)], False)
    assert sentence == "There is nothing to train. 4 are on the way.\n"


def test_seeds_bodies_and_sets_can_vary_and_names_say_what_does(capsys: pytest.CaptureFixture[str]) -> None:
    over = ["--over", "data=digits,sprites", "--over", "seed=0,1", "--over", "model=mlp,linear"]
    told(["sweep", "--epochs", "1", "--likelihood", "bernoulli", "--name", "Trial", *over], capsys)
    named = {run.config.name: run.config for run in directory.listing()}
    assert len(named) == 8
    config = named["Trial data sprites seed 1 model linear"]
    assert (config.data, config.train.seed, config.model.body, config.model.height) == ("sprites", 1, "linear", 32)


def test_stop_ends_runs_by_id_and_the_same_sweep_takes_them_up_again(capsys: pytest.CaptureFixture[str]) -> None:
    started, _ = told(SWEEP, capsys)
    (run,) = directory.listing()
    assert told(["stop", run.id], capsys)[0] == {"stopped": [run.id]}
    assert directory.status(run.folder).state == "stopped"
    assert told(["stop", run.id], capsys)[0] == {"stopped": []}
    plan, _ = told([*SWEEP, "--plan"], capsys)
    assert (started["new"], plan["new"], plan["resumed"]) == (1, 0, [run.id])


def test_on_slurm_it_hands_over_the_plan_the_time_and_what_sbatch_is_told(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    heard: list[object] = []

    def start(plan: Plan, *rest: object) -> dict[object, object]:
        heard.extend([plan.count, *rest])
        return {}

    monkeypatch.setattr(cluster, "start", start)
    done, _ = told([*SWEEP, "--on", "slurm", "--minutes", "30", "--slurm", "partition=short", "--slurm", "gres=gpu:1"], capsys)
    assert heard == [1, "slurm", 30, {"partition": "short", "gres": "gpu:1"}]
    assert done["jobs"] == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["sweep"], "There is nothing to train on: give --data"),
        ([*SWEEP, "--over", "beta"], "--over takes OPTION=A,B such as beta=0.1,1,10"),
        ([*SWEEP, "--over", "lr=1,2"], "--over takes one of beta, latent, seed, model, data, not lr."),
        ([*SWEEP, "--over", "beta=1,x"], "is not a number"),
        ([*SWEEP, "--over", "beta=1", "--over", "beta=2"], "--over beta is given twice"),
        ([*SWEEP, "--over", f"seed={','.join(map(str, range(1001)))}"], "That makes 1,001 runs"),
        ([*SWEEP, "--over", "latent=0,2"], "latent = 0: input should be greater than or equal to 2."),
        ([*SWEEP, "--workers", "0"], "--workers takes a number from 1 on, not 0."),
        ([*SWEEP, "--threads", "0"], "give --threads"),
        ([*SWEEP, "--slurm", "short"], '--slurm takes OPTION=VALUE, not "short".'),
        (["stop", "nowhere"], "There is no such run any more."),
    ],
    ids=in_short,
)
def test_what_is_asked_amiss_is_one_sentence(arguments: list[str], words: str, refused_cleanly: Callable[[list[str]], str]) -> None:
    assert words in refused_cleanly(arguments)
    assert directory.listing() == []
