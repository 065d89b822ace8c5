"""The command line: figures on stdout, progress on stderr, and one sentence with exit code 2 for whatever cannot be used."""

from __future__ import annotations

import argparse
import base64
import contextlib
import io
import json
import math
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import numpy as np
import pytest
import torch
from PIL import Image

from tests.conftest import ROOT
from vae_core import __main__, data
from vae_core.__main__ import main
from vae_core.analysis import disentangle, explore
from vae_core.analysis.decomposition import active_units, kl_parts
from vae_core.analysis.evaluate import evaluate
from vae_core.analysis.importance import nll
from vae_core.base.config import Precision
from vae_core.data import Images
from vae_core.data.images import png_bytes
from vae_core.export.live_model import live_bundle
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.runs import catalogue, directory, jobs
from vae_core.training import checkpoint, train
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.train import Record, Training

QUICK = ["--epochs", "1", "--hidden", "16", "--latent", "2", "--batch", "500", "--threads", "1"]

pytestmark = pytest.mark.usefixtures("fresh_home")


@pytest.fixture(autouse=True)
def no_bundled_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(catalogue, "BUNDLED", tmp_path / "bundled")


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that the command line trained."""
    folder = tmp_path_factory.mktemp("trained") / "run"
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        assert main(["train", "--data", "digits", *QUICK, "--out", str(folder)]) == 0
    return folder


@pytest.fixture(scope="module")
def model(trained: Path) -> Checkpoint:
    return checkpoint.load(catalogue.find(str(trained)))


@pytest.fixture(scope="module")
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


def code_of(arguments: list[str]) -> int:
    """The exit code, whether argparse leaves or `main` returns."""
    try:
        return main(arguments)
    except SystemExit as leave:
        return -1 if leave.code is None else int(leave.code)


def refusal(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    """The one sentence on stderr of a command that cannot be run."""
    assert code_of(arguments) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.endswith(".\n")
    assert err.count("\n") == 1
    assert err[:-1].isprintable()
    assert len(err) < 400
    return err[:-1]


@pytest.mark.slow
def test_train_prints_one_object_that_agrees_with_the_card(tmp_path: Path) -> None:
    out = tmp_path / "new" / "run"
    command = [sys.executable, "-m", "vae_core", "train", "--data", "digits", *QUICK, "--seed", "3", "--beta", "0.5", "--out", str(out)]
    result = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=True)
    *_, last = result.stdout.splitlines()
    assert result.stdout.count("\n") == 1
    summary = json.loads(last)
    assert list(summary) == ["run", "epochs", "loss", "distortion", "rate", "images_per_second", "seconds"]
    assert "1.0/1 epochs" in result.stderr
    assert "Traceback" not in result.stderr
    card = checkpoint.load(catalogue.find(str(out))).card
    assert summary["run"] == str(out)
    assert summary["epochs"] == card.epochs == 1
    assert {name: summary[name] for name in ("loss", "distortion", "rate")} == card.validation.model_dump()
    assert summary["loss"] == pytest.approx(summary["distortion"] + 0.5 * summary["rate"])
    assert summary["images_per_second"] == round(card.images_per_second, 1)
    assert summary["seconds"] == round(card.seconds, 2)
    assert (card.train.seed, card.train.beta, card.train.threads, card.model.hidden) == (3, 0.5, 1, (16,))
    assert directory.listing() == []


@pytest.mark.slow
def test_a_bad_argument_ends_the_process_with_two() -> None:
    result = subprocess.run([sys.executable, "-m", "vae_core", "train", "--data", "digits", "--lr", "nan"], cwd=ROOT, capture_output=True)
    assert (result.returncode, result.stdout) == (2, b"")
    assert result.stderr.decode().splitlines() == ["lr = nan: input should be a finite number."]


@pytest.mark.slow
def test_without_a_folder_the_run_is_in_the_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["train", "--data", "digits", *QUICK, "--name", "First\u202e try"]) == 0
    summary = json.loads(capsys.readouterr().out)
    assert [(run.id, run.status.state, run.config.name) for run in directory.listing()] == [(summary["run"], "finished", "First try")]

    failed = directory.create(directory.listing()[0].config)
    directory.set_status(failed, "failed", "It broke.", step=3, steps=9)
    assert main(["runs"]) == 0
    first, second = capsys.readouterr().out.splitlines()
    assert first.split()[:3] == [summary["run"], "run", "Digits"]
    assert first.endswith("First try")
    assert f"{summary['loss']:.2f}" in first
    assert second.split()[0] == failed.name
    assert "failed   step 3 of 9  First try  It broke." in second
    assert "Go on" not in second


def test_no_worker_takes_a_run_from_the_command_line(monkeypatch: pytest.MonkeyPatch) -> None:
    def execute(run: Path, images: Images) -> Iterator[Record]:
        assert [found.folder for found in directory.listing()] == [run]
        assert jobs.waiting() == []
        return real(run, images)

    real = directory.execute
    monkeypatch.setattr(directory, "execute", execute)
    assert main(["train", "--data", "digits", *QUICK]) == 0


def test_runs_prints_on_a_terminal_without_greek(trained: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    directory.shelf().mkdir()
    (directory.shelf() / "abc").symlink_to(trained)
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, "ascii"))
    assert main(["runs"]) == 0
    sys.stdout.flush()
    assert b" \\u03b21 " in raw.getvalue()


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


def test_every_kl_weight_is_trained_as_asked_and_judged_at_one(of_many: Path, capsys: pytest.CaptureFixture[str]) -> None:
    point = checkpoint.load(catalogue.find(str(of_many)))
    assert (point.card.model.beta_range, point.card.model.split, point.card.name) == ((0.1, 4), False, "digits mlp z2 β0.1–4")
    images = data.load("digits")
    pixels = images.pixels[images.split().validation]
    for given, weight in ([], 2.0), (["--beta", "0.5"], 0.5):
        assert main(["evaluate", str(of_many), *given]) == 0
        figures = json.loads(capsys.readouterr().out)
        assert figures["beta"] == weight
        expected = evaluate(point.model.at(weight), pixels, beta=weight, seed=point.card.train.seed)
        assert all(figures[name] == getattr(expected, name) for name in ("distortion", "rate", "rate_mu", "loss", "unused"))
        if not given:
            assert figures["loss"] == pytest.approx(point.card.validation.loss, rel=1e-6)
    assert main(["evaluate", str(of_many), "--beta", "0.5", "--samples", "2"]) == 0
    likelihood = nll(point.model.at(0.5), pixels, samples=2, seed=point.card.train.seed)
    assert json.loads(capsys.readouterr().out)["nll"] == likelihood.mean()


def test_a_model_of_many_kl_weights_is_used_at_one(of_many: Path, digit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    point = checkpoint.load(catalogue.find(str(of_many)))
    for given, weight in ([], 2.0), (["--beta", "0.5"], 0.5):
        plain = point.model.at(weight)
        assert main(["encode", str(of_many), *given, str(digit)]) == 0
        posterior = explore.encode(plain, data.load("digits").pixels[:1])
        np.testing.assert_array_equal(np.array(json.loads(capsys.readouterr().out)["mean"], np.float32), posterior.mean[0])
        assert main(["decode", str(of_many), *given, "--z", "-1,0.5", "--out", str(tmp_path / "x.png")]) == 0
        with Image.open(tmp_path / "x.png") as picture:
            np.testing.assert_array_equal(np.asarray(picture), explore.decode(plain, np.array([[-1, 0.5]], np.float32))[0, 0])
        assert main(["export", str(of_many), *given, "--out", str(tmp_path / "page.html")]) == 0
        assert base64.b64encode(live_bundle(plain)).decode() in (tmp_path / "page.html").read_text("utf-8")


def test_the_halves_of_the_rate_are_weighed_apart(capsys: pytest.CaptureFixture[str]) -> None:
    for given, name in (
        (["--beta", "2", "--beta-sigma", "0.5"], "digits mlp z2 β2,0.5"),
        (["--beta", "2", "--beta-sigma", "0.5", "--beta-range", "0.1", "4", "--split"], "digits mlp z2 β0.1–4 split"),
    ):
        assert main(["train", "--data", "digits", *QUICK, *given]) == 0
        run = json.loads(capsys.readouterr().out)["run"]
        assert directory.find(run).config.name == name
        assert main(["evaluate", run]) == 0
        figures = json.loads(capsys.readouterr().out)
        weighed = 2 * figures["rate_mu"] + 0.5 * (figures["rate"] - figures["rate_mu"])
        assert figures["beta"] == [2, 0.5]
        assert figures["loss"] == pytest.approx(figures["distortion"] + weighed)
    for weights, beta in ("1,0.2", [1, 0.2]), ("1", 1):
        assert main(["evaluate", run, "--beta", weights]) == 0
        assert json.loads(capsys.readouterr().out)["beta"] == beta


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("20", "KL weight 20 is outside this model's range, 0.1 to 4."),
        ("nan", 'not "nan".'),
        ("1,nan", 'not "1,nan".'),
        ("1,2", "takes one KL weight for the whole rate, not a pair."),
        ("1,2,3", '--beta takes a KL weight, or two separated by a comma, not "1,2,3".'),
        ("much", 'not "much".'),
    ],
)
def test_a_kl_weight_that_a_model_does_not_take_is_refused(
    given: str, words: str, trained: Path, of_many: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert words in refusal(["evaluate", str(of_many), "--beta", given], capsys)
    export = ["export", str(trained), "--beta", "1", "--out", str(tmp_path / "page.html")]
    assert refusal(export, capsys) == "This model was trained with one KL weight and takes no other."


def test_own_images_are_fitted_as_asked(noise: Path) -> None:
    asked = ["--size", "16x10", "--channels", "1", "--fit", "pad", "--background", "1,2,3"]
    assert main(["train", "--data", str(noise), *QUICK, *asked]) == 0
    model = directory.listing()[0].config.model
    assert (model.channels, model.height, model.width) == (1, 16, 10)


def test_evaluate_repeats_the_figures_of_the_card(trained: Path, model: Checkpoint, capsys: pytest.CaptureFixture[str]) -> None:
    for choice in ([], ["--data", "digits"]):
        assert main(["evaluate", str(trained), *choice]) == 0
        figures = json.loads(capsys.readouterr().out)
        assert {name: figures[name] for name in ("loss", "distortion", "rate")} == model.card.validation.model_dump()
        assert sum(figures["kl_per_dim"]) == pytest.approx(figures["rate"])
        assert (figures["data"], figures["beta"], len(figures["kl_per_dim"])) == ("digits", 1, 2)


def test_evaluate_with_samples_adds_the_likelihood_and_what_the_kl_is_spent_on(
    trained: Path, model: Checkpoint, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["evaluate", str(trained)]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert main(["evaluate", str(trained), "--samples", "3"]) == 0
    out, err = capsys.readouterr()
    figures = json.loads(out)
    assert "3/3" in err
    assert {name: figures.pop(name) for name in plain} == plain
    assert list(figures) == ["nll", "samples", "images", "mi", "tc", "dimension_kl"]
    images = data.load("digits")
    likelihood = nll(model.model, images.pixels[images.split().validation], samples=3, seed=model.card.train.seed)
    posterior = explore.encode(model.model, images.pixels)
    parts = kl_parts(DiagonalGaussian(*map(torch.from_numpy, posterior)), seed=model.card.train.seed)
    assert plain["active_units"] == active_units(posterior.mean).sum()
    assert (figures["nll"], figures["samples"], figures["images"]) == (likelihood.mean(), 3, len(images))
    assert (figures["mi"], figures["tc"]) == (parts.mutual_information, parts.total_correlation)
    assert figures["dimension_kl"] == parts.dimension_wise


@pytest.mark.slow
def test_evaluate_measures_disentanglement_where_two_factors_vary(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    random = np.random.default_rng(0)
    pixels = random.integers(0, 256, (60, 8, 8), np.uint8)
    factors = np.stack([np.arange(60) % 3, np.arange(60) // 3, np.zeros(60)], axis=1)
    names, shapes = np.array(["shape", "x", "colour"]), np.array(["round", "square", "flat"])
    np.savez(tmp_path / "two.npz", images=pixels, factors=factors, factor_names=names, shape_names=shapes)
    np.savez(tmp_path / "one.npz", images=pixels, factors=factors[:, [0, 2]], factor_names=names[[0, 2]])
    assert main(["train", "--data", str(tmp_path / "two.npz"), *QUICK, "--out", str(tmp_path / "run")]) == 0
    capsys.readouterr()
    assert main(["evaluate", str(tmp_path / "run"), "--data", str(tmp_path / "two.npz"), "--samples", "1"]) == 0
    figures = json.loads(capsys.readouterr().out)
    codes = explore.encode(checkpoint.load(catalogue.find(str(tmp_path / "run"))).model, pixels[:, None]).mean
    categorical = (True, False, False)
    assert figures["mig"] == disentangle.mig(codes, factors).score
    assert figures["sap"] == disentangle.sap(codes, factors, categorical).score
    assert figures["factor_vae_score"] == disentangle.factor_vae_score(codes, factors)
    trees = disentangle.dci(codes, factors, categorical)
    assert figures["dci"] == {name: getattr(trees, name) for name in ("disentanglement", "completeness", "informativeness")}
    assert main(["evaluate", str(tmp_path / "run"), "--data", str(tmp_path / "one.npz"), "--samples", "1"]) == 0
    assert "mig" not in json.loads(capsys.readouterr().out)


def test_evaluate_leaves_the_images_of_a_path_where_they_are(trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    np.save(tmp_path / "some.npy", data.load("digits").pixels[:50, 0])
    assert main(["evaluate", str(trained), "--data", str(tmp_path / "some.npy")]) == 0
    assert json.loads(capsys.readouterr().out)["data"] == str(tmp_path / "some.npy")
    assert not data.imported()


def test_evaluate_downloads_nothing_unasked(trained: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def download(name: str) -> None:
        raise AssertionError(name)

    card = checkpoint.load(catalogue.find(str(trained))).card
    of_mnist = card.model_copy(update={"data": card.data.model_copy(update={"name": "mnist"})})
    folder = trained.parent / "of-mnist"
    checkpoint.save(folder, checkpoint.load(catalogue.find(str(trained))).model, of_mnist)
    monkeypatch.setattr(data, "download", download)
    assert "not on this computer yet" in refusal(["evaluate", str(folder)], capsys)


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
        ([], "COMMAND"),
        (["dance"], "invalid choice: 'dance'"),
        (["train"], "One of the arguments --data --resume is required"),
        (["train", "--data", "digits", "--no\nsuch"], "Unrecognized arguments: --no such; see"),
        (["train", "--data", "digits", "--model", "gan"], "invalid choice: 'gan'"),
        (["train", "--data", "no-such-set"], 'There is no data set "no-such-set"'),
        (["train", "--data", "../digits"], 'There is no data set "../digits"'),
        (["train", "--data", "x" * 5000], "File name too long"),
        (["train", "--data", "\udcff"], "There is no data set"),
        (["train", "--data", "digits", "--latent", "1"], "latent = 1: input should be greater than or equal to 2."),
        (["train", "--data", "digits", "--latent", "129"], "latent = 129: input should be less than or equal to 128."),
        (["train", "--data", "digits", "--latent", "x"], 'Argument --latent: "x" is not a whole number'),
        (["train", "--data", "digits", "--latent", "１２"], '"１２" is not a whole number'),
        (["train", "--data", "digits", "--epochs", "1_000"], '"1_000" is not a whole number'),
        (["train", "--data", "digits", "--epochs", "1e3"], '"1e3" is not a whole number'),
        (["train", "--data", "digits", "--epochs", "9" * 4301], "is not a whole number"),
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
        (["train", "--data", "digits", "--size", "16x16"], "--size is for images read from a path"),
        (["train", "--data", "digits", "--fit", "pad"], "--fit is for images read from a path"),
        (["train", "--data", "digits", "--out", "{tmp}"], "exists and is not an empty folder"),
        (["train", "--data", "digits", "--out", "{tmp}/digit.png/run"], "could not be made: Not a directory."),
        (["train", "--data", "{tmp}/digit.png"], "1 readable image, and at least 10 are needed."),
        (["train", "--data", "{tmp}/noise.npz", "--latent", "1"], "latent = 1"),
        (["train", "--data", "{tmp}/noise.npz", "--size", "32"], "--size takes height x width such as 32x32"),
        (["train", "--data", "{tmp}/noise.npz", "--size", "4x4"], "height = 4"),
        (["train", "--data", "{tmp}/noise.npz", "--background", "red"], "--background takes whole numbers"),
        (["train", "--data", "{tmp}/noise.npz", "--background", "1,2"], "background"),
        (["evaluate", "no-such-model"], 'There is no model "no-such-model"'),
        (["evaluate", "{run}", "--data", "{tmp}/noise.npz"], "noise.npz has (3, 8, 12)."),
        (["evaluate", "{run}", "--data", "mnist", "--channels", "1"], "--channels is for images read from a path"),
        (["evaluate", "{run}", "--samples", "0"], "at least 1 sample for each image, not 0."),
        (["evaluate", "{run}", "--samples", "1.5"], '--samples: "1.5" is not a whole number'),
        (["encode", "{run}"], "required: IMAGE"),
        (["encode", "{run}", "{tmp}/missing.png"], "missing.png: No such file or directory."),
        (["encode", "{run}", "{tmp}"], "Is a directory."),
        (["encode", "{run}", "{tmp}/cut.png"], "cut.png is a damaged or cut-short PNG image"),
        (["encode", "{run}", "{tmp}/empty.png"], "empty.png is empty."),
        (["decode", "{run}", "--z", "1,2,3", "--out", "{tmp}/x.png"], "The code has 3 numbers; this model takes 2"),
        (["decode", "{run}", "--z", "nan,0", "--out", "{tmp}/x.png"], "'nan' is not a number"),
        (["decode", "{run}", "--z", "-1e999,0", "--out", "{tmp}/x.png"], "is not a number"),
        (["decode", "{run}", "--z", "--out", "{tmp}/x.png"], "--z: expected one argument"),
        (["decode", "{run}", "--z", "0,0", "--out", "{tmp}"], "Is a directory."),
        (["decode", "{tmp}", "--z", "0,0", "--out", "{tmp}/x.png"], "There is no model"),
    ],
    ids=lambda value: " ".join(value)[:60].encode("ascii", "replace").decode() if isinstance(value, list) else "",
)
def test_a_bad_argument_is_one_sentence_and_leaves_nothing(
    arguments: list[str], words: str, trained: Path, digit: Path, noise: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "cut.png").write_bytes(digit.read_bytes()[:-20])
    (tmp_path / "empty.png").touch()
    before = sorted(tmp_path.rglob("*"))
    given = [argument.replace("{tmp}", str(tmp_path)).replace("{run}", str(trained)) for argument in arguments]
    assert words in refusal(given, capsys)
    assert sorted(tmp_path.rglob("*")) == before
    assert not directory.shelf().exists()


def test_a_name_that_fits_two_models_is_refused_with_their_ids(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["train", "--data", "digits", *QUICK, "--name", "Twin"]) == 0
    capsys.readouterr()
    sentence = refusal(["evaluate", "Twin"], capsys)
    assert all(run.id in sentence for run in directory.listing())


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


LONGER = ["--epochs", "3", "--hidden", "16", "--latent", "2", "--batch", "50", "--threads", "1"]


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

    monkeypatch.setattr(directory, "_LOOK_SECONDS", 0.0)
    monkeypatch.setattr(Training, "update", update)


@pytest.mark.slow
@pytest.mark.parametrize("own_folder", [False, True])
def test_an_interrupted_training_is_saved_and_gone_on_with(
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
    assert main(["train", "--resume", run.id]) == 0


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


def test_a_set_that_must_be_downloaded_is_when_it_is_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    asked: list[str] = []
    monkeypatch.setattr(data, "download", asked.append)
    assert main(["train", "--data", "fashion-mnist", *QUICK]) == 2  # it is still not there
    assert asked == ["fashion-mnist"]
    assert capsys.readouterr().err.splitlines()[0] == "Downloading Fashion-MNIST …"


def test_the_worker_of_the_app_trains_what_is_queued(monkeypatch: pytest.MonkeyPatch) -> None:
    nice: list[int] = []
    monkeypatch.setattr(os, "nice", nice.append, raising=False)
    monkeypatch.setattr(jobs, "work", lambda: nice.append(0))
    assert main(["work"]) == 0
    assert nice == [10, 0]


def test_help_names_every_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert code_of(["--help"]) == 0
    text = capsys.readouterr().out
    (commands,) = (action for action in __main__.build_parser()._actions if isinstance(action, argparse._SubParsersAction))
    assert all(name in text for name in commands.choices)
    for name in commands.choices:
        assert code_of([name, "--help"]) == 0
