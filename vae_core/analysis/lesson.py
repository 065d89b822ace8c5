"""What the lesson measures of its models, for the app and for the pages without it: every figure that its texts name."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import boltzmann, compression, continuity, explore
from vae_core.analysis import halfway as between
from vae_core.analysis.boltzmann import Machine
from vae_core.analysis.compression import Components
from vae_core.analysis.explore import Pixels
from vae_core.analysis.fidelity import QUALITY, Fidelity, judge_of
from vae_core.analysis.halfway import Halfway
from vae_core.analysis.pictures import of_test_part
from vae_core.analysis.precomputed import shipped
from vae_core.analysis.tradeoff import Tradeoff
from vae_core.base.display import percent
from vae_core.data import Images
from vae_core.model.vae import VAE

DIGITS = "mnist-10k"
"""The test images, which no model of the lesson has seen, also where all of MNIST is on this computer."""
OLD_DIGITS, OLD_STOPS = "digits", (0, 1, 10, 100, 1_000)
MOST = 16
"""Numbers at most that a code of the first step has."""
_TREMBLING = 200
_LEARNT, _JUDGED = 8_000, 500  # of the test images: those that the components are of, and of the others those that are judged
_HIDDEN, _UPPER, _OLD, _CHAINS = 64, 48, 10, 200
_PAIRS = 200
_LITTLE = 0.1  # of a figure: less than this share of it is not much worse


def one_of_each(images: Images) -> NDArray[np.int64]:
    """The first image of each class, by its number."""
    labels = images.labels
    assert labels is not None
    return np.array([int(np.flatnonzero(labels == label)[0]) for label in range(len(images.class_names))])


def components(images: Images) -> Components:
    """Of most of the images."""
    return compression.components(images.pixels[:_LEARNT], MOST)


class Losses(NamedTuple):
    """Errors on images that neither side has seen: [MOST] each after 1, 2, … numbers, and of a network made for two."""

    components: list[float]
    model: list[float]
    of_two: float


def losses(images: Images, found: Components, model: VAE, order: NDArray[np.int64], of_two: VAE) -> Losses:
    """What is lost after each number of a code: of components, of a model in this order of its dimensions, and of one with two numbers."""
    judged = images.pixels[_LEARNT : _LEARNT + _JUDGED]
    counts = range(1, MOST + 1)
    return Losses(
        [compression.error(judged, compression.by_components(judged, found, kept)) for kept in counts],
        [compression.error(judged, compression.by_model(model, judged, order, kept)) for kept in counts],
        compression.error(judged, explore.reconstruct(of_two, judged)),
    )


def quality(folder: Path, model: VAE, images: Images) -> Fidelity:
    """How good a model's samples from the prior are, beside test images; a bundled one ships it."""

    def fresh() -> Fidelity | None:
        judge = judge_of(of_test_part(images))
        return None if judge is None else judge.prior(model)

    found = shipped(QUALITY, folder, images.identity, fresh, variant="True")  # of images that the model has not seen
    assert found is not None  # there are enough digits
    return found


class Answer(NamedTuple):
    """Which answer to a step's question the figures give, by its number, and those that the texts name, as they are written."""

    right: int
    figures: dict[str, str]


def off(amount: float) -> str:
    """An error on the scale from black to white, as the lesson writes it: "12.3 %"."""
    return f"{100 * amount:.1f}\N{NO-BREAK SPACE}%"


def dreams(plain: Fidelity, variational: Fidelity) -> Answer:
    """What an autoencoder draws from random codes, beside a variational one: noise, digits of few kinds, or of all kinds."""
    few = plain.coverage < variational.coverage
    figures = {
        "ae_precision": percent(plain.precision),
        "ae_coverage": percent(plain.coverage),
        "vae_coverage": percent(variational.coverage),
    }
    return Answer(0 if plain.precision < 0.5 else 1 if few else 2, figures)


def weighed(found: Tradeoff) -> Answer:
    """What is much worse at the lowest KL weight than at that with the best samples: reconstructions, samples, or neither.

    Raises:
        ValueError: the figures say nothing of samples.
    """
    if found.samples is None:
        raise ValueError("These figures say nothing of samples.")
    distortion, coverage = found.distortion, found.samples.column("coverage")
    best = int(coverage.argmax())
    lost = distortion[0] / distortion[best] - 1, 1 - coverage[0] / coverage[best]
    figures = {"best_beta": f"{found.axes[0][best]:.2g}"}
    for name, place in (("left", 0), ("best", best), ("right", -1)):
        figures |= {f"{name}_distortion": f"{distortion[place]:.1f}", f"{name}_coverage": percent(coverage[place])}
    return Answer(2 if max(lost) < _LITTLE else int(np.argmax(lost)), figures)


class Trembling(NamedTuple):
    """How far pictures drawn from a region are from the one at its centre, beside how far two images are apart; and usual widths σ."""

    within: float
    apart: float
    low: float
    high: float


def trembling(model: VAE, images: Images) -> Trembling:
    """Of 200 images, one code drawn for each; σ from its 5 % to its 95 % quantile."""
    shown = images.pixels[:_TREMBLING]
    posterior = explore.encode(model, shown)
    noise = np.random.default_rng(0).normal(size=posterior.mean.shape).astype(np.float32)
    centre, drawn = explore.decode(model, posterior.mean), explore.decode(model, posterior.sample(noise))
    low, high = np.quantile(posterior.std, [0.05, 0.95])
    return Trembling(compression.error(centre, drawn), compression.error(shown, np.roll(shown, 1, axis=0)), float(low), float(high))


