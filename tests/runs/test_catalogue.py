"""catalogue: one list of all models, whose ids are looked up and whose damaged ones stay out."""

from __future__ import annotations

import errno
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from tests.training.checkpoints import saved_as_half
from vae_core.base.config import ModelConfig, RunConfig, TrainConfig
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE
from vae_core.runs import catalogue, directory
from vae_core.runs.catalogue import add, delete, find, load, models, name_dimensions, rename, restore
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Card, DataCard
from vae_core.training.figures import Figures

SMALL = ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,))
HOSTILE_IDS = [
    "",
    ".",
    "..",
    "/",
    "/etc/passwd",
    "../../etc/passwd",
    "..\\..\\x",
    "..%2f..%2fx",
    "%252e%252e",
    "C:\\x",
    "\\\\host\\share",
    "CON",
    "\0",
    "a\nb",
    "\u202etxt",
    "\ud800",
    ";ls",
    "x" * 10_000,
    "{id}/",
    "{id}/.",
    "./{id}",
    "../runs/{id}",
    "{id}\0",
    "{folder}",
]


def card(name: str = "Kept", created: str = "2025-01-01T00:00:00+00:00") -> Card:
    return Card(
        name=name,
        data=DataCard(name="digits", title="Digits", identity="0" * 64, images=1797, licence="CC BY 4.0"),
        model=SMALL,
        train=TrainConfig(),
        epochs=1,
        steps=3,
        validation=Figures(loss=40, distortion=39, rate=1),
        seconds=1,
        images_per_second=1000,
        created=created,
        version="0.1.0",
    )


def save(folder: Path, about: Card, seed: int = 0) -> None:
    checkpoint.save(folder, VAE(SMALL, seed=seed), about)


def packed(folder: Path, name: str = "Brought") -> bytes:
    save(folder, card(name))
    return checkpoint.pack(folder)


def make_run(name: str = "Mine", state: directory.State = "finished", *, model: bool = True) -> str:
    run = directory.create(RunConfig(name=name, data="digits", model=SMALL, train=TrainConfig()))
    if model:
        save(run / "checkpoints" / "00000003", card(name, "2025-01-02T00:00:00+00:00"))
    directory.set_status(run, state)
    return run.name


def damage(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)


