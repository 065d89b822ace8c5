"""The bound against the linear model, where log p(x) and the posterior have closed forms; and against itself where they have none."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import stats
from torch import nn

from tests.training.test_objectives import digits, optimum
from vae_core.analysis import bound
from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE


def exact(number: int) -> tuple[float, np.ndarray, np.ndarray]:
    """log p(x), and mean and covariance of p(z|x), of the linear model x = Wz + b + σε (Tipping & Bishop 1999)."""
    up = optimum(1.0, 2).model.decoder[0]
    assert isinstance(up, nn.Linear)
    weight, bias = (part.detach().numpy() for part in (up.weight, up.bias))
    variance = optimum(1.0, 2).model.config.sigma ** 2
    x = digits()[number].reshape(-1) / 255
    evidence = stats.multivariate_normal(bias, weight @ weight.T + variance * np.eye(len(bias))).logpdf(x)
    inner = np.linalg.inv(weight.T @ weight / variance + np.eye(2))
    return float(evidence), inner @ weight.T @ (x - bias) / variance, inner


def test_of_the_linear_model_evidence_and_posterior_are_the_closed_forms() -> None:
    model, number = optimum(1.0, 2).model, 7
    found = bound.truth(model, digits()[number])
    evidence, mean, covariance = exact(number)
    assert found.log_evidence == pytest.approx(evidence, abs=1e-6)
    places = np.stack(np.meshgrid(*found.axes, indexing="ij"), axis=-1)
    expected = stats.multivariate_normal(mean, covariance).pdf(places).reshape(found.density.shape)
    np.testing.assert_allclose(found.density, expected, atol=1e-6 * expected.max())


def test_the_gap_is_what_the_bound_lacks() -> None:
    """Whatever q is; and at the posterior itself, which is normal here with independent dimensions, there is none."""
    model, number = optimum(1.0, 2).model, 3
    picture = digits()[number]
    found = bound.truth(model, picture)
    _, mean, covariance = exact(number)
    width = np.sqrt(np.diag(covariance))
    for q in ((mean, width), (mean + 0.4 * width, 0.7 * width), (mean - 0.5 * width, 1.1 * width)):
        lacking = found.log_evidence - bound.elbo(model, picture, *q)
        assert lacking == pytest.approx(bound.gap(found, *q), abs=1e-6)
    assert bound.elbo(model, picture, mean, width) == pytest.approx(found.log_evidence, abs=1e-6)


def test_of_a_network_the_density_sums_to_one_and_the_gap_is_that_of_the_grid() -> None:
    model = VAE(ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(16,)), seed=3).double()
    with torch.no_grad():
        for parameter in model.decoder.parameters():
            parameter.mul_(4)  # far from flat
    picture = digits()[0]
    found = bound.truth(model, picture)
    across, up = found.axes
    beside = [np.trapezoid(found.density, up, axis=1), np.trapezoid(found.density, across, axis=0)]
    assert np.trapezoid(beside[0], across) == pytest.approx(1, abs=1e-12)
    mean = np.array([np.trapezoid(axis * part, axis) for axis, part in zip(found.axes, beside, strict=True)])
    square = np.array([np.trapezoid(axis**2 * part, axis) for axis, part in zip(found.axes, beside, strict=True)])
    q = mean, 0.5 * np.sqrt(square - mean**2)
    assert found.log_evidence - bound.elbo(model, picture, *q) == pytest.approx(bound.gap(found, *q), abs=1e-3)


def test_the_best_q_of_the_linear_model_is_its_posterior() -> None:
    _, mean, covariance = exact(5)
    found = bound.best(optimum(1.0, 2).model, digits()[5], mean + 0.5, np.array([0.5, 0.2]), steps=400)
    np.testing.assert_allclose(found.mean[0], mean, atol=0.01)
    np.testing.assert_allclose(found.std[0], np.sqrt(np.diag(covariance)), rtol=0.15)  # to what 128 codes leave of the noise


@pytest.mark.parametrize(("change", "words"), [({"latent": 3}, "at most 2"), ({"variational": False}, "plain autoencoder")])
def test_what_has_no_such_bound_says_so(change: dict[str, object], words: str) -> None:
    config = {"channels": 1, "height": 8, "width": 8, "latent": 2, "hidden": (4,)} | change
    with pytest.raises(InputError, match=words):
        bound.truth(VAE(ModelConfig.model_validate(config)), digits()[0])
