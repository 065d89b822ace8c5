"""The best decoder of a fixed encoder, against brute force and against decoders trained to the end."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from scipy.stats import norm
from torch import Tensor, nn
from torch.distributions import Categorical, Normal
from torch.nn import functional as F

from vae_core.analysis import blur
from vae_core.analysis.posterior import Posterior
from vae_core.base.errors import InputError
from vae_core.model.likelihoods import ContinuousBernoulli, DiscretisedLogistic

Cost = Callable[[Tensor, Tensor], Tensor]
"""Of each pixel [..., C, H, W], from images and the decoder's parameters."""


def posteriors(images: int = 40, latent: int = 3, seed: int = 0) -> Posterior:
    random = np.random.default_rng(seed)
    return Posterior(1.5 * random.standard_normal((images, latent), np.float32), random.standard_normal((images, latent), np.float32) - 1)


def pictures(images: int, seed: int = 0) -> NDArray[np.uint8]:
    return np.random.default_rng(seed).integers(0, 256, (images, 1, 2, 3), np.uint8)


def log_densities(mean: NDArray[Any], logvar: NDArray[Any], z: NDArray[Any]) -> Tensor:
    """By torch's own normal distribution, float64 [M, N]."""
    mu, spread, codes = (torch.from_numpy(part).double() for part in (mean, logvar, z))
    return Normal(mu, (0.5 * spread).exp()).log_prob(codes[:, None]).sum(2)


def squared(x: Tensor, logits: Tensor) -> Tensor:
    return (x - logits.sigmoid()).square()


def cross_entropy(x: Tensor, logits: Tensor) -> Tensor:
    return F.binary_cross_entropy_with_logits(logits, x, reduction="none")


CONTINUOUS = ContinuousBernoulli()


def continuous(x: Tensor, logits: Tensor) -> Tensor:
    return CONTINUOUS.nll(logits.reshape(-1, 1, 1, 1), x.reshape(-1, 1, 1, 1)).reshape(x.shape)


def test_every_figure_by_brute_force() -> None:
    (mean, logvar), pixels = posteriors(), pictures(40)
    z = blur.draw(Posterior(mean, logvar), 7, seed=1)
    expected = Categorical(logits=log_densities(mean, logvar, z))
    found, mixture = blur.ideal(Posterior(mean, logvar), pixels.__getitem__, z, count=5), blur.mixture(Posterior(mean, logvar), z)

    density = log_densities(mean, logvar, z).logsumexp(1) - math.log(40)
    np.testing.assert_allclose(mixture.log_prob, density, rtol=1e-12)
    np.testing.assert_allclose(mixture.effective, expected.entropy().exp(), rtol=1e-12)
    assert 1.05 < mixture.effective.min() < 3 < mixture.effective.max() < 39  # so that something is averaged
    np.testing.assert_array_equal(found.effective, mixture.effective)

    shown = torch.tensordot(expected.probs, torch.from_numpy(pixels).double() / 255, 1)
    np.testing.assert_allclose(found.images, shown, atol=1e-6)
    weights, top = expected.probs.sort(1, descending=True)
    np.testing.assert_array_equal(found.top, top[:, :5])
    np.testing.assert_allclose(found.weights, weights[:, :5], rtol=1e-6)
    away = (torch.from_numpy(pixels).double() / 255 - shown[:, None]).square().mean((2, 3, 4))  # [7, 40]
    np.testing.assert_allclose(found.spread, (expected.probs * away).sum(1), rtol=1e-4)
    assert found.images.dtype == found.weights.dtype == np.float32
    assert found.images.shape == (7, 1, 2, 3)


def test_the_error_of_any_picture_is_that_of_the_ideal_and_its_distance_from_it() -> None:
    (mean, logvar), pixels = posteriors(), pictures(40)
    z = blur.draw(Posterior(mean, logvar), 5, seed=2)
    found, picture = blur.ideal(Posterior(mean, logvar), pixels.__getitem__, z, count=40), pictures(5, seed=9) / 255
    away = np.square(pixels[found.top] / 255 - picture[:, None]).mean((2, 3, 4))  # [5, 40], the heaviest first
    parts = found.spread + np.square(found.images - picture).mean((1, 2, 3))
    np.testing.assert_allclose((found.weights * away).sum(1), parts, rtol=1e-5)


@pytest.mark.slow
@pytest.mark.parametrize(("cost", "shown"), [(squared, torch.sigmoid), (cross_entropy, torch.sigmoid), (continuous, CONTINUOUS.mean)])
def test_a_decoder_that_may_show_anything_ends_there(cost: Cost, shown: Callable[[Tensor], Tensor]) -> None:
    mean, logvar = np.array([[-1.0], [0.2], [1.5]]), np.log(np.array([[0.3], [1.0], [0.1]]))
    pixels, z = pictures(3), np.linspace(-3, 3, 13)[:, None]
    x = torch.from_numpy(pixels).double() / 255
    density = torch.from_numpy(norm.pdf(z, mean.T, np.exp(0.5 * logvar.T)))  # of each place [13] for each image [3]
    logits = torch.zeros(13, 1, 2, 3, dtype=torch.float64, requires_grad=True)
    optimiser = torch.optim.LBFGS(
        [logits], max_iter=300, history_size=50, tolerance_grad=1e-10, tolerance_change=0, line_search_fn="strong_wolfe"
    )

    def loss() -> Tensor:
        optimiser.zero_grad()
        errors = cost(x.expand(13, 3, 1, 2, 3), logits[:, None].expand(13, 3, 1, 2, 3)).sum((2, 3, 4))
        total = (errors * density / density.sum(1, keepdim=True)).sum()  # each place by itself: how often it is met changes no optimum
        total.backward()
        return total

    optimiser.step(loss)
    np.testing.assert_allclose(shown(logits.detach()), blur.ideal(Posterior(mean, logvar), pixels.__getitem__, z).images, atol=1e-4)


