"""import-model: files of a model from elsewhere, opened with one command, or refused in one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.cli.calls import code_of, refusal
from tests.foreign.test_importing import pair
from vae_core import data
from vae_core.base.errors import InputError
from vae_core.cli.main import main
from vae_core.foreign import joining
from vae_core.runs import catalogue


@pytest.fixture
def files(tmp_path: Path) -> list[str]:
    paths = []
    for name, content in pair("both", "Sigmoid"):
        (tmp_path / name).write_bytes(content)
        paths.append(str(tmp_path / name))
    return paths


def test_a_model_is_joined_to_images_and_listed(files: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    command = ["import-model", *files, "--encoder-gives", "joined,logvar", "--name", "From\u202e there", "--beta", "2"]
    assert main([*command, "--data", "digits"]) == 0
    out, err = capsys.readouterr()
    summary = json.loads(out)
    assert "Its answers differ from those of ONNX's reference evaluator by at most" in err
    entry = catalogue.models()[summary["model"]]
    assert (entry.name, entry.card.train.beta, entry.card.weights_name) == ("From there", 2, "β2")
    assert (entry.card.data.name, entry.card.data.images) == ("digits", 1797)
    assert summary["loss"] == pytest.approx(summary["distortion"] + 2 * summary["rate"], rel=1e-6)
    assert main(["evaluate", summary["model"]]) == 0  # as any model of ours
    capsys.readouterr()
    assert main(command) == 0
    out, err = capsys.readouterr()
    assert "--data names some of its kind" in err
    assert "loss" not in json.loads(out)


def test_images_of_another_size_are_resized_once() -> None:
    digits = data.load("digits")
    copy = joining.fitted(digits, (3, 16, 16))
    assert copy.shape == (3, 16, 16)
    assert (copy.take([0])[0, 0, ::2, ::2] == digits.take([0])[0, 0]).all()  # twice as large: each pixel four times
    assert joining.fitted(digits, (3, 16, 16)).name == copy.name
    assert copy.class_names == digits.class_names
    with pytest.raises(InputError, match="bring some of that aspect ratio"):
        joining.fitted(digits, (1, 16, 12))


def test_what_is_missing_or_wrong_is_one_sentence(files: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "can be read in 2 ways" in refusal(["import-model", *files], capsys)
    assert "here are 0" in refusal(["import-model", str(Path(__file__))], capsys)
    assert "--pixels" not in refusal(["import-model", "nowhere.onnx", "--pixels", "-1,1"], capsys)
    assert "such as 3x64x64" in refusal(["import-model", *files, "--image", "64x64"], capsys)
    assert "No such file" in refusal(["import-model", str(tmp_path / "none.onnx")], capsys)
    assert code_of(["import-model", *files, "--as", "burgess"]) == 2
