"""many: what a sweep would train, what is there already, and workers that share a queue."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

import vae_core
from tests.runs.small import run_config
from vae_core.base.config import RunConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import cores, directory, jobs, many
from vae_core.runs.execute import execute
from vae_core.training.train import Record

pytestmark = pytest.mark.usefixtures("fresh_home")


def of_seed(seed: int, epochs: int = 1) -> RunConfig:
    config = run_config(epochs)
    return config.model_copy(update={"name": f"seed {seed}", "train": config.train.model_copy(update={"seed": seed, "threads": 1})})


@pytest.fixture
def no_workers(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    places: list[int] = []
    monkeypatch.setattr(jobs, "_start_in", places.append)
    return places


def test_what_is_trained_on_its_way_or_broken_off_is_not_begun_again(digits: Images, no_workers: list[int]) -> None:
    images = {"digits": digits}
    done = vae_core.run(of_seed(0))
    waiting = directory.create(of_seed(1))
    broken = directory.create(of_seed(2, epochs=40), state="running")
    training = execute(broken)
    next(training)
    directory.request_stop(broken)
    for _ in training:
        pass
    assert directory.status(broken).state == "stopped"
    asked = [of_seed(0), of_seed(1), of_seed(2, epochs=40), of_seed(3), of_seed(3)]
    plan = many.planned(asked, images)
    assert list(plan.trained) == [done]
    assert [run.folder for run in plan.active] == [waiting]
    assert [run.folder for run in plan.resumed] == [broken]
    assert list(plan.new) == [of_seed(3)]
    assert plan.seconds > 0 < plan.bytes

    started = many.start(plan, workers=8)
    assert started[0] == broken
    assert [directory.status(folder).state for folder in started] == ["queued", "queued"]
    assert no_workers == [0, 1]
    assert many.planned(asked, images).count == 0


def test_more_than_the_queue_holds_is_refused_and_none_is_added(digits: Images, no_workers: list[int]) -> None:
    plan = many.planned([of_seed(seed) for seed in range(jobs.MAX_QUEUED + 1)], {"digits": digits})
    with pytest.raises(InputError, match="the queue holds 30"):
        many.start(plan, workers=1)
    assert directory.listing() == []


def test_the_cores_are_divided_among_workers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cores, "there", lambda: 8)
    assert [many.workers_for(threads) for threads in (1, 3, 16)] == [8, 2, 1]
    with pytest.raises(InputError, match="give --threads"):
        many.workers_for(0)


def test_workers_in_several_places_train_each_run_once(monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(4):
        directory.create(of_seed(seed))
    unpinned = directory.create(run_config(1))
    trained: list[str] = []
    both = threading.Barrier(2)

    def training(run: Path) -> Iterator[Record]:
        for number, record in enumerate(execute(run)):
            if number == 0:
                trained.append(run.name)
                if len(trained) <= 2:
                    both.wait(60)  # two are at work at the same time
            yield record

    monkeypatch.setattr(jobs, "execute", training)
    second = threading.Thread(target=jobs.work, args=(1,))
    second.start()
    jobs.work(0)
    second.join()
    assert len(trained) == len(set(trained)) == 5
    assert {run.status.state for run in directory.listing()} == {"finished"}
    directory.set_status(unpinned, "queued")
    jobs.work(1)  # leaves alone what would take all cores
    assert directory.status(unpinned).state == "queued"


def test_a_run_that_another_worker_has_trained_meanwhile_is_left_as_it_is() -> None:
    folder = vae_core.run(of_seed(0))
    before = directory.status(folder)
    assert list(execute(folder)) == []
    assert directory.status(folder) == before
