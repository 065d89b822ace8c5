"""A trained model on disk: one folder of plain numbers and JSON, written in one rename, every byte checksummed.

    weights.safetensors   the parameters, float32, or float16 where they were rounded to it
    card.json             everything needed to rebuild and to judge the model
    codes.safetensors     optional: posteriors of the test images, for a model whose images may not be shipped
    training.safetensors  optional: what training needs besides the weights to go on from here; see `training_state`
    manifest.json         sha256 and size of each file above

The model file that people exchange is one uncompressed ZIP of these files, without the training state. No pickle anywhere: loading runs no
code.
"""

from __future__ import annotations

import io
import struct
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field, ValidationError, model_validator
from safetensors.numpy import save as save_arrays

from vae_core.base.config import Device, ModelConfig, Precision, TrainConfig, explain, weights_name
from vae_core.base.errors import InputError, Unsound
from vae_core.base.storage import sha256, write_folder
from vae_core.base.strict import Config
from vae_core.base.zips import members_at_most
from vae_core.model.vae import VAE
from vae_core.training import stored_arrays
from vae_core.training.figures import UNKNOWN_FIGURES, Figures
from vae_core.training.origin import Origin

FORMAT = 1
MAX_FILE_BYTES = 256 * 2**20
MAX_CARD_BYTES = 4 * 2**20  # of a card in a model file: two networks of 2,000 layers need less
_MOST_MEMBERS = 1000  # where four are ours: weights can look like an entry by chance
_MANIFEST = "manifest.json"

_PartName = Literal["weights.safetensors", "card.json", "codes.safetensors", "training.safetensors"]
_REQUIRED: tuple[_PartName, ...] = ("weights.safetensors", "card.json")
_PARTS: tuple[_PartName, ...] = (*_REQUIRED, "codes.safetensors")
_TRAINING: _PartName = "training.safetensors"


MAX_DIMENSION_NAME = 40
DimensionName = Annotated[str, Field(max_length=MAX_DIMENSION_NAME)]


class DataCard(Config):
    """Which images a model was trained on; `identity` is `Images.identity`.

    Of a model that was made elsewhere these are the images that it is shown with; `NO_IMAGES` where nobody named any.
    """

    name: str
    title: str
    identity: str
    images: Annotated[int, Field(ge=0)]
    licence: str
    class_names: tuple[str, ...] = ()


NO_IMAGES = DataCard(name="none", title="no images named", identity="", images=0, licence="not known")


class Card(Config):
    """All that is known about a trained model.

    Attributes:
        format: number of this file format.
        name: for people; a copy on the models page may show another name.
        data: the data set it learnt from.
        model, train: its configuration.
        epochs, steps: what was really trained, less than asked for when training was stopped.
        validation: its figures on the validation images; None where nobody named images of a model that was made elsewhere.
        seconds: time spent in training steps and validation.
        images_per_second: over the training steps alone.
        device, precision: what the training steps ran on, and in which numbers their matrix products were made.
        dimension_names: what people call the K latent dimensions, empty for one without a name; none where no dimension has one.
        created: ISO 8601, UTC.
        version: of Latent Loom.
        origin: where it is from, of a model that was made elsewhere: then epochs, steps and times are 0, and β is 1 unless it is known.
    """

    format: Annotated[int, Field(ge=1, le=FORMAT)] = FORMAT
    name: Annotated[str, Field(min_length=1, max_length=120)]
    data: DataCard
    model: ModelConfig
    train: TrainConfig
    epochs: Annotated[float, Field(ge=0)]
    steps: Annotated[int, Field(ge=0)]
    validation: Figures | None
    seconds: Annotated[float, Field(ge=0)]
    images_per_second: Annotated[float, Field(ge=0)]
    device: Device = "cpu"
    precision: Precision = "fp32"
    created: str
    version: str
    dimension_names: Annotated[tuple[DimensionName, ...], Field(max_length=128)] = ()
    origin: Origin | None = None

    @model_validator(mode="after")
    def _all_or_none(self) -> Self:
        if len(self.dimension_names) not in (0, self.model.latent):
            raise ValueError(f"dimension_names must be {self.model.latent} texts, or none")
        return self

    @property
    def weights_name(self) -> str:
        """The KL weight as `config.weights_name` has it, or that nobody knows it."""
        unknown = self.origin is not None and not self.origin.knows_beta and self.model.variational
        return "β not known" if unknown else weights_name(self.model, self.train)

    @property
    def figures(self) -> Figures:
        """Its figures on the validation images, NaN where there are none."""
        return UNKNOWN_FIGURES if self.validation is None else self.validation

    @model_validator(mode="after")
    def _only_from_elsewhere(self) -> Self:
        if self.origin is None and (self.validation is None or not self.data.images):
            raise ValueError("a model that was trained here has images (data.images) and figures (validation)")
        return self


