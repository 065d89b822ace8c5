"""runs: a run's directory tells the truth about it at any time, whatever ended it."""

from __future__ import annotations

import errno
import io
import itertools
import os
import time
import tomllib
from collections import Counter
from collections.abc import Generator, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import ROOT
from vae_core import checkpoint, data, explore, runs, train
from vae_core.binarise import fixed_draw
from vae_core.config import ModelConfig, RunConfig, TrainConfig
from vae_core.data import Images
from vae_core.errors import InputError
from vae_core.model import VAE
from vae_core.objectives import Averages, average
from vae_core.runs import create, execute, find, listing, newest_checkpoint, records, request_stop, set_status, shelf, status
from vae_core.train import Diverged, Record

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
    monkeypatch.setattr(runs, "_CHECKPOINT_SECONDS", interval)
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
    monkeypatch.setattr(runs, "average", lost)
    run = create(run_config())
    training = execute(run, digits)
    next(training)
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
    monkeypatch.setattr(runs, "_CHECKPOINT_SECONDS", -1.0)
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
    def broken(*arguments: object) -> Iterator[Record]:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(runs, "fit", broken)
    run = create(run_config())
    with pytest.raises(RuntimeError):
        list(execute(run, digits))
    assert status(run).state == "failed"
    assert status(run).message == "The program hit an error of its own; log.txt in the run's folder has the details."
    assert "RuntimeError: secret detail" in (run / "log.txt").read_text()


def test_a_second_process_is_refused_and_changes_nothing(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runs, "_LOCK_SECONDS", 0.0)
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
    alive, dead, dead_early, done = (create(run_config()) for _ in range(4))
    list(execute(done, digits))
    list(execute(dead, digits))
    set_status(dead, "running", step=4, steps=6)
    (dead / "checkpoints" / ".00000009.abc.tmp").mkdir()
    (dead / "checkpoints" / ".00000009.abc.tmp" / "weights.safetensors").write_text("half")
    (dead / ".status.json.abc.tmp").write_text("half")
    set_status(dead_early, "running")
    training = execute(alive, digits)
    next(training)

    runs.mark_cut_off()

    assert (status(dead).state, status(dead).step, status(dead).steps) == ("failed", 4, 6)
    assert status(dead).message == "The training process ended unexpectedly; its last checkpoint is kept."
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
    monkeypatch.setattr(runs, "listing", lambda: stale)
    runs.mark_cut_off()
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
    assert tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"] == runs.VERSION
