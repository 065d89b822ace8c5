"""What of the user's models and runs is damaged: each under its own name, why, and what is left of it."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from vae_core.base import owners
from vae_core.base.errors import InputError, Unsound, disk_errors_as
from vae_core.base.shelf import folders_in
from vae_core.base.storage import new_id
from vae_core.data.images import shown
from vae_core.runs import catalogue, directory, pins
from vae_core.runs.catalogue import Entry, Kind
from vae_core.training import checkpoint


@dataclass(frozen=True)
class Damage:
    """A model or a run that is damaged.

    Attributes:
        id: as links have it.
        name: what people call it, as far as that can still be read, else its id.
        why: one sentence, which names it.
        older_step: the step of a sound checkpoint before the damaged one, which `fall_back` goes back to; None where there is none.
        kind: a run, an uploaded model or a bundled one.
        mine: whether who asks may go back to the older checkpoint, or delete it.
    """

    id: str
    name: str
    why: str
    older_step: int | None
    kind: Kind
    mine: bool


def listing(sound: Collection[str]) -> dict[str, Damage]:
    """All that is damaged, by id; of a file that is only read when its model is opened, `of_model` tells.

    Args:
        sound: the ids of `catalogue.models`.
    """
    found: list[Damage] = []
    for folder in directory.RUNS.folders():
        newest = directory.newest_checkpoint(folder)
        if newest is not None and folder.name not in sound:
            found += _of_card("run", newest, folder)
        elif directory.is_damaged(folder):
            name, model = _name_of(folder, newest), "Its model is whole and stays in the list." if newest else "It has no model yet."
            why = f'The run "{name}" is damaged: run.json cannot be read. {model}'
            found.append(Damage(folder.name, name, why, None, "run", _is_mine(folder)))
    for folder in catalogue.UPLOADS.folders():
        if folder.name not in sound:
            found += _of_card("upload", folder / "checkpoint", folder)
    for folder in folders_in(catalogue.BUNDLED):
        if folder.name not in sound:
            found += _of_card("bundled", folder, folder)
    return {each.id: each for each in found}


def of_model(entry: Entry, error: InputError) -> Damage:
    """What is wrong with a model in the list that could not be opened.

    Args:
        entry: the model.
        error: why it could not.
    """
    older = _older(entry.folder) if entry.kind == "run" else None
    return Damage(entry.id, entry.name, sentence(entry.name, error), older, entry.kind, entry.mine)


def sentence(name: str, error: Exception) -> str:
    """Why a model of this name cannot be opened, where opening it ended in an `InputError` or an `OSError`."""
    return f'The model "{name}" {error.what if isinstance(error, Unsound) else f"cannot be read: {error}"}'


def fall_back(run_id: str) -> None:
    """Go back to the newest sound checkpoint of a run; those after it stay in its folder under names that nobody reads.

    Raises:
        InputError: there is no such run or no such checkpoint, the teacher has pinned its model, the run is being trained, or the disk
            cannot be written.
    """
    run = directory.RUNS.find(run_id)
    if run is not None:
        owners.check_owns(run)
        pins.check_not_pinned(run_id)
    newest = None if run is None else directory.newest_checkpoint(run)
    _is_sound.cache_clear()  # a bit can turn without a trace in times and sizes
    step = None if newest is None else _older(newest)
    if run is None or step is None:
        raise InputError("There is no older checkpoint of this model.")
    with disk_errors_as("The older checkpoint cannot be put in its place"), directory.hold(run):
        for folder in directory.checkpoints(run):
            if int(folder.name) > step:
                folder.rename(folder.with_name(f"{folder.name}.{new_id()}.damaged"))


def _of_card(kind: Kind, folder: Path, named_in: Path) -> list[Damage]:
    """The damage of a model whose card cannot be read; none where it can, or where it was deleted meanwhile."""
    try:
        checkpoint.read_card(folder)
    except (InputError, OSError) as error:
        if not named_in.is_dir():
            return []
        name = _name_of(named_in, folder)
        older = _older(folder) if kind == "run" else None
        return [Damage(named_in.name, name, sentence(name, error), older, kind, kind != "bundled" and _is_mine(named_in))]
    return []


def _is_mine(folder: Path) -> bool:
    return owners.owns(folder) and (owners.asking() is None or folder.name not in pins.pinned())


def _older(newest: Path) -> int | None:
    """The step of the newest sound checkpoint before this one of a run."""
    for folder in reversed(directory.checkpoints(newest.parents[1])):
        if int(folder.name) < int(newest.name):
            with contextlib.suppress(OSError):
                files = [(file.name, file.stat()) for file in sorted(folder.iterdir())]
                if _is_sound(folder, tuple((name, found.st_size, found.st_mtime_ns) for name, found in files)):
                    return int(folder.name)
    return None


@lru_cache(maxsize=256)
def _is_sound(folder: Path, files: tuple[tuple[str, int, int], ...]) -> bool:
    """Whether a checkpoint can be opened; it is read once as long as its files keep their names, sizes and times, `files`.

    Raises:
        OSError: it cannot be read just now, which is not remembered.
    """
    try:
        checkpoint.load(folder)
    except InputError:
        return False
    return True


def _name_of(folder: Path, newest: Path | None) -> str:
    """What a model or run is called, from whichever file still says so."""
    with contextlib.suppress(OSError):
        return shown((folder / catalogue.NAME_FILE).read_text("utf-8", "replace")).strip() or folder.name
    for file in (folder / "run.json", *([] if newest is None else [newest / "card.json"])):
        with contextlib.suppress(OSError, ValueError, RecursionError):
            said = json.loads(file.read_bytes())
            if isinstance(said, dict) and isinstance(said.get("name"), str):
                return shown(said["name"]).strip() or folder.name
    return folder.name
