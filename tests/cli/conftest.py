"""Every test of the command line has a home of its own without bundled models; two trained runs are shared."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from tests.cli.calls import QUICK, refusal
from vae_core import data
from vae_core.cli.main import main
from vae_core.data.images import png_bytes
from vae_core.runs import catalogue, directory
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint


@pytest.fixture(autouse=True)
def no_bundled_models(fresh_home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "BUNDLED", tmp_path / "bundled")


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that the command line trained."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert main(["train", "--data", "digits", *QUICK, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="session")
def model(trained: Path) -> Checkpoint:
    return checkpoint.load(catalogue.find(str(trained)))


@pytest.fixture(scope="session")
def of_many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that the command line trained on every KL weight from 0.1 to 4, judged at 2."""
    folder = tmp_path_factory.mktemp("of_many") / "run"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert main(["train", "--data", "digits", *QUICK, "--beta-range", "0.1", "4", "--beta", "2", "--out", str(folder)]) == 0
    return folder


@pytest.fixture
def digit(tmp_path: Path) -> Path:
    """The first of the digits as a PNG file."""
    path = tmp_path / "digit.png"
    path.write_bytes(png_bytes(data.load("digits").pixels[0]))
    return path


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """Thirty RGB images of 8 x 12 pixels in an .npz."""
    path = tmp_path / "noise.npz"
    np.savez(path, images=np.random.default_rng(0).integers(0, 256, (30, 8, 12, 3), np.uint8))
    return path


@pytest.fixture
def refused_cleanly(
    trained: Path, digit: Path, noise: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Callable[[list[str]], str]:
    """Runs a command that cannot be run, sees that it leaves nothing behind, and returns its sentence.

    In the arguments, {tmp} is a folder with digit.png, noise.npz, a cut-short and an empty PNG, and {run} a trained run.
    """

    def run(arguments: list[str]) -> str:
        (tmp_path / "cut.png").write_bytes(digit.read_bytes()[:-20])
        (tmp_path / "empty.png").touch()
        before = sorted(tmp_path.rglob("*"))
        given = [argument.replace("{tmp}", str(tmp_path)).replace("{run}", str(trained)) for argument in arguments]
        sentence = refusal(given, capsys)
        assert sorted(tmp_path.rglob("*")) == before
        assert not directory.RUNS.place.exists()
        return sentence

    return run
