"""What training minimises, in nats per image: loss = D + β·R, and what may stand in its place.

The rate has two halves, R = D_μ + D_σ (`DiagonalGaussian.kl_halves_per_dim`), and each may have a weight of its own.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple, TypeAlias, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.base.config import TrainConfig
from vae_core.model import noise
from vae_core.model.gathered import gathered
from vae_core.model.gaussian import DiagonalGaussian
from vae_core.model.vae import VAE, Passage
from vae_core.training import schedules

_Weight: TypeAlias = Tensor | float

UNUSED_NATS = 0.01
"""A latent dimension whose mean KL over the data set is below this carries nothing."""
OVERREACH = 1.5
"""A multi-rate model trains up to this times the upper end of its range: at the end of what it has seen, its rate is too high."""
DRAWN = ((0.0, 0.15, 0.725, 1.0), (0.0, 0.2, 0.62, 1.0))
"""Places in that range, from 0 to 1 in log β, and the share of the images whose β is up to there. More images are at both ends, where one
model is not as good as one for each β, and fewer in the middle, where it is better."""


def unused(kl_per_dim: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which dimensions carry nothing, by their mean KL in nats: true where that is below `UNUSED_NATS`; any shape, the same back.

    The one rule of all counts, bars and sliders; assets/live/parts/multirate/figures.js has the same.
    """
    return kl_per_dim < UNUSED_NATS


class Terms(NamedTuple):
    """Per image, in nats, [B] each. β, or the pair, is in the loss only; the rate is the plain KL.

    Training minimises the mean of the loss over the batch. A part that only the whole batch has counts alike for each image.
    """

    loss: Tensor
    distortion: Tensor
    rate: Tensor


def elbo(model: VAE, x: Tensor, *, beta: float | tuple[float, float], generator: torch.Generator) -> Terms:
    """One-sample estimate of D + β·R; at β = 1 it is −ELBO (Kingma & Welling 2013, eq. 7; β: Higgins et al. 2017, eq. 4).

    Args:
        model: the autoencoder; a deterministic one has rate 0.
        x: images in [0, 1], [B, C, H, W].
        beta: the KL weight, at least 0, or the two of D_μ and of D_σ; within the range of a multi-rate model.
        generator: source of the posterior sample.
    """
    passage = model(x, generator, beta if model.config.beta_range else None)
    if model.config.variational:
        return _terms(model, x, passage, beta)
    distortion = model.likelihood.nll(passage.params, x)
    return Terms(distortion, distortion, torch.zeros_like(distortion))


def multi_rate(model: VAE, x: Tensor, beta_range: tuple[float, float], generator: torch.Generator) -> Terms:
    """D + β·R with a β of its own for each image, not rescaled (Bae et al. 2022); a split model's two weights are independent.

    Args:
        model: one with gates.
        x: images in [0, 1], [B, C, H, W].
        beta_range: (a, b), as in `draw_betas`.
        generator: source of the weights, then of the posterior sample.
    """

    def drawn() -> Tensor:
        return noise.own(draw_betas(noise.whole(len(x), generator), beta_range, generator), generator).to(x)

    beta = drawn()
    if not model.config.split:
        return _terms(model, x, model(x, generator, beta, reach=OVERREACH), beta)
    pair = beta, drawn()
    return _terms(model, x, model(x, generator, torch.stack(pair, dim=1), reach=OVERREACH), pair)


def _terms(model: VAE, x: Tensor, passage: Passage, beta: _Weight | tuple[_Weight, _Weight]) -> Terms:
    """D + β·R of a variational model, or D + β_μ·D_μ + β_σ·D_σ, with one weight for all images or one for each, [B]."""
    distortion, rate = model.likelihood.nll(passage.params, x), passage.posterior.kl()
    if not isinstance(beta, tuple):
        return Terms(distortion + beta * rate, distortion, rate)
    means, widths = passage.posterior.kl_halves_per_dim()
    return Terms(distortion + beta[0] * means.sum(1) + beta[1] * widths.sum(1), distortion, rate)


def draw_betas(count: int, beta_range: tuple[float, float], generator: torch.Generator) -> Tensor:
    """A KL weight for each of `count` images, [count], from a to `OVERREACH`·b, nearly log-uniform: see `DRAWN`.

    Spread evenly: one from each of `count` parts that are equally likely, in random order.
    """
    low, high = beta_range[0], beta_range[1] * OVERREACH
    strata = torch.randperm(count, generator=generator, device=generator.device)
    shares = (strata + torch.rand(count, generator=generator, device=generator.device)) / count
    places, ends = torch.zeros_like(shares), list(zip(*DRAWN, strict=True))
    for (place, share), (next_place, next_share) in pairwise(ends):
        places += (next_place - place) * ((shares - share) / (next_share - share)).clamp(0, 1)
    return (low * (high / low) ** places).clamp(low, high)  # rounding must not leave the range


