"""p(x|z): what the decoder's output means, its cost in nats and its mean image; and `LIKELIHOODS`, which lists them by name.

The costs of two likelihoods for the same images compare only where both have the same `Measure`.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from enum import Enum
from typing import ClassVar, NamedTuple

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from vae_core.base.config import LikelihoodName, SigmaIs

LEVELS = 256
LEAST_SIGMA = 0.001
"""The least that σ can be where it is not fixed: about the rounding error of 8-bit pixels, 1/(255·√12)."""

_SERIES = 0.5  # |η| below which the continuous Bernoulli's formulas lose digits: a series takes over
_NEWEST = 0.05  # weight of the newest batch in the mean over batches that is the optimal σ in evaluation


class Measure(Enum):
    """What a cost measures; the value says it in words. Only of a likelihood or a density is it minus the logarithm."""

    CROSS_ENTROPY = "cross-entropy of grey pixels, not a likelihood"
    DRAWN = "likelihood of images drawn in black and white"
    PROBABILITY = "likelihood"
    DENSITY = "density, which may be above 1"


class Likelihood(nn.Module, ABC):
    """A distribution over images, its parameters given by the decoder; a module, since its σ may belong to the weights."""

    live_mean: ClassVar[str]
    """The function in the browser that does what `mean` does: a name in MEANS of assets/live/engine."""

    @abstractmethod
    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """−log p(x|z) in nats per image, summed over pixels: [B, C, H, W] twice → [B]."""

    @abstractmethod
    def mean(self, params: Tensor) -> Tensor:
        """E[x|z], the image to show: [B, C, H, W] → [B, C, H, W]."""

    def live_settings(self) -> dict[str, float]:
        """The numbers that `live_mean` needs besides the decoder's output, by their names in the header of a live bundle."""
        return {}

    def trained_sigma(self) -> float | None:
        """σ as it is now: set, learned or optimal; None where there is none."""
        return None


class Bernoulli(Likelihood):
    """Each pixel is white with a probability whose logit the decoder gives.

    It is a likelihood only of black and white images. For grey pixels it is cross-entropy, and no likelihood: its least value is the
    pixels' own entropy, not zero, and it compares with no other likelihood's cost.
    """

    live_mean = "sigmoid"

    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """Cross-entropy from logits; from probabilities float32 loses the gradient at logit 17."""
        _must_be_pixels(x)
        return F.binary_cross_entropy_with_logits(params, x, reduction="none").flatten(1).sum(1)

    def mean(self, params: Tensor) -> Tensor:
        """The probability of white."""
        return torch.sigmoid(params)


class ContinuousBernoulli(Likelihood):
    """Each pixel is a number in [0, 1] with density e^(ηx − A(η)), η given by the decoder (Loaiza-Ganem & Cunningham 2019).

    It is to grey pixels what `Bernoulli` is to black and white ones. Its cost is a density's and may be negative.
    """

    live_mean = "continuous_bernoulli"

    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """A(η) − ηx per pixel."""
        _must_be_pixels(x)
        return (_log_normaliser(params) - params * x).flatten(1).sum(1)

    def mean(self, params: Tensor) -> Tensor:
        """A′(η) = 1/(1 − e^−η) − 1/η, which is nearer to grey than the sigmoid of η."""
        size = params.abs().clamp_min(_SERIES)
        large = -1 / torch.expm1(-size) - 1 / size
        small = params.clamp(-_SERIES, _SERIES)
        square = small.square()
        series = 0.5 + small * (1 / 12 - square * (1 / 720 - square / 30240))
        return torch.where(params.abs() < _SERIES, series, torch.where(params > 0, large, 1 - large))


def _log_normaliser(logits: Tensor) -> Tensor:
    """A(η) = log ∫₀¹ e^(ηx) dx = log((e^η − 1)/η) for every η, with a finite gradient everywhere.

    A branch that is not used gets the nearest number that it can take: an infinite gradient times 0 would be NaN.
    """
    size = logits.abs()
    bounded = size.clamp_min(_SERIES)
    large = torch.relu(logits) + torch.log(-torch.expm1(-bounded) / bounded)
    small = logits.clamp(-_SERIES, _SERIES)
    square = small.square()
    series = small / 2 + square * (1 / 24 - square * (1 / 2880 - square / 181440))
    return torch.where(size < _SERIES, series, large)


