"""What a multi-rate model gains and blurs from one end of its range to the other, measured at stations."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import blur, explore
from vae_core.analysis.evaluate import Evaluation, evaluate, sharpness, sharpness_error
from vae_core.analysis.explore import Pixels
from vae_core.analysis.fidelity import Fidelity, Judge, judge_of
from vae_core.analysis.folding import Beta
from vae_core.analysis.pictures import Learnt, Pictures, learnt
from vae_core.analysis.posterior import Doubles, Posterior
from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE
from vae_core.training import binarise
from vae_core.training.checkpoint import Checkpoint
from vae_core.training.objectives import unused

STATIONS_PER_DECADE, PAIRS_PER_DECADE = 10, 3
JUDGED, LEARNT, DRAWS = 1_000, 60_000, 512
"""How many validation images at most; how many training images at most, to count N_eff; and how many codes that takes."""
CROSSING = 0.1
"""The β of a loss in nats below which codes of a multi-rate model stay in the prior where those of a model of that weight leave it."""
_MOST_MAPPED = 1_000
_MAP_NUMBERS = 300_000  # of a map's posteriors at all stations: a megabyte


class Mark(NamedTuple):
    """A model of one KL weight for comparison; nats per image, and what is not known NaN: sharpness, and the standard errors of D and R."""

    beta: float
    distortion: float
    rate: float
    sharpness: float
    distortion_error: float = math.nan
    rate_error: float = math.nan


class Errors(NamedTuple):
    """Standard errors of the figures of the same names in `AtWeight` and `Tradeoff`; NaN where one is not known.

    Those of D, R and the sharpness are over the validation images, that of N_eff is over the codes it was counted at.
    """

    distortion: float = math.nan
    rate: float = math.nan
    rate_mu: float = math.nan
    rate_sigma: float = math.nan
    sharpness: float = math.nan
    effective: float = math.nan


UNKNOWN = Errors()


class AtWeight(NamedTuple):
    """A multi-rate model at one KL weight; the attributes are those of `Tradeoff`, of one station or between stations."""

    distortion: float
    rate: float
    rate_mu: float
    sharpness: float
    effective: float
    kl_per_dim: Doubles

    @property
    def rate_sigma(self) -> float:
        """D_σ."""
        return self.rate - self.rate_mu

    @property
    def unused(self) -> int:
        """Dimensions whose mean KL is below 0.01 nats."""
        return int(unused(self.kl_per_dim).sum())


COLUMNS = (*AtWeight._fields, "errors")
"""What a `Tradeoff` has of each station, but for its samples."""


@dataclass(frozen=True, eq=False)
class Samples:
    """How good samples from N(0, I) are at the stations of a `Tradeoff`, see `fidelity`.

    Attributes:
        figures: precision, recall, density and coverage, float64 [S, 4].
        best: what other images of the set reach in place of samples.
        count: of held-out images, and of samples at each station.
    """

    figures: Doubles
    best: Fidelity
    count: int

    def column(self, name: str) -> Doubles:
        """One of the four by the name it has in `Fidelity`, float64 [S]."""
        return self.figures[:, Fidelity._fields.index(name)]


@dataclass(frozen=True, eq=False)
class Tradeoff:
    """The figures of a model at S KL weights, or pairs of them (β_μ, β_σ) with the second running faster.

    The validation images, the noise of their codes and that of N_eff are the same at every station, so that curves are smooth: other
    images would move a curve as a whole, by its errors, and its shape less.

    Attributes:
        axes: the weights, ascending, float64 [A]; two such arrays for a split model, for D_μ and for D_σ.
        distortion, rate: D and R in nats per validation image, float64 [S].
        rate_mu: D_μ = ½Σμ², the half of R that pulls the means together; the other half is `rate_sigma`.
        sharpness: of the reconstructions, as `evaluate.sharpness`; NaN where the images are flat.
        effective: mean N_eff of the codes of the training images, see `blur`.
        kl_per_dim: float64 [S, K], sums to the rate.
        errors: `Errors` by station, float64 [S, 6]; NaN in files that earlier versions kept.
        learnt: the number of those training images, N.
        original: whether they were the images themselves, not stand-ins, see `pictures.Pictures`.
        dedicated: models of one KL weight for comparison, ascending.
        samples: how good samples are; None for stand-ins, for too few images, and in files that earlier versions kept.
        alone: how many of the lowest weights are those of models of one weight each, see `joined`.
    """

    axes: tuple[Doubles, ...]
    distortion: Doubles
    rate: Doubles
    rate_mu: Doubles
    sharpness: Doubles
    effective: Doubles
    kl_per_dim: Doubles
    errors: Doubles
    learnt: int
    original: bool
    dedicated: tuple[Mark, ...] = ()
    samples: Samples | None = None
    alone: int = 0

    @property
    def weights(self) -> Doubles:
        """β, or β_μ and β_σ, of each station, float64 [S, 1 or 2]."""
        return np.array(list(product(*self.axes)))

    @property
    def rate_sigma(self) -> Doubles:
        """D_σ = ½Σ(σ² − 1 − log σ²), float64 [S]."""
        return self.rate - self.rate_mu

    @property
    def unused(self) -> NDArray[np.int64]:
        """Dimensions whose mean KL is below 0.01 nats, int64 [S]."""
        counts: NDArray[np.int64] = unused(self.kl_per_dim).sum(axis=1)
        return counts

    def figures(self, beta: Beta) -> AtWeight:
        """The figures at β, or at (β_μ, β_σ): linear in log β between two stations, in each of both weights between four.

        The KL of a dimension that is unused at one of these is the least of theirs: on a straight line it would seem used too long.

        Raises:
            InputError: β is outside the range.
        """
        shares = self._shares(beta)
        found = AtWeight(*(shares @ getattr(self, name) for name in AtWeight._fields))
        least = self.kl_per_dim[shares > 0].min(axis=0)
        return found._replace(kl_per_dim=np.where(unused(least), least, found.kl_per_dim))

    def error(self, name: str) -> Doubles:
        """The standard error of a figure at each station by the name it has in `Errors`, float64 [S]."""
        return self.errors[:, Errors._fields.index(name)]

    def errors_at(self, beta: Beta) -> Errors:
        """Standard errors there, between stations on a straight line too: at most so much, as the stations have their images in common."""
        shares = self._shares(beta)
        return Errors(*(shares[shares > 0] @ self.errors[shares > 0]).tolist())

    def nearest(self, beta: float) -> float:
        """The weight itself where one network knows it; to the left of that the nearest at which a model was trained alone."""
        axis = self.axes[0]
        return float(axis[nearest_station(axis, beta)]) if beta < axis[self.alone] else beta

    def samples_at(self, beta: Beta) -> Fidelity | None:
        """How good samples are there, between stations as in `figures`; None where nobody counted."""
        return None if self.samples is None else Fidelity(*(self._shares(beta) @ self.samples.figures).tolist())

    def _shares(self, beta: Beta) -> Doubles:
        """How much each station counts at β, float64 [S]; they add up to 1."""
        given = beta if isinstance(beta, tuple) else (beta,) * len(self.axes)
        if len(given) != len(self.axes):
            raise InputError("This model has one KL weight for the whole rate: give one, not two.")
        shares = np.ones(1)
        for axis, weight in zip(self.axes, given, strict=True):
            if not axis[0] <= weight <= axis[-1]:
                raise InputError(f"KL weight {weight:g} is outside this model's range, {axis[0]:g} to {axis[-1]:g}.")
            if len(axis) == 1:
                continue  # a model of one weight
            if weight < axis[self.alone]:
                return np.asarray(np.eye(len(axis))[nearest_station(axis, weight)], np.float64)
            here = [np.interp(np.log(weight), _logs(axis), row) for row in np.eye(len(axis))]
            shares = np.outer(shares, here).ravel()
        return shares


def stations(config: ModelConfig) -> tuple[Doubles, ...]:
    """The weights at which a multi-rate model is measured, ascending: its range in even steps of log β; for a split model twice."""
    assert config.beta_range is not None
    low, high = config.beta_range
    steps = math.log10(high / low) * (PAIRS_PER_DECADE if config.split else STATIONS_PER_DECADE)
    axis = np.geomspace(low, high, max(1, round(steps)) + 1)
    return (axis, axis) if config.split else (axis,)


def axes_of(loaded: Checkpoint) -> tuple[Doubles, ...]:
    """The `stations` of a multi-rate model; the one KL weight of any other, 0 for a plain autoencoder."""
    model, train = loaded.card.model, loaded.card.train
    return stations(model) if model.beta_range else (np.array([train.beta if model.variational else 0.0]),)


def _logs(axis: Doubles) -> Doubles:
    """log β, with 0 a decade below the lowest weight."""
    logs: Doubles = np.log(np.where(axis > 0, axis, axis[axis > 0].min() / 10))
    return logs


def nearest_station(axis: Doubles, beta: float) -> int:
    """The place of the weight of an axis that is nearest to β on a logarithmic scale; β may be 0, where the axis begins there."""
    logs = _logs(axis)
    return int(np.abs(logs - (math.log(beta) if beta > 0 else logs[0])).argmin())


def joined(found: Tradeoff, alone: Sequence[Tradeoff]) -> Tradeoff:
    """The figures of a multi-rate model, with models of one KL weight each in its place at its left end.

    Args:
        found: of a model of one β.
        alone: of the others, each with a single station left of `first_shown`; none leaves all as it is. They saw the same images.
    """
    if not alone:
        return found
    parts = sorted(alone, key=lambda part: part.axes[0][0])
    kept_from = first_shown(found.axes[0])
    axis = np.concatenate([*(part.axes[0] for part in parts), found.axes[0][kept_from:]])
    columns: dict[str, Any] = {
        name: np.concatenate([*(getattr(part, name) for part in parts), getattr(found, name)[kept_from:]]) for name in COLUMNS
    }
    samples = found.samples
    drawn = [part.samples.figures for part in parts if part.samples is not None]
    if samples is not None:
        samples = None if len(drawn) < len(parts) else replace(samples, figures=np.concatenate([*drawn, samples.figures[kept_from:]]))
    return replace(found, axes=(axis,), **columns, samples=samples, alone=len(parts))


def left_of_crossing(beta: float) -> bool:
    """Whether a weight is left of `CROSSING`, but for rounding."""
    return beta < CROSSING * 0.999


def first_shown(axis: Doubles) -> int:
    """The place of the first weight of an axis, ascending, at which a multi-rate model is itself shown where others may stand in for it.

    It is not left of `CROSSING`, and not the lowest weight that the model was trained for: there it is least exact.
    """
    return max(1, sum(left_of_crossing(beta) for beta in axis.tolist()))


def measure(loaded: Checkpoint, pictures: Pictures, progress: Callable[[float], object]) -> Tradeoff:
    """Measure a multi-rate model at its stations, or a model of one KL weight.

    A plain autoencoder has no rate, and its codes no width that several images could share: both are NaN, and its KL is 0.

    Args:
        loaded: a checkpoint as `checkpoint.load` gives it.
        pictures: to judge it on.
        progress: told the share that is done, after each station.

    Raises:
        InputError: the file that the images are mapped from has changed or is gone.
    """
    axes, train = axes_of(loaded), loaded.card.train
    grey = pictures.take(pictures.chosen(JUDGED))
    judged = binarise.for_evaluation(grey, train)
    seen, judge = learnt(pictures, train, LEARNT), judge_of(pictures)
    found: list[AtWeight] = []
    errors: list[Errors] = []
    drawn: list[Fidelity] = []
    for weights in product(*axes):
        model = _at(loaded.model, weights)
        here, known = _station(model, grey, judged, seen, train.seed)
        found.append(here)
        errors.append(known)
        drawn += [] if judge is None else [judge.prior(model)]
        progress(len(found) / math.prod(map(len, axes)))
    columns: dict[str, Any] = dict(zip(AtWeight._fields, map(np.array, zip(*found, strict=True)), strict=True))
    samples = None if judge is None else _samples(drawn, judge)
    return Tradeoff(axes, **columns, errors=np.array(errors), learnt=seen.count, original=pictures.original, samples=samples)


def _station(model: VAE, grey: Pixels, judged: Pixels, seen: Learnt, seed: int) -> tuple[AtWeight, Errors]:
    """The figures of a plain model and how far they are known; `judged` are the images as it is trained on them."""
    result, sharp, sharp_error = _judge(model, grey, judged, seed)
    known = result.standard_error
    if not model.config.variational:
        nothing = (math.nan,) * 3
        return AtWeight(result.distortion, math.nan, math.nan, sharp, math.nan, result.kl_per_dim), Errors(
            known.distortion, *nothing, sharp_error
        )
    count, count_error = effective(seen.encode(model))
    return (
        AtWeight(result.distortion, result.rate, result.rate_mu, sharp, count, result.kl_per_dim),
        Errors(known.distortion, known.rate, known.rate_mu, known.rate_sigma, sharp_error, count_error),
    )


def with_samples(found: Tradeoff, loaded: Checkpoint, pictures: Pictures, progress: Callable[[float], object]) -> Tradeoff:
    """Figures as they were, with those of samples, which an earlier version did not count; the arguments are those of `measure`."""
    judge, weights = judge_of(pictures), found.weights.tolist()
    if judge is None:
        return found
    drawn = []
    for at in weights:
        drawn.append(judge.prior(_at(loaded.model, tuple(at))))
        progress(len(drawn) / len(weights))
    return replace(found, samples=_samples(drawn, judge))


def _samples(drawn: list[Fidelity], judge: Judge) -> Samples:
    return Samples(np.array(drawn), judge.best, len(judge.images))


def mark(loaded: Checkpoint, pictures: Pictures) -> Mark:
    """The figures of a model of one KL weight, on the very images that `measure` judges a multi-rate model on."""
    grey, train = pictures.take(pictures.chosen(JUDGED)), loaded.card.train
    result, sharp, _ = _judge(loaded.model, grey, binarise.for_evaluation(grey, train), train.seed)
    known = result.standard_error
    return Mark(train.beta, result.distortion, result.rate, sharp, known.distortion, known.rate)


def _judge(model: VAE, grey: Pixels, judged: Pixels, seed: int) -> tuple[Evaluation, float, float]:
    """Figures and sharpness of a plain model, with the error of this; `judged` are the images as it is trained on them."""
    rebuilt = explore.reconstruct(model, grey)
    return evaluate(model, judged, beta=1.0, seed=seed), sharpness(rebuilt, grey), sharpness_error(rebuilt, grey)


def effective(posterior: Posterior) -> tuple[float, float]:
    """Mean N_eff of `DRAWS` codes of q(z), summed over all of the posteriors, and its standard error over the codes.

    The images and the noise of the codes are always the same.
    """
    counts = blur.mixture(posterior, blur.draw(posterior, DRAWS, seed=0)).effective
    return float(counts.mean()), float(counts.std(ddof=1) / math.sqrt(DRAWS))


def mapped(config: ModelConfig) -> int:
    """How many points a map can have, at most 1,000, so that all stations together take a megabyte or less."""
    count = math.prod(map(len, stations(config)))
    return max(1, min(_MOST_MAPPED, _MAP_NUMBERS // (count * 2 * config.latent)))


def posteriors(model: VAE, pixels: Pixels, axes: tuple[Doubles, ...]) -> Posterior:
    """The posteriors of pictures [n, C, H, W] at each of S stations, float32 [S, n, K]."""
    each = [explore.encode(_at(model, weights), pixels) for weights in product(*axes)]
    return Posterior(*map(np.stack, zip(*each, strict=True)))


def _at(model: VAE, weights: tuple[float, ...]) -> VAE:
    if model.config.beta_range is None:
        return model
    return model.at(weights[0] if len(weights) == 1 else (weights[0], weights[1]))
