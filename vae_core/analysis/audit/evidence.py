"""What an audit looks at, and what it finds: `Evidence` and `Finding`."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import torch
from torch import Tensor

from vae_core.analysis import encoding, explore
from vae_core.analysis.explore import Pixels
from vae_core.analysis.pictures import of_images, of_test_part
from vae_core.analysis.posterior import Posterior
from vae_core.base.config import ModelConfig
from vae_core.base.display import three_digits
from vae_core.data import Images
from vae_core.model.macs import macs_of
from vae_core.model.vae import VAE
from vae_core.training import binarise
from vae_core.training.checkpoint import Card, Checkpoint

SEEN, HELD_OUT = 4_000, 1_000
"""Images at most that stand for those a model learnt from, and for those it did not."""

_EFFORT, _LEAST = 4 * 10**11, 500
"""Multiply-accumulates to encode and decode all of them once, about half a minute; but so many images at least."""

Severity = Literal["fault", "doubt", "not measured", "sound"]


class Finding(NamedTuple):
    """One thing that an audit says of a model.

    Attributes:
        name: what was looked at, in a word or two.
        severity: "fault", something is not as it must be; "doubt", a weakness, or what somebody should look at; "sound"; or "not measured",
            and then the sentence says why.
        sentence: what was found, with its number.
        figure: that number; None where there is none.
    """

    name: str
    severity: Severity
    sentence: str
    figure: float | None


@dataclass(frozen=True)
class Evidence:
    """A model of one KL weight and the images that it is judged on, as it sees them: in black and white where it was trained so.

    Attributes:
        model, card: the model.
        sample: at most 4,000 images as the training part and 1,000 as the validation part.
        seen, held_out: their pixels, uint8 [n, C, H, W].
        codes, others: their posteriors.
        learnt: whether the model learnt from the first of them; else it has learnt from neither, as far as anybody knows.
    """

    model: VAE
    card: Card
    sample: Images
    seen: Pixels
    held_out: Pixels
    codes: Posterior
    others: Posterior
    learnt: bool


def affordable(model: ModelConfig) -> int:
    """How many images an audit looks at, at most: fewer where a model from elsewhere is slow or its codes are wide."""
    most = encoding.affordable(model, SEEN + HELD_OUT)
    return most if model.graph is None else min(most, max(_LEAST, _EFFORT // max(1, macs_of(model))))


def gathered(point: Checkpoint, images: Images) -> Evidence:
    """The evidence of a model of one KL weight on images of its shape."""
    most = affordable(point.card.model)
    kept = max(most * HELD_OUT // (SEEN + HELD_OUT), 1)
    learnt = point.card.origin is None and images.identity == point.card.data.identity
    pictures = of_images(images) if learnt else of_test_part(images)
    parts = [pictures.chosen(most - kept, training=True), pictures.chosen(kept)]
    rows = np.concatenate(parts)
    first = len(parts[0])
    sample = replace(
        images,
        pixels=binarise.for_evaluation(images.take(rows), point.card.train),
        labels=None if images.labels is None else images.labels[rows],
        factors=None,
        factor_names=(),
        factor_values=(),
        source=None,
        validation_start=first,
        test_start=len(rows),
    )
    seen, held_out = sample.pixels[:first], sample.pixels[first:]
    codes, others = (explore.encode(point.model, pixels) for pixels in (seen, held_out))
    return Evidence(point.model, point.card, sample, seen, held_out, codes, others, learnt)


def on_scale(pixels: Pixels, model: VAE) -> Tensor:
    """Pixels uint8 as numbers in [0, 1], of the type of the model's weights."""
    return torch.tensor(pixels).to(next(model.parameters())) / 255


def number(value: float) -> str:
    """A number of which three digits count."""
    return three_digits(value).replace("-", "\N{MINUS SIGN}")
