"""The data sets a user imported, kept under `home()/data/<id>/`: one file of arrays and one JSON card, or for a mapped set the card
alone, which names the file that the images stay in.

A set is written into a folder of its own that is renamed into place, and deleted by renaming it into the trash, so that it is
there whole or not at all. An id is looked up among the folders that exist; text from outside never becomes part of a path.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

import numpy as np
import safetensors.numpy
from pydantic import BaseModel, ConfigDict, ValidationError

from vae_core.base.errors import InputError
from vae_core.base.storage import home, new_id, sha256, sync_folder, write_synced
from vae_core.data.arrays import map_npy
from vae_core.data.images import shown
from vae_core.data.imageset import Images
from vae_core.data.mapped import Source
from vae_core.data.registry import SetInfo

TRASH_DAYS = 7

_ARRAYS, _CARD = "arrays.safetensors", "card.json"


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


def save_imported(images: Images, title: str) -> str:
    """Keep an imported set under a title; returns its id, under which `load_imported` finds it in every later session.

    The same arrays under the same title are kept once. Of a mapped set only the place of its file is kept.

    Raises:
        InputError: the disk is full or cannot be written, or the file of a mapped set has changed.
    """
    arrays = _packed(images) if images.source is None else None
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
        sha256=images.identity if arrays is None else sha256(arrays),
        source=images.source,
    )
    for folder in _folders(_shelf()):
        kept = _card(folder)
        if kept is not None and (kept.sha256, kept.title, kept.source) == (card.sha256, card.title, card.source):
            return folder.name
    identifier = new_id()
    temporary = _shelf() / f".{identifier}.tmp"
    try:
        temporary.mkdir(parents=True)
        if arrays is not None:
            write_synced(temporary / _ARRAYS, arrays)
        write_synced(temporary / _CARD, card.model_dump_json(indent=1).encode())
        sync_folder(temporary)
        os.replace(temporary, _shelf() / identifier)
        sync_folder(_shelf())
    except OSError as error:
        shutil.rmtree(temporary, ignore_errors=True)
        raise InputError(f"{card.title} could not be kept on the disk ({error.strerror}).") from error
    return identifier


def imported() -> Mapping[str, SetInfo]:
    """Id → what is known of each imported set, oldest first; a folder that is damaged is left out."""
    cards = [(card, folder.name) for folder in _folders(_shelf()) if (card := _card(folder)) is not None]
    return {name: _info(card) for card, name in sorted(cards, key=lambda pair: (pair[0].created, pair[1]))}


def load_imported(identifier: str) -> Images:
    """The set with this id.

    Raises:
        InputError: there is none, or its files are damaged, or the file of a mapped set has changed or is gone.
    """
    folder = _find(_shelf(), identifier)
    card = _card(folder)
    if card is not None and card.source is not None:
        card.source.check()
        pixels = map_npy(Path(card.source.path))
        assert pixels is not None  # it is the very file that was mapped at first
        return Images(folder.name, pixels[:, : card.channels], licence=card.licence, source=card.source)
    try:
        data = (folder / _ARRAYS).read_bytes()
    except OSError as error:
        raise InputError(f"The imported data set {folder.name} cannot be read: {error.strerror}.") from error
    if card is None or sha256(data) != card.sha256:
        raise InputError(f"The imported data set {folder.name} is damaged on disk: import it again.")
    arrays = safetensors.numpy.load(data)
    return Images(
        folder.name,
        arrays["pixels"],
        arrays.get("labels"),
        card.class_names,
        arrays.get("factors"),
        card.factor_names,
        card.factor_values,
        card.test_start,
        card.licence,
    )


def _packed(images: Images) -> bytes:
    tensors = {"pixels": images.pixels, "labels": images.labels, "factors": images.factors}
    return safetensors.numpy.save({name: np.ascontiguousarray(array) for name, array in tensors.items() if array is not None})


def delete_imported(identifier: str) -> None:
    """Move a set to the trash, from where `restore_imported` brings it back; what has lain there for a week is removed.

    Raises:
        InputError: there is no set with this id.
    """
    folder = _find(_shelf(), identifier)
    for old in _folders(_trash()):
        if time.time() - old.stat().st_mtime > TRASH_DAYS * 86_400:
            shutil.rmtree(old, ignore_errors=True)
    folder.touch()  # the trash counts from now
    _move(folder, _trash())


def restore_imported(identifier: str) -> None:
    """Undo `delete_imported`.

    Raises:
        InputError: there is no set with this id in the trash.
    """
    _move(_find(_trash(), identifier), _shelf())


def _shelf() -> Path:
    return home() / "data"


def _trash() -> Path:
    return home() / "trash" / "data"


def _move(folder: Path, parent: Path) -> None:
    try:
        parent.mkdir(parents=True, exist_ok=True)
        os.replace(folder, parent / folder.name)
    except OSError as error:
        raise InputError(f"The imported data set {folder.name} cannot be moved ({error.strerror}).") from error


def _folders(parent: Path) -> list[Path]:
    if not parent.is_dir():
        return []
    return [path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")]


def _find(parent: Path, identifier: str) -> Path:
    for folder in _folders(parent):
        if folder.name == identifier:
            return folder
    raise InputError(f"There is no imported data set {shown(identifier)}.")


def _card(folder: Path) -> _Card | None:
    try:
        return _Card.model_validate_json((folder / _CARD).read_bytes())
    except (OSError, ValidationError):
        return None


def _info(card: _Card) -> SetInfo:
    colour = "grey" if card.channels == 1 else "RGB"
    description = f"{card.count:,} {colour} images of {card.height} × {card.width} pixels, imported."
    return SetInfo(title=card.title, description=description, licence=card.licence, download=False)
