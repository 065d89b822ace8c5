"""β read back: exact at the optimum of the linear model, and for every likelihood the weight at which a common stretch changes nothing."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from torch import nn

from tests.training.test_objectives import BETAS, optimum, seeded
from vae_core.analysis.readback import balances, errors_of, read_back, weights_of
from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.model.likelihoods import LIKELIHOODS
from vae_core.model.vae import VAE

IMAGES = torch.randint(0, 2, (30, 1, 8, 8), generator=seeded()).double()


def small(**changes: object) -> VAE:
    values = {"channels": 1, "height": 8, "width": 8, "latent": 3, "hidden": (12,)} | changes
    return VAE(ModelConfig.model_validate(values)).double()


def last(model: VAE) -> nn.Linear:
    """The layer that says means, then log-variances."""
    layer = model.encoder[-1]
    assert isinstance(layer, nn.Linear)
    return layer


@BETAS
def test_at_the_optimum_of_the_linear_model_both_are_beta(beta: float) -> None:
    """The widths to what the noise leaves: a mean of ε² over images, pairs and dimensions; the means without any, as noise is paired."""
    best = optimum(beta)
    found = read_back(best.model, best.x, noise=seeded(3))
    error = math.sqrt(2 / (8 * len(best.x) * best.active))
    assert found.of_widths == pytest.approx(beta, rel=4 * error)
    assert found.of_means == pytest.approx(beta, rel=1e-6)


def test_away_from_the_optimum_they_tell_which_half_costs_too_little() -> None:
    best = optimum(1.0)
    model = VAE(best.model.config).double()
    model.load_state_dict(best.model.state_dict())
    with torch.no_grad():
        last(model).bias[10:] += 0.5  # too wide: as if widths cost more than they do
    found = read_back(model, best.x)
    assert found.of_widths > 1.5
    assert found.of_means == pytest.approx(1.0, rel=1e-6)


@pytest.mark.parametrize("likelihood", LIKELIHOODS)
def test_stretching_all_used_widths_or_means_changes_the_loss_by_nothing(likelihood: str) -> None:
    """Of an untrained network, with the slope of D by brute force: D with everything stretched a little, by the very same noise."""
    model = small(likelihood=likelihood)
    with torch.no_grad():
        last(model).weight[2] *= 1e-3  # the third dimension is unused
        last(model).bias[[2, 5]] = 0
        last(model).weight[5] = 0
        last(model).bias[3:5] -= 1
    found, posterior, used = read_back(model, IMAGES, noise=5, pairs=1), model.encode(IMAGES), torch.tensor([1.0, 1.0, 0.0]).double()
    drawn = torch.empty_like(posterior.mean).normal_(generator=seeded(5))

    def distortion(means: float, widths: float) -> float:
        mean, std = posterior.mean * (1 + means * used), posterior.std * (1 + widths * used)
        with torch.no_grad():
            both = [model.likelihood.nll(model.decode(mean + sign * std * drawn), IMAGES).sum().item() for sign in (-1, 1)]
        return sum(both) / 2

    h = 1e-5
    of_widths = (distortion(0, h) - distortion(0, -h)) / (2 * h) / ((1 - posterior.std**2) * used).sum().item()
    of_means = -(distortion(h, 0) - distortion(-h, 0)) / (2 * h) / (posterior.mean**2 * used).sum().item()
    assert found == pytest.approx((of_widths, of_means), rel=1e-5)


def test_the_standard_errors_are_how_far_disjoint_sets_of_images_spread() -> None:
    model, images = small(), torch.randint(0, 2, (4000, 1, 8, 8), generator=seeded(1)).double()
    groups = torch.cat(list(balances(model, images, pairs=1))).split(80)
    spread = np.std([weights_of(group.mean(0)) for group in groups], axis=0, ddof=1)
    errors = np.mean([errors_of(group) for group in groups], axis=0)
    np.testing.assert_allclose(errors, spread, rtol=0.25)  # of 50 sets, a tenth of the spread is chance


def test_a_multi_rate_model_is_read_at_a_weight_as_the_plain_model_that_it_is_there() -> None:
    model = small(beta_range=(0.01, 10.0))
    assert read_back(model, IMAGES, beta=0.3) == read_back(model.at(0.3), IMAGES)
    with pytest.raises(InputError, match=r"every KL weight from 0\.01 to 10: say which"):
        read_back(model, IMAGES)
    with pytest.raises(InputError, match="takes no other"):
        read_back(small(), IMAGES, beta=1.0)


def test_bytes_are_the_same_images_and_the_model_is_left_as_it_was() -> None:
    model = small().train()
    assert read_back(model, (255 * IMAGES).to(torch.uint8)) == read_back(model, IMAGES)
    assert model.training
    assert all(parameter.grad is None for parameter in model.parameters())


def test_without_widths_or_without_a_used_dimension_there_is_nothing_to_read() -> None:
    with pytest.raises(InputError, match="point without width"):
        read_back(small(variational=False), IMAGES)
    model = small()
    with torch.no_grad():
        last(model).weight.zero_()
        last(model).bias.zero_()
    assert all(map(math.isnan, read_back(model, IMAGES)))
