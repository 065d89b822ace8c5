"""objectives: two pixels by hand, averages that weigh each image alike, and a linear VAE against probabilistic PCA; then capacity and
free bits by hand.
"""

from __future__ import annotations

import math
from functools import cache
from typing import NamedTuple

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from sklearn.datasets import load_digits
from sklearn.decomposition import PCA
from torch import Tensor, nn

from vae_core.base.config import ModelConfig, TrainConfig
from vae_core.model.vae import VAE
from vae_core.training.objectives import (
    Terms,
    average,
    beyond_capacity,
    elbo,
    objective,
    with_free_bits,
)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def model(**changes: object) -> VAE:
    return VAE(ModelConfig.model_validate({"channels": 1, "height": 8, "width": 8, "latent": 4, "hidden": (16,)} | changes))


def uneven(count: int) -> Tensor:
    """Images that get brighter, so that no two have the same distortion."""
    noise = torch.randint(0, 20, (count, 1, 8, 8), generator=seeded())
    return (noise + torch.linspace(0, 235, count)[:, None, None, None].long()).to(torch.uint8)


def two_pixels(variational: bool) -> tuple[VAE, Tensor]:
    """The first two pixels are the code, the code is the first two logits; 62 black pixels cost log 2 each."""
    vae = model(body="linear", hidden=(), latent=2, variational=variational)
    down, up = vae.encoder[-1], vae.decoder[0]
    assert isinstance(down, nn.Linear)
    assert isinstance(up, nn.Linear)
    with torch.no_grad():
        for tensor in (down.weight, down.bias, up.weight, up.bias):
            tensor.zero_()
        down.weight[0, 0] = down.weight[1, 1] = up.weight[0, 0] = up.weight[1, 1] = 1
        if variational:
            down.bias[2:] = torch.tensor([-1.0, 0.5])
    x = torch.zeros(1, 1, 8, 8)
    x[0, 0, 0, :2] = torch.tensor([0.25, 1.0])
    return vae, x


@pytest.mark.parametrize("beta", [0.0, 1.0, 4.0])
def test_two_pixels_by_hand(beta: float) -> None:
    vae, x = two_pixels(variational=True)
    noise = torch.empty(1, 2).normal_(generator=seeded(5))[0].tolist()
    z = [0.25 + math.exp(-0.5) * noise[0], 1 + math.exp(0.25) * noise[1]]
    distortion = 62 * math.log(2) + sum(math.log1p(math.exp(logit)) - pixel * logit for logit, pixel in zip(z, [0.25, 1], strict=True))
    rate = 0.5 * (0.25**2 + math.exp(-1) - 1 + 1) + 0.5 * (1 + math.exp(0.5) - 1 - 0.5)
    terms = elbo(vae, x, beta=beta, generator=seeded(5))
    assert [term.shape for term in terms] == [(1,)] * 3
    assert terms.distortion.item() == pytest.approx(distortion, rel=1e-6)
    assert terms.rate.item() == pytest.approx(rate, rel=1e-6)
    assert terms.loss.item() == pytest.approx(distortion + beta * rate, rel=1e-6)


def test_a_deterministic_autoencoder_has_no_rate() -> None:
    vae, x = two_pixels(variational=False)
    terms = elbo(vae, x, beta=4, generator=seeded())
    logits = torch.tensor([0.25, 1.0])
    distortion = 62 * math.log(2) + (torch.log1p(logits.exp()) - torch.tensor([0.25, 1.0]) * logits).sum().item()
    assert terms.rate.item() == 0
    assert terms.loss.item() == terms.distortion.item() == pytest.approx(distortion, rel=1e-6)
    means = average(vae, (x * 255).round().to(torch.uint8), beta=4, seed=0)
    assert means.rate == 0
    assert means.loss == means.distortion
    assert not means.kl_per_dim.any()


