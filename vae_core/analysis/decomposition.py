"""What the rate is spent on: KL = mutual information + total correlation + dimension-wise KL, over a whole set of images."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vae_core.model.gaussian import DiagonalGaussian

ACTIVE_VARIANCE = 0.01
NEAR_LOG_N = 1.0
"""So near to log N, in nats, mutual information says how many images there were and not what the codes tell.

log N − I is the mean of −log of the share that an image's own posterior has in q(z) at its code, so e^(log N − I) posteriors share a code.
Below e = 2.7 there are fewer than two others to stand for all images that there could be. Left out, the own posterior alone would
raise I by −log(1 − 1/e) = 0.46 nats, against 0.05 nats where log N is 3 nats away."""
_ELEMENTS = 2**18  # of the largest array at a time: what fits a cache is four times as fast


def active_units(means: NDArray[np.float32]) -> NDArray[np.bool_]:
    """Which dimensions' posterior means [N, K] vary over the images by more than 0.01, bool [K] (Burda et al. 2016)."""
    active: NDArray[np.bool_] = means.var(axis=0, dtype=np.float64) > ACTIVE_VARIANCE
    return active


class Part(NamedTuple):
    """One part of the KL in nats per image, and its standard error over images."""

    value: float
    error: float

    @property
    def interval(self) -> tuple[float, float]:
        """Of 95 %, by the normal approximation."""
        return self.value - _TWO_SIDED * self.error, self.value + _TWO_SIDED * self.error


_TWO_SIDED = 1.96


@dataclass(frozen=True)
class KLParts:
    """The mean KL(q(z|x) ‖ N(0, I)) of a set of images in three parts, nats per image (Chen et al. 2018).

    Attributes:
        mutual_information: I(x; z) = KL(q(z, x) ‖ q(z) q(x)): how well a code tells its image; at most log N.
        total_correlation: KL(q(z) ‖ Π q(z_j)): how far the dimensions depend on one another. It holds log q(z) as I does, so what I lacks
            near log N this has too much.
        per_dim: KL(q(z_j) ‖ N(0, 1)), float64 [K]: how far each dimension is from the prior over all images.
        images: N.
    """

    mutual_information: Part
    total_correlation: Part
    per_dim: NDArray[np.float64]
    images: int

    @property
    def dimension_wise(self) -> float:
        """Σ_j KL(q(z_j) ‖ N(0, 1))."""
        return float(self.per_dim.sum())

    @property
    def log_images(self) -> float:
        """log N, which the mutual information of N images cannot exceed."""
        return math.log(self.images)

    @property
    def too_few(self) -> str | None:
        """Why neither mutual information nor total correlation says anything about the model; None where they do."""
        lacking = self.log_images - self.mutual_information.value
        if lacking >= NEAR_LOG_N:
            return None
        return (
            f"the mutual information of {self.images:,} images cannot exceed log N = {self.log_images:.2f} nats and is "
            f"within {NEAR_LOG_N:g} of it: it and the total correlation would change with the number of images; take more"
        )


class Aggregate(NamedTuple):
    """q(z) = (1/N) Σ q(z|x) of N images, at M codes.

    Attributes:
        joint: log q(z) in nats, float64 [M].
        marginal: log q(z_j), float64 [M, K].
        shares: how much of q(z) over all codes is each image's: the sum over the codes of q(z|x) / Σ q(z|x), float64 [N].
        shares_per_dim: the same of each q(z_j), float64 [N, K].
    """

    joint: Tensor
    marginal: Tensor
    shares: Tensor
    shares_per_dim: Tensor


def aggregate(posterior: DiagonalGaussian, z: Tensor) -> Aggregate:
    """log q(z) and log q(z_j) of codes z [M, K], summed over all N images of the posterior.

    Minibatch estimates of these two are biased by tens of nats; this is exact, at a cost of M·N·K exponentials. Memory holds some arrays of
    2 MB, or of K numbers for each image where that is more.
    """
    images, latent = posterior.mean.shape
    rows = max(1, _ELEMENTS // (images * latent))
    joint, marginal = z.new_empty(len(z)), z.new_empty(len(z), latent)
    shares, shares_per_dim = z.new_zeros(images), z.new_zeros(images, latent)
    for first in range(0, len(z), rows):
        here = slice(first, first + rows)
        pairs = posterior.log_prob_per_dim(z[here, None])  # [rows, N, K]
        joint[here], of_each = _log_sums(pairs.sum(2))
        shares += of_each
        marginal[here], of_each = _log_sums(pairs)
        shares_per_dim += of_each
    return Aggregate(joint.sub_(math.log(images)), marginal.sub_(math.log(images)), shares, shares_per_dim)


def _log_sums(logs: Tensor) -> tuple[Tensor, Tensor]:
    """log Σ e^s over the images of each code, and what share each image has in that, summed over the codes; [rows, N, …] is overwritten."""
    top = logs.amax(1, keepdim=True)
    terms = logs.sub_(top).exp_()
    total = terms.sum(1, keepdim=True)
    return (top + total.log()).squeeze(1), terms.div_(total).sum(0)


@torch.inference_mode()
def kl_parts(posterior: DiagonalGaussian, *, seed: int = 0) -> KLParts:
    """The parts of the KL over one seeded draw from the posterior of each image, [N, K]; q(z) is exact, in O(N²).

    The parts sum to the mean of log q(z|x) − log p(z) over the same draws. Their errors are those of the infinitesimal jackknife (Efron
    1982): what each part would change by if an image weighed a little more, in its own term and in the q(z) of all others. A bootstrap
    over images would not do: an image drawn twice shares its code with itself, which lowers the mutual information by up to log 2.
    """
    q = DiagonalGaussian(posterior.mean.double(), posterior.logvar.double())
    z = q.sample(torch.Generator().manual_seed(seed))
    found = aggregate(q, z)
    prior = DiagonalGaussian(torch.zeros_like(z), torch.zeros_like(z))
    others, others_per_dim = found.shares - 1, (found.shares_per_dim - 1).sum(1)
    return KLParts(
        _part(q.log_prob(z) - found.joint, -others),
        _part(found.joint - found.marginal.sum(1), others - others_per_dim),
        (found.marginal - prior.log_prob_per_dim(z)).mean(0).numpy(),
        len(z),
    )


def _part(terms: Tensor, through_others: Tensor) -> Part:
    """The mean of the images' own terms [N], with the error of the infinitesimal jackknife."""
    mean = terms.mean()
    influence = terms - mean + through_others
    return Part(mean.item(), influence.square().sum().sqrt().item() / len(terms))
