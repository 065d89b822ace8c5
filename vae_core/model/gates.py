"""The gates of a multi-rate model: what the KL weight, or a pair of them, does to hidden units and to codes."""

from __future__ import annotations

import math
from typing import Literal, NamedTuple

import torch
from torch import Tensor, nn

from vae_core.base.config import Widths

GateKind = Literal["sigmoid", "root"]
_GATE_START: dict[GateKind, float] = {"sigmoid": 2.0, "root": math.log(math.expm1(2))}  # open: 0.88 and 0.975 at every KL weight
GATE_GAIN = 5.0
_SHUT = -1e-6  # at 0 the root has an infinite slope
_LOW = -math.sqrt(3)  # h at the lower end of the range
_ALWAYS_OPEN = 0.3  # of the range, from the lower end, in log β


class Gate(nn.Module):
    """A factor from 0 to 1 for each unit, or each channel, that the KL weight, or the pair, alone decides (Bae et al. 2022).

    For h = `standardised` log β, "sigmoid" gives 1/(1 + e^−r) with r = 5·(slope·h + offset). "root" gives √(1 − e^min(r, −1e-6)), the
    way in which the linear optimum depends on β, with r = 5·slope·(h + √3) − 1 − log(1 + e^(5·offset)): at the lower end of the range
    it is at least 0.79 open. A gate shut at every β would stay so for good, since nothing tells it to open, and in the first
    steps large β shut many. The 5 lets Adam move a gate five times as far at each step as a weight: it starts flat and must become
    steep within the few steps in which the weights settle.

    With two weights, each has a slope and an h: the product of slope and h above is then the sum of two.

    Args:
        units: F, factors to give.
        kind: the function of r.
        weights: 1, or 2 for the weights of D_μ and D_σ; the slopes are [F] or [2, F].
    """

    def __init__(self, units: int, kind: GateKind, weights: int = 1) -> None:
        super().__init__()
        self.kind: GateKind = kind
        self.slope = nn.Parameter(torch.zeros(units) if weights == 1 else torch.zeros(weights, units))
        self.offset = nn.Parameter(torch.full((units,), _GATE_START[kind] / GATE_GAIN))

    def raw(self, h: Tensor) -> Tensor:
        """r of each unit, [B, F], for h [B] or [B, 2]."""
        slope, offset = GATE_GAIN * self.slope, GATE_GAIN * self.offset
        from_here = h if self.kind == "sigmoid" else h - _LOW
        along = from_here[:, None] * slope if h.dim() == 1 else (from_here[:, :, None] * slope).sum(1)
        return along + offset if self.kind == "sigmoid" else along - 1 - nn.functional.softplus(offset)

    def factor(self, h: Tensor) -> Tensor:
        """The factors [B, F] for h [B] or [B, 2]."""
        raw = self.raw(h)
        if self.kind == "sigmoid":
            return torch.sigmoid(raw)
        return _root(raw)

    def forward(self, x: Tensor, h: Tensor) -> Tensor:
        """x [B, F, …] times the factors for h, [B] or [B, 2]; one row of h serves all of x."""
        factor = self.factor(h).to(x.dtype)
        return x * factor.reshape(*factor.shape, *(1,) * (x.dim() - 2))

    def extra_repr(self) -> str:
        """What the module's repr has between the brackets."""
        return f"{len(self.offset)}, {self.kind}"


class Turn(NamedTuple):
    """What a gate does to codes, [B, K] each: it multiplies μ by `mean` and z by `code`; log σ² becomes `logvar`·log σ² + `shift`."""

    mean: Tensor
    logvar: Tensor
    shift: Tensor
    code: Tensor