def test_an_average_is_the_mean_of_the_images_own_terms() -> None:
    vae, pixels = model(), uneven(40)
    terms = elbo(vae, pixels / 255, beta=3, generator=seeded(7))
    means = average(vae, pixels, beta=3, seed=7)
    for name in ("loss", "distortion", "rate"):
        assert getattr(means, name) == pytest.approx(getattr(terms, name).mean().item(), rel=1e-6)
    np.testing.assert_allclose(means.kl_per_dim, vae.encode(pixels / 255).kl_per_dim().detach().mean(0), rtol=1e-5)
    assert means.kl_per_dim.dtype == np.float64
    assert means.kl_per_dim.sum() == means.rate
    spread = vae.encode(pixels / 255).kl_per_dim().detach().std(0) / math.sqrt(40)
    np.testing.assert_allclose(means.kl_per_dim_error, spread, rtol=1e-4)
    assert means.images == 40
    for name in ("loss", "distortion", "rate"):
        assert getattr(means.standard_error, name) == pytest.approx(getattr(terms, name).std().item() / math.sqrt(40), rel=1e-5)
    widths = vae.encode(pixels / 255).kl_halves_per_dim()[1].detach().sum(1)
    for name, each in (("rate_sigma", widths), ("elbo", terms.distortion + terms.rate)):
        assert getattr(means.standard_error, name) == pytest.approx(each.std().item() / math.sqrt(40), rel=1e-4)
    assert all(math.isnan(error) for error in average(vae, pixels[:1], beta=3, seed=7).standard_error)


@pytest.mark.parametrize("batch", [1, 3, 10, 39])
def test_the_batch_size_changes_no_average_and_a_short_last_batch_weighs_by_its_images(batch: int) -> None:
    pixels = uneven(40)
    noiseless = model(variational=False)
    whole = average(noiseless, pixels, beta=1, seed=0, batch=40)
    assert average(noiseless, pixels, beta=1, seed=0, batch=batch).distortion == pytest.approx(whole.distortion, rel=1e-6)
    one, parts = (average(model(), pixels, beta=1, seed=0, batch=size) for size in (40, batch))
    np.testing.assert_allclose(parts.kl_per_dim, one.kl_per_dim, rtol=1e-6)


def test_images_in_batches_average_as_all_at_once() -> None:
    pixels = uneven(40)
    whole = average(model(), pixels, beta=2, seed=3, batch=16)
    parts = average(model(), iter(torch.split(pixels, 16)), beta=2, seed=3)
    assert (parts.loss, parts.distortion, parts.rate) == (whole.loss, whole.distortion, whole.rate)
    assert np.array_equal(parts.kl_per_dim, whole.kl_per_dim)


def test_the_seed_decides_an_average() -> None:
    vae, pixels = model(), uneven(40)
    one, same, other = (average(vae, pixels, beta=1, seed=seed).distortion for seed in (1, 1, 2))
    assert one == same != other


class Optimum(NamedTuple):
    """A linear VAE set to its exact optimum, and what its objective must be there, in nats per image."""

    model: VAE
    x: Tensor
    distortion: float
    rate: float
    active: int


@cache
def digits() -> NDArray[np.uint8]:
    """1,797 handwritten digits, [N, 1, 8, 8]."""
    return (load_digits().images * 15).astype(np.uint8)[:, None]


@cache
def optimum(beta: float, latent: int = 10) -> Optimum:
    """The linear β-VAE of the digits with σ² the mean variance that PCA discards."""
    return optimum_of(torch.from_numpy(digits()).double() / 255, beta, latent)


def optimum_of(x: Tensor, beta: float, latent: int, variance: float | None = None) -> Optimum:
    """The linear β-VAE of images x [N, C, H, W] with this σ²; None is the mean variance that PCA discards.

    With eigenpairs (λ, u) of the data's covariance and t = βσ², a dimension with λ > t decodes along √(λ − t)·u, encodes
    √(λ − t)/λ·uᵀ(x − x̄) and keeps the variance t/λ; the others carry nothing. For β = 1 it is probabilistic PCA (Tipping and
    Bishop 1999); over β its rate and distortion are reverse water-filling (Cover and Thomas, §10.3.3).
    """
    flat, (_, channels, height, width) = x.flatten(1), x.shape
    centre, size = flat.mean(0), flat.shape[1]
    values, vectors = torch.linalg.eigh(torch.cov(flat.T, correction=0))
    values, vectors = values.flip(0), vectors.flip(1)
    noise = values[latent:].mean() if variance is None else torch.tensor(variance, dtype=torch.float64)
    t, kept, directions = beta * noise, values[:latent], vectors[:, :latent]
    scale = (kept - t).clamp_min(0).sqrt()
    shape = {"channels": channels, "height": height, "width": width}
    config = ModelConfig.model_validate(
        {"body": "linear", **shape, "latent": latent, "likelihood": "gaussian", "sigma": math.sqrt(noise.item())}
    )
    vae = VAE(config).double()
    down, up = vae.encoder[-1], vae.decoder[0]
    assert isinstance(down, nn.Linear)
    assert isinstance(up, nn.Linear)
    with torch.no_grad():
        down.weight[:latent] = (directions * scale / kept).T
        down.bias[:latent] = -down.weight[:latent] @ centre
        down.weight[latent:] = 0
        down.bias[latent:] = (t / kept).clamp_max(1).log()
        up.weight.copy_(directions * scale)
        up.bias.copy_(centre)
    active = kept > t
    lost = t * active.sum() + kept[~active].sum() + values[latent:].sum()
    distortion = size / 2 * torch.log(2 * math.pi * noise) + lost / (2 * noise)
    rate = 0.5 * torch.log(kept[active] / t).sum()
    return Optimum(vae, x, distortion.item(), rate.item(), int(active.sum()))


