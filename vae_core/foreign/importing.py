"""A model that was trained elsewhere and is translated → a model of ours with its card."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import UTC, datetime

import numpy as np
from pydantic import ValidationError

from vae_core.analysis.conventions import CONVENTIONS
from vae_core.analysis.evaluate import evaluate
from vae_core.analysis.explore import Pixels
from vae_core.base.config import ModelConfig, TrainConfig, explain
from vae_core.base.errors import InputError
from vae_core.base.storage import sha256
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.foreign import reference
from vae_core.foreign.adopting import Choices, Reading
from vae_core.foreign.opening import ForeignCard, Opened, Picture, RangeSaid
from vae_core.foreign.telling import Tell, silent
from vae_core.model.vae import VAE
from vae_core.runs.directory import VERSION
from vae_core.training.checkpoint import NO_IMAGES, Card, Checkpoint, DataCard
from vae_core.training.figures import Figures, figures_of
from vae_core.training.origin import RANGES, Origin, Range

JUDGED = 1000
"""Images at most on which the figures of a card are counted."""
_MOST = 10_000  # the largest KL weight of a card
TRIED = 64
"""Images at most that are reconstructed under each reading."""


def choices_of(card: ForeignCard, choices: Choices) -> Choices:
    """What the user says, and what the card says where the user says nothing.

    Raises:
        InputError: the card says a range that is none.
    """
    image, range_, last = choices.image, choices.pixels, choices.channels_last
    if card.image is not None:
        last = card.image.channels_last if last is None else last
        image = image or (card.image.channels, card.image.height, card.image.width)
        range_ = range_ or _range(card.image)
    return Choices(
        encoder_gives=choices.encoder_gives or card.encoder_gives,
        decoder_gives=choices.decoder_gives or card.decoder_gives,
        pixels=range_,
        image=image,
        likelihood=choices.likelihood or card.likelihood,
        sigma=choices.sigma if choices.sigma is not None else card.sigma,
        latent=choices.latent,
        channels_last=last,
    )


def adopted(
    opened: Opened,
    reading: Reading,
    why: Sequence[str],
    name: str,
    images: Images | None,
    *,
    beta: float | None = None,
    tell: Tell = silent,
) -> Checkpoint:
    """The model of ours, checked and with its card.

    Args:
        opened: the model.
        reading: how its numbers are read.
        why: how that was found, in sentences.
        name: for people.
        images: to show it with, of its size; None for none.
        beta: the KL weight of its training, where the user knows it.
        tell: hears how far it is.

    Raises:
        InputError: our layers do not answer as the files do, or the card says another code than theirs.
    """
    model, source = reading.model, opened.halves
    said = opened.card.latent
    if said is not None and math.prod(said.shape) != model.config.latent:
        raise InputError(f"card.json says a code of {math.prod(said.shape)} numbers, and the decoder takes {model.config.latent}.")
    off, checked_with = None, ""
    if source.sources is not None:
        off = reference.difference(model, source, reading.heads, reading.pixels, reading.layouts, reading.divided, tell)
        checked_with = "ONNX's reference evaluator"
        if off > reference.TOLERANCE:
            raise InputError(
                f"{source.label} was translated, but its layers here answer differently from the file, by {off:.2g}: it is not kept. "
                "Please report it with the file."
            )
    tell(1, "Counting its figures on images" if images is not None else "Writing its card")
    known = beta_of(opened.card, model.config) if beta is None else beta
    train = TrainConfig(beta=1.0 if known is None else known)
    origin = Origin(
        files=opened.files,
        producer=source.producer or "not known",
        encoder_gives=reading.heads.gives,
        decoder_gives=reading.pixels.gives,
        pixels=reading.pixels.pixels,
        found=(*why, *(f"Its output {shown(name)[:60]} is drawn at random and left out." for name in source.drawn[:4])),
        off=off,
        checked_with=checked_with,
        knows_beta=known is not None,
        licence=opened.card.licence or "not known",
        objective=opened.objective,
    )
    card = Card(
        name=name,
        data=NO_IMAGES if images is None else _data_card(images),
        model=model.config,
        train=train,
        epochs=0,
        steps=0,
        validation=None if images is None else _figures(model, images, train),
        seconds=0,
        images_per_second=0,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        version=VERSION,
        origin=origin,
    )
    return Checkpoint(model, card, None, sha256(card.model_dump_json().encode()))


def tried_on(images: Images) -> Pixels:
    """The images on which readings are tried, uint8 [n, C, H, W]."""
    rows = np.linspace(0, len(images) - 1, min(TRIED, len(images))).astype(np.int64)
    return images.take(rows)


def _figures(model: VAE, images: Images, train: TrainConfig) -> Figures:
    return figures_of(evaluate(model, images.take(images.split().validation[:JUDGED]), beta=train.weights))


def _data_card(images: Images) -> DataCard:
    from vae_core import data

    known = data.info(images.name)
    return DataCard(
        name=images.name,
        title=images.name if known is None else known.title,
        identity=images.identity,
        images=len(images),
        licence=images.licence,
        class_names=images.class_names,
    )


def beta_of(card: ForeignCard, model: ModelConfig) -> float | None:
    """The KL weight that a card says, in our convention; None where it says none.

    Raises:
        InputError: it says a loss that is not known, or a weight that is none.
    """
    if card.loss is None or card.beta is not None:
        return None if card.beta is None else _weight(card.beta)
    if card.loss.convention not in CONVENTIONS:
        raise InputError(f"card.json says a loss that is not known: its convention is one of {', '.join(CONVENTIONS)}.")
    convention = CONVENTIONS[card.loss.convention]
    values = model.channels * model.height * model.width
    return _weight(convention.beta(card.loss.weight, values=values, latent=model.latent, sigma=model.sigma))


def _weight(beta: float) -> float:
    if not 0 <= beta <= _MOST:
        raise InputError(f"The files beside the model say a KL weight of {beta:g}; one is from 0 to {_MOST:,}: correct it or leave it out.")
    return beta


def _range(image: Picture) -> Range | None:
    try:
        return None if image.range is None else _said_range(image, image.range)
    except ValidationError as error:
        raise InputError(f"card.json says a range that cannot be used: {explain(error)}") from error


def _said_range(image: Picture, said: RangeSaid) -> Range:
    if isinstance(said, dict):
        mean, std = said.get("mean", ()), said.get("std", ())
        if len(mean) not in (1, image.channels) or len(std) != len(mean) or min(std) <= 0:
            raise InputError("card.json says a range by mean and std, which must be one number above 0 for each channel.")
        return Range(scale=tuple(1 / part for part in std), shift=tuple(-middle / part for middle, part in zip(mean, std, strict=True)))
    low, high = said
    if not low < high:
        raise InputError(f"card.json says a range from {low:g} to {high:g}, which does not rise.")
    return next((known for known in RANGES.values() if (low, high) == (known.shift[0], known.shift[0] + known.scale[0])), None) or Range(
        scale=(high - low,), shift=(low,)
    )
