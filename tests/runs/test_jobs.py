"""jobs: what is queued gets trained, by one worker at a time, whatever the process that queued it does."""

from __future__ import annotations

import contextlib
import os
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import directory, jobs, resuming
from vae_core.runs.directory import find, newest_checkpoint, request_stop, set_status, status
from vae_core.runs.execute import execute
from vae_core.training import checkpoint
from vae_core.training.train import Record

SMALL = ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,))
PATIENCE = 240  # seconds; a worker starts in 3 on an idle machine

pytestmark = [pytest.mark.usefixtures("fresh_home"), pytest.mark.slow]


def run_config(epochs: int = 1, data: str = "digits") -> RunConfig:
    return RunConfig(name="Small", data=data, model=SMALL, train=TrainConfig(epochs=epochs, batch=500, threads=1))


def state(run_id: str) -> str:
    return find(run_id).status.state


def wait_for(what: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not what():
        assert time.monotonic() < end, [(run.id, run.status) for run in directory.listing()]
        time.sleep(0.05)


def let_workers_end() -> None:
    for worker in jobs._children:
        assert worker.wait(PATIENCE) == 0


@pytest.fixture
def workers() -> Iterator[list[subprocess.Popen[bytes]]]:
    """The worker processes started so far; whatever happens, none of them outlives the test."""
    jobs._children.clear()
    yield jobs._children
    for worker in jobs._children:
        worker.kill()
        worker.wait()
    jobs._children.clear()


@pytest.fixture
def no_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: None)


class FakeWorkers:
    """Stands for `subprocess.Popen`: counts the workers started and keeps what they were given."""

    def __init__(self, command: list[str], *, env: dict[str, str], **options: object) -> None:
        started.append((command, env))

    def poll(self) -> int | None:
        return None


started: list[tuple[list[str], dict[str, str]]] = []


@pytest.fixture
def fake_workers(monkeypatch: pytest.MonkeyPatch) -> list[tuple[list[str], dict[str, str]]]:
    started.clear()
    monkeypatch.setattr(subprocess, "Popen", FakeWorkers)
    monkeypatch.setattr(jobs, "_children", [])
    return started


def test_queued_runs_are_trained_in_another_process_one_after_another(workers: list[subprocess.Popen[bytes]]) -> None:
    first, second = jobs.submit(run_config(2)), jobs.submit(run_config())
    assert len(workers) == 1
    wait_for(lambda: state(second) == "finished")
    assert state(first) == "finished"
    assert all(newest_checkpoint(find(run).folder) for run in (first, second))
    began_second, ended_first = ((find(run).folder / name).stat().st_mtime for run, name in ((second, ".lock"), (first, "status.json")))
    assert began_second >= ended_first
    assert os.getsid(workers[0].pid) != os.getsid(0)  # a terminal that closes does not take it along
    let_workers_end()


def test_stop_kill_and_recovery(workers: list[subprocess.Popen[bytes]]) -> None:
    long, unwanted, next_one = jobs.submit(run_config(10_000)), jobs.submit(run_config()), jobs.submit(run_config(10_000))
    wait_for(lambda: newest_checkpoint(find(long).folder) is not None)
    assert [run.id for run in jobs.waiting()] == [unwanted, next_one]

    request_stop(find(unwanted).folder)
    jobs.tend()  # all is well: it changes nothing and starts nobody
    assert len(workers) == 1
    assert [state(run) for run in (long, unwanted, next_one)] == ["running", "stopped", "queued"]

    workers[0].kill()
    workers[0].wait()
    assert state(long) == "running"  # nobody could tell it otherwise
    for _ in range(5):
        jobs.tend()
    assert len(workers) == 1  # the dead one is forgotten, and one new worker came for five calls
    kept = newest_checkpoint(find(long).folder)
    assert kept is not None
    assert find(long).status.message == f"The training process ended unexpectedly; the run can go on from step {int(kept.name):,}."
    assert checkpoint.load(newest_checkpoint(find(long).folder) or Path()).card.steps >= 3

    wait_for(lambda: find(next_one).status.step > 0)
    request_stop(find(next_one).folder)
    wait_for(lambda: state(next_one) == "stopped")
    card = checkpoint.load(newest_checkpoint(find(next_one).folder) or Path()).card
    assert card.steps == find(next_one).status.step
    assert [state(run) for run in (long, unwanted)] == ["failed", "stopped"]
    assert not directory.records(find(unwanted).folder)
    let_workers_end()


