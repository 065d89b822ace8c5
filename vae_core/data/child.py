"""The process in which files of strangers become images; `apart` starts it."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from vae_core.base.plain import Spent
from vae_core.base.serving import Progress, serve
from vae_core.data.choices import ImportChoices
from vae_core.data.images import open_image
from vae_core.data.importing import Imported, read_files, read_path
from vae_core.data.taken import Question


def _files(progress: Progress, files: Sequence[tuple[str, bytes]], choices: ImportChoices) -> object:
    return _said(lambda: read_files(files, choices, progress))


def _path(progress: Progress, path: str, choices: ImportChoices, here: str, home: str) -> object:
    os.chdir(here)
    os.environ["LATENT_LOOM_HOME"] = home
    return _said(lambda: read_path(Path(path), choices, progress))


def _said(read: Callable[[], Imported]) -> dict[str, object]:
    """What was read, or the question that the files ask. Of a set that stays in its file, the file and how many channels it has here."""
    try:
        images, taken = read()
    except Question as question:
        return {"question": str(question), "remedies": question.remedies}
    known: dict[str, Any] = {name: value for name, value in vars(images).items() if name != "pixels"}
    mapped = isinstance(images.pixels, np.memmap)
    return {"images": known, "pixels": images.shape[0] if mapped else Spent(images.pixels), "taken": taken}


def _picture(progress: Progress, data: bytes, name: str, least: int | None) -> object:
    return np.asarray(open_image(data, name, least=least))


if __name__ == "__main__":
    serve({"files": _files, "path": _path, "picture": _picture}, {"ImportChoices": ImportChoices})
