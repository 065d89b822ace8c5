"""Files of a model that was trained elsewhere, translated: what is done with a stranger's bytes before they are numbers and layers.

`child` does it in a process of its own, which `apart` starts. Nothing in here needs torch but the weights of a file of PyTorch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Annotated, Literal, NamedTuple

from pydantic import Field, ValidationError

from vae_core.base.config import LikelihoodName, explain
from vae_core.base.errors import InputError
from vae_core.base.strict import Config
from vae_core.base.zips import is_of_torch
from vae_core.data.budget import Budget
from vae_core.data.images import shown
from vae_core.data.readers.archives import from_zip
from vae_core.data.readers.blobs import Blob, in_memory
from vae_core.data.taken import Taken
from vae_core.foreign import halves
from vae_core.foreign.architectures import ARCHITECTURES, of_state, settings_of
from vae_core.foreign.halves import Halves
from vae_core.foreign.onnx_file import MAX_BYTES, OnnxGraph, read
from vae_core.foreign.state_dicts import read_weights
from vae_core.training.origin import Objective

Upload = tuple[str, bytes]
_MAX_CARD = 2**20
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
    cards = [blob for blob in inside if _ends(blob.name, ".json") and blob.name.rsplit("/", 1)[-1].startswith("card")]
    card = _card(cards[0].read(_MAX_CARD)) if cards else ForeignCard()
    if card.image is not None and image is None:
        image = (card.image.channels, card.image.height, card.image.width)
    latent = latent or (None if card.latent is None else card.latent.shape)
    graphs = [blob for blob in inside if _ends(blob.name, ".onnx")]
    weights = [blob for blob in inside if _ends(blob.name, *_WEIGHTS)]
    _refuse_others(inside)
    if weights and not graphs:
        if architecture is None:
            raise InputError(
                f"{shown(weights[0].name)} holds weights without a network: say its architecture with --as, one of "
                f"{', '.join(ARCHITECTURES)}, or export encoder and decoder as ONNX."
            )
        settings = next((blob for blob in inside if blob.name.rsplit("/", 1)[-1] in ("model_config.json", "specs.json")), None)
        said = settings_of(None if settings is None else settings.read(_MAX_CARD))
        name = weights[0].name
        built = of_state(architecture, read_weights(_content(weights[0]), name), shown(name), said)
        heads = "interleaved,logvar" if architecture == "burgess" else None
        given = {"encoder_gives": heads, "likelihood": said.likelihood, "beta": said.beta, "name": said.name}
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
    read_files = [read(_content(blob), blob.name) for blob in graphs]  # the second is not unpacked where the first is refused
    names = tuple(shown(blob.name)[:200] for blob in graphs)
    if len(read_files) == 1:
        return Opened(halves.of_one(read_files[0], image), names, card)
    encoder, decoder = _in_order(read_files)
    return Opened(halves.of_two(encoder, decoder, image, latent), names, card)


def holds_weights_alone(files: Sequence[Upload]) -> bool:
    """Whether these are weights without their layers, so that somebody has to say of which network.

    Raises:
        InputError: a ZIP among them is damaged or over its limits.
    """
    names = [blob.name for blob in _inside(files)]
    return any(_ends(name, *_WEIGHTS) for name in names) and not any(_ends(name, ".onnx") for name in names)


def _inside(files: Sequence[Upload]) -> list[Blob]:
    """The files themselves, out of their ZIPs; no more is unpacked than is asked for later."""
    taken = Taken(budget=Budget())
    found: list[Blob] = []
    for name, data in files:
        if not _ends(name, ".zip") or is_of_torch(data):
            found.append(in_memory(name, data))
            continue
        blobs = from_zip(data, name, taken)
        taken.budget.unpack(sum(blob.size for blob in blobs), name)
        found += blobs
    return found


def _content(blob: Blob) -> bytes:
    """All bytes of an ONNX file or a checkpoint."""
    if blob.size > MAX_BYTES:
        raise InputError(f"{shown(blob.name)} has {blob.size / 2**20:.0f} MB; a file of a model may have {MAX_BYTES // 2**20} MB.")
    return blob.read(MAX_BYTES)


def _card(data: bytes) -> ForeignCard:
    try:
        return ForeignCard.model_validate_json(data)
    except ValidationError as error:
        raise InputError(f"card.json cannot be used: {explain(error)}") from error


def _in_order(graphs: Sequence[OnnxGraph]) -> Sequence[OnnxGraph]:
    """Encoder and decoder: by their files' names, else as they were given."""
    first, second = (graph.label.rsplit("/", 1)[-1].lower() for graph in graphs)
    turned = ("dec" in first and "dec" not in second) or ("enc" in second and "enc" not in first)
    return graphs[::-1] if turned else graphs


def _refuse_others(files: Sequence[Blob]) -> None:
    """Say of files that could run code why they are not opened, and what to do."""
    for name in (blob.name for blob in files):
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
