"""Every model one can choose: bundled with the app, trained here, or brought as a file. An id is looked up, never joined into a path."""

from __future__ import annotations

import contextlib
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vae_core.base.errors import InputError
from vae_core.base.storage import home, new_id, write_atomic
from vae_core.data.images import shown
from vae_core.runs import directory
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Card, Checkpoint

BUNDLED = Path(__file__).parents[2] / "assets" / "models"
TRASH_DAYS = 7
MAX_NAME = 80
_NAME_FILE = "name.txt"
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
    for run in directory.listing():
        folder = directory.newest_checkpoint(run.folder)
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
    named = [entry for entry in listed.values() if entry.name == shown(text)]
    if len(named) > 1:
        raise InputError(f'{len(named)} models are called "{shown(text)}": name one by its id ({", ".join(entry.id for entry in named)}).')
    if named:
        return named[0].folder
    path, folder = Path(text), None
    with contextlib.suppress(OSError):  # a text too long for a path
        if (path / "manifest.json").is_file():
            return path
        folder = directory.newest_checkpoint(path) if path.is_dir() else None
    if folder is None:
        raise InputError(f'There is no model "{shown(text)}": `python -m vae_core runs` lists them.')
    return folder


def load(model_id: str) -> Checkpoint:
    """Open a listed model.

    Raises:
        InputError: there is no such model, or it is damaged.
    """
    with _disk("The model cannot be read"):
        return checkpoint.load(_known(model_id).folder)


def add(data: bytes, file_name: str) -> str:
    """Keep an uploaded model file; returns the new id.

    Raises:
        InputError: it is not a whole model file of ours, or the disk is full.
    """
    opened = checkpoint.unpack(data, shown(file_name))
    model_id = new_id()
    with _disk("The model cannot be kept"):
        checkpoint.save(_uploads() / model_id / "checkpoint", opened.model, opened.card, opened.codes)
    return model_id


def rename(model_id: str, name: str) -> None:
    """Give an own model another name.

    Raises:
        InputError: a bundled model, a name that is empty or over 80 characters, or the disk is full.
    """
    plain = shown(name).strip()
    if not plain or len(name.strip()) > MAX_NAME:
        raise InputError(f"A model's name has 1 to {MAX_NAME} characters.")
    _, folder = _own(model_id)
    with _disk("The model cannot be renamed"):
        write_atomic(folder / _NAME_FILE, plain.encode())


def delete(model_id: str) -> None:
    """Move an own model, or a run that has none yet, to the trash, from where `restore` brings it back for seven days.

    Raises:
        InputError: a bundled model, or a run that is still being trained.
    """
    kind, folder = _own(model_id)
    if kind == "run" and directory.status(folder).state in ("queued", "running"):
        raise InputError("This model is still being trained: stop the run first.")
    for old in [path for shelf in _folders(_trash()) for path in _folders(shelf)]:
        if time.time() - old.stat().st_mtime > TRASH_DAYS * 86_400:
            shutil.rmtree(old, ignore_errors=True)
    with _disk("The model cannot be deleted"):
        folder.touch()  # the week counts from now
        _move(folder, _trash() / kind)


def restore(model_id: str) -> None:
    """Undo `delete`.

    Raises:
        InputError: it is not in the trash.
    """
    for kind, shelf in (("run", directory.shelf()), ("upload", _uploads())):
        for folder in _folders(_trash() / kind):
            if folder.name == model_id:
                with _disk("The model cannot be restored"):
                    _move(folder, shelf)
                return
    raise InputError("This model is no longer in the trash.")


def _entry(model_id: str, kind: Kind, folder: Path, named_in: Path) -> list[Entry]:
    try:
        card = checkpoint.read_card(folder)
    except (InputError, OSError):
        return []
    name = card.name
    with contextlib.suppress(OSError):
        name = (named_in / _NAME_FILE).read_text("utf-8", "replace")
    return [Entry(model_id, kind, shown(name).strip() or model_id, folder, card)]


def _known(model_id: str) -> Entry:
    listed = models()
    if model_id not in listed:
        raise _unknown(model_id)
    return listed[model_id]


def _unknown(model_id: str) -> InputError:
    return InputError(f'There is no model "{shown(model_id)}": choose another on the Models page.')


def _own(model_id: str) -> tuple[Kind, Path]:
    """The folder that is a run or an uploaded model, whether its checkpoint can be read or not."""
    own: list[tuple[Kind, Path]] = [("run", run.folder) for run in directory.listing()]
    own += [("upload", folder) for folder in _folders(_uploads())]
    for kind, folder in own:
        if folder.name == model_id:
            return kind, folder
    if model_id in [folder.name for folder in _folders(BUNDLED)]:
        raise InputError("A bundled model cannot be renamed or deleted.")
    raise _unknown(model_id)


def _move(folder: Path, parent: Path) -> None:
    parent.mkdir(parents=True, exist_ok=True)
    folder.rename(parent / folder.name)


@contextlib.contextmanager
def _disk(what: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{what}: {error.strerror or error}.") from error


def _uploads() -> Path:
    return home() / "models"


def _trash() -> Path:
    return home() / "trash" / "models"


def _folders(parent: Path) -> list[Path]:
    return sorted(path for path in parent.iterdir() if path.is_dir() and not path.name.startswith(".")) if parent.is_dir() else []