def objective(
    model: VAE, x: Tensor, config: TrainConfig, *, step: int, steps: int, training_images: int, generator: torch.Generator
) -> Terms:
    """The terms of one training step as `config` has them: `multi_rate` for a multi-rate model, `elbo` for a constant β or pair alone.

    Args:
        model: the autoencoder, in training mode.
        x: a batch of images in [0, 1], [B, C, H, W]; already black and white where `binarise` is "static".
        config: how it is trained.
        step: steps done before this one.
        steps: of the whole run.
        training_images: N, of which x is a batch.
        generator: source of stochastic binarisation, then of the KL weights of a multi-rate model, then of the posterior sample.
    """
    if config.binarise == "stochastic":
        x = noise.own(torch.bernoulli(noise.widened(x, generator), generator=generator), generator)
    if model.config.beta_range:
        return multi_rate(model, x, model.config.beta_range, generator)
    beta, goal = schedules.beta(config, step, steps), schedules.capacity(config, step, steps)
    plain = goal is None and not config.free_bits and not config.tc
    if plain or not model.config.variational:
        return elbo(model, x, beta=beta if config.beta_sigma is None else config.weights, generator=generator)
    passage = model(x, generator)
    distortion, kl = model.likelihood.nll(passage.params, x), passage.posterior.kl_per_dim()
    rate = kl.sum(1)
    if goal is not None:
        charged = beyond_capacity(rate, goal)
    elif config.free_bits:
        charged = with_free_bits(kl, config.free_bits)
    else:
        charged = rate
    loss = distortion + beta * charged
    if config.tc:
        loss = loss + config.tc * total_correlation(passage.posterior, passage.z, training_images)
    return Terms(loss, distortion, rate)


def beyond_capacity(rate: Tensor, capacity: float) -> Tensor:
    """|R − C| in nats, a single number, with R the mean of the rates [B] (Burgess et al. 2018).

    The distance of the mean, not the mean distance: single images may spend more or less than C.
    """
    return (rate.mean() - capacity).abs()


def with_free_bits(kl_per_dim: Tensor, floor: float) -> Tensor:
    """Σ_j max(λ, mean over the batch of KL_j) in nats, a single number, for KL [B, K] and λ = `floor` (Kingma et al. 2016).

    A dimension below the floor has no gradient: it may be used at no cost up to λ.
    """
    return kl_per_dim.mean(0).clamp_min(floor).sum()


def total_correlation(posterior: DiagonalGaussian, z: Tensor, training_images: int) -> Tensor:
    """Each image's part in an estimate of KL(q(z) ‖ Π q(z_j)), log q̂(z) − Σ_j log q̂(z_j) in nats, [B]; it may be negative.

    Minibatch stratified sampling (Chen et al. 2018): q̂(z) = Σ w·q(z|x) over the batch. The image that z was drawn from has the weight that
    it has in the whole set, 1/N; the others stand for the N − 1 other images. Chen et al. give one of these another weight than the rest;
    averaged over the choice of that one, each gets (N − 1)/(N·(B − 1)). So q̂(z) stays unbiased, has less variance, does not depend on the
    order of the batch, and is exact where the batch is the whole set. Its logarithm is biased, the more so the fewer images of the batch
    overlap.

    Args:
        posterior: q(z|x) of the batch, [B, K].
        z: one code drawn from each, [B, K].
        training_images: N, at least B.
    """
    weights = stratified_weights(len(z), training_images).log().to(z)
    pairs = posterior.log_prob_per_dim(z[:, None])  # [B, B, K]: the code by row, the image by column
    joint = torch.logsumexp(weights + pairs.sum(2), dim=1)
    marginals = torch.logsumexp(weights[:, :, None] + pairs, dim=1)
    return joint - marginals.sum(1)


def stratified_weights(batch: int, training_images: int) -> Tensor:
    """The weight of image j in q̂(z) for a code of image i, float64 [B, B]; each row adds up to 1."""
    if batch == 1:
        return torch.ones(1, 1, dtype=torch.float64)
    others = (training_images - 1) / (training_images * (batch - 1))
    return torch.full((batch, batch), others, dtype=torch.float64).fill_diagonal_(1 / training_images)


class StandardErrors(NamedTuple):
    """How far the means of the same names are known, in nats per image; NaN of one image.

    Attributes:
        elbo: of D + R, which is no sum of the errors of both: where an image costs more to draw, its code may tell more.
    """

    loss: float
    distortion: float
    rate: float
    rate_mu: float
    rate_sigma: float
    elbo: float


