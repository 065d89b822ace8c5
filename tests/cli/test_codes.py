"""encode and decode: the numbers and pixels that the pages show."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.calls import in_short
from vae_core import data
from vae_core.analysis import explore
from vae_core.cli.main import main
from vae_core.training.checkpoint import Checkpoint


def test_encode_prints_the_posterior_of_each_image(
    trained: Path, model: Checkpoint, digit: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["encode", str(trained), str(digit), str(digit)]) == 0
    first, second = map(json.loads, capsys.readouterr().out.splitlines())
    assert first == second
    posterior = explore.encode(model.model, data.load("digits").pixels[:1])
    assert list(first) == ["image", "mean", "logvar"]
    assert first["image"] == str(digit)
    np.testing.assert_array_equal(np.array(first["mean"], np.float32), posterior.mean[0])
    np.testing.assert_array_equal(np.array(first["logvar"], np.float32), posterior.logvar[0])


@pytest.mark.parametrize(
    ("given", "code"),
    [
        (["--z", "-1,0.5"], [-1, 0.5]),
        (["--z", "-.5,-2e-1"], [-0.5, -0.2]),
        (["--z=-1, 0.5"], [-1, 0.5]),
        (["--z", "0.1,-1"], [0.1, -1]),
        (["--z", "-1 0.5"], [-1, 0.5]),
    ],
)
def test_decode_writes_the_picture_that_the_pages_show(
    given: list[str], code: list[float], trained: Path, model: Checkpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "new" / "x.png"
    assert main(["decode", str(trained), *given, "--out", str(out)]) == 0
    assert capsys.readouterr().out == ""
    with Image.open(out) as picture:
        assert picture.mode == "L"
        np.testing.assert_array_equal(np.asarray(picture), explore.decode(model.model, np.array([code], np.float32))[0, 0])


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["encode", "{run}"], "required: IMAGE"),
        (["encode", "{run}", "{tmp}/missing.png"], "missing.png: No such file or directory."),
        (["encode", "{run}", "{tmp}"], "is a folder, and a file is needed."),
        (["encode", "{run}", "{tmp}/cut.png"], "cut.png is a damaged or cut-short PNG image"),
        (["encode", "{run}", "{tmp}/empty.png"], "empty.png is empty."),
        (["decode", "{run}", "--z", "1,2,3", "--out", "{tmp}/x.png"], "The code has 3 numbers; this model takes 2"),
        (["decode", "{run}", "--z", "nan,0", "--out", "{tmp}/x.png"], "'nan' is not a number"),
        (["decode", "{run}", "--z", "-1e999,0", "--out", "{tmp}/x.png"], "is not a number"),
        (["decode", "{run}", "--z", "--out", "{tmp}/x.png"], "--z: expected one argument"),
        (["decode", "{run}", "--z", "0,0", "--out", "{tmp}"], "is a folder, which is not replaced: choose another name for the file."),
        (["decode", "{tmp}", "--z", "0,0", "--out", "{tmp}/x.png"], "There is no model"),
    ],
    ids=in_short,
)
def test_what_cannot_be_encoded_or_decoded_is_refused(
    arguments: list[str], words: str, refused_cleanly: Callable[[list[str]], str]
) -> None:
    assert words in refused_cleanly(arguments)
