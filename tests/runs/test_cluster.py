"""cluster: a job for each run, by submitit: in this process for quick tests, as processes of their own for a slow one."""

from __future__ import annotations

import os
import pickle
import sys
import time
from pathlib import Path

import pytest

from tests.runs.test_many import of_seed
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import catalogue, cluster, directory, jobs, many
from vae_core.runs.execute import execute

pytestmark = [
    pytest.mark.usefixtures("fresh_home"),
    pytest.mark.filterwarnings("ignore:unclosed file:ResourceWarning"),  # submitit's debug executor closes none of its logs
]


def planned(digits: Images, seeds: int = 2) -> many.Plan:
    return many.planned([of_seed(seed) for seed in range(seeds)], {"digits": digits})


def test_a_job_for_each_run_which_the_lists_show_and_no_worker_takes(digits: Images) -> None:
    before = [os.environ.get(name) for name in ("LATENT_LOOM_HOME", "PYTHONPATH")]
    made = cluster.start(planned(digits), "debug", minutes=1)
    assert [os.environ.get(name) for name in ("LATENT_LOOM_HOME", "PYTHONPATH")] == before
    assert [run.status.state for run in directory.listing()] == ["submitted", "submitted"]
    assert jobs.waiting() == []
    assert planned(digits).count == 0
    assert [job.result() for job in made.values()] == ["finished", "finished"]
    assert {entry.name for entry in catalogue.models().values() if entry.kind == "run"} == {"seed 0", "seed 1"}
    assert len(planned(digits).trained) == 2


def test_a_run_is_stopped_before_its_turn_and_goes_on_with_the_next_sweep(digits: Images) -> None:
    first, second = cluster.start(planned(digits), "debug", minutes=1).values()
    stopped = directory.listing()[0]
    directory.request_stop(stopped.folder)
    assert sorted([first.result(), second.result()]) == ["finished", "stopped"]
    again = planned(digits)
    assert (len(again.trained), again.count) == (1, 1)


def test_a_job_that_was_cut_off_goes_on_from_its_checkpoint() -> None:
    run = directory.create(of_seed(0, epochs=30), state="submitted")
    training = execute(run)
    next(training)
    directory.request_stop(run)
    for _ in training:
        pass
    step = directory.status(run).step
    directory.set_state(run, "running")  # as it stands where the machine was taken away
    again = cluster.Train().checkpoint(run)
    assert pickle.loads(pickle.dumps(again.function))(*again.args) == "finished"
    assert [record.step for record in directory.records(run)] == sorted({record.step for record in directory.records(run)})
    assert 0 < step < directory.status(run).step == directory.status(run).steps


@pytest.mark.slow
def test_jobs_of_their_own_processes_train_and_stop_one_by_one(digits: Images) -> None:
    plan = many.planned([of_seed(0), of_seed(1, epochs=10_000)], {"digits": digits})
    quick, long = cluster.start(plan, "local", minutes=30).values()
    (endless,) = (run for run in directory.listing() if run.config.train.epochs > 1)
    try:
        assert quick.result() == "finished"
        while not directory.records(endless.folder):
            assert not long.done(), long.stderr()
            time.sleep(0.1)
    finally:
        directory.request_stop(endless.folder)
    assert long.result() == "stopped"
    again = many.planned([of_seed(0), of_seed(1, epochs=10_000)], {"digits": digits})
    assert [len(again.trained), [run.id for run in again.resumed], len(again.new)] == [1, [endless.id], 0]


@pytest.mark.parametrize("missing", ["submitit", "slurm"])
def test_what_is_missing_is_said_and_no_run_is_left(digits: Images, missing: str, monkeypatch: pytest.MonkeyPatch) -> None:
    if missing == "submitit":
        monkeypatch.setitem(sys.modules, "submitit", None)
    monkeypatch.setenv("PATH", "")
    with pytest.raises(InputError, match="requirements-extras.txt" if missing == "submitit" else "There is no slurm here"):
        cluster.start(planned(digits), "slurm", minutes=1)
    assert directory.listing() == []


def test_jobs_that_slurm_refuses_are_said_to_be_refused(digits: Images, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("sbatch", "srun"):
        (tmp_path / name).write_text("#!/bin/sh\necho 'invalid partition: nowhere' >&2\nexit 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    with pytest.raises(InputError, match=r"^The cluster refused the jobs: .*nowhere"):
        cluster.start(planned(digits), "slurm", minutes=1, options={"partition": "nowhere"})
    assert {run.status.state for run in directory.listing()} == {"failed"}