@pytest.mark.usefixtures("no_workers")
def test_a_run_that_fails_does_not_hold_up_the_queue(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> None:
    def sometimes_broken(run: Path, images: Images | None = None) -> Iterator[Record]:
        if run.name == broken:
            raise RuntimeError("a bug")
        return execute(run, images)

    monkeypatch.setattr(jobs, "execute", sometimes_broken)
    unknown, broken, good = jobs.submit(run_config(data="no such set")), jobs.submit(run_config()), jobs.submit(run_config())
    jobs.work()
    assert [state(run) for run in (unknown, broken, good)] == ["failed", "queued", "finished"]
    assert "a bug" in caplog.text


@pytest.mark.usefixtures("no_workers")
def test_a_run_submitted_as_the_worker_lays_down_its_lock_is_trained(monkeypatch: pytest.MonkeyPatch) -> None:
    locked = directory.locked
    late: list[str] = []

    @contextlib.contextmanager
    def watched(file: Path, timeout: float = 0) -> Iterator[bool]:
        with locked(file, timeout) as ours:
            yield ours
            if file.name == ".worker.lock" and not late:
                late.append(jobs.submit(run_config()))

    monkeypatch.setattr(directory, "locked", watched)
    jobs.submit(run_config())
    jobs.work()
    assert state(late[0]) == "finished"


@pytest.mark.usefixtures("no_workers")
def test_a_second_worker_leaves_everything_to_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "_HANDOVER_SECONDS", 0.1)
    waiting = jobs.submit(run_config())
    with directory.locked(jobs._lock_file(0)) as free:
        assert free
        jobs.work()
        assert state(waiting) == "queued"
    jobs.work()
    assert state(waiting) == "finished"


def test_a_worker_is_started_only_where_none_is_at_work_or_on_its_way(
    fake_workers: list[tuple[list[str], dict[str, str]]], monkeypatch: pytest.MonkeyPatch, fresh_home: Path
) -> None:
    monkeypatch.chdir(fresh_home.parent)
    monkeypatch.setenv("LATENT_LOOM_HOME", fresh_home.name)
    jobs.tend()
    assert fake_workers == []  # nothing is queued
    for _ in range(3):
        jobs.submit(run_config())
        jobs.tend()
    assert len(fake_workers) == 1
    command, environment = fake_workers[0]
    assert command[1:] == ["-m", "vae_core", "work", "--place=0"]
    assert environment["LATENT_LOOM_HOME"] == str(fresh_home)

    mark = jobs._starting_mark(0)
    os.utime(mark, (time.time() - 31, time.time() - 31))  # that worker died on its way
    with directory.locked(jobs._lock_file(0)):
        jobs.tend()
        assert len(fake_workers) == 1  # another one is at work
    jobs.tend()
    assert len(fake_workers) == 2
    os.utime(mark, (time.time() + 3600, time.time() + 3600))  # the clock was put back
    jobs.tend()
    assert len(fake_workers) == 3
    jobs.work()
    assert not mark.exists()
    jobs.submit(run_config())
    assert len(fake_workers) == 4


