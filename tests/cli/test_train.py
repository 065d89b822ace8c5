"""train: one run as asked, its figures on stdout, and one sentence for whatever cannot be trained."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_args

import pytest
import torch

from tests.cli.calls import QUICK, code_of, in_short
from tests.conftest import ROOT
from vae_core import data
from vae_core.base.config import Precision
from vae_core.cli.main import main
from vae_core.data import Images
from vae_core.runs import catalogue, directory, jobs
from vae_core.runs.execute import execute
from vae_core.training import checkpoint, train
from vae_core.training.processes import Processes
from vae_core.training.train import Record


@pytest.mark.slow
def test_train_prints_one_object_that_agrees_with_the_card(tmp_path: Path) -> None:
    out = tmp_path / "new" / "run"
    command = [sys.executable, "-m", "vae_core", "train", "--data", "digits", *QUICK, "--seed", "3", "--beta", "0.5", "--out", str(out)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    *_, last = result.stdout.splitlines()
    assert result.stdout.count("\n") == 1
    summary = json.loads(last)
    figures = ["loss", "distortion", "rate", "images", "standard_error", "part"]
    assert list(summary) == ["run", "epochs", *figures, "constant_picture", "images_per_second", "seconds"]
    assert (summary["images"], summary["part"], list(summary["standard_error"])) == (179, "validation", ["loss", "distortion", "rate"])
    assert "1.0/1 epochs" in result.stderr
    assert "Traceback" not in result.stderr
    card = checkpoint.load(catalogue.find(str(out))).card
    assert summary["run"] == str(out)
    assert summary["epochs"] == card.epochs == 1
    assert {name: summary[name] for name in figures[:-1]} == card.figures.model_dump()
    assert summary["loss"] == pytest.approx(summary["distortion"] + 0.5 * summary["rate"])
    assert summary["images_per_second"] == round(card.images_per_second, 1)
    assert summary["seconds"] == round(card.seconds, 2)
    assert (card.train.seed, card.train.beta, card.train.threads, card.model.hidden) == (3, 0.5, 1, (16,))
    assert directory.listing() == []


def test_epochs_that_are_not_given_suit_the_set_and_the_end_says_how_it_stands_to_a_constant_picture(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def suggested(training_images: int, batch: int, body: str, *, every: bool) -> int:
        assert (training_images, batch, body, every) == (1_439, 500, "mlp", False)
        return 2

    monkeypatch.setattr("vae_core.cli.run_options.suggested_epochs", suggested)
    assert main(["train", "--data", "digits", *QUICK[2:]]) == 0
    out, err = capsys.readouterr()
    assert json.loads(out)["epochs"] == 2
    assert "2 epochs of 1,439 training images make 6 steps; --epochs chooses another number." in err
    against = f"against {json.loads(out)['constant_picture']:.2f} ± "
    assert against in err.splitlines()[-1]
    assert " for the mean of the training images, always the same picture." in err.splitlines()[-1]


def test_no_worker_takes_a_run_from_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def looking(run: Path, images: Images, together: Processes) -> Iterator[Record]:
        assert [found.folder for found in directory.listing()] == [run]
        assert jobs.waiting() == []
        return execute(run, images, together)

    monkeypatch.setattr("vae_core.cli.train.execute", looking)
    assert main(["train", "--data", "digits", *QUICK]) == 0


@pytest.mark.parametrize("body", [["--model", "conv", "--hidden", "4,8"], ["--model", "linear"], ["--deterministic"]])
def test_every_body_trains_on_images_from_a_path(body: list[str], noise: Path, capsys: pytest.CaptureFixture[str]) -> None:
    sizes = ["--epochs", "1", "--latent", "2", "--threads", "1"]
    hidden = [] if body[0] == "--model" else ["--hidden", "8"]
    for _ in range(2):
        assert main(["train", "--data", str(noise), *sizes, *body, *hidden, "--likelihood", "gaussian", "--sigma", "0.2"]) == 0
    (name,) = data.imported()  # kept, and once
    first, second = directory.listing()
    assert first.config.data == second.config.data == name
    assert (first.config.model.channels, first.config.model.height, first.config.model.width) == (3, 8, 12)
    assert first.config.model.enlarge == ("nearest" if "conv" in body else "transposed")
    assert (first.config.model.shrink > 0) == ("conv" in body)
    assert first.config.model.widths == "free"
    assert first.config.name.startswith("noise.npz ")
    capsys.readouterr()
    assert main(["evaluate", first.id]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == name


def test_an_objective_is_trained_as_asked_and_judged_alike_later(capsys: pytest.CaptureFixture[str]) -> None:
    asked = ["--schedule", "linear", "--ramp", "0.25", "--free-bits", "0.1", "--tc", "2", "--binarise", "stochastic"]
    assert main(["train", "--data", "digits", *QUICK, *asked]) == 0
    summary = json.loads(capsys.readouterr().out)
    train = directory.listing()[0].config.train
    assert (train.schedule, train.ramp, train.free_bits, train.tc, train.binarise) == ("linear", 0.25, 0.1, 2, "stochastic")
    assert main(["evaluate", summary["run"]]) == 0
    assert json.loads(capsys.readouterr().out)["distortion"] == summary["distortion"]
    likelihood = ["--likelihood", "logistic", "--sigma", "0.2", "--sigma-is", "learned", "--capacity", "3"]
    assert main(["train", "--data", "digits", *QUICK, *likelihood]) == 0
    config = directory.listing()[0].config
    assert (config.model.likelihood_words, config.train.capacity) == ("logistic, σ learned", 3)


def test_device_and_precision_are_what_was_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for number in get_args(Precision):
        assert main(["train", "--data", "digits", *QUICK, "--device", "cpu", "--precision", number]) == 0
        card = checkpoint.read_card(catalogue.find(json.loads(capsys.readouterr().out)["run"]))
        assert (card.device, card.precision) == ("cpu", number)
    if not torch.cuda.is_available():
        assert "choose the device auto or cpu" in refusal_after_progress(["train", "--data", "digits", *QUICK, "--device", "cuda"], capsys)


def refusal_after_progress(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The sentence after a bar of progress."""
    assert code_of(arguments) == 2
    return capsys.readouterr().err.splitlines()[-1]


