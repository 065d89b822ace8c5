"""runs: a run's directory tells the truth about it at any time, whatever ended it."""

from __future__ import annotations

import contextlib
import errno
import io
import itertools
import os
import shutil
import time
import tomllib
from collections import Counter
from collections.abc import Callable, Generator, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from tests.conftest import ROOT
from vae_core import data
from vae_core.analysis import explore
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.runs import directory
from vae_core.runs.directory import create, execute, find, listing, newest_checkpoint, records, request_stop, set_status, shelf, status
from vae_core.training import checkpoint, train
from vae_core.training.binarise import fixed_draw
from vae_core.training.checkpoint import Card
from vae_core.training.objectives import Averages, average
from vae_core.training.train import Diverged, Record, Training

SMALL = ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,))

pytestmark = pytest.mark.usefixtures("fresh_home")


def run_config(epochs: int = 2, *, data: str = "digits", model: ModelConfig = SMALL, batch: int = 500) -> RunConfig:
    return RunConfig(name="Small", data=data, model=model, train=TrainConfig(epochs=epochs, batch=batch))


@pytest.fixture
def digits() -> Images:
    return data.load("digits")


def leftovers(folder: Path) -> list[Path]:
    return list(folder.rglob("*.tmp"))


def lost(model: VAE, pixels: torch.Tensor, *, beta: float, seed: int) -> Averages:
    """`average` of a model that has diverged."""
    return replace(average(model, pixels, beta=beta, seed=seed), loss=float("nan"))


def test_a_run_from_its_creation_to_its_model(digits: Images) -> None:
    config = run_config()
    run = create(config)
    assert run.parent == shelf()
    assert [(found.id, found.config, found.status.state) for found in listing()] == [(run.name, config, "queued")]
    assert records(run) == []
    assert newest_checkpoint(run) is None

    yielded: list[Record] = []
    for record in execute(run, digits):
        yielded.append(record)
        assert records(run) == yielded
        now = status(run)
        assert now.state == ("finished" if record.step == record.steps else "running")
        assert (now.step, now.steps, now.seconds) == (record.step, record.steps, record.seconds)

    last = yielded[-1]
    assert last.step == last.steps == 6
    assert find(run.name).status.state == "finished"
    kept = newest_checkpoint(run)
    assert kept is not None
    assert kept.name == "00000006"
    opened = checkpoint.load(kept)
    card = opened.card
    assert (card.name, card.model, card.train, card.epochs, card.steps) == ("Small", config.model, config.train, 2, 6)
    assert (card.data.name, card.data.title, card.data.identity, card.data.images) == ("digits", "Digits", digits.identity, 1797)
    assert card.validation == last.validation
    assert (card.seconds, card.images_per_second) == (last.seconds, last.images_per_second)

    originals = digits.pixels[digits.split().validation[:10]]
    with Image.open(run / "preview.png") as picture:
        preview = np.asarray(picture)
    assert preview.shape == (16, 80)
    np.testing.assert_array_equal(preview[:8], np.concatenate(list(originals[:, 0]), axis=-1))
    np.testing.assert_array_equal(preview[8:], np.concatenate(list(explore.reconstruct(opened.model, originals)[:, 0]), axis=-1))
    assert leftovers(run) == []


def test_the_data_set_is_loaded_by_name_where_the_caller_has_none() -> None:
    run = create(run_config(1))
    assert [record.step for record in execute(run)] == [1, 2, 3]


@pytest.mark.parametrize(("weight", "rows"), [(1.0, (0.1, 1.0, 4.0)), (4.0, (0.1, 4.0))])
def test_the_preview_of_many_kl_weights_has_a_row_for_some(weight: float, rows: tuple[float, ...], digits: Images) -> None:
    config = run_config(1, model=SMALL.model_copy(update={"beta_range": (0.1, 4.0)}))
    config = config.model_copy(update={"train": config.train.model_copy(update={"beta": weight})})
    run = create(config)
    *_, last = execute(run, digits)
    assert directory.preview_weights(config) == rows
    originals = digits.pixels[digits.split().validation[:10]]
    model = checkpoint.load(newest_checkpoint(run) or run).model
    with Image.open(run / "preview.png") as picture:
        preview = np.asarray(picture).reshape(1 + len(rows), 8, 80)
    for row, beta in zip(preview[1:], rows, strict=True):
        np.testing.assert_array_equal(row, np.concatenate(list(explore.reconstruct(model.at(beta), originals)[:, 0]), axis=-1))
    assert last.validation is not None
    assert last.validation.loss == last.validation.distortion + weight * last.validation.rate