def test_a_worker_that_cannot_be_started_leaves_the_run_in_the_queue(monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(*arguments: object, **options: object) -> None:
        raise BlockingIOError("too many processes")

    monkeypatch.setattr(subprocess, "Popen", refused)
    assert state(jobs.submit(run_config())) == "queued"


@pytest.mark.usefixtures("no_workers")
def test_the_queue_has_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    assert jobs.MAX_QUEUED == 30
    monkeypatch.setattr(jobs, "MAX_QUEUED", 3)
    queued = [jobs.submit(run_config()) for _ in range(3)]
    with pytest.raises(InputError, match=r"^3 runs are waiting already: stop some, or try again when they are done\.$"):
        jobs.submit(run_config())
    assert [run.id for run in jobs.waiting()] == queued
    request_stop(find(queued[0]).folder)
    jobs.submit(run_config())


@pytest.mark.usefixtures("no_workers")
def test_a_model_that_is_too_large_is_refused_before_it_is_queued() -> None:
    large = run_config().model_copy(update={"model": SMALL.model_copy(update={"hidden": (4096,) * 5})})
    with pytest.raises(InputError, match="parameters"):
        jobs.submit(large)
    assert directory.listing() == []


@pytest.mark.usefixtures("no_workers")
def test_a_run_of_the_command_line_is_neither_taken_nor_called_cut_off() -> None:
    own = directory.create(run_config(2), state="running")
    training = execute(own)
    next(training)
    jobs.work()
    jobs.tend()
    assert status(own).state == "running"
    assert len(list(training)) == 5
    assert status(own).state == "finished"


@pytest.mark.usefixtures("no_workers")
def test_the_worker_marks_what_was_cut_off_before_it() -> None:
    cut_off = jobs.submit(run_config())
    set_status(find(cut_off).folder, "running")
    jobs.work()
    assert state(cut_off) == "failed"


def test_a_run_whose_worker_was_killed_goes_on_bit_for_bit(workers: list[subprocess.Popen[bytes]]) -> None:
    """Killed twice at moments that nobody chose, and stopped once; the pages' way back each time."""
    config = RunConfig(name="Small", data="digits", model=SMALL, train=TrainConfig(epochs=20, batch=20, threads=1, precision="fp32"))
    run = jobs.submit(config)
    folder = find(run).folder
    for kill in (True, False, True):
        goal = find(run).status.step + 20
        wait_for(lambda goal=goal: newest_checkpoint(folder) is not None and find(run).status.step > goal)  # type: ignore[misc]
        if kill:
            workers[-1].kill()
            workers[-1].wait()
            jobs.tend()
            assert (state(run), resuming.cannot_resume(find(run))) == ("failed", None)
        else:
            request_stop(folder)
            wait_for(lambda: state(run) == "stopped")
            assert workers[-1].wait(PATIENCE) == 0
        jobs.resume(run)
    wait_for(lambda: state(run) == "finished")
    unbroken = directory.create(config, state="running")
    whole = list(execute(unbroken))
    assert [(record.step, record.loss, record.validation) for record in directory.records(folder)] == [
        (record.step, record.loss, record.validation) for record in whole
    ]
    hashes = {checkpoint.load(newest_checkpoint(of) or of).weights_hash for of in (folder, unbroken)}
    assert len(hashes) == 1


@pytest.mark.usefixtures("no_workers")
def test_a_resumed_run_waits_behind_those_that_wait_already(monkeypatch: pytest.MonkeyPatch) -> None:
    run = jobs.submit(run_config(20))
    training = execute(find(run).folder)
    next(training)
    request_stop(find(run).folder)
    list(training)
    assert state(run) == "stopped"
    other = jobs.submit(run_config())
    jobs.resume(run)
    assert [waiting.id for waiting in jobs.waiting()] == [other, run]
    with pytest.raises(InputError, match="already in training, or waits"):
        jobs.resume(run)
    with pytest.raises(InputError, match="no such run"):
        jobs.resume("../" + run)
    jobs.work()
    assert [state(of) for of in (run, other)] == ["finished", "finished"]
    monkeypatch.setattr(jobs, "MAX_QUEUED", 0)
    with pytest.raises(InputError, match="runs are waiting already"):
        jobs.resume(run)


@pytest.mark.usefixtures("no_workers")
def test_a_resumed_run_gets_a_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    run = jobs.submit(run_config(20))
    training = execute(find(run).folder)
    next(training)
    request_stop(find(run).folder)
    list(training)
    called: list[bool] = []
    monkeypatch.setattr(jobs, "_ensure_worker", lambda: called.append(True))
    jobs.resume(run)
    assert called == [True]