def test_training_that_diverges_ends_with_a_sentence(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*arguments: object, **options: object) -> torch.Tensor:
        return torch.full((3,), math.nan)

    monkeypatch.setattr(train, "_step", lost)
    assert main(["train", "--data", "digits", *QUICK]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    *_, last = err.splitlines()
    assert last.startswith("Training diverged at step 1: ")
    assert last.endswith("lower the learning rate (it was 0.002).")


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["train"], "One of the arguments --data --resume is required"),
        (["train", "--data", "digits", "--model", "gan"], "invalid choice: 'gan'"),
        (["train", "--data", "digits", "--latent", "1"], "latent = 1: input should be greater than or equal to 2."),
        (["train", "--data", "digits", "--latent", "129"], "latent = 129: input should be less than or equal to 128."),
        (["train", "--data", "digits", "--latent", "x"], 'Argument --latent: "x" is not a whole number'),
        (["train", "--data", "digits", "--latent", "１２"], '"１２" is not a whole number'),
        (["train", "--data", "digits", "--epochs", "1_000"], '"1_000" is not a whole number'),
        (["train", "--data", "digits", "--epochs", "1e3"], '"1e3" is not a whole number'),
        (["train", "--data", "digits", "--epochs", "9" * 4301], "a number of 4,301 digits is too large; it may have 30;"),
        (["train", "--data", "digits", "--epochs", "1000000000"], "less than or equal to 10000"),
        (["train", "--data", "digits", "--epochs", "0"], "epochs = 0: input should be greater than or equal to 1."),
        (["train", "--data", "digits", "--batch", "0"], "batch = 0"),
        (["train", "--data", "digits", "--hidden", "abc"], '--hidden takes whole numbers separated by commas, not "abc".'),
        (["train", "--data", "digits", "--hidden", "512,,512"], "--hidden takes whole numbers"),
        (["train", "--data", "digits", "--hidden", ""], "--hidden takes whole numbers"),
        (["train", "--data", "digits", "--hidden", "0"], "hidden.0 = 0"),
        (["train", "--data", "digits", "--hidden", "4096,4096,4096,4096"], "parameters; the limit is 50,000,000"),
        (["train", "--data", "digits", "--model", "linear", "--hidden", "5"], "A linear model has no hidden layers."),
        (["train", "--data", "digits", "--lr", "0"], "lr = 0.0: input should be greater than 0."),
        (["train", "--data", "digits", "--lr", "1e6"], "less than or equal to 10"),
        (["train", "--data", "digits", "--lr", "nan"], "lr = nan: input should be a finite number."),
        (["train", "--data", "digits", "--lr", "1e999"], "lr = inf: input should be a finite number."),
        (["train", "--data", "digits", "--lr", "1,5"], '"1,5" is not a number'),
        (["train", "--data", "digits", "--lr", "1_0"], '"1_0" is not a number'),
        (["train", "--data", "digits", "--beta", "-1"], "beta = -1.0: input should be greater than or equal to 0."),
        (["train", "--data", "digits", "--beta", "1e30"], "less than or equal to 10000"),
        (["train", "--data", "digits", "--beta-range", "1"], "--beta-range: expected 2 arguments"),
        (["train", "--data", "digits", "--beta-range", "4", "1"], "A beta_range must rise: 4 is not below 1."),
        (["train", "--data", "digits", "--beta-range", "0", "1"], "beta_range.0 = 0.0"),
        (["train", "--data", "digits", "--beta-range", "2", "9"], "must be in its beta_range, 2 to 9."),
        (["train", "--data", "digits", "--beta-range", "1", "9", "--deterministic"], "takes no beta_range."),
        (["train", "--data", "digits", "--beta-range", "1", "9", "--tc", "1"], "trains on every KL weight"),
        (["train", "--data", "digits", "--beta-range", "1", "9", "--beta-sigma", "2"], "make it a split one."),
        (["train", "--data", "digits", "--split"], "from a beta_range: give one"),
        (["train", "--data", "digits", "--beta-sigma", "1", "--tc", "1"], "Beta_sigma weighs one half of the plain rate"),
        (["train", "--data", "digits", "--seed", "-1"], "seed = -1: input should be greater than or equal to 0."),
        (["train", "--data", "digits", "--seed", str(2**64)], "less than 9223372036854775808"),
        (["train", "--data", "digits", "--threads", "-1"], "threads = -1"),
        (["train", "--data", "digits", "--sigma", "0"], "sigma = 0.0"),
        (["train", "--data", "digits", "--sigma-is", "learned"], "Sigma cannot be learned"),
        (["train", "--data", "digits", "--capacity", "5", "--free-bits", "1"], "leave free_bits at 0"),
        (["train", "--data", "digits", "--likelihood", "gaussian", "--binarise", "static"], "call for the bernoulli likelihood"),
        (["train", "--data", "digits", "--name", "x" * 5000, "--lr", "0"], "lr = 0.0"),
        (["train", "--data", "digits", "--out", "{tmp}"], "exists and is not an empty folder"),
        (["train", "--data", "digits", "--out", "{tmp}/digit.png/run"], "could not be made: Not a directory."),
        (["train", "--data", "{tmp}/noise.npz", "--latent", "1"], "latent = 1"),
    ],
    ids=in_short,
)
def test_what_cannot_be_trained_is_refused(arguments: list[str], words: str, refused_cleanly: Callable[[list[str]], str]) -> None:
    assert words in refused_cleanly(arguments)