@dataclass(frozen=True)
class Codes:
    """Posteriors of the test images: mean and logvar float32 [N, K], labels int64 [N] or None."""

    mean: NDArray[np.float32]
    logvar: NDArray[np.float32]
    labels: NDArray[np.int64] | None


@dataclass(frozen=True)
class Checkpoint:
    """A model ready to use, in eval mode and float32, with its card and its codes where kept.

    Attributes:
        model, card, codes: the model and what is known about it.
        weights_hash: the sha256 of its weights as they are kept.
        half: whether they are kept as float16.
    """

    model: VAE
    card: Card
    codes: Codes | None
    weights_hash: str
    half: bool = False


class _Part(Config):
    sha256: Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
    bytes: Annotated[int, Field(ge=0, le=2 * MAX_FILE_BYTES)]  # a training state has two numbers for each weight


class _Format(Config, extra="ignore"):
    """The one field of a manifest that every version has."""

    format: Annotated[int, Field(ge=1)]


class _Manifest(_Format, extra="forbid"):
    files: dict[_PartName, _Part]


def save(
    folder: Path,
    model: VAE,
    card: Card,
    codes: Codes | None = None,
    *,
    training: Mapping[str, NDArray[Any]] | None = None,
    half: bool = False,
) -> None:
    """Write a checkpoint as the new folder `folder`, whole or not at all.

    Args:
        folder: the new folder.
        model, card, codes: the model and what is known about it.
        training: the arrays that training needs to go on from here; None if it is done.
        half: keep the weights as float16, of a model that was rounded to it: so its card and codes are of the very weights that are kept.

    Raises:
        FileExistsError: `folder` is there already; a checkpoint is never changed in place.
        OSError: the disk is full or cannot be written.
        ValueError: with `half`, a weight is no number of float16.
    """
    write_folder(folder, files_of(model, card, codes, training=training, half=half))


def files_of(
    model: VAE,
    card: Card,
    codes: Codes | None = None,
    *,
    training: Mapping[str, NDArray[Any]] | None = None,
    half: bool = False,
) -> dict[str, bytes]:
    """The files of a checkpoint by name, for `save`, and for code that writes a checkpoint as a part of something larger."""
    weights = {name: tensor.cpu().contiguous() for name, tensor in model.state_dict().items()}
    parts: dict[_PartName, bytes] = {
        "weights.safetensors": save_arrays({name: (_halved(name, tensor) if half else tensor).numpy() for name, tensor in weights.items()}),
        "card.json": card.model_dump_json(indent=1).encode(),
    }
    if codes is not None:
        arrays = {"mean": codes.mean, "logvar": codes.logvar}
        parts["codes.safetensors"] = save_arrays(arrays if codes.labels is None else {**arrays, "labels": codes.labels})
    if training is not None:
        parts[_TRAINING] = save_arrays(dict(training))
    manifest = _Manifest(format=FORMAT, files={name: _Part(sha256=sha256(data), bytes=len(data)) for name, data in parts.items()})
    return dict[str, bytes](parts.items()) | {_MANIFEST: _written(manifest)}