@dataclass(frozen=True)
class Averages:
    """Means over a set of images, in nats per image.

    Attributes:
        loss, distortion, rate: the means.
        rate_mu: D_μ, one of the halves of the rate.
        kl_per_dim: float64 [K], sums to the rate.
        kl_per_dim_error: how far each of these is known, float64 [K].
        images: N, how many images.
        standard_error: the standard deviation over the images, divided by √N. Each image has one code, so that its noise is in there.
    """

    loss: float
    distortion: float
    rate: float
    rate_mu: float
    kl_per_dim: NDArray[np.float64]
    kl_per_dim_error: NDArray[np.float64]
    images: int
    standard_error: StandardErrors


class Costs(NamedTuple):
    """Of each image, in nats, float64 on the processor: distortion [N], KL per dimension [N, K] and D_μ [N]."""

    distortion: Tensor
    kl_per_dim: Tensor
    rate_mu: Tensor


def average(model: VAE, pixels: Tensor | Iterable[Tensor], *, beta: float | tuple[float, float], seed: int, batch: int = 512) -> Averages:
    """Mean distortion, rate and KL per dimension over uint8 images [N, C, H, W], or over batches of them, at least one.

    Sums over all images and divides once: a mean of batch means would weigh the images of a short last batch more. The model is put
    into evaluation mode meanwhile.

    Raises:
        InputError: `beta` is outside the range of a multi-rate model.
    """
    generator = torch.Generator(next(model.parameters()).device).manual_seed(seed)
    batches = torch.split(pixels, batch) if isinstance(pixels, Tensor) else pixels
    return averages_of(costs(model, batches, beta=beta, generator=generator), beta)


@torch.inference_mode()
def costs(model: VAE, batches: Iterable[Tensor], *, beta: float | tuple[float, float], generator: torch.Generator) -> Costs:
    """What each image of these batches costs, uint8 [B, C, H, W] each; 0 for images that are another process's (`noise.PartGenerator`).

    Raises:
        InputError: `beta` is outside the range of a multi-rate model.
    """
    training = model.training
    model.eval()
    distortion, rate_mu, kl = (part.contiguous() for part in gathered(_costs(model, batches, beta, generator)).tensor_split((1, 2), 1))
    model.train(training)
    return Costs(distortion[:, 0], kl, rate_mu[:, 0])


def _costs(model: VAE, batches: Iterable[Tensor], beta: float | tuple[float, float], generator: torch.Generator) -> Iterator[Tensor]:
    """Of each batch, float64 [B, 2 + K]: distortion, D_μ and the KL per dimension, the last two 0 where there is no posterior."""
    device = next(model.parameters()).device
    for chunk in batches:
        rows = generator.divide(len(chunk)) if isinstance(generator, noise.PartGenerator) else slice(None)
        x = chunk[rows].to(device).float().div_(255)
        passage = model(x, generator, beta if model.config.beta_range else None)
        found = torch.zeros(len(x), 2 + model.config.latent, dtype=torch.float64)
        found[:, 0] = model.likelihood.nll(passage.params, x)
        if model.config.variational:
            found[:, 1] = passage.posterior.kl_halves_per_dim()[0].cpu().double().sum(1)
            found[:, 2:] = passage.posterior.kl_per_dim()
        yield noise.widened(found, generator)


def averages_of(found: Costs, beta: float | tuple[float, float]) -> Averages:
    """The means over these images and how far they are known."""
    distortion, kl, rate_mu = found
    rate = kl.sum(1)
    each = (distortion, rate, rate_mu)
    kl_per_dim = kl.mean(0).numpy()
    means = (distortion.mean().item(), float(kl_per_dim.sum()), rate_mu.mean().item())
    errors = (standard_error(cost) for cost in (_loss(beta, *each), *each, rate - rate_mu, distortion + rate))
    per_dim = np.array([standard_error(column) for column in kl.T])
    return Averages(_loss(beta, *means), *means, kl_per_dim, per_dim, len(distortion), StandardErrors(*errors))


_Cost = TypeVar("_Cost", Tensor, float)


def _loss(beta: float | tuple[float, float], distortion: _Cost, rate: _Cost, rate_mu: _Cost) -> _Cost:
    return distortion + (beta[0] * rate_mu + beta[1] * (rate - rate_mu) if isinstance(beta, tuple) else beta * rate)


def standard_error(costs: Tensor) -> float:
    """Of the mean of these, [N]; NaN where there is only one."""
    return costs.std().item() / math.sqrt(len(costs)) if len(costs) > 1 else math.nan
