"""execute: a run's directory tells the truth while it is trained and after, whatever ended it."""

from __future__ import annotations

import errno
import io
import os
import time
from collections import Counter
from collections.abc import Generator, Mapping
from pathlib import Path

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from PIL import Image

from tests.runs.small import SMALL, leftovers, lost, run_config
from vae_core import data
from vae_core.analysis import explore
from vae_core.base.config import ModelConfig, RunConfig
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.model.vae import VAE
from vae_core.runs import directory
from vae_core.runs.directory import RUNS, create, find, listing, newest_checkpoint, read, records, request_stop, status
from vae_core.runs.execute import execute
from vae_core.runs.resuming import begins_again, cannot_resume
from vae_core.training import checkpoint, train
from vae_core.training.binarise import fixed_draw
from vae_core.training.checkpoint import Card
from vae_core.training.figures import figures_of
from vae_core.training.objectives import average
from vae_core.training.train import Diverged, Record, Training

pytestmark = pytest.mark.usefixtures("fresh_home")


def test_a_run_from_its_creation_to_its_model(digits: Images) -> None:
    config = run_config()
    run = create(config)
    assert run.parent == RUNS.place
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


@pytest.mark.parametrize(("interval", "saved"), [(-1.0, [3, 6, 9, 12]), (1e9, [3, 12])])
def test_a_checkpoint_is_replaced_and_the_one_before_stays(
    interval: float, saved: list[int], digits: Images, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("vae_core.runs.execute._CHECKPOINT_SECONDS", interval)
    monkeypatch.setattr("vae_core.runs.execute._CHECKPOINT_COSTS", 0)
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
    assert opened.card.validation == figures_of(means)


def test_a_stop_while_the_data_are_being_loaded_is_not_lost(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(run_config(50))

    def load(name: str) -> Images:
        assert status(run).state == "running"
        request_stop(run)
        return digits

    monkeypatch.setattr(data, "load_exactly", load)
    assert len(list(execute(run))) == 1
    assert status(run).state == "stopped"


@pytest.mark.parametrize(
    ("config", "sentence"),
    [
        (run_config(data="../digits"), 'There is no data set "../digits"'),
        (run_config(data="mnist"), "is not on this computer yet"),  # which is all of it: the test images never take its place
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
    monkeypatch.setattr("vae_core.runs.execute._CHECKPOINT_SECONDS", -1.0)
    refused, ends, loaded = 0, Counter[str](), 0
    for moment in range(1, 200):
        left = moment
        before = {run.folder for run in listing()}
        try:
            run = create(run_config(2, batch=2000))
            list(execute(run, digits))
        except InputError as error:
            sentence = str(error)
            refused += sentence.endswith("could not be made: No space left on device. Free some space, then try again.")
            assert set(RUNS.place.iterdir()) == before
            continue
        except OSError as error:
            assert error.errno == errno.ENOSPC  # noqa: PT017
        now = status(run)
        ends[now.state] += 1
        assert now.state in ("stopped", "finished")
        if now.state == "stopped":
            assert now.message.startswith("The disk refused a file of the run: No space left on device (")
            assert f"{run.name}/" in now.message
            assert now.message.endswith(("Free some space, then press Resume.", "Free some space, then press Begin again."))
            assert ("Begin again" in now.message) == begins_again(read(run))
            assert cannot_resume(read(run)) is None
        newest = newest_checkpoint(run)
        if newest is not None:
            loaded += checkpoint.load(newest).card.steps in (1, 2)
        assert leftovers(run) == []
        if left > 0:
            break
    assert refused == 4
    assert ends["finished"] == 2  # one met no full disk, one only at the flush after its last file was in place
    assert ends["stopped"] > 15
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


def test_a_long_epoch_is_saved_now_and_then_and_stopped_after_the_step_under_way(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    """One epoch of 1439 steps, with a record each 144."""
    for name in ("_LOOK_SECONDS", "_LONGEST_SECONDS", "_CHECKPOINT_SECONDS", "_CHECKPOINT_COSTS"):
        monkeypatch.setattr(f"vae_core.runs.execute.{name}", 0)
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
    monkeypatch.setattr("vae_core.runs.execute._CHECKPOINT_SECONDS", 0.0)
    saved: list[str] = []
    real = checkpoint.save

    def slow(folder: Path, model: VAE, card: Card, *, training: Mapping[str, NDArray[np.generic]] | None) -> None:
        real(folder, model, card, training=training)
        time.sleep(0.3)
        saved.append(folder.name)

    monkeypatch.setattr(checkpoint, "save", slow)
    list(execute(create(run_config(20)), digits))
    assert saved == ["00000003", "00000060"]
