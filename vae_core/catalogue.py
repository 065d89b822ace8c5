"""Every model one can choose: bundled with the app, trained here, or brought as a file. An id is looked up, never joined into a path."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vae_core import checkpoint, runs
from vae_core.checkpoint import Card, Checkpoint
from vae_core.errors import InputError
from vae_core.images import shown
from vae_core.storage import home, new_id, write_atomic

BUNDLED = Path(__file__).parents[1] / "assets" / "models"
TRASH_DAYS = 7
Kind = Literal["bundled", "run", "upload"]


@dataclass(frozen=True)
class Entry:
    """A model in the list: `name` is what people call it now, `card` what was written when it was made."""

    id: str
    kind: Kind
    name: str
    folder: Path
    card: Card


def models() -> dict[str, Entry]:
    """All models by id: the newest own ones first, then the bundled ones; one that cannot be read is left out."""
    own: list[Entry] = []
    for run in runs.listing():
        folder = runs.newest_checkpoint(run.folder)
        if folder is not None:
            own += _entry(run.id, "run", folder, run.folder)
    for folder in _folders(_uploads()):
        own += _entry(folder.name, "upload", folder / "checkpoint", folder)
    own.sort(key=lambda entry: entry.card.created, reverse=True)
    bundled = [entry for folder in _folders(BUNDLED) for entry in _entry(folder.name, "bundled", folder, folder)]
    return {entry.id: entry for entry in [*own, *bundled]}


def find(text: str) -> Path:
    """The checkpoint folder for what somebody typed: an id, a model's name, or the path of a run or checkpoint folder.

    Raises:
        InputError: nothing fits, or the name fits several models.
    """
    listed = models()
    if text in listed:
        return listed[text].folder
    named = [entry for entry in listed.values() if entry.name == text]
    if len(named) > 1:
        raise InputError(f'{len(named)} models are called "{shown(text)}": name one by its id ({", ".join(entry.id for entry in named)}).')
    if named:
        return named[0].folder
    path = Path(text)
    if (path / "manifest.json").is_file():
        return path
    folder = runs.newest_checkpoint(path) if path.is_dir() else None
    if folder is None:
        raise InputError(f'There is no model "{shown(text)}": `python -m vae_core runs` lists them.')
    return folder


def load(model_id: str) -> Checkpoint:
    """Open a listed model.

    Raises:
        InputError: there is no such model, or it is damaged.
    """
    return checkpoint.load(_known(model_id).folder)


def add(data: bytes, file_name: str) -> str:
    """Keep an uploaded model file; returns the new id.

    Raises:
        InputError: it is not a whole model file of ours.
    """
    opened = checkpoint.unpack(data, shown(file_name))
    model_id = new_id()
    checkpoint.save(_uploads() / model_id / "checkpoint", opened.model, opened.card, opened.codes)
    return model_id


def rename(model_id: str, name: str) -> None:
    """Give an own model another name.

    Raises:
        InputError: a bundled model, or a name that is empty or over 120 characters.
    """
    plain = shown(name).strip()
    if not plain or len(name) > 120:
        raise InputError("A model's name has 1 to 120 characters.")
    write_atomic(_own(model_id) / "name.txt", plain.encode())


def delete(model_id: str) -> None:
    """Move an own model to the trash, from where `restore` brings it back for seven days.

    Raises:
        InputError: a bundled model, or a run that is still being trained.
    """
    entry = _known(model_id)
    if entry.kind == "run" and runs.status(entry.folder.parents[1]).state in ("queued", "running"):
        raise InputError("This model is still being trained: stop the run first.")
    folder = _own(model_id)
    trash = _trash() / entry.kind
    trash.mkdir(parents=True, exist_ok=True)
    folder.rename(trash / model_id)
    (trash / model_id).touch()  # the week counts from now
    for old in [path for kind in _folders(_trash()) for path in _folders(kind)]:
        if time.time() - old.stat().st_mtime > TRASH_DAYS * 86_400:
            shutil.rmtree(old, ignore_errors=True)


def restore(model_id: str) -> None:
    """Undo `delete`.

    Raises:
        InputError: it is not in the trash.
    """
    for kind, shelf in (("run", runs.shelf()), ("upload", _uploads())):
        for folder in _folders(_trash() / kind):
            if folder.name == model_id:
                folder.rename(shelf / model_id)
                return
    raise InputError("This model is no longer in the trash.")


def _entry(model_id: str, kind: Kind, folder: Path, named_in: Path) -> list[Entry]:
    try:
        card = checkpoint.read_card(folder)
    except InputError:
        return []
    name_file = named_in / "name.txt"
    return [Entry(model_id, kind, name_file.read_text("utf-8") if name_file.is_file() else card.name, folder, card)]


def _known(model_id: str) -> Entry:
    listed = models()
    if model_id not in listed:
        raise InputError(f'There is no model "{shown(model_id)}": choose another on the Models page.')
    return listed[model_id]


def _own(model_id: str) -> Path:
    entry = _known(model_id)
    if entry.kind == "bundled":
        raise InputError("A bundled model cannot be renamed or deleted.")
    return entry.folder.parents[1] if entry.kind == "run" else entry.folder.parent


def _uploads() -> Path:
    return home() / "models"


def _trash() -> Path:
    return home() / "trash" / "models"


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")) if parent.is_dir() else []