@pytest.fixture(autouse=True)
def bundled(fresh_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of bundled models: one model."""
    monkeypatch.setattr(catalogue, "BUNDLED", tmp_path / "bundled")
    save(tmp_path / "bundled" / "digits-2d", card("Digits, 2-D", "2030-01-01T00:00:00+00:00"))
    return tmp_path / "bundled"


def test_without_any_model_the_list_is_empty(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(catalogue, "BUNDLED", tmp_path / "nothing")
    assert models() == {}


def test_own_models_come_first_the_newest_on_top(tmp_path: Path) -> None:
    uploaded = add(packed(tmp_path / "theirs"), "theirs.zip")
    run = make_run()
    listed = models()
    assert [(entry.id, entry.kind, entry.name) for entry in listed.values()] == [
        (run, "run", "Mine"),
        (uploaded, "upload", "Brought"),
        ("digits-2d", "bundled", "Digits, 2-D"),
    ]
    assert list(listed) == [run, uploaded, "digits-2d"]
    assert listed[run].card == checkpoint.load(listed[run].folder).card


@pytest.mark.parametrize("created", ["2099-01-01T00:00:00+00:00", "1970-01-01"])
def test_what_a_card_says_of_its_age_moves_no_model(created: str, tmp_path: Path) -> None:
    first = make_run()
    save(tmp_path / "theirs", card("Brought", created))
    uploaded = add(checkpoint.pack(tmp_path / "theirs"), "theirs.zip")
    rename(first, "Renamed")
    delete(first)
    restore(first)
    assert list(models()) == [uploaded, first, "digits-2d"]


def test_an_uploaded_model_is_the_model_that_was_packed(tmp_path: Path) -> None:
    data = packed(tmp_path / "theirs")
    first, second = add(data, "a.zip"), add(data, "a.zip")
    assert first != second  # the same file twice is two models of one name
    original = checkpoint.load(tmp_path / "theirs")
    for model_id in (first, second):
        opened = load(model_id)
        assert opened.card == original.card
        assert opened.weights_hash == original.weights_hash
        for a, b in zip(opened.model.parameters(), original.model.parameters(), strict=True):
            assert torch.equal(a, b)
    assert checkpoint.pack(models()[first].folder) == data


def test_an_uploaded_model_of_float16_stays_one(tmp_path: Path) -> None:
    data = checkpoint.pack(saved_as_half(tmp_path / "theirs"))
    model_id = add(data, "a.zip")
    assert load(model_id).half
    assert checkpoint.pack(models()[model_id].folder) == data


@pytest.mark.parametrize("data", [b"", b"PK", b"no model"])
def test_a_file_that_is_no_model_leaves_nothing(data: bytes, fresh_home: Path) -> None:
    with pytest.raises(InputError, match=r"^<b>\.zip is not a Latent Loom model file"):
        add(data, "<b>\u202e.zip")
    assert not (fresh_home / "models").exists()


def test_half_a_model_file_is_refused(tmp_path: Path, fresh_home: Path) -> None:
    data = packed(tmp_path / "theirs")
    with pytest.raises(InputError):
        add(data[: len(data) // 2], "half.zip")
    assert not (fresh_home / "models").exists()


def test_a_name_can_be_given_and_hostile_text_is_only_text(tmp_path: Path) -> None:
    run, uploaded = make_run(), add(packed(tmp_path / "theirs"), "x.zip")
    rename(run, "  Zahlen β=1 🙂 ")
    rename(uploaded, "<img src=x>\u202e\x1b[2J")
    assert models()[run].name == "Zahlen β=1 🙂"
    assert models()[uploaded].name == "<img src=x>[2J"
    assert load(run).card.name == "Mine"
    rename(run, "x" * 80)
    for name in ("", "  ", "\u202e\n", "x" * 81):
        with pytest.raises(InputError, match="has 1 to 80 characters"):
            rename(run, name)
    assert models()[run].name == "x" * 80


def test_a_name_in_a_hostile_card_is_only_text(tmp_path: Path) -> None:
    uploaded = add(packed(tmp_path / "theirs", "\x1b[2Jevil\u202e"), "x.zip")
    nameless = add(packed(tmp_path / "others", "\n"), "x.zip")
    assert models()[uploaded].name == "[2Jevil"
    assert models()[nameless].name == "untitled"


def test_models_are_found_by_id_by_name_and_by_path(tmp_path: Path) -> None:
    run = make_run("A model of mine")
    folder = models()[run].folder
    own = tmp_path / "elsewhere"
    save(own / "checkpoints" / "00000009", card())
    assert find(run) == find("A model of mine") == find(str(folder)) == find(str(folder.parents[1])) == folder
    assert find("digits-2d") == find("Digits, 2-D") == catalogue.BUNDLED / "digits-2d"
    assert find(str(own)) == own / "checkpoints" / "00000009"
    rename(run, "Digits, 2-D")
    with pytest.raises(InputError, match=f'^2 models are called "Digits, 2-D": name one by its id \\({run}, digits-2d\\).$'):
        find("Digits, 2-D")


@pytest.mark.parametrize("text", [text for text in HOSTILE_IDS if "{" not in text])
def test_what_is_no_model_is_not_found(text: str) -> None:
    with pytest.raises(InputError, match=r"^There is no model"):
        find(text)


@pytest.mark.parametrize("text", HOSTILE_IDS)
def test_an_id_is_looked_up_and_never_a_path(text: str, fresh_home: Path) -> None:
    run = make_run()
    hostile = text.format(id=run, folder=models()[run].folder)
    before = sorted(fresh_home.rglob("*"))
    for action in (load, delete, restore, lambda model_id: rename(model_id, "x")):
        with pytest.raises(InputError) as caught:
            action(hostile)
        assert len(str(caught.value)) < 200
        assert str(caught.value).isprintable()
    assert sorted(fresh_home.rglob("*")) == before


def test_deleting_can_be_undone(tmp_path: Path) -> None:
    run, uploaded = make_run(), add(packed(tmp_path / "theirs"), "x.zip")
    rename(uploaded, "Renamed")
    hashes = [load(model_id).weights_hash for model_id in (run, uploaded)]
    for _ in range(2):
        for model_id in (run, uploaded):
            delete(model_id)
            with pytest.raises(InputError, match="There is no model"):
                load(model_id)
        assert list(models()) == ["digits-2d"]
        assert directory.listing() == []
        for model_id in (run, uploaded):
            restore(model_id)
            with pytest.raises(InputError, match="no longer in the trash"):
                restore(model_id)
        assert [load(model_id).weights_hash for model_id in (run, uploaded)] == hashes
        assert models()[uploaded].name == "Renamed"


def test_the_trash_is_emptied_after_a_week(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    old, recent, last = make_run(), make_run(), make_run()
    os.utime(directory.RUNS.place / old, (0, 0))  # what counts is when it was deleted, not when it was trained
    delete(old)
    day = 86_400
    now = time.time()
    monkeypatch.setattr(time, "time", lambda: now + 6.9 * day)
    delete(recent)
    restore(old)
    delete(old)
    os.utime(fresh_home / "trash" / "models" / "run" / recent, (now + 3 * day, now + 3 * day))
    monkeypatch.setattr(time, "time", lambda: now + 7.1 * day)
    delete(last)
    with pytest.raises(InputError, match="no longer in the trash"):
        restore(old)
    restore(recent)
    restore(last)


def test_a_bundled_model_stays_what_it_is() -> None:
    for action in (delete, lambda model_id: rename(model_id, "x")):
        with pytest.raises(InputError, match="A bundled model cannot be renamed or deleted"):
            action("digits-2d")
    assert models()["digits-2d"].name == "Digits, 2-D"


@pytest.mark.parametrize("state", ["queued", "running"])
def test_a_model_in_training_is_listed_but_not_deleted(state: directory.State) -> None:
    run = make_run(state=state)
    assert run in models()
    load(run)
    with pytest.raises(InputError, match="stop the run first"):
        delete(run)
    assert run in models()


def test_a_run_without_a_model_can_be_deleted() -> None:
    run = make_run(state="failed", model=False)
    assert run not in models()
    delete(run)
    assert directory.listing() == []
    restore(run)
    assert [found.id for found in directory.listing()] == [run]


@pytest.mark.parametrize("file", ["card.json", "manifest.json"])
@pytest.mark.parametrize("how", [damage, Path.unlink], ids=["changed", "missing"])
def test_a_model_with_a_damaged_card_is_left_out_and_refused(file: str, how: Callable[[Path], None], tmp_path: Path, bundled: Path) -> None:
    run, uploaded = make_run(), add(packed(tmp_path / "theirs"), "x.zip")
    good = make_run()
    for folder in (models()[run].folder, models()[uploaded].folder, bundled / "digits-2d"):
        how(folder / file)
    assert list(models()) == [good]
    for model_id in (run, uploaded, "digits-2d"):
        with pytest.raises(InputError):
            load(model_id)
    delete(run)
    delete(uploaded)


@pytest.mark.parametrize("how", [damage, Path.unlink], ids=["changed", "missing"])
def test_a_model_with_damaged_weights_is_refused(how: Callable[[Path], None]) -> None:
    run = make_run()
    how(models()[run].folder / "weights.safetensors")
    with pytest.raises(InputError, match=r"weights\.safetensors"):
        load(run)


def test_a_damaged_name_costs_the_name_alone() -> None:
    run = make_run()
    (directory.RUNS.place / run / "name.txt").write_bytes(b"\xff\xfe caf\xe9")
    assert models()[run].name == "\ufffd\ufffd caf\ufffd"
    (directory.RUNS.place / run / "name.txt").unlink()
    (directory.RUNS.place / run / "name.txt").mkdir()
    assert models()[run].name == "Mine"


def test_a_full_disk_is_a_sentence_and_nothing_is_kept_by_halves(tmp_path: Path, fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = packed(tmp_path / "theirs")
    run = make_run()
    before = sorted(fresh_home.rglob("*"))

    def full(handle: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(
        InputError,
        match=r"^The model cannot be kept: No space left on device \(.*/models/[0-9a-f]{12}\)\. Free some space",
    ):
        add(data, "x.zip")
    with pytest.raises(InputError, match=r"^The model cannot be renamed: No space left on device \(runs/[0-9a-f]{12}/name\.txt\)\. Free"):
        rename(run, "Other")
    assert [path for path in sorted(fresh_home.rglob("*")) if path not in before and path.is_file()] == []
    assert models()[run].name == "Mine"


def test_names_of_dimensions_are_kept_with_the_model_and_travel_in_its_file(tmp_path: Path) -> None:
    model_id = add(packed(tmp_path / "model"), "model.zip")
    name_dimensions(model_id, ["slant\u202e\n", "x" * 100])
    entry = models()[model_id]
    assert entry.dimension_names == ("slant", "x" * 40)
    assert entry.card.dimension_names == ()  # what was written when it was made stays
    brought = add(checkpoint.pack(entry.folder, entry.dimension_names), "again.zip")
    assert models()[brought].dimension_names == entry.dimension_names
    name_dimensions(model_id, ["", ""])
    assert models()[model_id].dimension_names == ()


@pytest.mark.parametrize("text", ["", "[]", '["one"]', '["one", 2]', '{"a": "b"}', "\xff"])
def test_damaged_names_of_dimensions_cost_these_alone(text: str, tmp_path: Path) -> None:
    model_id = add(packed(tmp_path / "model"), "model.zip")
    (models()[model_id].folder.parent / "dimensions.json").write_bytes(text.encode("latin-1"))
    assert models()[model_id].dimension_names == ()
