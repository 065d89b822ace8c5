"""Other code's KL weights: each loss written out as it stands there, against ours."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor
from torch.distributions import Bernoulli, Distribution, Laplace, Normal
from torch.nn import functional as F

from vae_core.analysis.conventions import CONVENTIONS
from vae_core.base.config import ModelConfig
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.vae import VAE
from vae_core.training.objectives import elbo

IMAGES, VALUES, LATENT, SIGMA, WEIGHT = 7, 64, 5, 0.2, 0.003


def kl(mean: Tensor, logvar: Tensor) -> Tensor:
    """Of each image and dimension, as it stands in most code, [B, K]."""
    return -0.5 * (1 + logvar - mean.square() - logvar.exp())


def cross_entropy(x: Tensor, logits: Tensor, reduction: str = "mean") -> Tensor:
    return F.binary_cross_entropy(logits.sigmoid(), x, reduction=reduction)


THEIRS: dict[str, Callable[[Tensor, Tensor, Tensor], Tensor]] = {
    "mean": lambda x, out, kl: F.mse_loss(out, x) + WEIGHT * kl.sum(1).mean(),
    "means": lambda x, out, kl: F.mse_loss(out, x) + WEIGHT * kl.mean(),
    "sum": lambda x, out, kl: F.mse_loss(out, x, reduction="sum") / IMAGES + WEIGHT * kl.sum(1).mean(),
    "half": lambda x, out, kl: 0.5 * F.mse_loss(out, x, reduction="sum") / IMAGES + WEIGHT * kl.sum(1).mean(),
    "absolute": lambda x, out, kl: F.l1_loss(out, x, reduction="sum") / IMAGES + WEIGHT * kl.sum() / IMAGES,
    "summed": lambda x, out, kl: (cross_entropy(x, out, "sum") + WEIGHT * kl.sum()) / IMAGES,
    "entropy": lambda x, out, kl: cross_entropy(x, out) + WEIGHT * kl.sum(1).mean(),
    "normalised": lambda x, out, kl: cross_entropy(x, out, "sum") / IMAGES + WEIGHT * VALUES / LATENT * kl.sum(1).mean(),
}


def decoder(error: str, out: Tensor) -> Distribution:
    """The distribution of pixels of which a convention's D is minus the logarithm."""
    if error == "own":
        return Bernoulli(logits=out, validate_args=False)
    return Normal(out, SIGMA) if error == "squared" else Laplace(out, SIGMA / math.sqrt(2))


def gradients(loss: Tensor, leaves: tuple[Tensor, ...]) -> Tensor:
    return torch.cat([part.flatten() for part in torch.autograd.grad(loss, leaves, retain_graph=True)])


