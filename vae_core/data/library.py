"""The data sets a user imported, kept under `home()/data/<id>/`: one file of arrays and one JSON card, or for a mapped set the card
alone, which names the file that the images stay in.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from vae_core.base import owners
from vae_core.base.arrays import read_safetensors, safetensors_parts
from vae_core.base.errors import InputError, disk_errors_as
from vae_core.base.shelf import Shelf, folders_in
from vae_core.base.storage import Content
from vae_core.data.images import shown
from vae_core.data.imageset import Images, SetInfo
from vae_core.data.mapped import Source
from vae_core.data.readers.npy import map_npy
from vae_core.data.streamed import sweep

_ARRAYS, _CARD = "arrays.safetensors", "card.json"
_SHELF = Shelf("data", trash_name="data")


class _Card(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format: Literal[1] = 1
    title: str
    created: float  # seconds since 1970, UTC
    count: int
    channels: int
    height: int
    width: int
    class_names: tuple[str, ...]
    factor_names: tuple[str, ...]
    factor_values: tuple[tuple[str, ...], ...]
    test_start: int | None
    licence: str
    sha256: str  # of the file of arrays; the identity of a mapped set
    source: Source | None = None
    validation_start: int | None = None
    known_sha256: str | None = None  # of the file of arrays, where a mapped set has labels or factors


def save_imported(images: Images, title: str) -> str:
    """Keep an imported set under a title; returns its id, under which `load_imported` finds it in every later session.

    The same arrays under the same title are kept once. Of a mapped set only the place of its file is kept.

    Raises:
        InputError: the disk is full or cannot be written, or the file of a mapped set has changed.
    """
    arrays = _packed(images)
    digest = _sha256(arrays)
    channels, height, width = images.shape
    card = _Card(
        title=shown(title).strip() or images.name,
        created=time.time(),
        count=len(images),
        channels=channels,
        height=height,
        width=width,
        class_names=images.class_names,
        factor_names=images.factor_names,
        factor_values=images.factor_values,
        test_start=images.test_start,
        licence=images.licence,
        sha256=images.identity if images.source is not None else digest,
        source=images.source,
        validation_start=images.validation_start,
        known_sha256=digest if images.source is not None and arrays else None,
    )
    for folder in _SHELF.folders():
        kept = _card(folder)
        if kept is not None and owners.owns(folder) and _same(kept, card):
            return folder.name
    files: dict[str, Content] = {_ARRAYS: arrays} if arrays else {}
    with disk_errors_as(f"{card.title} could not be kept"):
        return _SHELF.add({**files, _CARD: card.model_dump_json(indent=1).encode()})


def _same(one: _Card, other: _Card) -> bool:
    return one == other.model_copy(update={"created": one.created})


def imported() -> Mapping[str, SetInfo]:
    """Id → what is known of each imported set, oldest first; a folder that is damaged is left out."""
    cards = [(card, folder.name) for folder in _SHELF.folders() if (card := _card(folder)) is not None]
    return {name: _info(card) for card, name in sorted(cards, key=lambda pair: (pair[0].created, pair[1]))}


def load_imported(identifier: str) -> Images:
    """The set with this id.

    Raises:
        InputError: there is none, or its files are damaged, or the file of a mapped set has changed or is gone.
    """
    folder = _SHELF.find(identifier)
    if folder is None:
        raise _unknown(identifier)
    card = _card(folder)
    if card is not None and card.source is not None:
        card.source.check()
        pixels = map_npy(Path(card.source.path))
        assert pixels is not None  # it is the very file that was mapped at first
        pixels = pixels[:, : card.channels]
    else:
        pixels = None
    expected = None if card is None else card.sha256 if card.source is None else card.known_sha256
    if card is not None and pixels is not None and expected is None:
        return Images(folder.name, pixels, licence=card.licence, source=card.source)
    with disk_errors_as(f"The imported data set {folder.name} cannot be read"), open(folder / _ARRAYS, "rb") as file:
        whole = hashlib.file_digest(file, "sha256").hexdigest() == expected
        file.seek(0)
        arrays = read_safetensors(file) if whole else {}
    if card is None or not whole:
        raise InputError(f"The imported data set {folder.name} is damaged on disk: import it again.")
    return Images(
        folder.name,
        arrays["pixels"] if pixels is None else pixels,
        arrays.get("labels"),
        card.class_names,
        arrays.get("factors"),
        card.factor_names,
        card.factor_values,
        card.test_start,
        card.licence,
        card.source,
        validation_start=card.validation_start,
    )


def _packed(images: Images) -> list[memoryview]:
    """The arrays of a set as parts of one file, of a mapped one without its pixels; empty where there are none."""
    tensors = {"pixels": images.pixels if images.source is None else None, "labels": images.labels, "factors": images.factors}
    arrays = {name: np.ascontiguousarray(array) for name, array in tensors.items() if array is not None}
    return safetensors_parts(arrays) if arrays else []


def _sha256(parts: Sequence[memoryview]) -> str:
    digest = hashlib.sha256()
    for part in parts:
        digest.update(part)
    return digest.hexdigest()


def delete_imported(identifier: str) -> None:
    """Move a set to the trash, from where `restore_imported` brings it back; what has lain there for a week is removed.

    Raises:
        InputError: there is no set with this id, it is not of who asks, or the disk cannot be written.
    """
    with disk_errors_as("The imported data set cannot be deleted"):
        _SHELF.empty_trash()
        if not _SHELF.discard(identifier):
            raise _unknown(identifier)
        cards = (_card(folder) for folder in (*folders_in(_SHELF.place), *folders_in(_SHELF.trash)))
        sweep({card.source.path for card in cards if card is not None and card.source is not None})


def owns_imported(identifier: str) -> bool:
    """Whether who asks may delete this set and share it."""
    folder = _SHELF.find(identifier)
    return folder is not None and owners.owns(folder)


def of_students() -> list[str]:
    """The ids of the sets that students of a class have imported."""
    return _SHELF.of_students()


def is_shared(identifier: str) -> bool:
    """Whether the whole class may see this set."""
    folder = _SHELF.find(identifier)
    return folder is not None and owners.is_shared(folder)


def share_imported(identifier: str, *, shared: bool) -> None:
    """Let the whole class see and use a set, or no longer.

    Raises:
        InputError: there is no set with this id, it is not of who asks, or the disk cannot be written.
    """
    folder = _SHELF.find(identifier)
    if folder is None:
        raise _unknown(identifier)
    with disk_errors_as("The set cannot be shared"):
        owners.share(folder, shared=shared)


def restore_imported(identifier: str) -> None:
    """Undo `delete_imported`.

    Raises:
        InputError: there is no set with this id in the trash, or the disk cannot be written.
    """
    with disk_errors_as("The imported data set cannot be restored"):
        if not _SHELF.restore(identifier):
            raise _unknown(identifier)


def _unknown(identifier: str) -> InputError:
    return InputError(f"There is no imported data set {shown(identifier)}.")


def _card(folder: Path) -> _Card | None:
    try:
        return _Card.model_validate_json((folder / _CARD).read_bytes())
    except (OSError, ValidationError):
        return None


def _info(card: _Card) -> SetInfo:
    colour = "grey" if card.channels == 1 else "RGB"
    description = f"{card.count:,} {colour} images of {card.height} × {card.width} pixels, imported."
    return SetInfo(title=card.title, description=description, licence=card.licence, download=False)