class LearnedSigma(nn.Module):
    """σ as a parameter of the model: √(e^(2·log_sigma) + `LEAST_SIGMA`²), which always has a gradient.

    It starts where it is set; set to the least, half a percent above, for at the least itself there would be no gradient.
    """

    def __init__(self, start: float) -> None:
        super().__init__()
        above = max(start**2 - LEAST_SIGMA**2, (LEAST_SIGMA / 10) ** 2)
        self.log_sigma = nn.Parameter(torch.tensor(0.5 * math.log(above)))

    def forward(self) -> Tensor:
        """σ, a single number."""
        return torch.sqrt(torch.exp(2 * self.log_sigma) + LEAST_SIGMA**2)


class Gaussian(Likelihood):
    """Each pixel is normal around the decoder's output with one standard deviation σ, in units of the [0, 1] pixel scale."""

    live_mean = "identity"

    def __init__(self, sigma: float | LearnedSigma) -> None:
        super().__init__()
        self.sigma = sigma

    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """½((x − m)/σ)² + log σ + ½ log 2π per pixel, the constant included; a density, so it may be negative."""
        return _normal_cost((x - params).square(), _number(self.sigma, params).square())

    def mean(self, params: Tensor) -> Tensor:
        """The decoder's output itself."""
        return params

    def trained_sigma(self) -> float:
        """σ as it is now."""
        return _value(self.sigma)


class OptimalGaussian(Likelihood):
    """A `Gaussian` whose σ² is the mean squared error over all pixels of the batch: the maximum likelihood (Rybkin et al. 2021, σ-VAE).

    So in training mode an image's cost depends on the rest of its batch. In evaluation mode it does not: σ² is then its mean over the last
    training batches, with most weight on the newest. That mean is kept with the weights.
    """

    live_mean = "identity"
    running: Tensor

    def __init__(self, sigma: float) -> None:
        super().__init__()
        weight = 1e-6  # of the start, next to nothing against the first batch
        self.register_buffer("running", weight * torch.tensor([sigma**2, 1.0]))

    @property
    def variance(self) -> Tensor:
        """σ² in evaluation mode, a single number."""
        variance: Tensor = self.running[0] / self.running[1]
        return variance.clamp_min(LEAST_SIGMA**2)

    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """As `Gaussian.nll`. σ² takes no part in the gradient: at its optimum the cost does not change with it."""
        squared = (x - params).square()
        if not self.training:
            return _normal_cost(squared, self.variance)
        variance = squared.detach().mean()
        self.running.lerp_(torch.stack([variance, torch.ones_like(variance)]).to(self.running.dtype), _NEWEST)
        return _normal_cost(squared, variance.clamp_min(LEAST_SIGMA**2))

    def mean(self, params: Tensor) -> Tensor:
        """The decoder's output itself."""
        return params

    def trained_sigma(self) -> float:
        """σ in evaluation mode."""
        return math.sqrt(self.variance.item())