@pytest.mark.parametrize("name", CONVENTIONS)
def test_the_two_losses_have_proportional_gradients_everywhere(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    target = torch.rand(IMAGES, VALUES, dtype=torch.float64, generator=generator)
    convention, ratios = CONVENTIONS[name], []
    for _ in range(3):
        sizes = (VALUES, LATENT, LATENT)
        leaves = tuple(torch.randn(IMAGES, size, dtype=torch.float64, generator=generator).requires_grad_() for size in sizes)
        out, mean, logvar = leaves
        distortion = -decoder(convention.error, out).log_prob(target).sum(1)
        rate = DiagonalGaussian(mean, logvar).kl()
        ours = (distortion + convention.beta(WEIGHT, values=VALUES, latent=LATENT, sigma=SIGMA) * rate).mean()
        ratios.append(gradients(ours, leaves) / gradients(THEIRS[name](target, out, kl(mean, logvar)), leaves))
    together = torch.cat(ratios)
    assert together.tolist() == pytest.approx([together[0].item()] * len(together), rel=1e-9)


def test_ours_is_what_this_project_trains() -> None:
    """The gradient of our loss at the translated β points where that of theirs does."""
    config = ModelConfig(channels=1, height=8, width=8, latent=LATENT, hidden=(12,), likelihood="gaussian", sigma=SIGMA)
    model, x = VAE(config, seed=3), torch.rand(IMAGES, 1, 8, 8, generator=torch.Generator().manual_seed(1))
    beta = CONVENTIONS["mean"].beta(WEIGHT, values=VALUES, latent=LATENT, sigma=SIGMA)
    ours = elbo(model, x, beta=beta, generator=torch.Generator().manual_seed(2)).loss.mean()
    posterior, _, out = model(x, torch.Generator().manual_seed(2))
    theirs = THEIRS["mean"](x, out, kl(posterior.mean, posterior.logvar))
    one, other = (gradients(loss, tuple(model.parameters())) for loss in (ours, theirs))
    torch.testing.assert_close(one / one.norm(), other / other.norm(), rtol=1e-4, atol=1e-6)


@pytest.mark.parametrize("name", CONVENTIONS)
@pytest.mark.parametrize("weight", [1e-6, 0.00025, 1.0, 30.0])
@pytest.mark.parametrize(("values", "latent", "sigma"), [(784, 16, 0.1), (12_288, 128, 1.0), (64, 2, 0.37)])
def test_the_translation_is_undone_by_its_inverse(name: str, weight: float, values: int, latent: int, sigma: float) -> None:
    beta = CONVENTIONS[name].beta(weight, values=values, latent=latent, sigma=sigma)
    assert CONVENTIONS[name].weight(beta, values=values, latent=latent, sigma=sigma) == pytest.approx(weight, rel=1e-12)


@pytest.mark.parametrize("name", [name for name, convention in CONVENTIONS.items() if convention.error != "own"])
def test_an_error_implies_one_sigma_and_with_it_beta_is_1(name: str) -> None:
    convention = CONVENTIONS[name]
    implied = convention.plain_sigma(convention.beta(WEIGHT, values=VALUES, latent=LATENT, sigma=SIGMA), SIGMA)
    assert convention.plain_sigma(convention.beta(WEIGHT, values=VALUES, latent=LATENT, sigma=3.0), 3.0) == pytest.approx(
        implied, rel=1e-12
    )
    assert convention.beta(WEIGHT, values=VALUES, latent=LATENT, sigma=implied) == pytest.approx(1, rel=1e-12)


@pytest.mark.parametrize("name", ["mean", "sum", "half", "absolute"])
def test_pixels_from_minus_1_to_1_double_sigma(name: str) -> None:
    generator = torch.Generator().manual_seed(0)
    x, out, mean, logvar = (
        torch.randn(IMAGES, size, dtype=torch.float64, generator=generator) for size in (VALUES, VALUES, LATENT, LATENT)
    )
    leaves = tuple(leaf.requires_grad_() for leaf in (out, mean, logvar))
    beta = CONVENTIONS[name].beta(WEIGHT, values=VALUES, latent=LATENT, sigma=2 * SIGMA)
    ours = (-decoder(CONVENTIONS[name].error, out).log_prob(x).sum(1) + beta * DiagonalGaussian(mean, logvar).kl()).mean()
    one, other = (gradients(loss, leaves) for loss in (ours, THEIRS[name](2 * x - 1, 2 * out - 1, kl(mean, logvar))))
    torch.testing.assert_close(one / one.norm(), other / other.norm(), rtol=1e-9, atol=1e-12)


def test_keras_averages_cross_entropy_over_the_channels_of_colour() -> None:
    generator = torch.Generator().manual_seed(0)
    x = torch.rand(IMAGES, 4, 4, 3, dtype=torch.float64, generator=generator)
    logits, mean, logvar = (torch.randn(*shape, dtype=torch.float64, generator=generator) for shape in (x.shape, *[(IMAGES, LATENT)] * 2))
    leaves = tuple(leaf.requires_grad_() for leaf in (logits, mean, logvar))
    keras = (
        F.binary_cross_entropy(logits.sigmoid(), x, reduction="none").mean(-1).sum((1, 2)).mean() + WEIGHT * kl(mean, logvar).sum(1).mean()
    )
    beta = CONVENTIONS["summed"].beta(3 * WEIGHT, values=48, latent=LATENT, sigma=1)
    ours = (decoder("own", logits).log_prob(x).sum((1, 2, 3)).neg() + beta * DiagonalGaussian(mean, logvar).kl()).mean()
    one, other = (gradients(loss, leaves) for loss in (ours, keras))
    torch.testing.assert_close(one / one.norm(), other / other.norm(), rtol=1e-9, atol=1e-12)


def test_known_weights() -> None:
    assert CONVENTIONS["summed"].beta(0.7, values=784, latent=10, sigma=0.5) == 0.7
    assert CONVENTIONS["absolute"].plain_sigma(CONVENTIONS["absolute"].beta(1e-6, values=9, latent=2, sigma=1), 1) == pytest.approx(
        2**0.5 * 1e-6
    )
    mean = CONVENTIONS["mean"]  # 64 × 64 × 3 images, w = 0.00025: 2σ² = w·P
    assert mean.plain_sigma(mean.beta(0.00025, values=12_288, latent=128, sigma=1), 1) == pytest.approx(math.sqrt(1.536), rel=1e-12)
    assert CONVENTIONS["half"].beta(4, values=64, latent=10, sigma=1) == 4  # the textbook's Gaussian has σ = 1
    assert CONVENTIONS["normalised"].weight(4, values=4096, latent=10, sigma=1) == pytest.approx(4 * 10 / 4096, rel=1e-12)
    assert CONVENTIONS["entropy"].beta(1 / 784, values=784, latent=10, sigma=0.5) == pytest.approx(1, rel=1e-12)
