"""A model as ONNX files: onnxruntime and our own import answer as the model does."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.foreign.graphs import answers_of_runtime
from tests.foreign.test_importing import opened
from tests.likelihoods import EVERY
from tests.live.graph import graph_model
from tests.live.numbers import _model
from vae_core.analysis import folding
from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.export.onnx_model import onnx_files, onnx_zip
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.training.checkpoint import Checkpoint

CLOSE = 1e-5
CARD = catalogue.load("digits-2d").card


def answers_alike(point: Checkpoint) -> None:
    config, files = point.model.config, onnx_files(point)
    random = np.random.default_rng(0)
    images = random.random((3, config.channels, config.height, config.width), np.float32)
    codes = random.normal(size=(3, config.latent)).astype(np.float32)
    with torch.inference_mode():
        posterior = point.model.encode(torch.from_numpy(images))
        drawn = point.model.likelihood.mean(point.model.decode(torch.from_numpy(codes)))
    expected = [posterior.mean, posterior.logvar] if config.variational else [posterior.mean]
    for got, value in zip(answers_of_runtime(files["encoder.onnx"], images, "image"), expected, strict=True):
        np.testing.assert_allclose(got, value.numpy(), atol=CLOSE, rtol=CLOSE)
    (picture,) = answers_of_runtime(files["decoder.onnx"], codes, "z")
    np.testing.assert_allclose(picture, drawn.numpy(), atol=CLOSE, rtol=CLOSE)


@pytest.mark.parametrize("name", list(catalogue.models()))
def test_every_bundled_model_leaves_as_onnx_and_answers_the_same(name: str) -> None:
    answers_alike(folding.plain(catalogue.load(name)))


@pytest.mark.parametrize(
    "model", [graph_model(), *(_model(body="linear", likelihood=name, sigma_is=kind, sigma=0.3) for name, kind in EVERY)]
)
def test_every_layer_and_every_likelihood_leaves_as_onnx(model: VAE) -> None:
    answers_alike(Checkpoint(model, CARD, None, ""))


def test_what_leaves_as_onnx_comes_back_as_a_model() -> None:
    model = catalogue.load("digits-2d").model
    back = opened([("model.zip", onnx_zip(catalogue.load("digits-2d")))]).model
    images, z = torch.rand(2, 1, 8, 8), torch.randn(2, 2)
    with torch.inference_mode():
        (of, by), (one, two) = [(each.encode(images), each.likelihood.mean(each.decode(z))) for each in (model, back)]
    for ours, theirs in ((of.mean, one.mean), (of.logvar, one.logvar), (by, two)):
        np.testing.assert_allclose(theirs.numpy(), ours.numpy(), atol=CLOSE)


def test_a_decoder_that_takes_faint_details_away_leaves_and_comes_back() -> None:
    values = {"body": "conv", "channels": 3, "height": 12, "width": 9, "latent": 3, "hidden": (4, 6), "likelihood": "gaussian"}
    model = VAE(ModelConfig.model_validate({**values, "shrink": 20.0})).eval()
    point = Checkpoint(model, CARD, None, "")
    answers_alike(point)
    back, z = opened([("model.zip", onnx_zip(point))]).model, torch.randn(4, 3)
    with torch.inference_mode():
        np.testing.assert_allclose(back.likelihood.mean(back.decode(z)).numpy(), model.decode(z).numpy(), atol=CLOSE)


def test_a_model_for_every_weight_needs_one() -> None:
    rated = next(name for name, entry in catalogue.models().items() if entry.card.model.beta_range)
    with pytest.raises(InputError, match="say it with --beta"):
        onnx_files(catalogue.load(rated))
