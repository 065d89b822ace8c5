"""--data: known sets by name, images of your own from a path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calls import QUICK, in_short
from vae_core import data
from vae_core.cli.main import main
from vae_core.runs import directory
from vae_core.training import checkpoint


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
        (["train", "--data", "{tmp}/noise.npz", "--background", "red"], "--background takes whole numbers"),
        (["train", "--data", "{tmp}/noise.npz", "--background", "1,2"], "background"),
        (["evaluate", "{run}", "--data", "mnist", "--channels", "1"], "--channels is for images read from a path"),
        (["train", "--data", "digits", "--all"], "--all is for mnist and fashion-mnist"),
        (["evaluate", "{run}", "--all"], "name the set by --data"),
    ],
    ids=in_short,
)
def test_images_that_cannot_be_had_are_refused(arguments: list[str], words: str, refused_cleanly: Callable[[list[str]], str]) -> None:
    assert words in refused_cleanly(arguments)
