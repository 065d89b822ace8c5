"""resume: a run that was stopped or cut off goes on as if it had not been, or says why it cannot."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.runs.small import leftovers, lost, run_config
from vae_core import data
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs import directory, resuming
from vae_core.runs.directory import create, find, listing, newest_checkpoint, records, request_stop, set_status, status
from vae_core.runs.execute import execute
from vae_core.training import checkpoint, snapshots, train
from vae_core.training.train import Diverged, Record, Training

pytestmark = pytest.mark.usefixtures("fresh_home")


def untimed(of: list[Record]) -> list[Record]:
    return [replace(record, images_per_second=0.0, seconds=0.0) for record in of]


def weights_of(run: Path) -> str:
    return checkpoint.load(newest_checkpoint(run) or run).weights_hash


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 2 epochs of 29 steps with a record each third, that nobody stopped."""
    run = create(run_config(batch=50), tmp_path_factory.mktemp("unbroken") / "run", state="running")
    list(execute(run, data.load("digits")))
    return run


def assert_same_way(run: Path, other: Path) -> None:
    """Two runs have the same snapshots, to the bit."""
    found, expected = snapshots.read(run), snapshots.read(other)
    assert found is not None
    assert expected is not None
    assert [snapshot.step for snapshot in found.snapshots] == list(snapshots.planned(58))
    for mine, theirs in zip(found.snapshots, expected.snapshots, strict=True):
        assert (mine.step, mine.epoch) == (theirs.step, theirs.epoch)
        np.testing.assert_array_equal(mine.codes, theirs.codes)
        np.testing.assert_array_equal(mine.pictures, theirs.pictures)


def stop_after(step: int, monkeypatch: pytest.MonkeyPatch, how: Callable[[Path], None] = request_stop) -> None:
    """Have the run that is trained next asked to stop while it makes this step, and all looks come at once."""
    real = Training.update
    monkeypatch.setattr("vae_core.runs.execute._LOOK_SECONDS", 0.0)

    def update(self: Training) -> Record | None:
        found = real(self)
        if self.step == step:
            (run,) = (run.folder for run in listing() if run.status.state == "running")
            how(run)
        return found

    monkeypatch.setattr(Training, "update", update)