def test_under_a_logistic_likelihood_another_picture_is_best() -> None:
    """Two black images and a white one share a code: the best location is near black, far from their mean."""
    likelihood, x = DiscretisedLogistic(0.05), torch.tensor([0.0, 0.0, 1.0]).reshape(3, 1, 1, 1)
    places = torch.linspace(0, 1, 1001).reshape(-1, 1, 1, 1)
    cost = torch.stack([likelihood.nll(places, one.expand_as(places)) for one in x]).sum(0)
    best = likelihood.mean(places[cost.argmin()]).item()
    alike, pixels = Posterior(np.zeros((3, 1)), np.zeros((3, 1))), np.array([0, 0, 255], np.uint8).reshape(3, 1, 1, 1)
    found = blur.ideal(alike, pixels.__getitem__, np.zeros((1, 1)))
    assert found.images.item() == pytest.approx(1 / 3)
    assert abs(best - 1 / 3) > 0.2


@pytest.mark.slow
@pytest.mark.parametrize("cost", [squared, cross_entropy])
def test_a_network_trained_on_draws_comes_close(cost: Cost) -> None:
    mean = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, 1.5]], np.float32)
    logvar = np.log(np.array([[0.5, 1.0], [0.8, 0.3], [0.5, 0.5]], np.float32))
    pixels = np.array([[0, 255, 0, 90], [255, 0, 0, 30], [0, 0, 255, 200]], np.uint8).reshape(3, 1, 2, 2)
    x = torch.from_numpy(pixels).float().flatten(1) / 255
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        decoder = nn.Sequential(nn.Linear(2, 48), nn.Tanh(), nn.Linear(48, 48), nn.Tanh(), nn.Linear(48, 4))
    optimiser = torch.optim.Adam(decoder.parameters(), lr=5e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, 1000)
    generator, centre, std = torch.Generator().manual_seed(0), torch.from_numpy(mean), torch.from_numpy(np.exp(0.5 * logvar))
    for _ in range(1000):
        z = centre + std * torch.randn(128, 3, 2, generator=generator)
        optimiser.zero_grad()
        cost(x.expand(128, 3, 4), decoder(z)).mean().backward()
        optimiser.step()
        schedule.step()

    codes = blur.draw(Posterior(mean, logvar), 2000, seed=1)
    with torch.inference_mode():
        shown = decoder(torch.from_numpy(codes).float()).sigmoid().numpy()
    ideal = blur.ideal(Posterior(mean, logvar), pixels.__getitem__, codes).images.reshape(-1, 4)
    assert np.sqrt(np.square(shown - ideal).mean()) < 0.02
    assert np.sqrt(np.square(x.mean(0).numpy() - ideal).mean()) > 0.2  # what the mean image would come to


def test_images_that_never_meet_are_shown_as_they_are() -> None:
    mean, pixels = 100 * np.arange(6.0)[:, None], pictures(6)
    found = blur.ideal(Posterior(mean, np.zeros((6, 1))), pixels.__getitem__, mean, count=1)
    np.testing.assert_array_equal(found.effective, 1)
    np.testing.assert_allclose(found.spread, 0, atol=1e-9)
    np.testing.assert_array_equal(found.top[:, 0], np.arange(6))
    np.testing.assert_allclose(found.images, pixels / np.float32(255), rtol=1e-6)


def test_where_all_posteriors_are_the_prior_every_code_shows_the_mean_image() -> None:
    pixels = pictures(700)
    z = np.array([[0.0, 0.0], [3.0, -4.0]])
    found = blur.ideal(Posterior(np.zeros((700, 2)), np.zeros((700, 2))), pixels.__getitem__, z)
    np.testing.assert_allclose(found.effective, 700, rtol=1e-12)
    np.testing.assert_allclose(found.images, np.tile(pixels.mean(0) / 255, (2, 1, 1, 1)), rtol=1e-5)


def test_two_images_in_closed_form() -> None:
    apart, z = 0.7, np.linspace(-2, 2, 9)
    found = blur.mixture(Posterior(np.array([[apart], [-apart]]), np.zeros((2, 1))), z[:, None])
    first = 1 / (1 + np.exp(-2 * apart * z))
    np.testing.assert_allclose(found.effective, first**-first * (1 - first) ** (first - 1), rtol=1e-12)
    assert found.effective[4] == pytest.approx(2, rel=1e-12)  # halfway between them


