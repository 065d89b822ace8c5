"""How strange an image is to a model."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn
from torch.distributions import MultivariateNormal

from tests.training.test_objectives import digits, model, optimum
from vae_core import data
from vae_core.analysis.strangeness import losses, share_below
from vae_core.runs import catalogue


def test_of_a_linear_model_at_its_optimum_the_loss_is_the_likelihood() -> None:
    best = optimum(1.0, 2)
    up = best.model.decoder[0]
    assert isinstance(up, nn.Linear)
    covariance = up.weight @ up.weight.T + best.model.config.sigma**2 * torch.eye(64, dtype=torch.float64)
    exact = MultivariateNormal(up.bias, covariance).log_prob(best.x.flatten(1)).detach()
    np.testing.assert_allclose(losses(best.model, digits()), -exact, rtol=0, atol=1e-10)


def test_a_plain_autoencoder_has_the_distortion_alone() -> None:
    plain = model(latent=2, variational=False, likelihood="gaussian", sigma=0.5)
    x = torch.tensor(digits()[:5]).float() / 255
    squares = (plain.decode(plain.encode(x).mean) - x).square().sum((1, 2, 3))
    expected = squares / (2 * 0.5**2) + 64 * np.log(0.5 * np.sqrt(2 * np.pi))
    np.testing.assert_allclose(losses(plain, digits()[:5]), expected.detach(), rtol=1e-5)


def test_the_share_counts_what_is_less_strange() -> None:
    others = np.array([1.0, 2.0, 2.0, 5.0])
    assert [share_below(loss, others) for loss in (0, 2, 3, 6)] == [0, 0.25, 0.75, 1]


def test_an_inverted_digit_is_stranger_than_all_and_a_digit_is_ordinary() -> None:
    network, images = catalogue.load("digits-2d").model, data.load("digits").pixels
    others = losses(network, images[:300])
    odd = losses(network, np.stack([255 - images[300], images[300]]))
    assert share_below(odd[0], others) == 1
    assert share_below(odd[1], others) == pytest.approx(0.5, abs=0.45)