@pytest.mark.parametrize("steps", [[1], [57], [29], [28, 30], [3, 4, 5, 40]])
def test_a_run_stopped_after_any_step_goes_on_as_if_it_had_not_been(
    steps: list[int], unbroken: Path, digits: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = create(run_config(batch=50))
    for step in steps:
        with monkeypatch.context() as patch:
            stop_after(step, patch)
            *_, last = execute(run, digits)
        now = find(run.name)
        assert (last.step, now.status.state, now.status.step, now.status.steps) == (step, "stopped", step, 58)
        assert records(run)[-1] == last
        kept = newest_checkpoint(run)
        assert kept is not None
        assert int(kept.name) == step
        assert checkpoint.load(kept).card.steps == step
        assert resuming.cannot_resume(now) is None
        before = now.status.seconds
        resuming.resume(run)
        assert (status(run).state, status(run).step, (run / "stop").exists()) == ("queued", step, False)
    found = list(execute(run, digits))
    assert status(run).state == "finished"
    assert untimed(records(run)) == untimed(records(unbroken))
    assert found == [record for record in records(run) if record.step > last.step]
    assert weights_of(run) == weights_of(unbroken)
    assert (
        checkpoint.load(newest_checkpoint(run) or run).card.validation
        == checkpoint.load(newest_checkpoint(unbroken) or run).card.validation
    )
    assert status(run).seconds > before
    assert found[-1].seconds == status(run).seconds
    assert len(list((run / "checkpoints").iterdir())) == 2
    assert leftovers(run) == []
    assert_same_way(run, unbroken)


class Killed(BaseException):
    """Stands for kill -9: no more than the process itself knows about it."""


@pytest.mark.parametrize("step", [30, 40, 57])
def test_a_run_whose_process_died_goes_on_from_its_newest_whole_state(
    step: int, unbroken: Path, digits: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(run: Path) -> None:
        raise Killed

    run = create(run_config(batch=50))
    with monkeypatch.context() as patch:
        stop_after(step, patch, die)
        patch.setattr(directory, "set_state", lambda *arguments, **options: None)  # a dead process writes nothing
        set_status(run, "running")
        with pytest.raises(Killed):
            list(execute(run, digits))
    with open(run / "records.jsonl", "ab") as file:
        file.write(b'{"step": 58, "st')
    (run / "snapshots" / "00000057.bin").write_bytes(b"cut")
    assert status(run).state == "running"
    assert records(run)[-1].step > 29 or step == 30
    resuming.mark_cut_off()
    assert status(run).message == "The training process ended unexpectedly; the run can go on from step 29."
    resuming.resume(run)
    for record in execute(run, digits):
        assert all(int(file.stem) <= record.step for file in (run / "snapshots").glob("0*.bin"))  # none of a step that is made anew
    assert untimed(records(run)) == untimed(records(unbroken))
    assert weights_of(run) == weights_of(unbroken)
    assert_same_way(run, unbroken)


def half_way(digits: Images, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run stopped after 40 of 58 steps, with states of the steps 29 and 40."""
    run = create(run_config(batch=50))
    with monkeypatch.context() as patch:
        stop_after(40, patch)
        list(execute(run, digits))
    assert [folder.name for folder in sorted((run / "checkpoints").iterdir())] == ["00000029", "00000040"]
    return run


@pytest.mark.slow
def test_a_run_that_met_a_full_disk_goes_on_when_there_is_room(unbroken: Path, digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each write of the second checkpoint and of what comes after it in turn."""
    real = os.fsync
    ends: list[int] = []
    monkeypatch.setattr("vae_core.runs.execute._CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr("vae_core.runs.execute._CHECKPOINT_COSTS", 0)
    for full_after in range(10):
        run = create(run_config(batch=50))
        left = full_after

        def fsync(handle: int, run: Path = run) -> None:
            nonlocal left
            if status(run).step >= 54:
                left -= 1
            if left < 0:
                raise OSError(errno.ENOSPC, "No space left on device")
            real(handle)

        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", fsync)
            with contextlib.suppress(OSError):
                list(execute(run, digits))
        if status(run).state == "finished":
            break
        resuming.mark_cut_off()  # where the disk had no room for the status either
        ends.append(int((newest_checkpoint(run) or run).name))
        if resuming.cannot_resume(find(run.name)) is None:
            resuming.resume(run)
            list(execute(run, digits))
        assert untimed(records(run)) == untimed(records(unbroken))
        assert weights_of(run) == weights_of(unbroken)
        assert leftovers(run) == []
    assert set(ends) == {29, 58}
    assert status(run).state == "finished"


def cut(folder: Path) -> None:
    (folder / "training.safetensors").write_bytes((folder / "training.safetensors").read_bytes()[:-1])


def test_a_damaged_state_makes_way_for_the_one_before(unbroken: Path, digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_way(digits, monkeypatch)
    cut(run / "checkpoints" / "00000040")
    resuming.resume(run)
    with monkeypatch.context() as patch:
        stop_after(40, patch)
        list(execute(run, digits))
    assert checkpoint.has_training(run / "checkpoints" / "00000040")  # the damaged one was made anew
    resuming.resume(run)
    list(execute(run, digits))
    assert untimed(records(run)) == untimed(records(unbroken))
    assert weights_of(run) == weights_of(unbroken)


def test_a_run_whose_states_are_all_damaged_says_so_from_then_on(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_way(digits, monkeypatch)
    for folder in (run / "checkpoints").iterdir():
        cut(folder)
    before = records(run)
    assert resuming.cannot_resume(find(run.name)) is None  # nobody has looked inside yet
    with pytest.raises(InputError) as caught:
        resuming.resume(run)
    sentence = str(caught.value)
    assert sentence == (
        "The training state in 00000040 is damaged: training.safetensors has changed since it was saved. "
        "This run cannot go on: start a new run instead."
    )
    now = find(run.name)
    assert (now.status.state, now.status.message, now.status.step) == ("failed", sentence, 40)
    assert resuming.cannot_resume(now) == sentence
    assert records(run) == before
    assert checkpoint.load(newest_checkpoint(run) or run).card.steps == 40


@pytest.mark.parametrize("other", [{"seed": 1}, {"beta": 2.0}, {"epochs": 3}])
def test_the_state_of_another_run_is_not_gone_on_from(digits: Images, monkeypatch: pytest.MonkeyPatch, other: dict[str, object]) -> None:
    run = half_way(digits, monkeypatch)
    config = run_config(batch=50)
    config = config.model_copy(update={"train": config.train.model_copy(update=other)})
    (run / "run.json").write_text(config.model_dump_json())
    with pytest.raises(InputError, match="The training state in 00000040 belongs to another run"):
        resuming.resume(run)
    assert find(run.name).status.final


def test_a_state_under_the_name_of_another_step_is_not_gone_on_from(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_way(digits, monkeypatch)
    (run / "checkpoints" / "00000040").rename(run / "checkpoints" / "00000050")
    resuming.resume(run)
    *_, last = execute(run, digits)
    assert [record.step for record in records(run)][-10:] == [32, 35, 38, 41, 44, 47, 50, 53, 56, 58]
    assert last.step == 58


def test_images_that_have_changed_are_not_gone_on_with(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_way(digits, monkeypatch)
    resuming.resume(run)
    with pytest.raises(InputError, match="The images have changed since this run began"):
        list(execute(run, replace(digits, pixels=255 - digits.pixels)))
    assert (status(run).state, status(run).step) == ("failed", 40)
    resuming.resume(run)  # they may be put back
    assert len(list(execute(run, digits))) > 0


def test_what_cannot_go_on_says_why_in_one_sentence(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    def why(run: Path) -> str:
        with pytest.raises(InputError) as caught:
            resuming.resume(run)
        assert str(caught.value) == resuming.cannot_resume(find(run.name))
        return str(caught.value)

    queued, done, old, lost_one = (create(run_config(1)) for _ in range(4))
    assert why(queued) == "This run is already in training, or waits for its turn."
    list(execute(done, digits))
    assert why(done) == "This run has done all of its steps."
    no_state = "This run ended before its training was first saved: start a new run instead."
    list(execute(old, digits))  # the last checkpoint of a run is the model alone, as those of older versions are
    set_status(old, "stopped", step=3, steps=9)
    assert why(old) == no_state
    monkeypatch.setattr(train, "average", lost)
    with pytest.raises(Diverged) as caught:
        list(execute(lost_one, digits))
    assert why(lost_one) == str(caught.value)
    assert status(done).state == "finished"


def test_a_run_whose_process_died_after_its_last_step_was_saved_has_finished(
    unbroken: Path, digits: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    def die(run: Path, state: str, **_: object) -> None:
        if state == "finished":
            raise Killed

    run = create(run_config(batch=50))
    with monkeypatch.context() as patch:
        patch.setattr(directory, "set_status", die)
        patch.setattr(directory, "set_state", lambda *arguments, **options: None)
        with pytest.raises(Killed):
            list(execute(run, digits))
    set_status(run, "running", step=57, steps=58)
    resuming.mark_cut_off()
    now = status(run)
    assert (now.state, now.step, now.steps, now.message) == ("finished", 58, 58, "")
    assert now.seconds == records(run)[-1].seconds
    assert (run / "preview.png").read_bytes() == (unbroken / "preview.png").read_bytes()
    assert weights_of(run) == weights_of(unbroken)


def test_a_run_that_had_saved_nothing_begins_again(unbroken: Path, digits: Images) -> None:
    stopped, cut_off, failed = (create(run_config(batch=50)) for _ in range(3))
    request_stop(stopped)
    training = execute(cut_off, digits)
    next(training)
    lines = (cut_off / "records.jsonl").read_bytes()
    del training  # which ends it, and says so
    (cut_off / "records.jsonl").write_bytes(lines)
    set_status(cut_off, "running", step=3, steps=58)
    resuming.mark_cut_off()
    set_status(failed, "failed", "The data set is gone.")
    for run in (stopped, cut_off, failed):
        assert resuming.begins_again(find(run.name))
        resuming.resume(run)
        assert (status(run).state, status(run).step, records(run)) == ("queued", 0, [])
        assert not resuming.begins_again(find(run.name))
        list(execute(run, digits))
        assert untimed(records(run)) == untimed(records(unbroken))
        assert weights_of(run) == weights_of(unbroken)
        assert not resuming.begins_again(find(run.name))


def test_a_diverged_run_does_not_go_on_from_before_it_diverged(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(run_config(2, batch=50))
    training = execute(run, digits)
    while not next(training).validation:
        pass
    monkeypatch.setattr(train, "average", lost)
    with pytest.raises(Diverged):
        list(training)
    assert checkpoint.has_training(newest_checkpoint(run) or run)
    with pytest.raises(InputError, match="Training diverged at step 58"):
        resuming.resume(run)


def test_a_run_is_not_resumed_under_the_hands_of_the_process_that_trains_it(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "_LOCK_SECONDS", 0.0)
    run = create(run_config())
    training = execute(run, digits)
    next(training)
    with pytest.raises(InputError, match="trained by another process"):
        resuming.resume(run)
    assert status(run).state == "running"
    assert len(list(training)) == 5


def test_a_run_stopped_in_the_queue_a_second_time_keeps_its_progress(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_way(digits, monkeypatch)
    resuming.resume(run)
    request_stop(run)
    assert list(execute(run, digits)) == []
    assert (status(run).state, status(run).message, status(run).step, status(run).steps) == ("stopped", "", 40, 58)
    assert resuming.cannot_resume(find(run.name)) is None
