"""evaluate: the figures of the card again, and those that --samples adds."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.cli.calls import QUICK, in_short, refusal
from tests.conftest import ROOT
from vae_core import data
from vae_core.analysis import disentangle, explore
from vae_core.analysis.decomposition import active_units, kl_parts
from vae_core.analysis.importance import nll
from vae_core.cli import evaluate
from vae_core.cli.main import main
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.runs import catalogue
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint

NLL = ("nll", "nll_standard_error", "samples", "widen", "effective_samples", "effective_samples_least")
PARTS = ("mi", "mi_interval", "tc", "tc_interval")


def test_evaluate_repeats_the_figures_of_the_card(trained: Path, model: Checkpoint, capsys: pytest.CaptureFixture[str]) -> None:
    for choice in ([], ["--data", "digits"]):
        assert main(["evaluate", str(trained), *choice]) == 0
        figures = json.loads(capsys.readouterr().out)
        card = model.card.figures
        assert card.standard_error is not None
        assert {name: figures[name] for name in ("loss", "distortion", "rate")} == card.model_dump(include={"loss", "distortion", "rate"})
        assert card.standard_error.model_dump().items() <= figures["standard_error"].items()
        assert (figures["part"], figures["n"], card.images) == ("validation", 179, 179)
        assert figures["measure"] == "cross-entropy of grey pixels, not a likelihood"
        assert sum(figures["kl_per_dim"]) == pytest.approx(figures["rate"])
        assert (figures["data"], figures["beta"], len(figures["kl_per_dim"])) == ("digits", 1, 2)
        assert len(figures["standard_error"]["kl_per_dim"]) == 2


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
    assert list(figures) == [*NLL, "images_part", "images", "images_rate", "log_images", *PARTS, "dimension_kl"]
    images = data.load("digits")
    likelihood = nll(model.model, images.pixels[images.split().validation], samples=3, seed=model.card.train.seed)
    posterior = explore.encode(model.model, images.pixels)
    parts = kl_parts(DiagonalGaussian(*map(torch.from_numpy, posterior)), seed=model.card.train.seed)
    assert plain["active_units"] == active_units(posterior.mean).sum()
    assert (figures["nll"], figures["samples"], figures["widen"]) == (likelihood.mean(), 3, 1)
    assert figures["nll_standard_error"] == pytest.approx(likelihood.std(ddof=1) / math.sqrt(179))
    assert 1 <= figures["effective_samples_least"] <= figures["effective_samples"] <= 3
    assert "nats per image; of 3 samples " in err
    assert (figures["images_part"], figures["images"], figures["images_rate"]) == ("all", len(images), posterior.kl().sum(1).mean())
    assert (figures["mi"], figures["tc"]) == (parts.mutual_information.value, parts.total_correlation.value)
    assert figures["mi_interval"] == list(parts.mutual_information.interval)
    assert figures["log_images"] == pytest.approx(math.log(1797))
    assert "(at most log N = 7.49), total correlation " in err
    assert figures["dimension_kl"] == parts.dimension_wise


def test_mutual_information_near_log_n_is_not_given_and_the_reason_is(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(evaluate, "_SET_IMAGES", 4)
    assert main(["evaluate", str(ROOT / "assets" / "models" / "digits-2d"), "--samples", "1"]) == 0
    said = capsys.readouterr()
    figures = json.loads(said.out)
    assert (figures["mi"], figures["tc"], figures["images"]) == (None, None, 4)
    assert "of 4 images cannot exceed log N = 1.39 nats" in figures["mi_reason"] == figures["tc_reason"]
    assert f"No mutual information and no total correlation: {figures['mi_reason']}." in said.err


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
    categorical = (True, False, True)
    assert figures["factors"] == {"shape": "category", "x": "quantity", "colour": "category"}
    assert figures["sap_is"] == disentangle.SAP_IS
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
    said = capsys.readouterr()
    figures = json.loads(said.out)
    assert (figures["data"], figures["part"], figures["n"]) == (str(tmp_path / "some.npy"), "all", 50)
    assert "Means over 50 images of" in said.err
    assert not data.imported()


def test_the_part_is_chosen_and_one_image_has_no_error_and_no_active_units(
    trained: Path, model: Checkpoint, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    few = data.load("digits").pixels[:10]
    np.save(tmp_path / "few.npy", few[:, 0])
    assert main(["evaluate", str(trained), "--data", str(tmp_path / "few.npy"), "--part", "validation"]) == 0
    said = capsys.readouterr()
    figures = json.loads(said.out)
    assert (figures["part"], figures["n"], figures["active_units"]) == ("validation", 1, None)
    assert set(figures["standard_error"].pop("kl_per_dim")) == set(figures["standard_error"].values()) == {None}
    assert "Active units: – (the codes of one image do not vary)." in said.err
    assert main(["evaluate", str(trained), "--part", "train", "--samples", "1"]) == 0
    said = capsys.readouterr()
    figures = json.loads(said.out)
    assert (figures["part"], figures["n"], figures["images_part"], figures["images"]) == ("train", 1439, "train", 1439)
    assert figures["images_rate"] == pytest.approx(figures["rate"])
    assert "Means over 1,439 train images of digits in nats per image, ± standard error: D " in said.err


def test_the_file_that_a_model_has_learnt_from_is_no_fair_judge_and_that_is_said(
    trained: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    np.save(tmp_path / "all.npy", data.load("digits").pixels[:, 0])
    assert main(["evaluate", str(trained), "--data", str(tmp_path / "all.npy")]) == 0
    assert "The model has learnt from some of these images: --part validation" in capsys.readouterr().err


def test_a_model_of_all_mnist_is_judged_on_all_test_images_and_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    model = ROOT / "assets" / "models" / "mnist-2d"
    assert main(["evaluate", str(model)]) == 0
    said = capsys.readouterr()
    figures, card = json.loads(said.out), checkpoint.read_card(model)
    assert figures["data"] == "mnist-10k"
    assert figures["loss"] == pytest.approx(card.figures.loss, rel=0.03)
    first, second = said.err.splitlines()
    assert first == "MNIST: judged on its 10,000 test images, which the model has not seen."
    assert second.startswith("Means over 10,000 test images of mnist-10k in nats per image, ± standard error: D 13")
    assert "there is no such part" in refusal(["evaluate", str(model), "--part", "train"], capsys)


def test_evaluate_downloads_nothing_unasked(trained: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    def download(name: str) -> None:
        raise AssertionError(name)

    card = checkpoint.load(catalogue.find(str(trained))).card
    of_mnist = card.model_copy(update={"data": card.data.model_copy(update={"name": "mnist"})})
    folder = trained.parent / "of-mnist"
    checkpoint.save(folder, checkpoint.load(catalogue.find(str(trained))).model, of_mnist)
    monkeypatch.setattr(data, "download", download)
    assert "not on this computer yet" in refusal(["evaluate", str(folder)], capsys)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["evaluate", "no-such-model"], 'There is no model "no-such-model"'),
        (["evaluate", "{run}", "--data", "{tmp}/noise.npz"], "noise.npz has (3, 8, 12)."),
        (["evaluate", "{run}", "--samples", "0"], "at least 1 sample for each image, not 0."),
        (["evaluate", "{run}", "--samples", "1", "--widen", "0"], "widened by a factor above 0 and at most 10, not 0."),
        (["evaluate", "{run}", "--widen", "1.35"], "--widen says what --samples are drawn from"),
        (["evaluate", "{run}", "--samples", "1.5"], '--samples: "1.5" is not a whole number'),
    ],
    ids=in_short,
)
def test_what_cannot_be_evaluated_is_refused(arguments: list[str], words: str, refused_cleanly: Callable[[list[str]], str]) -> None:
    assert words in refused_cleanly(arguments)
