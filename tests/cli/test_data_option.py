"""--data: known sets by name, images of your own from a path."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.calls import QUICK, in_short
from vae_core import data
from vae_core.cli.main import main
from vae_core.runs import directory


def test_own_images_are_fitted_as_asked(noise: Path) -> None:
    asked = ["--size", "16x10", "--channels", "1", "--fit", "pad", "--background", "1,2,3"]
    assert main(["train", "--data", str(noise), *QUICK, *asked]) == 0
    model = directory.listing()[0].config.model
    assert (model.channels, model.height, model.width) == (1, 16, 10)


def test_a_set_that_must_be_downloaded_is_when_it_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    monkeypatch.setattr(data, "download", asked.append)
    assert main(["train", "--data", "fashion-mnist", *QUICK]) == 2  # it is still not there
    assert asked == ["fashion-mnist"]
    assert capsys.readouterr().err.splitlines()[0] == "Downloading Fashion-MNIST …"


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
    ],
    ids=in_short,
)
def test_images_that_cannot_be_had_are_refused(arguments: list[str], words: str, refused_cleanly: Callable[[list[str]], str]) -> None:
    assert words in refused_cleanly(arguments)