def test_colour_pictures_stand_side_by_side_in_the_preview() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (30, 3, 8, 12), np.uint8)
    model = ModelConfig(channels=3, height=8, width=12, latent=2, hidden=(8,))
    run = create(run_config(1, model=model))
    images = Images("noise", pixels)
    list(execute(run, images))
    with Image.open(io.BytesIO((run / "preview.png").read_bytes())) as picture:
        assert (picture.mode, picture.size) == ("RGB", (3 * 12, 16))
        np.testing.assert_array_equal(np.asarray(picture)[:8, :12], pixels[images.split().validation[0]].transpose(1, 2, 0))


def test_runs_are_listed_newest_first_however_quickly_they_came(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = itertools.count(1_700_000_000_000_000_000, 2_000)  # 2 µs apart, where a file system's own clock steps by milliseconds
    monkeypatch.setattr(time, "time_ns", lambda: next(clock))
    made = [create(run_config()).name for _ in range(10)]
    assert [run.id for run in listing()] == made[::-1]
    assert [run.created for run in listing()] == pytest.approx([1_700_000_000 + 2e-6 * place for place in range(9, -1, -1)], abs=5e-7)


def test_what_is_no_run_is_passed_over() -> None:
    assert listing() == []
    run = create(run_config(1))
    list(execute(run))
    (shelf() / "notes.txt").write_text("mine")
    for name, content in (("empty", None), ("null", "null"), ("newer", '{"format": 2}'), ("deep", "[" * 100_000), ("bytes", "\0\n")):
        (shelf() / name).mkdir()
        if content is not None:
            (shelf() / name / "run.json").write_text(content)
    (run / "checkpoints" / "99 bottles").mkdir()
    (run / "checkpoints" / "²").mkdir()
    (run / "checkpoints" / "99999999").write_text("a file")
    assert [found.id for found in listing()] == [run.name]
    assert newest_checkpoint(run) == run / "checkpoints" / "00000003"


@pytest.mark.parametrize(
    "text", ["", ".", "..", "../runs", "/etc", "..%2f", "\0", "C:\\", "x" * 5000, "{id}/", "{id}/../{id}", "{folder}", ".{id}", "{id} "]
)
def test_an_id_is_looked_up_and_never_a_path(text: str) -> None:
    run = create(run_config())
    assert find(run.name).folder == run
    with pytest.raises(InputError, match="no such run"):
        find(text.format(id=run.name, folder=run))


@pytest.mark.parametrize(("interval", "saved"), [(-1.0, [3, 6, 9, 12]), (1e9, [3, 12])])
def test_a_checkpoint_is_replaced_and_the_one_before_stays(
    interval: float, saved: list[int], digits: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "_CHECKPOINT_SECONDS", interval)
    monkeypatch.setattr(directory, "_CHECKPOINT_COSTS", 0)
    run = create(run_config(4))
    seen: list[int] = []
    for _ in execute(run, digits):
        newest = newest_checkpoint(run)
        if newest is not None and int(newest.name) not in seen:
            seen.append(int(newest.name))
            folders = sorted(path.name for path in newest.parent.iterdir())
            assert folders == [f"{step:08d}" for step in seen[-2:]]
            assert [checkpoint.load(newest.parent / name).card.steps for name in folders] == seen[-2:]
    assert seen == saved


@pytest.mark.parametrize("binarise", ["no", "static"])
def test_a_stopped_run_keeps_its_model_and_its_figures(digits: Images, binarise: str) -> None:
    config = run_config(50)
    run = create(config.model_copy(update={"train": config.train.model_copy(update={"binarise": binarise})}))
    seen = []
    for record in execute(run, digits):
        seen.append(record.step)
        if record.step == 4:
            request_stop(run)
    assert seen == [1, 2, 3, 4, 5]
    assert (status(run).state, status(run).step, status(run).steps) == ("stopped", 5, 150)
    opened = checkpoint.load(newest_checkpoint(run) or run)
    assert (opened.card.steps, opened.card.epochs) == (5, 5 / 3)
    pixels = digits.pixels[digits.split().validation]
    held_out = torch.tensor(pixels if binarise == "no" else fixed_draw(pixels))
    means = average(opened.model, held_out, beta=1, seed=0)
    assert opened.card.validation == checkpoint.Figures(loss=means.loss, distortion=means.distortion, rate=means.rate)


def test_a_queued_run_that_is_stopped_never_starts() -> None:
    run = create(run_config())
    request_stop(run)
    assert (status(run).state, status(run).message) == ("stopped", "Stopped before it began.")
    assert list(execute(run)) == []  # a worker had it in hand already
    assert status(run).state == "stopped"


def test_a_stop_while_the_data_are_being_loaded_is_not_lost(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(run_config(50))

    def load(name: str) -> Images:
        assert status(run).state == "running"
        request_stop(run)
        return digits

    monkeypatch.setattr(data, "load", load)
    assert len(list(execute(run))) == 1
    assert status(run).state == "stopped"


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (run_config(data="../digits"), 'There is no data set "../digits"'),
        (run_config(data="mnist"), "is not on this computer yet"),
        (run_config(model=SMALL.model_copy(update={"height": 9})), "The data set has images of (1, 8, 8)"),
    ],
)
def test_data_that_cannot_be_used_are_the_runs_last_word(config: RunConfig, sentence: str) -> None:
    run = create(config)
    with pytest.raises(InputError) as caught:
        list(execute(run))
    assert sentence in str(caught.value)
    assert (status(run).state, status(run).message) == ("failed", str(caught.value))