def expected_distortion(vae: VAE, x: Tensor) -> Tensor:
    """E_q[−log p(x|z)] per image, [B], with no sampling: exact for a cost that is quadratic in z, over 2K points at √K·σ."""
    q, latent = vae.encode(x), vae.config.latent
    offsets = math.sqrt(latent) * torch.eye(latent, dtype=x.dtype)
    costs = [vae.likelihood.nll(vae.decode(q.mean + sign * q.std * offset), x) for offset in offsets for sign in (-1, 1)]
    return torch.stack(costs).mean(0)


BETAS = pytest.mark.parametrize("beta", [0.1, 1.0, 10.0])


@BETAS
def test_a_linear_vae_has_the_rate_and_distortion_of_reverse_water_filling(beta: float) -> None:
    best = optimum(beta)
    assert best.model.encode(best.x).kl().mean().item() == pytest.approx(best.rate, abs=1e-10)
    assert expected_distortion(best.model, best.x).mean().item() == pytest.approx(best.distortion, abs=1e-10)
    assert best.active == {0.1: 10, 1.0: 10, 10.0: 6}[beta]


@BETAS
def test_the_optimum_has_no_gradient(beta: float) -> None:
    best = optimum(beta)
    objective = (expected_distortion(best.model, best.x) + beta * best.model.encode(best.x).kl()).mean()
    gradients = torch.autograd.grad(objective, list(best.model.parameters()))
    assert max(gradient.abs().max().item() for gradient in gradients) < 1e-10


@BETAS
def test_sampled_terms_average_to_the_closed_form(beta: float) -> None:
    best, generator = optimum(beta), seeded()
    with torch.inference_mode():
        draws = [elbo(best.model, best.x, beta=beta, generator=generator) for _ in range(40)]
    for name, exact in (("distortion", best.distortion), ("loss", best.distortion + beta * best.rate)):
        means = torch.stack([getattr(terms, name).mean() for terms in draws])
        assert abs(means.mean().item() - exact) < 4 * means.std().item() / math.sqrt(len(draws))


def test_at_beta_1_the_loss_is_minus_the_log_likelihood_of_pca() -> None:
    best = optimum(1.0)
    flat = best.x.flatten(1).numpy()
    loss = (expected_distortion(best.model, best.x) + best.model.encode(best.x).kl()).mean().item()
    assert -loss == pytest.approx(PCA(10).fit(flat).score(flat), rel=1e-5)  # PCA divides by N − 1


@pytest.mark.parametrize("likelihood", ["gaussian", "logistic"])
def test_an_average_is_taken_in_evaluation_mode_and_changes_nothing(likelihood: str) -> None:
    vae = model(likelihood=likelihood, sigma_is="optimal" if likelihood == "gaussian" else "learned").train()
    before = {name: tensor.clone() for name, tensor in vae.state_dict().items()}
    together = average(vae, uneven(40), beta=1, seed=0)
    assert vae.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in vae.state_dict().items())
    assert average(vae.eval(), uneven(40), beta=1, seed=0).distortion == together.distortion
    assert not vae.training


def of_step(vae: VAE, x: Tensor, step: int = 5, **fields: object) -> Terms:
    config = TrainConfig.model_validate(fields)
    return objective(vae, x, config, step=step, steps=10, training_images=100, generator=seeded(3))


@pytest.mark.parametrize("variational", [True, False])
def test_with_nothing_else_the_objective_is_the_elbo_to_the_bit(variational: bool) -> None:
    vae, x = model(variational=variational), uneven(6) / 255
    for ours, plain in zip(of_step(vae, x, beta=3.0), elbo(vae, x, beta=3.0, generator=seeded(3)), strict=True):
        assert torch.equal(ours, plain)


