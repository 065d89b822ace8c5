"""The constant picture's cost against closed forms, and what is said of a model beside it."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from vae_core.analysis.constant import Constant, constant_picture, parameters_of_mean, sentence, verdict
from vae_core.base.config import LikelihoodName, ModelConfig, SigmaIs, TrainConfig
from vae_core.data import Images
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.training.figures import Errors, Figures

GREYS = Images("greys", np.random.default_rng(0).integers(0, 256, (60, 1, 8, 8), np.uint8))


def parts() -> tuple[np.ndarray, np.ndarray]:
    """The mean training image, and the validation images, both in [0, 1]."""
    split = GREYS.split()
    return GREYS.pixels[split.train].mean(axis=0) / 255, GREYS.pixels[split.validation] / 255


def config(likelihood: LikelihoodName, sigma_is: SigmaIs = "fixed") -> ModelConfig:
    return ModelConfig(body="linear", channels=1, height=8, width=8, latent=2, likelihood=likelihood, sigma=0.3, sigma_is=sigma_is)


def test_a_bernoulli_constant_costs_the_cross_entropy_of_the_mean_training_image() -> None:
    mean, unseen = parts()
    costs = -(unseen * np.log(mean) + (1 - unseen) * np.log(1 - mean)).sum(axis=(1, 2, 3))
    assert constant_picture(GREYS, config("bernoulli"), TrainConfig()) == pytest.approx((costs.mean(), costs.std()))


@pytest.mark.parametrize("sigma_is", ["fixed", "optimal", "learned"])
def test_a_gaussian_constant_costs_the_squared_error_with_the_given_sigma_or_the_best_of_its_own(sigma_is: SigmaIs) -> None:
    mean, unseen = parts()
    variance = 0.3**2 if sigma_is == "fixed" else np.square(GREYS.pixels[GREYS.split().train] / 255 - mean).mean()
    cost = (0.5 * (np.square(unseen - mean) / variance + math.log(2 * math.pi * variance))).sum(axis=(1, 2, 3)).mean()
    assert constant_picture(GREYS, config("gaussian", sigma_is), TrainConfig()).cost == pytest.approx(cost)


def test_a_pixel_that_is_black_in_all_training_images_does_not_cost_infinitely_much() -> None:
    pixels = np.zeros((60, 1, 8, 8), np.uint8)
    pixels[GREYS.split().validation, :, 0, 0] = 255
    count = len(GREYS.split().train)
    cost = math.log(2 * (count + 1)) - 63 * math.log1p(-0.5 / (count + 1))
    assert constant_picture(Images("black", pixels), config("bernoulli"), TrainConfig()).cost == pytest.approx(cost)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_the_parameters_of_a_mean_have_that_mean(likelihood: LikelihoodName) -> None:
    mean = torch.tensor([1e-5, 0.02, 0.5, 0.7, 1 - 1e-5], dtype=torch.float64)
    law = LIKELIHOODS[likelihood].of_sigma["fixed"](0.3)
    torch.testing.assert_close(law.mean(parameters_of_mean(law, mean)), mean, rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize(
    ("loss", "found", "words"),
    [
        (80.0, "learnt", "It has learnt: 80.00 ± 0.50 nats per image, over 400 validation images, against 100.00 ± 0.50 for the mean"),
        (99.5, "hardly", "Hardly better than the mean picture: 99.50"),
        (100.5, "hardly", "or lower the KL weight."),
        (120.0, "worse", "Worse than a constant picture: 120.00"),
    ],
)
def test_a_difference_counts_against_the_spread_of_the_constant_picture(loss: float, found: str, words: str) -> None:
    nothing = Constant(cost=100.0, spread=10.0)
    figures = Figures(loss=loss, distortion=loss, rate=0, images=400, standard_error=Errors(loss=0.5, distortion=0.5, rate=0))
    assert verdict(loss, nothing) == found
    assert words in sentence(figures, nothing, variational=True)
    assert "KL" not in sentence(figures, nothing, variational=False)


def test_figures_of_an_earlier_version_are_compared_without_errors() -> None:
    figures = Figures(loss=80.04, distortion=80, rate=0)
    assert sentence(figures, Constant(100.0, 10.0), variational=True).startswith(
        "It has learnt: 80 nats per image against 100 for the mean"
    )
