"""tradeoff_file: what is kept of a model's figures is what was measured, and what is damaged or of another model is none."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load, save

from tests.analysis.test_tradeoff import EPOCHS, measured, pictures, same
from tests.many import trained
from vae_core.analysis import tradeoff, tradeoff_file
from vae_core.analysis.tradeoff import Mark
from vae_core.analysis.tradeoff_table import csv_table
from vae_core.base import storage
from vae_core.training import checkpoint

pytestmark = pytest.mark.slow


@pytest.fixture
def model_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A saved model, in a home of its own."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path / "home"))
    whole = trained()
    checkpoint.save(tmp_path / "model", whole.model, whole.card, whole.codes)
    return tmp_path / "model"


def files(folder: Path) -> list[Path]:
    return sorted((folder.parent / "home").rglob("*.bin"))


def test_a_model_is_measured_once(model_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loaded = checkpoint.load(model_folder)
    assert tradeoff_file.kept(model_folder, loaded, original=True) is None
    first = tradeoff_file.cached(model_folder, loaded, pictures(), lambda share: None)
    monkeypatch.setattr(tradeoff, "measure", None)
    again = tradeoff_file.cached(model_folder, loaded, pictures(), lambda share: None)
    assert same(first, again)
    assert tradeoff_file.kept(model_folder, replace(loaded, weights_hash="other"), original=True) is None


def test_figures_of_the_images_go_before_those_of_stand_ins(model_folder: Path) -> None:
    loaded = checkpoint.load(model_folder)
    original = measured()
    tradeoff_file.keep(replace(original, original=False), loaded)
    assert tradeoff_file.kept(model_folder, loaded, original=True) is None
    found = tradeoff_file.kept(model_folder, loaded, original=False)
    assert found is not None
    assert not found.original
    tradeoff_file.keep(original, loaded)
    for at_hand in (True, False):
        found = tradeoff_file.kept(model_folder, loaded, original=at_hand)
        assert found is not None
        assert found.original


def test_a_bundled_model_brings_its_own_and_stays_whole(model_folder: Path) -> None:
    loaded = checkpoint.load(model_folder)
    packed = checkpoint.pack(model_folder)
    marks = (Mark(0.1, 20.0, 10.0, 0.5), Mark(1.0, 30.0, 5.0, float("nan")))
    tradeoff_file.keep(replace(measured(), dedicated=marks), loaded, model_folder)
    assert not files(model_folder)
    again = checkpoint.load(model_folder)
    assert again.weights_hash == loaded.weights_hash
    assert checkpoint.pack(model_folder) == packed
    found = tradeoff_file.kept(model_folder, again, original=False)
    assert found is not None
    np.testing.assert_array_equal(np.array(found.dedicated), np.array(marks))
    assert isinstance(found.dedicated[0], Mark)
    assert same(replace(found, dedicated=()), measured())


def test_a_damaged_file_is_none(model_folder: Path) -> None:
    loaded = checkpoint.load(model_folder)
    tradeoff_file.keep(measured(), loaded)
    (file,) = files(model_folder)
    whole = file.read_bytes()
    for damaged in (b"", whole[:-1], whole[:200] + b"x" + whole[201:], b"x" * 3000, whole[64:]):
        file.write_bytes(damaged)
        assert tradeoff_file.kept(model_folder, loaded, original=True) is None
    shutil.rmtree(file.parent)
    assert tradeoff_file.kept(model_folder, loaded, original=True) is None


def test_a_disk_that_cannot_be_written_costs_time_alone(model_folder: Path) -> None:
    loaded = checkpoint.load(model_folder)
    cache_folder = model_folder.parent / "home" / "cache"
    cache_folder.mkdir(parents=True)
    (cache_folder / "tradeoffs").write_text("in the way")
    assert same(
        tradeoff_file.cached(model_folder, loaded, pictures(), lambda share: None), tradeoff.measure(loaded, pictures(), lambda share: None)
    )


def test_samples_can_be_counted_later_and_are_absent_in_what_was_kept_before(model_folder: Path) -> None:
    loaded, before = checkpoint.load(model_folder), replace(measured(), samples=None)
    tradeoff_file.keep(before, loaded)
    old = tradeoff_file.kept(model_folder, loaded, original=True)
    assert old is not None
    assert old.samples is None
    assert old.samples_at(1.0) is None
    assert "sample_recall" not in csv_table(old).decode()
    later = tradeoff.with_samples(old, trained(EPOCHS), pictures(), lambda share: None)
    assert same(later, measured())


def test_of_what_was_kept_before_no_error_is_known(model_folder: Path) -> None:
    loaded = checkpoint.load(model_folder)
    tradeoff_file.keep(measured(), loaded)
    (file,) = files(model_folder)
    key = tradeoff_file._key(loaded, original=True)
    payload = storage.read_sealed(file, key)
    assert payload is not None
    arrays = {name: array for name, array in load(payload).items() if name != "errors"}
    arrays["dedicated"] = np.array([[1.0, 30.0, 5.0, 0.5]])
    storage.write_sealed(file, key, save(arrays))
    found = tradeoff_file.kept(model_folder, loaded, original=True)
    assert found is not None
    assert np.isnan(found.errors).all()
    assert found.errors.shape == measured().errors.shape
    assert found.dedicated[0][:4] == (1.0, 30.0, 5.0, 0.5)
    assert np.isnan(found.dedicated[0][4:]).all()