def test_a_schedule_weighs_the_rate_of_its_step() -> None:
    vae, x = model(), uneven(6) / 255
    for step, beta in ((0, 0.0), (2, 1.6), (5, 4.0), (9, 4.0)):
        scheduled, plain = of_step(vae, x, step, beta=4.0, schedule="linear"), elbo(vae, x, beta=beta, generator=seeded(3))
        for ours, expected in zip(scheduled, plain, strict=True):
            torch.testing.assert_close(ours, expected, rtol=1e-6, atol=0)


@pytest.mark.parametrize("fields", [{"capacity": 0.0}, {"free_bits": 1e-12}, {"tc": 1e-12}])
def test_each_part_vanishes_into_the_elbo(fields: dict[str, float]) -> None:
    vae, x = model(), uneven(6) / 255
    ours, plain = of_step(vae, x, 5, beta=3.0, **fields), elbo(vae, x, beta=3.0, generator=seeded(3))
    assert ours.loss.mean().item() == pytest.approx(plain.loss.mean().item(), rel=1e-6)
    torch.testing.assert_close(ours.distortion, plain.distortion)
    torch.testing.assert_close(ours.rate, plain.rate)


def test_capacity_is_the_distance_of_the_mean_rate_not_the_mean_distance() -> None:
    rate = torch.tensor([1.0, 9.0])
    assert beyond_capacity(rate, 5.0) == 0
    assert beyond_capacity(rate, 3.0) == beyond_capacity(rate, 7.0) == 2
    assert (rate - 5.0).abs().mean() == 4


@pytest.mark.parametrize(("beyond", "sign"), [(-0.05, 1), (0.05, -1)])
def test_a_capacity_draws_the_rate_towards_it_from_both_sides(beyond: float, sign: int) -> None:
    vae, x = model(), uneven(6) / 255
    mean = vae.encode(x).kl().mean().item()
    terms = of_step(vae, x, beta=20.0, capacity=mean + beyond)  # at the end of its rise
    assert terms.loss.mean().item() == pytest.approx(terms.distortion.mean().item() + 20 * 0.05, rel=1e-5)
    rate = torch.tensor([0.3, mean]).requires_grad_()
    (slope,) = torch.autograd.grad(beyond_capacity(rate, rate.mean().item() + beyond), rate)
    assert slope.tolist() == [sign / 2, sign / 2]


def test_a_capacity_rises_with_the_steps() -> None:
    vae, x = model(), uneven(6) / 255
    rate = vae.encode(x).kl().mean().item()
    for step, capacity in ((0, 0.0), (1, 40.0), (4, 160.0), (5, 200.0), (9, 200.0)):
        terms = of_step(vae, x, step, capacity=200.0)
        assert (terms.loss - terms.distortion).mean().item() == pytest.approx(abs(rate - capacity), rel=1e-4)


def test_free_bits_by_hand_and_without_a_gradient_below_the_floor() -> None:
    kl = torch.tensor([[0.1, 1.0, 5.0], [0.3, 3.0, 7.0]], requires_grad=True)  # means 0.2, 2, 6
    charged = with_free_bits(kl, 0.5)
    assert charged.item() == pytest.approx(0.5 + 2 + 6)
    charged.backward()
    assert kl.grad is not None
    assert kl.grad.tolist() == [[0, 0.5, 0.5]] * 2
    assert with_free_bits(kl, 2.5).item() == pytest.approx(2.5 + 2.5 + 6)  # the mean counts: 3 alone is above the floor


def test_free_bits_of_a_step() -> None:
    vae, x = model(), uneven(6) / 255
    means = vae.encode(x).kl_per_dim().mean(0)
    floor = means.median().item() + 1e-3
    terms = of_step(vae, x, beta=2.0, free_bits=floor)
    expected = terms.distortion.mean() + 2 * sum(max(floor, kl) for kl in means.tolist())
    assert terms.loss.mean().item() == pytest.approx(expected.item(), rel=1e-6)
    assert terms.rate.mean().item() == pytest.approx(means.sum().item(), rel=1e-6)


def test_stochastic_images_are_drawn_from_the_generator_at_each_step() -> None:
    vae, x = model(), uneven(6) / 255
    generator = seeded(3)
    black_and_white = torch.bernoulli(x, generator=generator)
    assert set(black_and_white.unique().tolist()) == {0, 1}
    expected = elbo(vae, black_and_white, beta=1, generator=generator)
    for ours, theirs in zip(of_step(vae, x, binarise="stochastic"), expected, strict=True):
        assert torch.equal(ours, theirs)
    for how in ("no", "static"):  # static images come as they are
        assert torch.equal(of_step(vae, x, binarise=how).loss, elbo(vae, x, beta=1, generator=seeded(3)).loss)
