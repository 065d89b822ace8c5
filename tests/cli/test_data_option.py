"""--data: known sets by name, images of your own from a path."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cli.calls import QUICK, in_short
from tests.data.readers.reading import npz
from vae_core import data
from vae_core.cli.main import main
from vae_core.runs import directory
from vae_core.training import checkpoint

Captured = pytest.CaptureFixture[str]


def test_own_images_are_fitted_as_asked(noise: Path) -> None:
    asked = ["--size", "16x10", "--channels", "1", "--fit", "pad", "--background", "1,2,3"]
    assert main(["train", "--data", str(noise), *QUICK, *asked]) == 0
    model = directory.listing()[0].config.model
    assert (model.channels, model.height, model.width) == (1, 16, 10)


def test_a_set_that_must_be_downloaded_is_when_it_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    monkeypatch.setattr(data, "download", asked.append)
    assert main(["train", "--data", "fashion-mnist", "--all", *QUICK, "--channels", "1"]) == 2
    assert not asked
    capsys.readouterr()
    main(["train", "--data", "fashion-mnist", "--all", *QUICK])
    assert asked == ["fashion-mnist"]
    assert capsys.readouterr().err.splitlines()[0] == "Downloading Fashion-MNIST …"


def test_without_a_download_the_test_images_are_trained_on_and_the_run_keeps_that(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", "mnist", *QUICK]) == 0
    assert capsys.readouterr().err.splitlines()[0] == "MNIST: 10,000 of 70,000 images, its test images; --all gets the rest."
    run = directory.listing()[0]
    card = checkpoint.read_card(directory.newest_checkpoint(run.folder) or run.folder)
    assert (run.config.data, card.data.name, card.data.title, card.data.images) == ("mnist-10k", "mnist-10k", "MNIST", 10_000)
    assert card.data.licence == "CC BY-SA 3.0, Y. LeCun and C. Cortes"


def test_a_path_that_exists_wins_over_a_set_of_that_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Captured) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "digits").mkdir()
    np.save(tmp_path / "digits/mine.npy", np.random.default_rng(0).integers(0, 256, (40, 8, 8), np.uint8))
    assert main(["train", "--data", "digits", *QUICK]) == 0
    said = capsys.readouterr().err.splitlines()
    assert said[0] == "digits is a file or folder here, which is taken: for the set Digits call from another folder."
    assert said[1] == "40 images of 8 × 8 pixels from mine (images × height × width), values 0 to 255."
    assert directory.listing()[0].config.data not in data.SETS


def test_doubts_and_questions_come_with_the_options_that_answer_them(tmp_path: Path, capsys: Captured) -> None:
    signed = np.random.default_rng(0).normal(0, 2, (40, 8, 8))
    np.save(tmp_path / "signed.npy", signed)
    main(["train", "--data", str(tmp_path / "signed.npy"), *QUICK])
    assert "which is no usual range: black is" in (said := capsys.readouterr().err)
    assert "Take −128 to 127: --range=-128,127." in said
    assert main(["train", "--data", str(tmp_path / "signed.npy"), "--range", "-128,127", *QUICK]) == 0
    assert "stretched: black is −128 and white is 127." in capsys.readouterr().err
    np.save(tmp_path / "five.npy", np.random.default_rng(0).integers(0, 256, (40, 8, 8, 5), np.uint8))
    assert main(["train", "--data", str(tmp_path / "five.npy"), *QUICK]) == 2
    assert capsys.readouterr().err.endswith("or each as a grey image, by --planes=first; --planes=each.\n")
    assert main(["train", "--data", str(tmp_path / "five.npy"), "--planes=each", *QUICK]) == 0


def test_a_name_from_a_file_cannot_hurt_where_its_option_is_typed(tmp_path: Path, capsys: Captured) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (40, 9, 9), np.uint8)
    evil = "\u202e\x1b $(touch x)"
    (tmp_path / "two.npz").write_bytes(npz(**{f"train{evil}": noise[:, 1:, 1:], f"test{evil}": noise}))
    assert main(["train", "--data", str(tmp_path / "two.npz"), *QUICK]) == 2
    said = capsys.readouterr().err.strip()
    assert said.isprintable()
    ways = [shlex.split(way)[0] for way in said.removesuffix(".").partition(", by ")[2].split("; ")]
    assert ways == ["--take=train $(touch x)", "--take=test $(touch x)"]
    assert main(["train", "--data", str(tmp_path / "two.npz"), ways[1], *QUICK]) == 0
    assert directory.listing()[0].config.model.height == 9


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train", "--data", "no-such-set"], 'There is no data set "no-such-set"'),
        (["train", "--data", "../digits"], 'There is no data set "../digits"'),
        (["train", "--data", "x" * 5000], "File name too long"),
        (["train", "--data", "\udcff"], "There is no data set"),
        (["train", "--data", "digits", "--size", "16x16"], "--size is for images read from a path"),
        (["train", "--data", "digits", "--fit", "pad"], "--fit is for images read from a path"),
        (["train", "--data", "{tmp}/digit.png"], "1 readable image, and at least 10 are needed."),
        (["train", "--data", "{tmp}/noise.npz", "--size", "32"], "--size takes height x width such as 32x32"),
        (["train", "--data", "{tmp}/noise.npz", "--size", "4x4"], "height = 4"),
        (["train", "--data", "{tmp}/noise.npz", "--range", "0"], "--range takes two numbers such as 0,4095"),
        (["train", "--data", "{tmp}/noise.npz", "--frame", "8x8"], "--frame takes height x width x channels"),
        (["train", "--data", "{tmp}/noise.npz", "--take", "other"], "by --take="),
        (["train", "--data", "{tmp}/noise.npz", "--background", "red"], "--background takes whole numbers"),
        (["train", "--data", "{tmp}/noise.npz", "--background", "1,2"], "background"),
        (["evaluate", "{run}", "--data", "mnist", "--channels", "1"], "--channels is for images read from a path"),
        (["train", "--data", "digits", "--all"], "--all is for mnist and fashion-mnist"),
        (["evaluate", "{run}", "--all"], "--all says how images are taken: name the set, or the file or folder, by --data."),
        (["audit", "{run}", "--size", "16x16"], "--size says how images are taken"),
        (["export", "{run}", "--format", "csv", "--fit", "pad", "--out", "x.csv"], "--fit says how images are taken"),
        (["import-model", "a.onnx", "--range", "0,1"], "--range says how images are taken"),
    ],
    ids=in_short,
)
def test_images_that_cannot_be_had_are_refused(arguments: list[str], words: str, refused_cleanly: Callable[[list[str]], str]) -> None:
    assert words in refused_cleanly(arguments)
