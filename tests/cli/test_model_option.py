"""RUN and --beta: a model by its name, and a multi-rate one at one of its KL weights."""

from __future__ import annotations

import base64
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.calls import QUICK, refusal
from vae_core import data
from vae_core.analysis import explore
from vae_core.analysis.evaluate import evaluate
from vae_core.analysis.importance import nll
from vae_core.cli.main import main
from vae_core.export.live_model import live_bundle
from vae_core.runs import catalogue, directory
from vae_core.training import checkpoint


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
            assert figures["loss"] == pytest.approx(point.card.figures.loss, rel=1e-6)
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
        folded = base64.b64encode(live_bundle(plain)).decode() in (tmp_path / "page.html").read_text("utf-8")
        assert folded == bool(given)  # a page for which no weight is asked has a slider of them all


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


def test_a_name_that_fits_two_models_is_refused_with_their_ids(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["train", "--data", "digits", *QUICK, "--name", "Twin"]) == 0
    capsys.readouterr()
    sentence = refusal(["evaluate", "Twin"], capsys)
    assert all(run.id in sentence for run in directory.listing())
