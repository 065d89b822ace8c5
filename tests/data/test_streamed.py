"""streamed: a set too large for memory goes to the disk once, with what is known about each image."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.analysis.test_memory import peak
from tests.data import dsprites as drawn
from tests.data.readers.reading import npz
from vae_core import data
from vae_core.base.errors import InputError
from vae_core.cli import train
from vae_core.cli.main import main
from vae_core.data import ImportChoices, delete_imported, load, save_imported, streamed
from vae_core.data.importing import read_files, read_path
from vae_core.data.readers import arrays

AS_FOUND = ImportChoices()
PIXELS = np.random.default_rng(0).integers(0, 2, (300, 16, 16), np.uint8)
CLASSES = np.stack([np.arange(300) % 3, np.arange(300) % 5], axis=1)


@pytest.fixture
def dsprites(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A file as dSprites is published, of which no more than a part fits into memory."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(arrays, "MAX_BYTES", 10_000)
    path = tmp_path / "dsprites.npz"
    path.write_bytes(npz(imgs=PIXELS, latents_classes=CLASSES, latents_values=CLASSES * 0.5, metadata=np.array([{}])))
    return path


def test_it_is_written_once_kept_with_its_factors_and_removed_with_the_set(dsprites: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[float] = []
    images, taken = read_path(dsprites, AS_FOUND, seen.append)
    assert isinstance(images.pixels, np.memmap)
    np.testing.assert_array_equal(images.pixels[:, 0], PIXELS * 255)
    np.testing.assert_array_equal(images.factors, CLASSES)
    assert "300 images of 16 × 16 pixels from imgs, values 0 to 1; they are on the disk, not in memory." in taken.read
    assert {name for name, _ in taken.unused} == {"metadata", "latents_values"}
    assert seen[-1] == 1
    (file,) = streamed.folder().iterdir()
    monkeypatch.setattr(streamed, "_write", None)  # a second writing would fail
    again, _ = read_path(dsprites, AS_FOUND)
    identifier = save_imported(again, "dSprites")
    assert save_imported(images, "dSprites") == identifier
    kept = load(identifier)
    assert (kept.identity, kept.factor_names, kept.source) == (images.identity, images.factor_names, images.source)
    np.testing.assert_array_equal(kept.factors, CLASSES)
    np.testing.assert_array_equal(kept.take([3, 299])[:, 0], PIXELS[[3, 299]] * 255)
    delete_imported(identifier)
    assert file.exists()  # it can come back from the trash
    other = save_imported(read_path(dsprites, AS_FOUND).images, "other")
    delete_imported(other)
    monkeypatch.setattr("vae_core.base.shelf.TRASH_DAYS", -1)
    delete_imported(save_imported(again, "last"))
    delete_imported(save_imported(read_files([("x.npz", npz(imgs=PIXELS[:20]))], AS_FOUND).images, "small"))
    assert not file.exists()


def test_what_may_not_go_to_the_disk_is_refused(dsprites: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(InputError, match=r"imgs holds 0\.0 GB of pixels, more than .*: for more, give `python -m vae_core train` the file"):
        read_files([("dsprites.npz", dsprites.read_bytes())], AS_FOUND)
    with pytest.raises(InputError, match=r"too large for memory: its images stay as they are, 16 × 16 with 1 channels"):
        read_path(dsprites, ImportChoices(height=8))
    monkeypatch.setattr(streamed, "MAX_STREAMED", 50_000)
    for file in streamed.folder().iterdir():
        file.unlink()
    with pytest.raises(InputError, match=r"imgs holds .* may be written to the disk, on which .* GB are free"):
        read_path(dsprites, AS_FOUND)


def test_what_was_clipped_is_said_the_second_time_too(dsprites: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    over = PIXELS.astype(np.float32)
    over[:, 0, 0] = 1.2
    dsprites.write_bytes(npz(imgs=over))
    said = "300 of 76,800 values of imgs lie outside 0 to 1 and were clipped."
    assert said in read_path(dsprites, AS_FOUND).taken.notes
    monkeypatch.setattr(streamed, "_write", None)
    assert said in read_path(dsprites, AS_FOUND).taken.notes


def test_axes_cannot_be_taken_otherwise_than_they_lie(dsprites: Path) -> None:
    assert len(read_path(dsprites, ImportChoices(layout="NHW")).images) == 300
    with pytest.raises(InputError, match=r"as images × height × width: it cannot be taken as height × width × images\.$"):
        read_path(dsprites, ImportChoices(layout="HWN"))


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the peak of a process is told by Linux alone")
def test_one_command_makes_of_dsprites_own_file_a_model_with_mig_and_holds_no_more_than_a_part_of_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The whole of it, 3 GB of pixels, is for ``python -m bench.dsprites``."""
    monkeypatch.setenv("LATENT_LOOM_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(arrays, "MAX_BYTES", 2**20)
    monkeypatch.setattr(data, "read_path", read_path)  # in this process, where that limit holds
    monkeypatch.setattr(train, "_SCORED", 500)
    few, many = tmp_path / "few.npz", tmp_path / "dsprites.npz"
    drawn.write(few, (1, 3, 6, 10, 4, 4))
    drawn.write(many, (1, 3, 6, 10, 16, 16))

    def trained(file: Path) -> None:
        main(["train", "--data", str(file), "--epochs", "1", "--hidden", "8", "--latent", "4"])

    trained(few)  # which loads all that is needed
    capsys.readouterr()
    # the steps of training and reading take some 150 MB of any set; with the pixels, 180 MB, it would be over 300
    assert peak(lambda: trained(many)) < 46_080 * drawn.SIDE**2 / 2**20 * 1.3
    said = capsys.readouterr()
    assert "46,080 images of 64 × 64 pixels from imgs, values 0 to 1; they are on the disk, not in memory." in said.err
    assert 0 <= json.loads(said.out)["mig"] <= 1
