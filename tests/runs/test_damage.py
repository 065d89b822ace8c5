"""damage: whatever is cut or flipped of a run or a model is listed under its own name, and never another one is opened in its place."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.runs.small import run_config
from tests.runs.test_catalogue import card, save
from vae_core import data
from vae_core.base.errors import InputError
from vae_core.runs import catalogue, damage, directory, resuming
from vae_core.runs.execute import execute
from vae_core.training import checkpoint

Harm = Callable[[Path], object]


def flip(file: Path) -> None:
    """A byte in the middle is another one, and no letter any more."""
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 0x80
    file.write_bytes(content)


def cut(file: Path) -> None:
    """Only the first half is left."""
    content = file.read_bytes()
    file.write_bytes(content[: len(content) // 2])


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run that was stopped, with an older checkpoint beside its newest."""
    run = directory.create(run_config(3), tmp_path_factory.mktemp("trained") / "run", state="running")
    for _ in execute(run, data.load("digits")):
        directory.request_stop(run)
    newest = directory.newest_checkpoint(run)
    assert newest is not None
    shutil.copytree(newest, newest.with_name("00000001"))
    return run


@pytest.fixture
def run(trained: Path, fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy among the runs, and no bundled models."""
    monkeypatch.setattr(catalogue, "BUNDLED", fresh_home / "none")
    folder = directory.RUNS.place / "0123456789ab"
    shutil.copytree(trained, folder)
    return folder


def listed() -> dict[str, damage.Damage]:
    return damage.listing(catalogue.models())


def test_what_is_sound_is_not_listed(run: Path, tmp_path: Path) -> None:
    save(tmp_path / "theirs", card())
    catalogue.add(checkpoint.pack(tmp_path / "theirs"), "theirs.zip")
    assert listed() == {}
    assert directory.damaged_records(run) == 0


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink])
@pytest.mark.parametrize("file", ["card.json", "manifest.json"])
def test_a_damaged_card_leaves_the_name_and_offers_the_older_checkpoint(file: str, harm: Harm, run: Path) -> None:
    newest = directory.newest_checkpoint(run)
    assert newest is not None
    harm(newest / file)
    (found,) = listed().values()
    assert (found.id, found.name, found.kind, found.older_step) == (run.name, "Small", "run", 1)
    assert found.why.startswith('The model "Small" ')
    shutil.copytree(newest, again := newest.parent / "again")
    damage.fall_back(run.name)
    assert listed() == {}
    assert catalogue.models()[run.name].folder.name == "00000001"
    again.rename(newest)  # trained to the same step, and damaged once more
    damage.fall_back(run.name)
    assert len(list(newest.parent.glob(f"{newest.name}.*.damaged"))) == 2  # nothing is lost


def test_an_older_checkpoint_is_read_once_as_long_as_it_stays_as_it_is(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    newest, load, read = directory.newest_checkpoint(run), checkpoint.load, list[str]()
    assert newest is not None

    def loading(folder: Path) -> checkpoint.Checkpoint:
        read.append(folder.name)
        return load(folder)

    monkeypatch.setattr(checkpoint, "load", loading)
    flip(newest / "card.json")
    assert [listed()[run.name].older_step for _ in range(3)] == [1, 1, 1]
    assert read == ["00000001"]
    flip(newest.with_name("00000001") / "weights.safetensors")
    assert [listed()[run.name].older_step for _ in range(3)] == [None] * 3
    assert read == ["00000001"] * 2
    with pytest.raises(InputError, match="no older checkpoint"):
        damage.fall_back(run.name)
    assert len(read) == 3


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink])
def test_damaged_weights_are_named_when_the_model_is_opened(harm: Harm, run: Path) -> None:
    entry = catalogue.models()[run.name]
    harm(entry.folder / "weights.safetensors")
    with pytest.raises(InputError, match="weights") as caught:
        checkpoint.load(entry.folder)
    found = damage.of_model(entry, caught.value)
    assert found.why.startswith('The model "Small" is ')
    assert found.older_step == 1
    damage.fall_back(run.name)
    catalogue.load(run.name)


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink])
def test_a_run_without_its_settings_keeps_its_model_and_can_be_deleted(harm: Harm, run: Path) -> None:
    directory.set_status(run, "running")  # for good: no process trains it
    harm(run / "run.json")
    (found,) = listed().values()
    assert found.why == 'The run "Small" is damaged: run.json cannot be read. Its model is whole and stays in the list.'
    catalogue.load(run.name)
    assert directory.listing() == []
    catalogue.delete(run.name)
    assert listed() == {}
    catalogue.restore(run.name)
    assert list(listed()) == [run.name]
    shutil.rmtree(run / "checkpoints")
    if harm is not Path.unlink:
        (found,) = listed().values()
        assert found.why.endswith("It has no model yet.")


def test_a_damaged_run_is_not_deleted_under_the_process_that_trains_it(run: Path) -> None:
    cut(run / "run.json")
    with directory.hold(run), pytest.raises(InputError, match="stop the run first"):
        catalogue.delete(run.name)


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink])
@pytest.mark.parametrize("file", ["status.json", "records.jsonl", "preview.png", "snapshots/images.bin"])
def test_what_is_not_the_model_costs_neither_the_model_nor_the_run(file: str, harm: Harm, run: Path) -> None:
    harm(run / file)
    assert listed() == {}
    catalogue.load(run.name)
    assert [each.id for each in directory.listing()] == [run.name]
    resuming.resume(run)


@pytest.mark.parametrize("harm", [flip, cut, Path.unlink])
@pytest.mark.parametrize("file", ["card.json", "manifest.json"])
def test_a_damaged_upload_is_listed_by_its_name(file: str, harm: Harm, tmp_path: Path, run: Path) -> None:
    save(tmp_path / "theirs", card("Brought"))
    added = catalogue.add(checkpoint.pack(tmp_path / "theirs"), "theirs.zip")
    catalogue.rename(added, "Mine now")
    harm(catalogue.models()[added].folder / file)
    (found,) = listed().values()
    assert (found.id, found.name, found.kind, found.older_step) == (added, "Mine now", "upload", None)
    catalogue.delete(added)
    assert listed() == {}


def test_a_damaged_bundled_model_is_listed_too(tmp_path: Path, run: Path) -> None:
    save(catalogue.BUNDLED / "digits", card("Digits"))
    flip(catalogue.BUNDLED / "digits" / "weights.safetensors")
    assert listed() == {}
    cut(catalogue.BUNDLED / "digits" / "manifest.json")
    (found,) = listed().values()
    assert (found.name, found.kind) == ("Digits", "bundled")


def test_damaged_records_are_counted_and_the_others_stay(run: Path) -> None:
    whole = directory.records(run)
    lines = (run / "records.jsonl").read_bytes().split(b"\n")
    (run / "records.jsonl").write_bytes(b"\n".join([b"\x80" + lines[0], *lines[1:-1], b'{"half'.ljust(9)]))
    assert directory.records(run) == whole[1:]
    assert directory.damaged_records(run) == 1
    directory.forget_after(run, step=whole[-1].step, recorded=whole[-1].step)
    assert directory.records(run) == whole[1:]
    assert directory.damaged_records(run) == 1  # going on does not hide it


def test_there_is_nothing_to_fall_back_to(run: Path) -> None:
    for model_id in (run.name, "../runs", "\0"):
        shutil.rmtree(run / "checkpoints" / "00000001", ignore_errors=True)
        with pytest.raises(InputError, match=r"^There is no older checkpoint of this model\.$"):
            damage.fall_back(model_id)
