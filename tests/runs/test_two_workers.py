"""jobs, with two workers: nothing is trained twice and nothing lost, whichever of them is killed."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.runs.test_jobs import PATIENCE, FakeWorkers, run_config, state, wait_for
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import cores, directory, jobs
from vae_core.runs.directory import find, newest_checkpoint, request_stop
from vae_core.runs.execute import execute
from vae_core.training.train import Record

pytestmark = [pytest.mark.usefixtures("fresh_home"), pytest.mark.slow]


@pytest.fixture(autouse=True)
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """A machine on which two workers train."""
    monkeypatch.setenv(cores.ASKED, "2")


class FakeWorker(FakeWorkers):
    """Stands for `subprocess.Popen`: keeps the place of the worker."""

    def __init__(self, command: list[str], *, env: dict[str, str], **options: object) -> None:
        places.append(command[-1])


places: list[str] = []


@pytest.fixture
def fake_workers(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The places in which a worker was started."""
    places.clear()
    monkeypatch.setattr(subprocess, "Popen", FakeWorker)
    monkeypatch.setattr(jobs, "_children", [])
    return places


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """The worker processes started so far, none of which outlives the test."""
    jobs._children.clear()
    yield jobs._children
    for worker in jobs._children:
        worker.kill()
        worker.wait()
    jobs._children.clear()


def of_seed(seed: int, epochs: int = 10_000) -> str:
    config = run_config(epochs)
    return jobs.submit(
        config.model_copy(update={"train": config.train.model_copy(update={"seed": seed, "batch": 100, "precision": "fp32"})})
    )


def test_a_killed_worker_loses_nothing_and_the_other_notices_nothing(workers: list[subprocess.Popen[bytes]]) -> None:
    first, second, third = of_seed(0), of_seed(1), of_seed(2, epochs=1)
    jobs.tend()
    assert len(workers) == 2
    wait_for(lambda: all(newest_checkpoint(find(run).folder) for run in (first, second)))
    assert [state(run) for run in (first, second, third)] == ["running", "running", "queued"]
    assert jobs.ahead(third) == 1

    workers[1].kill()
    workers[1].wait()
    for _ in range(3):
        jobs.tend()
    assert len(workers) == 2  # the dead one is forgotten; one came for three calls
    (killed,), (other,) = ([run for run in (first, second) if state(run) == word] for word in ("failed", "running"))
    assert "the run can go on from step" in find(killed).status.message
    jobs.resume(killed)
    wait_for(lambda: state(third) == "finished")
    gone_on = find(killed).status.step
    wait_for(lambda: state(killed) == "running" and find(killed).status.step > gone_on)

    for run in (killed, other):
        request_stop(find(run).folder)
    wait_for(lambda: state(killed) == state(other) == "stopped")
    assert [worker.wait(PATIENCE) for worker in workers] == [0, 0]
    for run in (killed, other):
        kept = directory.records(find(run).folder)[:-1]  # the last is of the steps before the stop
        unbroken = []
        for record in execute(directory.create(find(run).config, state="running")):
            unbroken.append(record)
            if record.step >= kept[-1].step:
                break
        assert [(record.step, record.loss, record.validation) for record in kept] == [
            (record.step, record.loss, record.validation) for record in unbroken
        ]


def test_the_next_server_finds_both_and_starts_what_is_missing(fake_workers: list[str]) -> None:
    old = directory.create(run_config().model_copy(update={"train": run_config().train.model_copy(update={"threads": 0})}))
    with directory.locked(jobs._lock_file(0)) as ours:
        assert ours
        jobs.tend()
        assert fake_workers == []  # the run of older code waits for the first
        jobs.submit(run_config())
        jobs.tend()
        assert fake_workers == ["--place=1"]
        jobs._starting_mark(1).unlink()
        with directory.locked(jobs._lock_file(1)) as ours_too:
            assert ours_too
            jobs.tend()
            assert fake_workers == ["--place=1"]
    request_stop(old)
    jobs.tend()
    assert fake_workers == ["--place=1", "--place=0"]  # for one run, one is enough


def test_a_run_keeps_the_threads_that_it_was_queued_with(fake_workers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "there", lambda: 8)
    open_one = run_config().model_copy(update={"train": run_config().train.model_copy(update={"threads": 0})})
    run = jobs.submit(open_one)
    assert find(run).config.train.threads == 3
    assert jobs.submit(open_one, last=run) == run  # a double click
    assert fake_workers == ["--place=0"]


def test_nonsense_in_the_environment_is_told_who_queues_a_run(fake_workers: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(cores.ASKED, "many")
    open_one = run_config().model_copy(update={"train": run_config().train.model_copy(update={"threads": 0})})
    with pytest.raises(InputError, match=r"^LATENT_LOOM_WORKERS of this server is 'many'"):
        jobs.submit(open_one)
    assert directory.listing() == []
    directory.create(run_config())
    directory.create(run_config())
    jobs.tend()
    assert fake_workers == ["--place=0"]


def test_a_run_that_was_queued_again_meanwhile_is_trained_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)
    stopped, next_one = jobs.submit(run_config(20)), jobs.submit(run_config())

    def training(run: Path, images: Images | None = None) -> Iterator[Record]:
        if run.name == stopped and not directory.records(run):
            records = execute(run)
            yield next(records)
            request_stop(run)
            yield from records
        else:
            yield from execute(run)
        if run.name == next_one:
            jobs.resume(stopped)

    monkeypatch.setattr(jobs, "execute", training)
    jobs.work()
    assert [state(run) for run in (stopped, next_one)] == ["finished", "finished"]