class CodeGate(nn.Module):
    """A "root" gate of each latent dimension, which may narrow the posterior as well.

    r = log β − t, with t the threshold at which the dimension dies; log σ² gets 5·narrowing·min(r, 0) added. With t = log(λ/σ²) and
    narrowing ⅕ these are the linear optimum at every β, for a direction of variance λ (Bae et al. 2022): where a dimension is not
    worth its rate, q(z|x) is the prior, and the decoder does not hear its noise. So narrowing is ⅕ where widths are "free". Learnt, as it
    is where they are "held", it became what suits the large β, up to 0.22, and codes of small β too narrow. At the start t is above the
    range, and it is never in the lowest 30 % of it: a dimension that is shut at almost every β learns nothing, and would stay shut. For the
    same reason the slope is not learnt: dimensions became so steep that they lived at the lower end alone.

    Args:
        units: K.
        beta_range: (a, b), of β.
        widths: as in `ModelConfig`.
    """

    narrowing: Tensor

    def __init__(self, units: int, beta_range: tuple[float, float], widths: Widths = "held") -> None:
        super().__init__()
        self._span = math.log(beta_range[1] / beta_range[0])
        self.offset = nn.Parameter(torch.full((units,), _code_start(self._span)))
        if widths == "free":
            self.register_buffer("narrowing", torch.full((units,), 1 / GATE_GAIN))
        else:
            self.narrowing = nn.Parameter(torch.zeros(units))

    def raw(self, h: Tensor) -> Tensor:
        """r of each dimension, [B, K], for h [B]."""
        along = (h[:, None] - _LOW) / math.sqrt(12) - _ALWAYS_OPEN  # from the lower end, as a share of the range
        return along * self._span - nn.functional.softplus(GATE_GAIN * self.offset)

    def factor(self, h: Tensor) -> Tensor:
        """The factors [B, K] for h [B]."""
        return _root(self.raw(h))

    def shift(self, h: Tensor) -> Tensor:
        """What is added to log σ², [B, K], for h [B]; 0 where a dimension is shut."""
        return GATE_GAIN * self.narrowing * self.raw(h).clamp(max=0)

    def turned(self, h: Tensor) -> Turn:
        """What it does to codes for h [B]."""
        factor = self.factor(h)
        return Turn(factor, factor, self.shift(h), factor)

    def extra_repr(self) -> str:
        """What the module's repr has between the brackets."""
        return f"{len(self.offset)}"


class PairGate(nn.Module):
    """The `CodeGate` for a pair (β_μ, β_σ): it does what the linear optimum does, with a threshold t for each dimension.

    For A = β_μ/t and B = β_σ/t, q = 2B/(1 + √(1 − 4B + 4B²/A)) is the share of a direction's variance that does not come back; of a
    negative number the root counts as −√|…|, which soon shuts the dimension. μ and the z to be decoded are multiplied by √(1 − q), and log
    v is added to log σ², with v = 1/(1 + (1/q − 1)·A/B). The larger β_μ, the shorter the codes that the decoder must then amplify: they are
    √(q/A) times as long on the way. At β_μ = β_σ, q and v are A, and the length is 1, as with a `CodeGate`. With t = λ/σ² these are the
    best linear codes of a direction of variance λ, for every pair, except where having no code at all beats the locally best one, which can
    happen for β_μ > t.

    Args:
        units: K.
        beta_range: (a, b), of both weights.
    """

    def __init__(self, units: int, beta_range: tuple[float, float]) -> None:
        super().__init__()
        self._low, self._span = math.log(beta_range[0]), math.log(beta_range[1] / beta_range[0])
        self.offset = nn.Parameter(torch.full((units,), _code_start(self._span)))

    def log_threshold(self) -> Tensor:
        """log t of each dimension, [K]."""
        return self._low + _ALWAYS_OPEN * self._span + nn.functional.softplus(GATE_GAIN * self.offset)

    def turned(self, h: Tensor) -> Turn:
        """What it does to codes for h [B, 2]."""
        log_beta, threshold = self._low + (h - _LOW) / math.sqrt(12) * self._span, self.log_threshold()
        log_a, log_b = log_beta[:, :1] - threshold, log_beta[:, 1:] - threshold
        square = 1 - 4 * log_b.exp() + 4 * (2 * log_b - log_a).exp()
        root = square.abs().clamp_min(1e-6).sqrt().copysign(square)  # a root of 0 has an infinite slope
        log_q = log_b + math.log(2) - torch.log1p(root.clamp_min(-0.999))
        alive = log_q < _SHUT
        log_q = log_q.clamp(max=_SHUT)
        shift = torch.where(alive, -torch.log1p(torch.expm1(-log_q) * (log_a - log_b).exp()), 0)
        length = torch.where(alive, (log_q - log_a) / 2, 0).exp()
        factor = _root(log_q)
        return Turn(factor * length, factor, shift, factor / length)

    def extra_repr(self) -> str:
        """What the module's repr has between the brackets."""
        return f"{len(self.offset)}"


def _code_start(span: float) -> float:
    """The offset that puts t 1 above a range of `span` units of log β."""
    return math.log(math.expm1((1 - _ALWAYS_OPEN) * span + 1)) / GATE_GAIN


def _root(raw: Tensor) -> Tensor:
    return torch.sqrt(-torch.expm1(raw.clamp(max=_SHUT)))


def standardised(beta: Tensor, beta_range: tuple[float, float]) -> Tensor:
    """h: log β moved and scaled so that a log-uniform β of the range has mean 0 and variance 1."""
    low, high = map(math.log, beta_range)
    return math.sqrt(3) * (2 * beta.log() - low - high) / (high - low)