def test_a_diverged_run_keeps_its_last_finite_model(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(run_config(5))
    training = execute(run, digits)
    while not next(training).validation:
        pass
    monkeypatch.setattr(train, "average", lost)
    with pytest.raises(Diverged) as caught:
        list(training)
    now = status(run)
    assert (now.state, now.message) == ("failed", str(caught.value))
    assert (now.step, now.steps) == (5, 15)
    assert checkpoint.load(newest_checkpoint(run) or run).card.steps == 3


def test_a_model_that_diverged_by_the_time_it_is_stopped_is_not_kept(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(run_config())
    training = execute(run, digits)
    next(training)
    monkeypatch.setattr(train, "average", lost)
    request_stop(run)
    with pytest.raises(Diverged):
        list(training)
    assert (status(run).state, newest_checkpoint(run)) == ("failed", None)
    assert "diverged at step 2" in status(run).message


@pytest.mark.parametrize("end", ['{"step": 4, "steps"', "\0\0\0", "{}\n", "[" * 5000, '{"step": NaN}\n', "\ud83d"])
def test_a_line_cut_short_ends_the_records(end: str, digits: Images) -> None:
    run = create(run_config(1))
    yielded = list(execute(run, digits))
    with open(run / "records.jsonl", "ab") as file:
        file.write(end.encode("utf-8", "surrogatepass"))
    assert records(run) == yielded


@pytest.mark.parametrize("content", [None, "", "null", '{"state": "asleep", "updated": 0}', '{"state": "running"'])
def test_a_status_that_cannot_be_read_counts_as_failed(content: str | None) -> None:
    run = create(run_config())
    (run / "status.json").unlink()
    if content is not None:
        (run / "status.json").write_text(content)
    assert (status(run).state, status(run).message) == ("failed", "The run's status cannot be read.")
    assert [found.id for found in listing()] == [run.name]


def test_a_full_disk_at_any_moment_is_a_sentence_and_leaves_nothing_half_written(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync
    left = 0

    def fsync(handle: int) -> None:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(directory, "_CHECKPOINT_SECONDS", -1.0)
    refused, ends, loaded = 0, Counter[str](), 0
    for moment in range(1, 200):
        left = moment
        before = {run.folder for run in listing()}
        try:
            run = create(run_config(2, batch=2000))
            list(execute(run, digits))
        except InputError as error:
            sentence = str(error)
            refused += sentence.endswith("could not be made: No space left on device.")
            assert set(shelf().iterdir()) == before
            continue
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017
        now = status(run)
        ends[now.state] += 1
        assert now.message == ("The disk refused a file of the run: No space left on device." if now.state == "failed" else "")
        newest = newest_checkpoint(run)
        if newest is not None:
            loaded += checkpoint.load(newest).card.steps in (1, 2)
        assert leftovers(run) == []
        if left > 0:
            break
    assert refused == 4
    assert ends["queued"] == 1  # the first write of all: the run waits for room
    assert ends["finished"] == 2  # one met no full disk, one only at the flush after its last file was in place
    assert ends["failed"] > 15
    assert loaded > 10


def test_an_interrupted_run_says_so_and_can_be_left_after_its_end(digits: Images) -> None:
    run = create(run_config())
    training = execute(run, digits)
    assert isinstance(training, Generator)
    next(training)
    training.close()
    assert (status(run).state, status(run).step) == ("stopped", 1)
    assert status(run).message.startswith("Interrupted")
    assert not (run / "log.txt").exists()

    run = create(run_config(1))
    training = execute(run, digits)
    assert isinstance(training, Generator)
    while (record := next(training)).step < record.steps:
        pass
    training.close()
    assert (status(run).state, status(run).message) == ("finished", "")


def test_an_error_of_the_program_is_logged_and_not_shown(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(self: Training) -> Record | None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(Training, "update", broken)
    run = create(run_config())
    with pytest.raises(RuntimeError):
        list(execute(run, digits))
    assert status(run).state == "failed"
    assert status(run).message == "The program hit an error of its own; log.txt in the run's folder has the details."
    assert "RuntimeError: secret detail" in (run / "log.txt").read_text()


def test_a_second_process_is_refused_and_changes_nothing(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "_LOCK_SECONDS", 0.0)
    run = create(run_config())
    training = execute(run, digits)
    first = next(training)
    with pytest.raises(InputError, match="another process"):
        next(execute(run, digits))
    assert status(run).state == "running"
    assert records(run) == [first]
    assert len(list(training)) == 5
    assert status(run).state == "finished"


def test_a_run_without_its_process_is_marked_and_a_living_one_is_not(digits: Images) -> None:
    alive, dead, dead_old, dead_early, done = (create(run_config()) for _ in range(5))
    list(execute(done, digits))
    for run in (dead, dead_old):
        list(execute(run, digits))
    shutil.rmtree(dead / "checkpoints" / "00000006")
    set_status(dead_old, "running", step=4, steps=6)
    set_status(dead, "running", step=4, steps=6)
    (dead / "checkpoints" / ".00000009.abc.tmp").mkdir()
    (dead / "checkpoints" / ".00000009.abc.tmp" / "weights.safetensors").write_text("half")
    (dead / ".status.json.abc.tmp").write_text("half")
    set_status(dead_early, "running")
    training = execute(alive, digits)
    next(training)

    directory.mark_cut_off()

    assert (status(dead).state, status(dead).step, status(dead).steps) == ("failed", 4, 6)
    assert status(dead).message == "The training process ended unexpectedly; it can go on from step 3."
    assert status(dead_old).message == "The training process ended unexpectedly; its last checkpoint is kept."
    assert status(dead_early).message == "The training process ended unexpectedly; it had no checkpoint yet."
    assert leftovers(dead) == []
    checkpoint.load(newest_checkpoint(dead) or dead)
    assert (status(alive).state, status(done).state) == ("running", "finished")
    assert len(list(training)) == 5


def test_a_run_that_ends_while_the_list_is_made_is_not_called_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(run_config())
    set_status(run, "running")
    stale = listing()
    set_status(run, "finished")
    monkeypatch.setattr(directory, "listing", lambda: stale)
    directory.mark_cut_off()
    assert status(run).state == "finished"


def test_creation_refuses_what_cannot_be_trained(tmp_path: Path) -> None:
    taken = tmp_path / "taken"
    taken.mkdir()
    (taken / "thesis.txt").write_text("mine")
    for folder in (taken, taken / "thesis.txt"):
        with pytest.raises(InputError, match="exists and is not an empty folder"):
            create(run_config(), folder)
    with pytest.raises(InputError, match="Not a directory"):
        create(run_config(), taken / "thesis.txt" / "run")
    assert (taken / "thesis.txt").read_text() == "mine"
    with pytest.raises(InputError, match="101,613,696 parameters"):
        create(run_config(model=SMALL.model_copy(update={"latent": 32, "hidden": (4096,) * 4})))
    assert not shelf().exists()


def test_a_folder_of_ones_own_holds_the_run(tmp_path: Path, digits: Images) -> None:
    run = create(run_config(1), tmp_path / "new" / "run", queue=False)
    assert status(run).state == "running"  # no worker's to take
    list(execute(run, digits))
    assert status(run).state == "finished"
    assert listing() == []


def test_the_card_says_the_version_that_is_released() -> None:
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == directory.VERSION


def untimed(of: list[Record]) -> list[Record]:
    return [replace(record, images_per_second=0.0, seconds=0.0) for record in of]


def weights_of(run: Path) -> str:
    return checkpoint.load(newest_checkpoint(run) or run).weights_hash


@pytest.fixture(scope="module")
def unbroken(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of 2 epochs of 29 steps with a record each third, that nobody stopped."""
    run = create(run_config(batch=50), tmp_path_factory.mktemp("unbroken") / "run", queue=False)
    list(execute(run, data.load("digits")))
    return run


def stop_after(step: int, monkeypatch: pytest.MonkeyPatch, how: Callable[[Path], None] = request_stop) -> None:
    """Have the run that is trained next asked to stop while it makes this step, and all looks come at once."""
    real = Training.update
    monkeypatch.setattr(directory, "_LOOK_SECONDS", 0.0)

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
        assert directory.cannot_resume(now) is None
        before = now.status.seconds
        directory.resume(run)
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
        patch.setattr(directory, "_turn", lambda *arguments, **options: None)  # a dead process writes nothing
        set_status(run, "running")
        with pytest.raises(Killed):
            list(execute(run, digits))
    with open(run / "records.jsonl", "ab") as file:
        file.write(b'{"step": 58, "st')
    assert status(run).state == "running"
    assert records(run)[-1].step > 29 or step == 30
    directory.mark_cut_off()
    assert status(run).message == "The training process ended unexpectedly; it can go on from step 29."
    directory.resume(run)
    list(execute(run, digits))
    assert untimed(records(run)) == untimed(records(unbroken))
    assert weights_of(run) == weights_of(unbroken)


def half_way(digits: Images, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A run stopped after 40 of 58 steps, with states of the steps 29 and 40."""
    run = create(run_config(batch=50))
    with monkeypatch.context() as patch:
        stop_after(40, patch)
        list(execute(run, digits))
    assert [folder.name for folder in sorted((run / "checkpoints").iterdir())] == ["00000029", "00000040"]
    return run


def test_a_run_that_met_a_full_disk_goes_on_when_there_is_room(unbroken: Path, digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    """At each write of the second checkpoint and of what comes after it in turn."""
    real = os.fsync
    ends: list[int] = []
    monkeypatch.setattr(directory, "_CHECKPOINT_SECONDS", 0.0)
    monkeypatch.setattr(directory, "_CHECKPOINT_COSTS", 0)
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
        directory.mark_cut_off()  # where the disk had no room for the status either
        ends.append(int((newest_checkpoint(run) or run).name))
        if directory.cannot_resume(find(run.name)) is None:
            directory.resume(run)
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
    directory.resume(run)
    with monkeypatch.context() as patch:
        stop_after(40, patch)
        list(execute(run, digits))
    assert checkpoint.has_training(run / "checkpoints" / "00000040")  # the damaged one was made anew
    directory.resume(run)
    list(execute(run, digits))
    assert untimed(records(run)) == untimed(records(unbroken))
    assert weights_of(run) == weights_of(unbroken)


def test_a_run_whose_states_are_all_damaged_says_so_from_then_on(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_way(digits, monkeypatch)
    for folder in (run / "checkpoints").iterdir():
        cut(folder)
    before = records(run)
    assert directory.cannot_resume(find(run.name)) is None  # nobody has looked inside yet
    with pytest.raises(InputError) as caught:
        directory.resume(run)
    sentence = str(caught.value)
    assert sentence == (
        "The training state in 00000040 is damaged: training.safetensors has changed since it was saved. "
        "This run can only begin again, as a new run."
    )
    now = find(run.name)
    assert (now.status.state, now.status.message, now.status.step) == ("failed", sentence, 40)
    assert directory.cannot_resume(now) == sentence
    assert records(run) == before
    assert checkpoint.load(newest_checkpoint(run) or run).card.steps == 40


@pytest.mark.parametrize("other", [{"seed": 1}, {"beta": 2.0}, {"epochs": 3}])
def test_the_state_of_another_run_is_not_gone_on_from(digits: Images, monkeypatch: pytest.MonkeyPatch, other: dict[str, object]) -> None:
    run = half_way(digits, monkeypatch)
    config = run_config(batch=50)
    config = config.model_copy(update={"train": config.train.model_copy(update=other)})
    (run / "run.json").write_text(config.model_dump_json())
    with pytest.raises(InputError, match="The training state in 00000040 is of another run"):
        directory.resume(run)
    assert find(run.name).status.final


def test_a_state_under_the_name_of_another_step_is_not_gone_on_from(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_way(digits, monkeypatch)
    (run / "checkpoints" / "00000040").rename(run / "checkpoints" / "00000050")
    directory.resume(run)
    *_, last = execute(run, digits)
    assert [record.step for record in records(run)][-10:] == [32, 35, 38, 41, 44, 47, 50, 53, 56, 58]
    assert last.step == 58


def test_images_that_have_changed_are_not_gone_on_with(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_way(digits, monkeypatch)
    directory.resume(run)
    with pytest.raises(InputError, match="The images have changed since this run began"):
        list(execute(run, replace(digits, pixels=255 - digits.pixels)))
    assert (status(run).state, status(run).step) == ("failed", 40)
    directory.resume(run)  # they may be put back
    assert len(list(execute(run, digits))) > 0


def test_what_cannot_go_on_says_why_in_one_sentence(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    def why(run: Path) -> str:
        with pytest.raises(InputError) as caught:
            directory.resume(run)
        assert str(caught.value) == directory.cannot_resume(find(run.name))
        return str(caught.value)

    queued, done, never, old, lost_one = (create(run_config(1)) for _ in range(5))
    assert why(queued) == "This run is being trained, or waits for it, already."
    list(execute(done, digits))
    assert why(done) == "This run has done all of its steps."
    request_stop(never)
    no_state = "This run ended before it had saved where its training stood: it can only begin again, as a new run."
    assert why(never) == no_state
    list(execute(old, digits))  # the last checkpoint of a run is the model alone, as those of older versions are
    set_status(old, "stopped", step=3, steps=9)
    assert why(old) == no_state
    monkeypatch.setattr(train, "average", lost)
    with pytest.raises(Diverged) as caught:
        list(execute(lost_one, digits))
    assert why(lost_one) == str(caught.value)
    assert status(done).state == "finished"


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
        directory.resume(run)


def test_a_run_is_not_resumed_under_the_hands_of_the_process_that_trains_it(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "_LOCK_SECONDS", 0.0)
    run = create(run_config())
    training = execute(run, digits)
    next(training)
    with pytest.raises(InputError, match="trained by another process"):
        directory.resume(run)
    assert status(run).state == "running"
    assert len(list(training)) == 5


def test_a_run_stopped_in_the_queue_a_second_time_keeps_its_progress(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = half_way(digits, monkeypatch)
    directory.resume(run)
    request_stop(run)
    assert list(execute(run, digits)) == []
    assert (status(run).state, status(run).message, status(run).step, status(run).steps) == ("stopped", "", 40, 58)
    assert directory.cannot_resume(find(run.name)) is None


def test_a_long_epoch_is_saved_now_and_then_and_stopped_after_the_step_under_way(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    """One epoch of 1439 steps, with a record each 144."""
    for name in ("_LOOK_SECONDS", "_LONGEST_SECONDS", "_CHECKPOINT_SECONDS", "_CHECKPOINT_COSTS"):
        monkeypatch.setattr(directory, name, 0)
    run = create(run_config(1, batch=1))
    saved: list[int] = []
    real = checkpoint.save

    def save(folder: Path, model: VAE, card: Card, *, training: Mapping[str, NDArray[np.generic]] | None) -> None:
        real(folder, model, card, training=training)
        saved.append(int(folder.name))
        if len(saved) == 3:
            request_stop(run)

    monkeypatch.setattr(checkpoint, "save", save)
    (last,) = execute(run, digits)
    assert saved == [1, 2, 3, 4]
    assert (status(run).state, last.step, last.validation) == ("stopped", 4, None)


def test_a_run_looks_for_a_stop_at_least_each_tenth_of_a_second(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a step of 30 ms the request of the first step is seen by the fifth, a record being due after 144."""
    real = Training.update

    def update(self: Training) -> Record | None:
        time.sleep(0.03)
        if self.step == 1:
            request_stop(run)
        return real(self)

    monkeypatch.setattr(Training, "update", update)
    run = create(run_config(1, batch=1))
    (last,) = execute(run, digits)
    assert last.step <= 5


def test_a_checkpoint_that_takes_long_is_made_the_less_often(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "_CHECKPOINT_SECONDS", 0.0)
    saved: list[str] = []
    real = checkpoint.save

    def slow(folder: Path, model: VAE, card: Card, *, training: Mapping[str, NDArray[np.generic]] | None) -> None:
        real(folder, model, card, training=training)
        time.sleep(0.3)
        saved.append(folder.name)

    monkeypatch.setattr(checkpoint, "save", slow)
    list(execute(create(run_config(20)), digits))
    assert saved == ["00000003", "00000060"]
