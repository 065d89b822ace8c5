"""Where the codes are and where the prior expects them: why samples are bad though reconstructions are good.

The decoder has learnt from codes of q(z) = (1/N) Σ q(z|xᵢ), but samples are codes of the prior p(z) = N(0, I). log q(z) − log p(z) in nats
is how much more often the first visits z than the second.

A mixture of N posteriors holds at most log N nats of mutual information, so KL(q ‖ p) is at least R − log N: where each image spends more
than that, the codes of a few thousand images leave nearly all of a high-dimensional prior empty. Codes of images that are not among the N
tell whether that matters: compare their `holes` with the `holes` of the prior.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray

from vae_core.analysis import explore
from vae_core.analysis.blur import draw, mixture, refuse_points
from vae_core.analysis.posterior import Doubles, Posterior

HOLE = 0.05
"""A hole is where q(z) < 0.05 p(z): what the prior visits at least 20 times as often as the codes do. All holes together hold less than
5 % of the codes, as much as lies outside the ball."""
BALL = 0.95

DRAWS = 4096
"""How many codes `coverage` draws, of the images and of the prior."""

_FEW = 0.1  # a share of holes that does no harm
_MORE = 0.1  # how far the share of the prior in holes must be above that of unseen images
_FAR = 0.15  # of the codes outside the prior's 95 %: three times as many as there were if they filled it

Fate = Literal["fills", "outside", "few", "holes"]
"""How codes lie in the prior: they fill it; they also lie outside it; they are too few to tell; or they leave holes."""

_IMAGES = 4096  # of one block of the map
_SIDE = 101  # places of a map of the holes, in each direction
_ASIDE = 10  # without other images, one code in this many plays their part
_UNDERFLOW = 1e-250  # below it a sum of products of densities may have lost some of them


class Estimate(NamedTuple):
    """A mean over draws and its standard error. For a share of no draw, or of all, that is 0: it then means below about 3/draws."""

    value: float
    error: float


class Coverage(NamedTuple):
    """How the codes q(z) of a set of images lie in the prior.

    Attributes:
        rate: R, the mean KL(q(z|x) ‖ p) in nats per image, exact.
        mutual_information: I(x; z) = log N − E_q(z) log N_eff in nats: how well a code tells its image.
        kl: KL(q ‖ p) = R − I(x; z) in nats (Hoffman & Johnson 2016): the part of the rate that tells nothing of the image.
        holes: share of the prior's mass where q(z) < 0.05 p(z).
        outside: share of the codes outside the ball that holds 95 % of the prior, |z|² above that quantile of χ² with K degrees of
            freedom; 5 % where q is p, more where the codes spread too far, less where they crowd in the middle.
        effective: mean N_eff of the codes, how many images the best decoder averages.
    """

    rate: float
    mutual_information: Estimate
    kl: Estimate
    holes: Estimate
    outside: Estimate
    effective: Estimate


@dataclass(frozen=True)
class Covered:
    """How the codes of a model lie in the prior.

    Attributes:
        figures: of the codes of N images.
        count: N.
        unseen: share of the codes of other images, one code each, that lies in holes.
        others: their number.
        original: whether N counts images, not codes kept with the model.
        places: the map's coordinates, the same in both directions, float64 [n]; None unless there are two latent dimensions.
        ratio: log q − log p in nats at each place, [n up, n across].
    """

    figures: Coverage
    count: int
    unseen: Estimate
    others: int
    original: bool
    places: Doubles | None
    ratio: Doubles | None


def covered(known: Posterior, unseen: Posterior | None) -> Covered:
    """The figures, the holes that other images fall into, and the map where there are two latent dimensions.

    Args:
        known: of the images that a model learnt from, or the codes kept with it.
        unseen: of other images; where None, one in ten of the known codes is set aside to play their part.

    Raises:
        InputError: the posteriors are those of a deterministic autoencoder.
    """
    original = unseen is not None
    if unseen is None:
        aside = np.arange(len(known.mean)) % _ASIDE == 0
        known, unseen = known.of(~aside), known.of(aside)
    count, latent = known.mean.shape
    codes = unseen.sample(explore.sample_prior(latent, len(unseen.mean), seed=0))
    figures, fallen = coverage(known), holes(known, codes)
    if latent != 2:
        return Covered(figures, count, fallen, len(codes), original, None, None)
    reach = max(3.0, float(np.quantile(np.abs(known.mean), 0.99)))
    places = np.linspace(-reach, reach, _SIDE)
    return Covered(figures, count, fallen, len(codes), original, places, grid(known, places, places))


def fate(found: Covered) -> Fate:
    """How the codes lie in the prior, as far as the figures and their errors are sure."""
    share, unseen = found.figures.holes, found.unseen
    if share.value < _FEW:
        return "outside" if found.figures.outside.value > _FAR else "fills"
    return "few" if share.value - unseen.value < _MORE + 2 * math.hypot(share.error, unseen.error) else "holes"


def log_ratio(posterior: Posterior, z: NDArray[Any]) -> Doubles:
    """log q(z) − log p(z) of codes z [M, K] in nats, exactly, float64 [M].

    Raises:
        InputError: the posteriors are those of a deterministic autoencoder.
    """
    return mixture(posterior, z).log_prob - _log_prior(z.astype(np.float64))


def holes(posterior: Posterior, z: NDArray[Any]) -> Estimate:
    """Share of codes z [M, K] that lie in holes, for codes drawn from the prior, or from the posteriors of other images.

    Raises:
        InputError: the posteriors are those of a deterministic autoencoder.
    """
    return _estimate(log_ratio(posterior, z) < math.log(HOLE))


def grid(posterior: Posterior, across: Doubles, up: Doubles) -> Doubles:
    """log q − log p of a 2-D latent space as a map: entry [i, j] belongs to z = (across[j], up[i]), float64 [len(up), len(across)].

    The posteriors are diagonal, so each is a product of two columns, and the whole map is one matrix product.

    Raises:
        InputError: the posteriors are those of a deterministic autoencoder.
    """
    refuse_points(posterior)
    images = len(posterior.mean)
    total = np.zeros((len(up), len(across)))
    for first in range(0, images, _IMAGES):
        block = posterior.of(np.arange(first, min(first + _IMAGES, images)))
        horizontal, vertical = (_densities(block, dim, places) for dim, places in enumerate((across, up)))
        total += vertical.T @ horizontal
    codes = np.stack(np.meshgrid(across, up), axis=-1)  # [up, across, 2]
    lost = total < _UNDERFLOW
    ratio: Doubles = np.log(np.where(lost, 1, total) / images) - _log_prior(codes)
    if lost.any():
        ratio[lost] = log_ratio(posterior, codes[lost])
    return ratio


def coverage(posterior: Posterior, *, draws: int = DRAWS, seed: int = 0) -> Coverage:
    """All the figures, from `draws` codes of the posteriors and as many of the prior; q(z) is summed over all N posteriors.

    The mutual information is averaged over every image that a code could have come from, not only the one that it came from: that takes out
    the noise of the posterior (Rao-Blackwell).

    Raises:
        InputError: the posteriors are those of a deterministic autoencoder.
    """
    refuse_points(posterior)
    images, latent = posterior.mean.shape
    rate = float(posterior.kl().sum(1).mean())
    codes = draw(posterior, draws, seed=seed)
    effective = mixture(posterior, codes).effective
    information = _estimate(math.log(images) - np.log(effective))
    samples = np.random.default_rng((seed, 1)).standard_normal((draws, latent))
    inside = torch.special.gammainc(torch.tensor(latent / 2), torch.from_numpy(np.square(codes).sum(1) / 2))  # of χ²: P(χ² ≤ |z|²)
    return Coverage(
        rate,
        information,
        Estimate(rate - information.value, information.error),
        holes(posterior, samples),
        _estimate(inside.numpy() > BALL),
        _estimate(effective),
    )


def _log_prior(z: Doubles) -> Doubles:
    """log p(z) in nats, [..., K] → [...]."""
    standard = np.zeros(z.shape[-1])
    return Posterior(standard, standard).log_prob(z)


def _densities(posterior: Posterior, dim: int, places: Doubles) -> Doubles:
    """q(z_dim|x) of each of N images at each place, [N, places]."""
    line = Posterior(*(part[:, None, dim, None] for part in posterior))  # [N, 1, 1]
    return np.exp(line.log_prob(places[:, None]))


def _estimate(values: NDArray[Any]) -> Estimate:
    return Estimate(float(values.mean()), float(values.std(ddof=1) / math.sqrt(len(values))))
