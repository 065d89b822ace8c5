"""A disk that is full, or refuses a call: the run says so and goes on, and nothing is listed by halves."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs.small import run_config
from tests.runs.test_catalogue import card, make_run, packed, save
from vae_core.base import storage
from vae_core.base.errors import InputError
from vae_core.base.storage import home
from vae_core.data import Images
from vae_core.runs import catalogue, directory, resuming
from vae_core.runs.directory import create, records, status
from vae_core.runs.execute import execute
from vae_core.training import checkpoint


def fill(monkeypatch: pytest.MonkeyPatch, room: int) -> None:
    """From now on what is flushed needs room, of which there are so many bytes beyond what is used."""
    real = os.fsync

    def used() -> int:
        return sum(path.stat().st_size for path in home().rglob("*") if path.is_file())

    full = used() + room

    def fsync(handle: int) -> None:
        if used() > full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)


@pytest.fixture(autouse=True)
def no_bundled_models(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "BUNDLED", fresh_home / "none")
    monkeypatch.setattr("vae_core.runs.execute._CHECKPOINT_SECONDS", -1.0)
    monkeypatch.setattr("vae_core.runs.execute._CHECKPOINT_COSTS", 0)


def test_a_run_on_a_full_disk_stops_with_its_reason_and_goes_on_when_there_is_room(digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    run = create(run_config(3))
    training = execute(run, digits)
    for record in training:
        if record.step == 4:
            break
    assert (run / ".reserve").stat().st_size == 2**16
    with monkeypatch.context() as patch:
        fill(patch, room=100)
        with pytest.raises(OSError, match="No space left"):
            list(training)
    now = status(run)
    assert now.state == "stopped"
    assert now.message.startswith(f"The disk refused a file of the run: No space left on device (runs/{run.name}/")
    assert now.message.endswith(". Free some space, then press Resume.")
    assert not (run / ".reserve").exists()
    resuming.resume(run)
    list(execute(run, digits))
    assert status(run).state == "finished"
    assert [record.step for record in records(run)] == list(range(1, 10))
    assert not (run / ".reserve").exists()


def refuse(monkeypatch: pytest.MonkeyPatch, name: str, nth: int) -> Callable[[], bool]:
    """Let the nth call of a function of the system below `home()` be refused; tells whether it came to that."""
    real = getattr(os, name)
    left = nth

    def call(path: str | Path, *arguments: object, **options: object) -> object:
        nonlocal left
        left -= 1
        if left == 0:
            raise OSError(errno.EIO, os.strerror(errno.EIO), str(path))
        return real(path, *arguments, **options)

    monkeypatch.setattr(os, name, call)
    return lambda: left <= 0


CALLS = ["unlink", "rmdir", "rename", "replace", "fsync"]


@pytest.mark.parametrize("name", CALLS)
def test_whichever_call_is_refused_the_run_is_whole(name: str, digits: Images, monkeypatch: pytest.MonkeyPatch) -> None:
    for nth in range(1, 60):
        with monkeypatch.context() as patch:
            refused = refuse(patch, name, nth)
            try:
                run = create(run_config(2, batch=1000))
                list(execute(run, digits))
            except (InputError, OSError):
                pass
            happened = refused()
        for each in directory.listing():
            assert each.status.state in ("finished", "failed")
            assert each.status.state == "finished" or "Input/output error" in each.status.message
            for folder in directory.checkpoints(each.folder):
                checkpoint.load(folder)  # none is there by halves
            catalogue.delete(each.id)
        if not happened:
            break
    assert not happened


@pytest.mark.parametrize("name", CALLS)
def test_whichever_call_is_refused_a_deletion_is_done_or_not(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(tmp_path / "theirs")
    for nth in range(1, 60):
        models = [make_run(), catalogue.add(data, "theirs.zip")]
        old = make_run()
        catalogue.delete(old)
        os.utime(home() / "trash" / "models" / "run" / old, (0, 0))
        with monkeypatch.context() as patch:
            refused = refuse(patch, name, nth)
            for model_id in models:
                try:
                    catalogue.delete(model_id)
                    assert model_id not in catalogue.models()
                    catalogue.restore(model_id)
                except InputError:
                    pass
                if model_id in catalogue.models():
                    catalogue.load(model_id)
                else:
                    catalogue.restore(model_id)
                    catalogue.load(model_id)
            happened = refused()
        catalogue.delete(models[0])  # what could not be removed is removed with the next deletion
        with pytest.raises(InputError, match="no longer in the trash"):
            catalogue.restore(old)
        if not happened:
            break
    assert not happened


def test_what_a_removal_left_is_swept_after_an_hour(fresh_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    storage.sweep()
    save(fresh_home / "models" / "0" / "checkpoint", card())
    folder = fresh_home / "models" / "1" / "checkpoint"
    save(folder, card())
    with monkeypatch.context() as patch:
        patch.setattr("vae_core.base.storage.shutil.rmtree", lambda path, ignore_errors: None)  # cut off before it begins
        storage.remove_folder(folder)
    assert not folder.exists()
    (left,) = folder.parent.iterdir()
    (fresh_home / ".status.json.abc.tmp").write_text("half")
    storage.sweep()
    assert left.exists()
    for path in (left, fresh_home / ".status.json.abc.tmp"):
        os.utime(path, (0, 0))
    storage.sweep()
    assert list(folder.parent.iterdir()) == []
    assert not (fresh_home / ".status.json.abc.tmp").exists()
    assert (fresh_home / "models" / "0" / "checkpoint" / "card.json").exists()
