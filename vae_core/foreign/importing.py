"""Files of a model that was trained elsewhere → a model of ours with its card: what the command line and the Models page call."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Annotated, Literal, NamedTuple

import numpy as np
from pydantic import Field, ValidationError

from vae_core.analysis.conventions import CONVENTIONS
from vae_core.analysis.evaluate import evaluate
from vae_core.analysis.explore import Pixels
from vae_core.base.config import LikelihoodName, ModelConfig, TrainConfig, explain
from vae_core.base.errors import InputError
from vae_core.base.storage import sha256
from vae_core.base.strict import Config
from vae_core.base.zips import is_of_torch
from vae_core.data import Images
from vae_core.data.budget import Budget
from vae_core.data.images import shown
from vae_core.data.readers.archives import from_zip
from vae_core.data.taken import Taken
from vae_core.foreign import halves, reference
from vae_core.foreign.adopting import Choices, Reading
from vae_core.foreign.architectures import ARCHITECTURES, of_state, settings_of
from vae_core.foreign.halves import Halves
from vae_core.foreign.onnx_file import MAX_BYTES, OnnxGraph, read
from vae_core.foreign.state_dicts import read_weights
from vae_core.foreign.telling import Tell, silent
from vae_core.model.vae import VAE
from vae_core.runs.directory import VERSION
from vae_core.training.checkpoint import NO_IMAGES, Card, Checkpoint, DataCard
from vae_core.training.figures import Figures, figures_of
from vae_core.training.origin import RANGES, Objective, Origin, Range

JUDGED = 1000
"""Images at most on which the figures of a card are counted."""
TRIED = 64
"""Images at most that are reconstructed under each reading."""

Upload = tuple[str, bytes]
_WEIGHTS = (".pt", ".pth", ".bin", ".ckpt", ".safetensors")


class Loss(Config):
    """What a model was trained with: a loss of `analysis.conventions`, and the weight that it gives the KL."""

    convention: str
    weight: Annotated[float, Field(ge=0, le=1e6)]


RangeSaid = tuple[float, float] | dict[Literal["mean", "std"], tuple[float, ...]]


class Picture(Config):
    """The pictures of a model: sides in pixels, and its range, by its ends or as mean and standard deviation of each channel."""

    channels: Literal[1, 3]
    height: Annotated[int, Field(ge=1, le=4096)]
    width: Annotated[int, Field(ge=1, le=4096)]
    range: RangeSaid | None = None
    channels_last: bool | None = None


class Latent(Config):
    """The shape of a code: [K], or [C, h, w]."""

    shape: tuple[Annotated[int, Field(ge=1)], ...]


class ForeignCard(Config):
    """card.json: what the maker of a model says of it. Whatever is left out is found, or asked for."""

    format: Annotated[int, Field(ge=1, le=1)] = 1
    name: Annotated[str, Field(min_length=1, max_length=120)] | None = None
    image: Picture | None = None
    latent: Latent | None = None
    encoder_gives: str | None = None
    decoder_gives: Literal["picture", "logits"] | None = None
    likelihood: LikelihoodName | None = None
    sigma: Annotated[float, Field(ge=0.001, le=10)] | None = None
    beta: Annotated[float, Field(ge=0, le=10_000)] | None = None
    loss: Loss | None = None
    licence: Annotated[str, Field(max_length=200)] | None = None


class Opened(NamedTuple):
    """A model that was translated and not read yet, with the names of its files, what its card says and its `Origin.objective`."""

    halves: Halves
    files: tuple[str, ...]
    card: ForeignCard
    objective: Objective = ""


def open_files(
    files: Sequence[Upload],
    *,
    architecture: str | None = None,
    image: tuple[int, int, int] | None = None,
    latent: tuple[int, ...] | None = None,
) -> Opened:
    """Translate what somebody brought.

    Args:
        files: names and bytes: one or two ONNX files, encoder first where their names do not say; a checkpoint with `architecture`; beside
            them card.json; or a ZIP of these.
        architecture: one of `ARCHITECTURES`, for a checkpoint.
        image: (C, H, W), where the user said it.
        latent: the shape of a code, where the user said it.

    Raises:
        InputError: they are anything else, or hold what is not read.
    """
    inside = _inside(files)
    cards = [data for name, data in inside if _ends(name, ".json") and name.rsplit("/", 1)[-1].startswith("card")]
    card = _card(cards[0]) if cards else ForeignCard()
    settings = next((data for name, data in inside if name.rsplit("/", 1)[-1] in ("model_config.json", "specs.json")), None)
    if card.image is not None and image is None:
        image = (card.image.channels, card.image.height, card.image.width)
    latent = latent or (None if card.latent is None else card.latent.shape)
    graphs = [(name, data) for name, data in inside if _ends(name, ".onnx")]
    weights = [(name, data) for name, data in inside if _ends(name, *_WEIGHTS)]
    _refuse_others(inside)
    if weights and not graphs:
        if architecture is None:
            raise InputError(
                f"{shown(weights[0][0])} holds weights without a network: say its architecture with --as, one of "
                f"{', '.join(ARCHITECTURES)}, or export encoder and decoder as ONNX."
            )
        name, data = weights[0]
        said = settings_of(settings)
        built = of_state(architecture, read_weights(data, name), shown(name), said)
        heads = "interleaved,logvar" if architecture == "burgess" else None
        given = {"encoder_gives": heads, "likelihood": said.likelihood, "beta": said.beta}
        return Opened(
            replace(built, producer=ARCHITECTURES[architecture].words),
            (shown(name)[:200],),
            card.model_copy(update={field: value for field, value in given.items() if value is not None and getattr(card, field) is None}),
            said.objective,
        )
    if architecture is not None and graphs:
        raise InputError("--as is for a checkpoint of PyTorch; an ONNX file says its layers itself.")
    if not 1 <= len(graphs) <= 2:
        raise InputError(f"A model is one ONNX file, or two, encoder and decoder; here are {len(graphs)}.")
    read_files = [read(data, name) for name, data in graphs]
    names = tuple(shown(name)[:200] for name, _ in graphs)
    if len(read_files) == 1:
        return Opened(halves.of_one(read_files[0], image), names, card)
    encoder, decoder = _in_order(read_files)
    return Opened(halves.of_two(encoder, decoder, image, latent), names, card)


def holds_weights_alone(files: Sequence[Upload]) -> bool:
    """Whether these are weights without their layers, so that somebody has to say of which network.

    Raises:
        InputError: a ZIP among them is damaged or over its limits.
    """
    names = [name for name, _ in _inside(files)]
    return any(_ends(name, *_WEIGHTS) for name in names) and not any(_ends(name, ".onnx") for name in names)


def _inside(files: Sequence[Upload]) -> list[Upload]:
    """The files themselves, out of their ZIPs."""
    budget = Budget()
    return [
        upload
        for name, data in files
        for upload in (_unzipped(name, data, budget) if _ends(name, ".zip") and not is_of_torch(data) else [(name, data)])
    ]


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
    known = _beta(opened.card, model.config) if beta is None else beta
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


def _beta(card: ForeignCard, model: ModelConfig) -> float | None:
    """The KL weight that a card says, in our convention."""
    if card.beta is not None or card.loss is None:
        return card.beta
    if card.loss.convention not in CONVENTIONS:
        raise InputError(f"card.json says a loss that is not known: its convention is one of {', '.join(CONVENTIONS)}.")
    convention = CONVENTIONS[card.loss.convention]
    values = model.channels * model.height * model.width
    return convention.beta(card.loss.weight, values=values, latent=model.latent, sigma=model.sigma)


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


def _card(data: bytes) -> ForeignCard:
    try:
        return ForeignCard.model_validate_json(data)
    except ValidationError as error:
        raise InputError(f"card.json cannot be used: {explain(error)}") from error


def _unzipped(name: str, data: bytes, budget: Budget) -> list[Upload]:
    """The files in a ZIP; of those that are only looked at by name, no bytes."""
    blobs = from_zip(data, name, Taken(budget=budget))
    budget.unpack(sum(blob.size for blob in blobs), name)
    return [(blob.name, blob.read(MAX_BYTES) if _ends(blob.name, ".onnx", ".json", *_WEIGHTS) else b"") for blob in blobs]


def _in_order(graphs: Sequence[OnnxGraph]) -> Sequence[OnnxGraph]:
    """Encoder and decoder: by their files' names, else as they were given."""
    first, second = (graph.label.rsplit("/", 1)[-1].lower() for graph in graphs)
    turned = ("dec" in first and "dec" not in second) or ("enc" in second and "enc" not in first)
    return graphs[::-1] if turned else graphs


def _refuse_others(files: Sequence[Upload]) -> None:
    """Say of files that could run code why they are not opened, and what to do."""
    for name, _ in files:
        if _ends(name, ".pt2"):
            raise InputError(
                f"{shown(name)} is a program of torch.export, which is not opened: export the model as ONNX, or its weights as safetensors."
            )
        if _ends(name, ".keras", ".h5", ".hdf5"):
            raise InputError(
                f"{shown(name)} is a Keras file, which can hold code and is not opened: convert encoder and decoder with tf2onnx."
            )
        if _ends(name, ".pkl", ".pickle"):
            raise InputError(
                f"{shown(name)} is a pickle, which can run code and is not opened: bring model.pt with model_config.json, or ONNX files."
            )
        if _ends(name, ".onnx.data", ".onnx_data"):
            raise InputError(f"{shown(name)} has the weights of an ONNX file: export it again with external_data=False, as one file.")


def _ends(name: str, *ends: str) -> bool:
    return name.lower().endswith(ends)
