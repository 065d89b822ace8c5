"""Ways to write a picture down as a code, seen alike: principal components, networks, and the machines that came before them.

Each encodes pictures, decodes codes and draws pictures of its own, so that they stand side by side on the same images from the same seed.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis import boltzmann, compression, explore
from vae_core.analysis.boltzmann import Doubles, Machine
from vae_core.analysis.compression import Components
from vae_core.analysis.explore import Pixels
from vae_core.analysis.fidelity import Fidelity, Judge, fidelity
from vae_core.model.vae import VAE

Codes = NDArray[np.floating]
ROUNDS = 300
"""Gibbs steps from chance, after which a machine's picture counts as drawn."""
_TIMED = 100


class Method(Protocol):
    """What stands beside others; pictures are uint8 [N, C, H, W], codes [N, K]."""

    def encode(self, pixels: Pixels) -> Codes:
        """The code of each picture; where that is a distribution, its mean."""
        ...

    def decode(self, codes: Codes) -> Pixels:
        """The picture of each code."""
        ...

    def draw(self, count: int, *, seed: int) -> Pixels:
        """Pictures from nothing but chance."""
        ...


@dataclass(frozen=True)
class Network:
    """A plain autoencoder or a variational one, at one KL weight. Both draw by decoding codes from N(0, I)."""

    model: VAE

    def encode(self, pixels: Pixels) -> Codes:
        """The means of the posteriors."""
        return explore.encode(self.model, pixels).mean

    def decode(self, codes: Codes) -> Pixels:
        """The mean pictures."""
        return explore.decode(self.model, codes.astype(np.float32))

    def draw(self, count: int, *, seed: int) -> Pixels:
        """Decoded from N(0, I)."""
        return self.decode(explore.sample_prior(self.model.config.latent, count, seed=seed))


@dataclass(frozen=True)
class Linear:
    """Principal components; a code has its numbers in units of how far they spread, so that codes too are drawn from N(0, I).

    Attributes:
        components: K of them.
        shape: of a picture, (C, H, W).
    """

    components: Components
    shape: tuple[int, int, int]

    def encode(self, pixels: Pixels) -> Codes:
        """How far each picture is from the mean, along each component."""
        mean, directions, variances, _ = self.components
        codes: Codes = (_flat(pixels) - mean) @ directions.T / np.sqrt(variances)
        return codes

    def decode(self, codes: Codes) -> Pixels:
        """The mean picture and so much of each component."""
        mean, directions, variances, _ = self.components
        return _pictures(mean + codes * np.sqrt(variances) @ directions, self.shape)

    def draw(self, count: int, *, seed: int) -> Pixels:
        """Decoded from N(0, I)."""
        return self.decode(explore.sample_prior(len(self.components.variances), count, seed=seed))


@dataclass(frozen=True)
class Restricted:
    """A restricted Boltzmann machine; a code is the chance of each hidden unit.

    Attributes:
        machine: of pictures of this shape, a visible unit for each value.
        shape: of a picture, (C, H, W).
    """

    machine: Machine
    shape: tuple[int, int, int]

    def encode(self, pixels: Pixels) -> Codes:
        """P(h = 1 | v), a grey level taken as a chance."""
        return self.machine.hidden(_flat(pixels))

    def decode(self, codes: Codes) -> Pixels:
        """P(v = 1 | h), a chance taken as a hidden unit that is partly on."""
        return _pictures(self.machine.visible(codes.astype(np.float64)), self.shape)

    def draw(self, count: int, *, seed: int) -> Pixels:
        """Chains from chance, with each picture's last chances of white."""
        start = np.random.default_rng(seed).integers(0, 2, (count, len(self.machine.visible_bias))).astype(np.float64)
        return _pictures(boltzmann.chain(self.machine, start, [ROUNDS], seed=seed)[0], self.shape)


@dataclass(frozen=True)
class Deep:
    """A deep belief network of two machines; a code is the chance of each of the uppermost units.

    Attributes:
        lower: of pictures of this shape, a visible unit for each value.
        upper: its visible units are the hidden ones of `lower`.
        shape: of a picture, (C, H, W).
    """

    lower: Machine
    upper: Machine
    shape: tuple[int, int, int]

    def encode(self, pixels: Pixels) -> Codes:
        """One pass up, by chances."""
        return self.upper.hidden(self.lower.hidden(_flat(pixels)))

    def decode(self, codes: Codes) -> Pixels:
        """One pass down, by chances."""
        return _pictures(self.lower.visible(self.upper.visible(codes.astype(np.float64))), self.shape)

    def draw(self, count: int, *, seed: int) -> Pixels:
        """Chains in the upper machine, from chance, and one pass down."""
        return _pictures(boltzmann.dream(self.lower, self.upper, count, ROUNDS, seed=seed), self.shape)


def walk(method: Method, ends: Pixels, steps: int) -> Pixels:
    """The pictures of codes in equal steps between those of two pictures, uint8 [2, C, H, W] → [steps, C, H, W]."""
    first, last = method.encode(ends).astype(np.float32)
    return method.decode(explore.interpolate(first, last, steps))


def error(method: Method, pixels: Pixels) -> tuple[float, float]:
    """How far rebuilt pictures are from the pictures, as `compression.error`, and its standard error."""
    rebuilt = method.decode(method.encode(pixels))
    return compression.error(pixels, rebuilt), compression.error_spread(pixels, rebuilt)


def quality(method: Method, judge: Judge) -> Fidelity:
    """How good what it draws is, from as many pictures as the judge has images, with seed 0."""
    return fidelity(judge.images, judge.features(method.draw(len(judge.images), seed=0)))


def seconds_to_draw(method: Method) -> float:
    """Seconds of processor time for one of a hundred pictures that are drawn at a time."""
    begun = time.process_time()
    method.draw(_TIMED, seed=0)
    return (time.process_time() - begun) / _TIMED


def _flat(pixels: Pixels) -> Doubles:
    return pixels.reshape(len(pixels), -1) / 255


def _pictures(values: Doubles, shape: tuple[int, int, int]) -> Pixels:
    """Values on the [0, 1] scale, [N, D], as pictures."""
    return np.round(255 * values.clip(0, 1)).astype(np.uint8).reshape(len(values), *shape)