def trembles(found: Trembling) -> Answer:
    """What rolls of the dice make of a picture: one that stays nearly the same, or another one."""
    figures = {
        "tremble": off(found.within),
        "apart": off(found.apart),
        "sigma_low": f"{found.low:.2f}",
        "sigma_high": f"{found.high:.2f}",
    }
    return Answer(1 if found.within < found.apart / 2 else 2, figures)


class Pairs(NamedTuple):
    """Two images of different classes whose regions overlap most, and two that lie farthest apart, by their numbers.

    Attributes:
        overlap: of the regions of the first two, ∫ √(q q′) dz: 1 where they are the same, 0 where they share nothing (Bhattacharyya 1943).
        apart: how far the means of the other two are from each other, in widths: √Σ (μ − μ′)² / s², s² the mean of both variances.
    """

    near: tuple[int, int]
    overlap: float
    far: tuple[int, int]
    apart: float


def pairs(model: VAE, images: Images) -> Pairs:
    """Of the first 500 images."""
    posterior, labels = explore.encode(model, images.pixels[:_JUDGED]), images.labels
    assert labels is not None
    mean, variance = posterior.mean.astype(np.float64), posterior.std.astype(np.float64) ** 2
    between = (variance[:, None] + variance) / 2
    distance = ((mean[:, None] - mean) ** 2 / between).sum(2)
    shared = np.exp(-distance / 8 - np.log(between / np.sqrt(variance[:, None] * variance)).sum(2) / 2)
    shared[labels[:_JUDGED, None] == labels[:_JUDGED]] = -1
    near, far = (np.unravel_index(table.argmax(), table.shape) for table in (shared, distance))
    return Pairs((int(near[0]), int(near[1])), float(shared[near]), (int(far[0]), int(far[1])), math.sqrt(distance[far]))


def changes(model: VAE, images: Images, shares: Sequence[float]) -> list[tuple[NDArray[np.float64], float]]:
    """How much pictures change over steps from the codes of images, [500], and the steps' lengths: shares of how far the codes spread."""
    codes = explore.encode(model, images.pixels[:_JUDGED]).mean
    spread = float(np.sqrt(codes.var(axis=0).mean()))
    return [(continuity.changes(model, codes, length=share * spread), share * spread) for share in shares]


class Old(NamedTuple):
    """Both older machines, seconds to train them, and the digits that they learnt, black and white, [N, 64]."""

    lower: Machine
    upper: Machine
    training: float
    black: NDArray[np.float64]


def old(images: Images) -> Old:
    """Trained on these images of 64 pixels."""
    black = (images.pixels.reshape(-1, 64) > 127).astype(np.float64)
    begun = time.perf_counter()
    lower = boltzmann.learn(black, _HIDDEN)
    upper = boltzmann.learn(lower.hidden(black), _UPPER)
    return Old(lower, upper, time.perf_counter() - begun, black)


class Before(NamedTuple):
    """What older machines draw after each of `OLD_STOPS`: binary pictures' probabilities, uint8 [stops, 10, 1, 8, 8] each; how far these
    are from the nearest digit, as a share of the pixels, [stops] each; the same of pictures of a decoder, which needs no steps; seconds to
    train both; and seconds for a picture, after all steps and in one pass of the decoder.
    """

    restricted: Pixels
    deep: Pixels
    restricted_off: tuple[float, ...]
    deep_off: tuple[float, ...]
    decoded_off: float
    training: float
    drawing: float
    passing: float

    @property
    def enough(self) -> int:
        """The fewest rounds after which the first machine is as near to digits as after all of them, within a tenth."""
        near = 1.1 * self.restricted_off[-1]
        return next(stop for stop, amount in zip(OLD_STOPS, self.restricted_off, strict=True) if amount <= near)


def before(found: Old, decoder: VAE) -> Before:
    """Both machines, run from chance, and a decoder of random codes beside them."""
    start = np.random.default_rng(0).integers(0, 2, (_CHAINS, 64)).astype(np.float64)
    begun = time.perf_counter()
    restricted = boltzmann.chain(found.lower, start, OLD_STOPS)
    drawn = time.perf_counter()
    deep = [boltzmann.dream(found.lower, found.upper, _CHAINS, steps) for steps in OLD_STOPS]

    codes = explore.sample_prior(decoder.config.latent, _CHAINS, seed=0)
    passing = time.perf_counter()
    pictures = explore.decode(decoder, codes)
    passed = time.perf_counter()
    decoded = pictures.reshape(_CHAINS, -1) / 255

    def missed(means: Sequence[NDArray[np.float64]]) -> tuple[float, ...]:
        return tuple(float(np.abs((rows[:, None] > 0.5) - found.black).mean(axis=2).min(axis=1).mean()) for rows in means)

    def shown(means: Sequence[NDArray[np.float64]]) -> Pixels:
        return np.round(255 * np.stack(means)[:, :_OLD]).astype(np.uint8).reshape(len(means), _OLD, 1, 8, 8)

    (decoded_off,) = missed([decoded])
    seconds = ((drawn - begun) / _CHAINS, (passed - passing) / _CHAINS)
    return Before(shown(restricted), shown(deep), missed(restricted), missed(deep), decoded_off, found.training, *seconds)


def halfway(model: VAE, images: Images) -> Halfway:
    """How near to real digits what lies halfway between two samples is, of 200 pairs."""
    codes = explore.sample_prior(model.config.latent, 2 * _PAIRS, seed=0)
    return between.halfway(model, codes[:_PAIRS], codes[_PAIRS:], images.pixels)
