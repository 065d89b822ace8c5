"""Sliders of a code that has too many numbers for a slider each: directions, each of which moves many numbers at once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis.components import components
from vae_core.analysis.explore import Axes
from vae_core.base.display import dimension_name

Floats = NDArray[np.float32]
MOST = 32
"""Directions of a model, at most."""
_TAIL = 0.005  # a slider spans the codes between this quantile and its mirror
_LEAST_SHARE = 1e-6  # of the variance: a component below it is rounding


@dataclass(frozen=True)
class Directions:
    """D directions at right angles to each other. A slider at 0 stands at the centre, and one step of it adds one row of `steps`.

    Attributes:
        names: what to call each.
        notes: what each carries, in a few words; empty where that is not known.
        centre: float32 [K].
        steps: float32 [D, K].
        low, high: the ends of each slider, float32 [D].
        about: what these directions are, a sentence for people.
    """

    names: tuple[str, ...]
    notes: tuple[str, ...]
    centre: Floats
    steps: Floats
    low: Floats
    high: Floats
    about: str

    def values(self, z: Floats) -> Floats:
        """Where the sliders stand for codes [..., K], float32 [..., D]."""
        found: Floats = ((z - self.centre) @ self.steps.T / self._squares).astype(np.float32)
        return found

    def put(self, z: Floats, index: int, value: NDArray[np.float32] | float) -> Floats:
        """The code [K], or codes [n, K] for values [n], with one slider elsewhere and all others as they stand at z [K]."""
        by = np.asarray(value, np.float32) - self.values(z)[index]
        moved: Floats = (z + by[..., np.newaxis] * self.steps[index]).astype(np.float32)
        return moved

    def spread(self, std: Floats) -> Floats:
        """The standard deviation along each direction of a diagonal normal with `std` [K], float32 [D]."""
        found: Floats = (np.sqrt(np.square(self.steps) @ np.square(std)) / self._squares).astype(np.float32)
        return found

    @property
    def axes(self) -> Axes:
        """Their ranges, as a slider bank needs them: all in use, in this order."""
        count = len(self.names)
        return Axes(np.arange(count), self.low, self.high, np.full(count, np.nan), np.zeros(count, np.bool_))

    @property
    def _squares(self) -> Floats:
        squares: Floats = np.square(self.steps).sum(axis=1)
        return squares


def principal(codes: Floats) -> Directions:
    """The principal components of codes [N, K], a slider's step being one standard deviation of them."""
    found = components(codes, MOST)
    used = max(1, int((found.shares > _LEAST_SHARE).sum()))
    deviations = np.sqrt(found.variances[:used])
    steps = (found.axes[:used] * np.where(deviations > 0, deviations, 1)[:, np.newaxis]).astype(np.float32)
    kept = 100 * found.shares[:used].sum()
    plain = Directions(
        names=tuple(f"PC {number}" for number in range(1, used + 1)),
        notes=tuple(f"{100 * share:.1f} % of variance" for share in found.shares[:used].tolist()),
        centre=found.centre.astype(np.float32),
        steps=steps,
        low=np.empty(0, np.float32),
        high=np.empty(0, np.float32),
        about=f"A code has {codes.shape[1]:,} numbers, too many for a slider each. The sliders move it along {used} directions, in which "
        f"the images' codes differ most. They hold {kept:.0f} % of the variance; what is left of a code stays as it is. "
        "1 is one standard deviation.",
    )
    low, high = np.quantile(plain.values(codes), [_TAIL, 1 - _TAIL], axis=0).astype(np.float32)
    return Directions(plain.names, plain.notes, plain.centre, plain.steps, low, high, plain.about)


def plain(shape: tuple[int, ...]) -> Directions:
    """Where no codes are known: the channels of a code [C, h, w], each moved everywhere alike, or its first numbers."""
    latent = math.prod(shape)
    centre, end = np.zeros(latent, np.float32), NormalDist().inv_cdf(1 - _TAIL)
    if len(shape) == 3:
        count, each = min(shape[0], MOST), latent // shape[0]
        names = tuple(f"Channel {number}" for number in range(1, count + 1))
        told = f"Each slider moves one channel of {shape[1]} × {shape[2]} places everywhere alike"
    else:
        count, each = min(latent, MOST), 1
        names = tuple(map(dimension_name, range(count)))
        told = f"Only its first {count} have one"
    steps = np.zeros((count, latent), np.float32)
    for index in range(count):
        steps[index, index * each : (index + 1) * each] = 1
    about = f"A code has {latent:,} numbers, too many for a slider each. {told}. With images of its kind, sliders follow their codes."
    high = np.full(count, end, np.float32)
    return Directions(names, ("",) * count, centre, steps, -high, high, about)
