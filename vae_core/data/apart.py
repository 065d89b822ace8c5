"""Files of strangers → images, in a process of its own: what a file does to its reader, it does there."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from PIL import Image

from vae_core.base import child
from vae_core.base.child import Crew, Progress
from vae_core.base.plain import Records
from vae_core.base.storage import home
from vae_core.data.budget import Budget
from vae_core.data.choices import ImportChoices
from vae_core.data.images import shown
from vae_core.data.imageset import Images
from vae_core.data.importing import Imported
from vae_core.data.mapped import Source
from vae_core.data.readers.npy import map_npy
from vae_core.data.taken import Doubt, Question, Remedy, Taken, Unused

SECONDS = 300.0
"""That an import may take, and one more for each megabyte that is given."""
ROOM = child.ROOM
PICTURE_SECONDS = 30.0
PICTURE_ROOM = 2**29

_SETS, _PICTURES = Crew("vae_core.data.child", places=2), Crew("vae_core.data.child", places=2)  # a picture waits for no import
_RECORDS: Records = {
    "Budget": Budget, "Doubt": Doubt, "Remedy": Remedy, "Source": Source, "Taken": Taken, "Unused": Unused
}  # fmt: skip


def read_files(files: Sequence[tuple[str, bytes]], choices: ImportChoices, progress: Progress | None = None) -> Imported:
    """As `importing.read_files`, apart.

    Args:
        files: names and bytes.
        choices: how images are read and fitted.
        progress: called with the share that is done, 0 to 1, several times a second; what it raises stops the import.

    Raises:
        InputError: as there; or the files took too much memory or time, or broke their reader.
        Question: the files can be read in several ways.
    """
    label = shown(files[0][0]) if len(files) == 1 else "The upload"
    seconds = SECONDS + sum(len(data) for _, data in files) / 2**20
    return _read(_SETS.call("files", list(files), choices, label=label, seconds=seconds, room=ROOM, records=_RECORDS, progress=progress))


def read_path(path: Path, choices: ImportChoices, progress: Progress | None = None) -> Imported:
    """As `importing.read_path`, apart; the time that it may take grows with the files.

    Raises:
        InputError: as there; or the files took too much memory or time, or broke their reader.
        Question: the files can be read in several ways.
    """
    seconds = SECONDS + _bytes_under(path) / 2**20
    arguments = (str(path), choices, str(Path.cwd()), str(home()))
    label = shown(path.name)
    return _read(_SETS.call("path", *arguments, label=label, seconds=seconds, room=ROOM, records=_RECORDS, progress=progress))


def open_picture(data: bytes, name: str, least: int | None = None) -> Image.Image:
    """As `images.open_image`, apart; `least` is as there.

    Raises:
        InputError: as there; or the picture took too much memory or time, or broke its reader.
    """
    pixels = _PICTURES.call("picture", data, name, least, label=shown(name), seconds=PICTURE_SECONDS, room=PICTURE_ROOM)
    return Image.fromarray(pixels)


def close() -> None:
    """End the processes that wait for files."""
    _SETS.close()
    _PICTURES.close()


def _read(said: dict[str, Any]) -> Imported:
    if "question" in said:
        raise Question(said["question"], said["remedies"])
    known, pixels = said["images"], said["pixels"]
    if known["source"] is not None:
        mapped = map_npy(Path(known["source"].path))
        assert mapped is not None  # the child has mapped it just now
        pixels = mapped[:, :pixels]
    return Imported(Images(pixels=pixels, **known), said["taken"])


def _bytes_under(path: Path) -> int:
    """Bytes of a file or of all files in a folder."""
    if path.is_file():
        return path.stat().st_size
    files = (Path(folder, name) for folder, _, names in os.walk(path) for name in names)
    return sum(file.stat().st_size for file in files if file.is_file())