def load(folder: Path) -> Checkpoint:
    """Open a checkpoint folder.

    Raises:
        InputError: a file is missing, changed, or not what a checkpoint holds.
    """
    return _open(_files(folder), f"The model in {folder.name}")


def read_card(folder: Path) -> Card:
    """Only the card of a checkpoint folder, checked against the manifest; for lists of many models.

    Raises:
        InputError: as `load`.
    """
    label = f"The model in {folder.name}"
    files = _files(folder, ("card.json",))
    _verify(files, _manifest(files, label), ["card.json"], label)
    return _card(files["card.json"], label)


def has_training(folder: Path) -> bool:
    """Whether a checkpoint folder keeps what training needs to go on; `load_training` checks whether it is sound."""
    return (folder / _TRAINING).is_file()


def load_training(folder: Path) -> tuple[Checkpoint, dict[str, NDArray[Any]]]:
    """Open a checkpoint folder together with the arrays that training needs to go on; `training_state` knows what they mean.

    Raises:
        InputError: as `load`, or there are no such arrays.
    """
    label = f"The training state in {folder.name}"
    files = _files(folder, (*_PARTS, _TRAINING))
    _verify(files, _manifest(files, label), [_TRAINING], label)
    return _open(files, label), stored_arrays.arrays(files[_TRAINING], "numbers", label)


def pack(folder: Path, dimension_names: Sequence[str] = ()) -> bytes:
    """One model file, a ZIP of stored members, from a checkpoint folder; the model alone, without the state of its training.

    Args:
        folder: the checkpoint.
        dimension_names: for the card in the file, where they are others than in the folder's.

    Raises:
        InputError: the folder has no manifest, or a damaged one.
    """
    files = _files(folder)
    manifest = _manifest(files, f"The model in {folder.name}")
    kept = {name: part for name, part in manifest.files.items() if name != _TRAINING}
    if dimension_names:
        card = read_card(folder).model_copy(update={"dimension_names": tuple(dimension_names)})
        files["card.json"] = card.model_dump_json(indent=1).encode()
        kept["card.json"] = _Part(sha256=sha256(files["card.json"]), bytes=len(files["card.json"]))
    files[_MANIFEST] = _written(_Manifest(format=manifest.format, files=kept))
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_STORED) as archive:
        for name, data in files.items():
            archive.writestr(zipfile.ZipInfo(name), data)
    return buffer.getvalue()


