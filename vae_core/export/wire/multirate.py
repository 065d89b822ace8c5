"""Every record of the sliders of a multi-rate model, as JSON; `typedefs` writes the same as types of JavaScript.

S is the number of stations at which the model was measured; the rest is as in `records`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from vae_core.export.wire.records import Colour, WeightsSource


class Figures(TypedDict):
    """What was measured at the S stations, which are KL weights or all pairs of them, the second running faster."""

    distortion: Sequence[float | None]  # D in nats per image, [S]
    rate: Sequence[float | None]  # R in nats per image, [S]
    rate_mu: Sequence[float | None]  # the part of R that pulls the means together, ½Σμ², nats per image, [S]
    sharpness: Sequence[float | None]  # of reconstructions as a share of the images', [S]; null where the images are flat
    effective: Sequence[float | None]  # N_eff, images that share a place, [S]
    kl: Sequence[float]  # nats per latent dimension, [S·K]
    errors: Sequence[float | None]  # standard errors of D, R, sharpness and N_eff, each in its unit, [S·4]; null where not known


class SampleFigures(TypedDict):
    """How good samples from the prior are at the S stations, as shares from 0 to 1."""

    precision: Sequence[float]  # of the samples, those that lie among held-out images, [S]
    recall: Sequence[float]  # of the held-out images, those that lie among samples, [S]
    count: int  # of how many samples, and as many held-out images, these are shares
    best: tuple[float, float]  # precision and recall of other images of the set in place of samples


class Dedicated(TypedDict):
    """A model trained for one KL weight alone, to compare with."""

    beta: float  # the KL weight
    distortion: float  # D in nats per image
    rate: float  # R in nats per image
    sharpness: float | None  # of reconstructions as a share of the images'; null where it is not known
    errors: tuple[float | None, float | None]  # standard errors of D and of R, nats per image; null where not known


class RowPictures(TypedDict):
    """Images to reconstruct."""

    bytes: str  # uint8 [n, C, H, W] in base64
    note: str  # a sentence that says what they are


class Alone(TypedDict):
    """A model of one KL weight that is shown in place of a multi-rate one at that weight."""

    model: WeightsSource
    words: str  # a sentence that says which model is on screen


class MultirateData(TypedDict):
    """A multi-rate model: sliders of the KL weight, and all that follows them."""

    model: WeightsSource
    alone: Sequence[Alone]  # at the lowest weights of the one axis, ascending
    beta: Sequence[float]  # where the sliders stand: [β], or [β_μ, β_σ] for a split model
    axes: Sequence[Sequence[float]]  # for each slider the weights of the stations, ascending
    figures: Figures
    samples: SampleFigures | None  # null where nobody counted them
    dedicated: Sequence[Dedicated]
    pictures: RowPictures
    noise: Sequence[float]  # codes to draw samples from, [m·K]
    names: Sequence[str]  # of the K latent dimensions
    codes: str  # address of the codes of n images at the S stations: float32 means [S, n, K], then standard deviations
    labels: str | None  # address of the images' groups, float32 [n], an index into the names of the colour; null: no classes
    colour: Colour  # of the codes; names null: no classes
    place: Sequence[float] | None  # the code that is chosen on the map, [K]