class DiscretisedLogistic(Likelihood):
    """Each pixel is one of 256 levels k/255, with the mass of a logistic distribution around the decoder's output in the level's bin.

    A bin reaches half a level to either side; the first and the last have no outer edge, so that the masses add up to 1 (Salimans et
    al. 2017, with one logistic in place of a mixture). σ is the standard deviation of the logistic before it is cut into bins.
    """

    live_mean = "cut_logistic"

    def __init__(self, sigma: float | LearnedSigma) -> None:
        super().__init__()
        self.sigma = sigma

    def nll(self, params: Tensor, x: Tensor) -> Tensor:
        """−log(S(b) − S(a)), S the logistic function, a and b the edges of the bin of x: from the location, in scales.

        S(b) − S(a) = S(b)·S(−a)·(1 − e^(a − b)) exactly, and in logarithms nothing cancels; an outer bin has only the factor of its inner
        edge. Edges are counted in levels, so that two neighbours have the very same one in float32 too.
        """
        _must_be_pixels(x)
        steps = LEVELS - 1
        level, location, scale = torch.round(steps * x), steps * params, steps * self.scale(params)
        below, above = level > 0, level < steps  # whether the bin has an edge there
        lower, upper = (level - 0.5 - location) / scale, (level + 0.5 - location) / scale
        inner = torch.log(-torch.expm1(-1 / scale))
        log_mass = F.logsigmoid(upper) * above + F.logsigmoid(-lower) * below + inner * (below & above)
        return -log_mass.flatten(1).sum(1)

    def mean(self, params: Tensor) -> Tensor:
        """The mean of the logistic with what is outside [0, 1] moved to the nearer end, ∫₀¹ P(X > c) dc in closed form.

        It differs from the mean over the 256 levels by less than half a level.
        """
        scale = self.scale(params)
        return scale * (F.logsigmoid((1 - params) / scale) - F.logsigmoid(-params / scale))

    def live_settings(self) -> dict[str, float]:
        """The scale of the logistic."""
        return {"scale": self.scale(torch.ones(())).item()}

    def trained_sigma(self) -> float:
        """σ as it is now."""
        return _value(self.sigma)

    def scale(self, like: Tensor) -> Tensor:
        """The logistic distribution's scale s = σ·√3/π, a single number in the precision of `like`."""
        return _number(self.sigma, like) * (math.sqrt(3) / math.pi)


def _must_be_pixels(x: Tensor) -> None:
    low, high = torch.aminmax(x)
    if low < 0 or high > 1:
        raise ValueError(f"Pixels must be in [0, 1], not [{low:g}, {high:g}]")


def _number(sigma: float | LearnedSigma, like: Tensor) -> Tensor:
    return sigma() if isinstance(sigma, LearnedSigma) else like.new_full((), sigma)


def _value(sigma: float | LearnedSigma) -> float:
    return sigma().item() if isinstance(sigma, LearnedSigma) else sigma


def _normal_cost(squared: Tensor, variance: Tensor) -> Tensor:
    """The cost of each image in nats, [B], from squared errors [B, C, H, W] and σ²."""
    return (0.5 * (squared / variance + torch.log(2 * math.pi * variance))).flatten(1).sum(1)


class Family(NamedTuple):
    """What a configuration's name for a likelihood stands for.

    Attributes:
        pixel: what a pixel is to the model, a few words to choose by.
        distribution: its name in the field.
        measure: what its cost of grey images measures.
        of_sigma: what σ is, as in a configuration → makes the likelihood for the configured σ; "fixed" alone where there is no σ.
    """

    pixel: str
    distribution: str
    measure: Measure
    of_sigma: Mapping[SigmaIs, Callable[[float], Likelihood]]

    @property
    def title(self) -> str:
        """What it is called on screen, "Chance of white (Bernoulli)"."""
        return f"{self.pixel} ({self.distribution})"


LIKELIHOODS: Mapping[LikelihoodName, Family] = {
    "bernoulli": Family(
        "Chance of white",
        "Bernoulli",
        Measure.CROSS_ENTROPY,
        {"fixed": lambda sigma: Bernoulli()},
    ),
    "continuous_bernoulli": Family(
        "Share of white",
        "continuous Bernoulli",
        Measure.DENSITY,
        {"fixed": lambda sigma: ContinuousBernoulli()},
    ),
    "gaussian": Family(
        "Brightness with noise",
        "Gaussian",
        Measure.DENSITY,
        {"fixed": Gaussian, "learned": lambda sigma: Gaussian(LearnedSigma(sigma)), "optimal": OptimalGaussian},
    ),
    "logistic": Family(
        "One of 256 levels",
        "discretised logistic",
        Measure.PROBABILITY,
        {"fixed": DiscretisedLogistic, "learned": lambda sigma: DiscretisedLogistic(LearnedSigma(sigma))},
    ),
}
"""Every likelihood by its name in a configuration, in the order of menus."""