def unpack(data: bytes, name: str) -> Checkpoint:
    """Open a model file that somebody gave us; nothing is written to disk.

    Args:
        data: the file's bytes.
        name: what to call the file in a message.

    Raises:
        InputError: it is not a model file of ours, or it is not whole.
    """
    if len(data) > MAX_FILE_BYTES:
        raise InputError(f"{name} has {len(data) / 2**20:.0f} MB; a model file may have {MAX_FILE_BYTES // 2**20} MB.")
    if members_at_most(data) > _MOST_MEMBERS:
        raise InputError(f"{name} has {_MOST_MEMBERS:,} files or more and is no Latent Loom model file: get one from the Models page.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = archive.infolist()
            known = len({member.filename for member in members} & {*_PARTS, _MANIFEST}) == len(members)
            stored = all(member.compress_type == zipfile.ZIP_STORED and not member.flag_bits & 1 for member in members)
            # stored members that together exceed the file overlap: a bomb
            if not (known and stored and sum(member.file_size for member in members) <= len(data)):
                raise InputError(f"{name} is not a Latent Loom model file: download one from the Models page.")
            files = {member.filename: archive.read(member) for member in members}
    except (zipfile.BadZipFile, EOFError, OSError, ValueError, NotImplementedError, struct.error) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{name} is not a Latent Loom model file, or it is damaged: download it again.") from error
    if len(files.get("card.json", b"")) > MAX_CARD_BYTES:
        raise InputError(f"{name} has a card.json of {len(files['card.json']) / 2**20:.0f} MB; the limit is {MAX_CARD_BYTES // 2**20} MB.")
    return _open(files, name)


def _files(folder: Path, parts: tuple[str, ...] = _PARTS) -> dict[str, bytes]:
    return {name: (folder / name).read_bytes() for name in (*parts, _MANIFEST) if (folder / name).is_file()}


def _open(files: Mapping[str, bytes], label: str) -> Checkpoint:
    manifest = _manifest(files, label)
    _verify(files, manifest, [name for name in _PARTS if name in _REQUIRED or name in manifest.files], label)
    card = _card(files["card.json"], label)
    try:
        with torch.device("meta"):  # no memory and no initial weights before the file's own are known to fit
            model = VAE(card.model)
    except InputError as error:
        raise Unsound(label, f"has a card that cannot be used: {error}") from error
    expected = {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}
    weights = stored_arrays.weights(files["weights.safetensors"], expected, label)
    model.to_empty(device="cpu")  # memory of the model's own: as it stands in a file, products of some processors round otherwise
    model.load_state_dict({name: torch.from_numpy(array) for name, array in weights.items()})
    model.requires_grad_(False).eval()
    codes = _codes(files["codes.safetensors"], card, label) if "codes.safetensors" in manifest.files else None
    half = all(array.dtype == np.float16 for array in weights.values())
    return Checkpoint(model, card, codes, manifest.files["weights.safetensors"].sha256, half)


def _halved(name: str, tensor: torch.Tensor) -> torch.Tensor:
    half = tensor.half()
    if not torch.equal(half.float(), tensor):
        raise ValueError(f"{name} holds numbers that float16 does not: round the model before it is judged and saved")
    return half


def _written(manifest: _Manifest) -> bytes:
    return manifest.model_dump_json(indent=1).encode()


def _manifest(files: Mapping[str, bytes], label: str) -> _Manifest:
    if _MANIFEST not in files:
        raise Unsound(label, "is not a Latent Loom model: it has no manifest.")
    try:
        if _Format.model_validate_json(files[_MANIFEST]).format > FORMAT:
            raise Unsound(label, "was made by a newer version of Latent Loom: update this one to open it.")
        return _Manifest.model_validate_json(files[_MANIFEST])
    except ValidationError as error:
        raise Unsound(label, "has a damaged manifest.") from error


def _verify(files: Mapping[str, bytes], manifest: _Manifest, names: Iterable[_PartName], label: str) -> None:
    for name in names:
        if name not in files or name not in manifest.files:
            raise Unsound(label, f"is not whole: {name} is missing.")
        part, data = manifest.files[name], files[name]
        if (part.bytes, part.sha256) != (len(data), sha256(data)):
            raise Unsound(label, f"is damaged: {name} has changed since it was saved.")


def _card(data: bytes, label: str) -> Card:
    try:
        return Card.model_validate_json(data)
    except ValidationError as error:
        raise Unsound(label, f"has a card that cannot be used: {explain(error)}") from error


def _codes(data: bytes, card: Card, label: str) -> Codes:
    """The codes, checked: posteriors of at least one image, and each label the index of a class."""
    arrays = stored_arrays.arrays(data, "codes", label)
    if not {"mean", "logvar"} <= arrays.keys():
        raise Unsound(label, "has codes without a mean or a log-variance.")
    codes = Codes(arrays["mean"], arrays["logvar"], arrays.get("labels"))
    shape = (max(1, codes.mean.size // card.model.latent), card.model.latent)
    classes = np.arange(len(card.data.class_names))
    fits = (
        all(array.shape == shape and array.dtype == np.float32 for array in (codes.mean, codes.logvar))
        and np.isfinite(codes.mean).all()
        and (np.isfinite(codes.logvar) if card.model.variational else np.isneginf(codes.logvar)).all()
    )
    labels_fit = codes.labels is None or (
        codes.labels.shape == shape[:1] and codes.labels.dtype == np.int64 and np.isin(codes.labels, classes).all()
    )
    if not (fits and labels_fit):
        raise Unsound(label, "has codes that do not fit its card.")
    return codes
