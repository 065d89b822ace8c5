"""train --resume: a stopped run goes on to the bit, and one sentence for whatever cannot be resumed."""

from __future__ import annotations

import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.calls import refusal
from vae_core import data
from vae_core.cli.main import main
from vae_core.data import Images
from vae_core.runs import catalogue, directory
from vae_core.training import checkpoint
from vae_core.training.train import Record, Training

LONGER = ["--epochs", "3", "--hidden", "16", "--latent", "2", "--batch", "50", "--threads", "1"]


@pytest.fixture(autouse=True)
def interruptible() -> Iterator[None]:
    """Ctrl+C ends a program, also where the tests were started in the background of a shell, which makes them deaf to it."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch, *, times: int = 1) -> None:
    """Ctrl+C while this step is made, looked for after each step."""
    real = Training.update

    def update(self: Training) -> Record | None:
        record = real(self)
        for _ in range(times if self.step == step else 0):
            handler = signal.getsignal(signal.SIGINT)
            signal.raise_signal(signal.SIGINT)
            while signal.getsignal(signal.SIGINT) is handler:  # two that come before Python has looked are one
                pass
        return record

    monkeypatch.setattr("vae_core.runs.execute._LOOK_SECONDS", 0.0)
    monkeypatch.setattr(Training, "update", update)


@pytest.mark.parametrize("own_folder", [False, True])
def test_an_interrupted_training_is_saved_and_resumed(
    own_folder: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["train", "--data", "digits", *LONGER, "--out", str(tmp_path / "unbroken")]) == 0
    unbroken = json.loads(capsys.readouterr().out)
    handler = signal.getsignal(signal.SIGINT)
    with monkeypatch.context() as patch:
        interrupt_at(40, patch)
        assert main(["train", "--data", "digits", *LONGER, *(["--out", str(tmp_path / "broken")] if own_folder else [])]) == 130
    assert signal.getsignal(signal.SIGINT) is handler
    out, err = capsys.readouterr()
    assert out == ""
    name = str(tmp_path / "broken") if own_folder else directory.listing()[0].id
    assert err.splitlines()[-1] == f"Stopped after step 40 of 87; python -m vae_core train --resume {name} goes on."
    if not own_folder:
        assert main(["runs"]) == 0
        assert capsys.readouterr().out.splitlines()[-1].endswith(f"Go on: train --resume {name}")
    assert main(["train", "--resume", name]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert (summary["run"], summary["epochs"]) == (name, 3)
    assert [summary[figure] for figure in ("loss", "distortion", "rate")] == [unbroken[figure] for figure in ("loss", "distortion", "rate")]
    hashes = {checkpoint.load(catalogue.find(run)).weights_hash for run in (name, unbroken["run"])}
    assert len(hashes) == 1
    assert "This run has done all of its steps." in refusal(["train", "--resume", name], capsys)


def test_a_second_interrupt_breaks_off_at_once(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        interrupt_at(40, patch, times=2)
        assert main(["train", "--data", "digits", *LONGER]) == 130
    assert capsys.readouterr().err.endswith("\nInterrupted.\n")
    (run,) = directory.listing()
    assert (run.status.state, run.status.step) == ("stopped", 38)  # of the newest record
    read: list[str] = []
    load = data.load_exactly

    def counted(name: str) -> Images:
        read.append(name)
        return load(name)

    monkeypatch.setattr(data, "load_exactly", counted)
    assert main(["train", "--resume", run.id]) == 0
    assert read == ["digits"]  # once, though several look at them


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--resume", "no-such-run"], "There is no such run any more."),
        (["--resume", "{tmp}"], "There is no such run any more."),
        (["--resume", "{run}"], "This run has done all of its steps."),
        (["--resume", "{run}", "--epochs", "30"], "--resume goes on with the settings that the run has: leave out --epochs."),
        (["--resume", "{run}", "--device", "cpu"], "leave out --device."),
        (["--resume", "{run}", "--sigma-is", "learned"], "leave out --sigma-is."),
        (["--resume", "{run}", "--beta-range", "1", "9"], "leave out --beta-range."),
        (["--resume", "{run}", "--data", "digits"], "not allowed with argument"),
    ],
)
def test_what_cannot_be_resumed_is_refused(
    arguments: list[str], words: str, trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    given = [argument.replace("{tmp}", str(tmp_path)).replace("{run}", str(trained)) for argument in arguments]
    assert words in refusal(["train", *given], capsys)
