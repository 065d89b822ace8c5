"""Every model one can choose: bundled with the app, trained here, or uploaded as a file. An id is looked up, never joined into a path."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from vae_core.base import owners
from vae_core.base.errors import InputError, disk_errors_as
from vae_core.base.shelf import Shelf, folders_in
from vae_core.base.storage import write_atomic
from vae_core.data.images import shown
from vae_core.runs import directory, pins
from vae_core.training import arrival, checkpoint
from vae_core.training.checkpoint import MAX_DIMENSION_NAME, Card, Checkpoint

BUNDLED = Path(__file__).parents[2] / "assets" / "models"
MAX_NAME = 80
NAME_FILE = "name.txt"
Kind = Literal["bundled", "run", "upload"]
UPLOADS = Shelf("models", trash_name="models/upload")
"""The models that were uploaded."""

_DIMENSIONS_FILE = "dimensions.json"
_OWN: dict[Kind, Shelf] = {"run": directory.RUNS, "upload": UPLOADS}


@dataclass(frozen=True)
class Entry:
    """A model in the list: `name` is what people call it now, `card` what was written when it was made.

    `dimension_names` are what people call its K dimensions, empty for one without a name; none where no dimension has one.
    `mine` says whether who asks may rename and delete it, `shared` whether the whole class sees it, `pinned` whether the teacher has put it
    first for a lesson.
    """

    id: str
    kind: Kind
    name: str
    folder: Path
    card: Card
    dimension_names: tuple[str, ...] = ()
    mine: bool = True
    shared: bool = False
    pinned: bool = False


def models() -> dict[str, Entry]:
    """All models that who asks may see, by id; one that cannot be read is left out.

    Those that are pinned come first, then the user's own, the newest on top, then the bundled ones. The newest is the one that came here
    last, whatever its card says.
    """
    pinned = pins.pinned()
    own: list[Entry] = []
    for run in directory.RUNS.folders():
        folder = directory.newest_checkpoint(run)
        if folder is not None:
            own += _entry(run.name, "run", folder, run, pinned)
    for folder in UPLOADS.folders():
        own += _entry(folder.name, "upload", folder / "checkpoint", folder, pinned)
    own.sort(key=lambda entry: _written_at(entry.folder), reverse=True)
    bundled = [entry for folder in folders_in(BUNDLED) for entry in _entry(folder.name, "bundled", folder, folder, pinned)]
    found = {entry.id: entry for entry in [*own, *bundled]}
    return {model_id: found[model_id] for model_id in dict.fromkeys([*pinned, *found]) if model_id in found}


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
    with disk_errors_as("The model cannot be read"):
        return checkpoint.load(_known(model_id).folder)


def add(data: bytes, file_name: str) -> str:
    """Keep an uploaded model file; returns the new id.

    Raises:
        InputError: it is not a whole model file of ours, its card is beyond the limits of `arrival`, or the disk is full.
    """
    return keep(checkpoint.unpack(data, shown(file_name)))


def keep(opened: Checkpoint) -> str:
    """Keep a model that is open, with its card as `arrival.admitted` leaves it; returns the new id.

    Raises:
        InputError: its card is beyond the limits there, or the disk is full.
    """
    files = checkpoint.files_of(opened.model, arrival.admitted(opened.card), opened.codes, half=opened.half)
    with disk_errors_as("The model cannot be kept"):
        return UPLOADS.add({f"checkpoint/{name}": content for name, content in files.items()})


def rename(model_id: str, name: str) -> None:
    """Give a model of the user's own another name.

    Raises:
        InputError: a bundled model, a name that is empty or over 80 characters, or the disk is full.
    """
    plain = shown(name).strip()
    if not plain or len(name.strip()) > MAX_NAME:
        raise InputError(f"A model's name has 1 to {MAX_NAME} characters.")
    _, folder = _own(model_id)
    with disk_errors_as("The model cannot be renamed"):
        write_atomic(folder / NAME_FILE, plain.encode())


def plain_names(names: Sequence[str]) -> tuple[str, ...]:
    """Names of dimensions as they are shown: printable characters, at most 40; none at all where all are empty."""
    plain = tuple(shown(name.strip()[:MAX_DIMENSION_NAME]).strip() for name in names)
    return plain if any(plain) else ()


def name_dimensions(model_id: str, names: Sequence[str]) -> None:
    """Name the K dimensions of a model of the user's own, each with a text that may be empty.

    Raises:
        InputError: a bundled model, or the disk is full.
    """
    _, folder = _own(model_id)
    with disk_errors_as("The names cannot be kept"):
        write_atomic(folder / _DIMENSIONS_FILE, json.dumps(plain_names(names)).encode())


def delete(model_id: str) -> None:
    """Move a model of the user's own, or a run without one yet, to the trash. `restore` brings it back within seven days.

    Raises:
        InputError: a bundled model, a run that is still being trained, or the disk cannot be written.
    """
    kind, folder = _own(model_id)
    if kind == "run" and _in_training(folder):
        raise InputError("This model is still being trained: stop the run first.")
    with disk_errors_as("The model cannot be deleted"):
        for shelf in _OWN.values():
            shelf.empty_trash()
        _OWN[kind].discard(model_id)


def share(model_id: str, *, shared: bool) -> None:
    """Let the whole class see and use a model of the user's own, or no longer. Its images are not shared with it.

    Raises:
        InputError: it is not the user's own, or the disk cannot be written.
    """
    _, folder = _own(model_id)
    with disk_errors_as("The model cannot be shared"):
        owners.share(folder, shared=shared)


def pin(model_id: str, *, pinned: bool) -> None:
    """Put a model first in all lists, and let the whole class see it; or put it back.

    Raises:
        InputError: a student asks, there is no such model, or the disk cannot be written.
    """
    entry, others = _known(model_id), [other for other in pins.pinned() if other != model_id]
    pins.pin([*others, model_id] if pinned else others)
    if pinned and entry.kind != "bundled":
        share(model_id, shared=True)


def restore(model_id: str) -> None:
    """Undo `delete`.

    Raises:
        InputError: it is not in the trash, or the disk cannot be written.
    """
    with disk_errors_as("The model cannot be restored"):
        if not any(shelf.restore(model_id) for shelf in _OWN.values()):
            raise InputError("This model is no longer in the trash.")


def unknown(model_id: str) -> InputError:
    """The refusal of an id that no model has."""
    return InputError(f'There is no model "{shown(model_id)}" here: choose another.')


def _entry(model_id: str, kind: Kind, folder: Path, named_in: Path, all_pinned: Sequence[str]) -> list[Entry]:
    try:
        card = checkpoint.read_card(folder)
    except (InputError, OSError):
        return []
    name = card.name
    with contextlib.suppress(OSError):
        name = (named_in / NAME_FILE).read_text("utf-8", "replace")
    pinned = model_id in all_pinned
    mine = kind != "bundled" and owners.owns(named_in) and (not pinned or owners.asking() is None)
    plain = shown(name).strip() or model_id
    return [Entry(model_id, kind, plain, folder, card, _dimension_names(named_in, card), mine, owners.is_shared(named_in), pinned)]


def _in_training(run: Path) -> bool:
    """Whether a run is active; of one that is damaged the status may be as old as its process."""
    if not directory.is_damaged(run):
        return directory.status(run).active
    with directory.locked(run / directory.LOCK) as free:
        return not free


def _written_at(checkpoint_folder: Path) -> int:
    """When a checkpoint was written here, in nanoseconds since 1970; nobody changes it later."""
    with contextlib.suppress(OSError):  # deleted since the list was begun
        return (checkpoint_folder / "manifest.json").stat().st_mtime_ns
    return 0


def _dimension_names(named_in: Path, card: Card) -> tuple[str, ...]:
    """What the user called the dimensions last, else what the card says; a file that is no such list counts as none."""
    names: object = card.dimension_names
    with contextlib.suppress(OSError, ValueError):
        names = json.loads((named_in / _DIMENSIONS_FILE).read_text("utf-8"))
    if not isinstance(names, list | tuple) or len(names) != card.model.latent or not all(isinstance(name, str) for name in names):
        return ()
    return plain_names(names)


def _known(model_id: str) -> Entry:
    listed = models()
    if model_id not in listed:
        raise unknown(model_id)
    return listed[model_id]


def _own(model_id: str) -> tuple[Kind, Path]:
    """The folder that is a run or an uploaded model of who asks, whether its files can be read or not."""
    for kind, shelf in _OWN.items():
        folder = shelf.find(model_id)
        if folder is not None and (kind == "upload" or directory.is_run(folder)):
            owners.check_owns(folder)
            pins.check_not_pinned(model_id)
            return kind, folder
    if model_id in [bundled.name for bundled in folders_in(BUNDLED)]:
        raise InputError("A bundled model cannot be renamed or deleted.")
    raise unknown(model_id)