def test_the_size_of_a_block_changes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    (mean, logvar), pixels = posteriors(50), pictures(50)
    order = np.argsort(-mean[:, 0])  # far from sorted by weight, so that the greatest so far changes on the way
    z = 3 * blur.draw(Posterior(mean, logvar), 9, seed=0)
    whole = blur.ideal(Posterior(mean[order], logvar[order]), pixels.__getitem__, z)
    density = blur.mixture(Posterior(mean[order], logvar[order]), z)
    for codes, images in ((1, 1), (4, 7), (2, 50)):
        monkeypatch.setattr(blur, "_CODES", codes)
        monkeypatch.setattr(blur, "_IMAGES", images)
        again = blur.ideal(Posterior(mean[order], logvar[order]), pixels.__getitem__, z)
        np.testing.assert_allclose(again.images, whole.images, atol=1e-6)
        np.testing.assert_allclose(again.effective, whole.effective, rtol=1e-12)
        np.testing.assert_array_equal(again.top, whole.top)
        np.testing.assert_allclose(blur.mixture(Posterior(mean[order], logvar[order]), z), density, rtol=1e-12)


def test_pictures_are_asked_for_once_in_order_and_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blur, "_IMAGES", 16)
    (mean, logvar), pixels, asked = posteriors(40), pictures(40), []

    def take(rows: NDArray[np.int64]) -> NDArray[np.uint8]:
        asked.append(rows)
        return pixels[rows]

    blur.ideal(Posterior(mean, logvar), take, blur.draw(Posterior(mean, logvar), 30, seed=0))
    assert [len(rows) for rows in asked] == [16, 16, 8]
    np.testing.assert_array_equal(np.concatenate(asked), np.arange(40))


@pytest.mark.parametrize("width", [-10.0, 0.0, 10.0])
def test_far_from_every_image_nothing_is_lost(width: float) -> None:
    mean, _ = posteriors(30)
    logvar, pixels = np.full_like(mean, width), pictures(30)
    z = mean[:5] + 10 * math.exp(width / 2) * np.ones(3, np.float32)
    z = np.concatenate([z, [[30, -30, 30], [-1000, 1000, 0]]])
    found, mixture = blur.ideal(Posterior(mean, logvar), pixels.__getitem__, z), blur.mixture(Posterior(mean, logvar), z)
    assert all(np.isfinite(part).all() for part in (*found, *mixture))
    assert (mixture.effective >= 1).all()
    np.testing.assert_allclose(mixture.log_prob, log_densities(mean, logvar, z).logsumexp(1) - math.log(30), rtol=1e-9)
    np.testing.assert_array_equal(found.top[:, 0], np.linalg.norm(z[:, None] - mean, axis=2).argmin(1))  # all are equally wide


def test_the_square_may_be_multiplied_out() -> None:
    random = np.random.default_rng(0)
    mean = random.uniform(-30, 30, (400, 64)).astype(np.float32)
    logvar = np.full_like(mean, -10)
    z = mean[:20] + np.exp(-5) * random.standard_normal((20, 64))
    exact = np.longdouble(z - mean[:20]) ** 2 * np.exp(np.longdouble(10)) - 10 + np.log(2 * np.longdouble(np.pi))  # its own image's alone
    found = blur.mixture(Posterior(mean, logvar), z)
    np.testing.assert_allclose(found.log_prob, np.float64(-0.5 * exact.sum(1)) - math.log(400), rtol=0, atol=1e-6)
    np.testing.assert_array_equal(found.effective, 1)


def test_fewer_images_than_are_to_be_named() -> None:
    mean, logvar = posteriors(3)
    found = blur.ideal(Posterior(mean, logvar), pictures(3).__getitem__, mean)
    assert found.top.shape == found.weights.shape == (3, 3)
    np.testing.assert_allclose(found.weights.sum(1), 1, rtol=1e-6)
    assert (np.diff(found.weights) <= 0).all()


def test_draws_come_from_the_mixture_and_from_the_seed() -> None:
    mean, logvar = posteriors(5, 2)
    z = blur.draw(Posterior(mean, logvar), 40_000, seed=0)
    variance = np.exp(logvar).mean(0) + mean.var(0)
    assert (abs(z.mean(0) - mean.mean(0)) < 4 * np.sqrt(variance / len(z))).all()
    np.testing.assert_allclose(z.var(0), variance, rtol=0.04)
    np.testing.assert_array_equal(z[:5], blur.draw(Posterior(mean, logvar), 40_000, seed=0)[:5])
    assert (z[:5] != blur.draw(Posterior(mean, logvar), 40_000, seed=1)[:5]).all()


def test_a_deterministic_autoencoder_is_refused() -> None:
    mean, points = np.zeros((4, 2), np.float32), np.full((4, 2), -np.inf, np.float32)
    with pytest.raises(InputError, match="deterministic autoencoder"):
        blur.mixture(Posterior(mean, points), mean)
    with pytest.raises(InputError, match="deterministic autoencoder"):
        blur.ideal(Posterior(mean, points), pictures(4).__getitem__, mean)
