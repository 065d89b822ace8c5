"""What ``export`` writes of a model's images: their codes as CSV, as Parquet, or as a folder for TensorBoard's projector."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from tqdm import tqdm

from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic, write_folder
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.export.codes_table import CodesTable, codes_table, csv_file, parquet_file
from vae_core.export.projector import projector_files
from vae_core.training.checkpoint import Checkpoint


def _csv(point: Checkpoint, images: Images, out: Path) -> None:
    write_atomic(out, csv_file(_table(point, images)))


def _parquet(point: Checkpoint, images: Images, out: Path) -> None:
    write_atomic(out, parquet_file(_table(point, images), point))


def _projector(point: Checkpoint, images: Images, out: Path) -> None:
    with _bar() as bar:
        files = projector_files(point, images, _telling(bar))
    count = files["vectors.tsv"].count(b"\n")
    if count < len(images):
        print(f"{count:,} of {len(images):,} images: more would be too many for the projector.", file=sys.stderr)
    write_new(out, files)


WRITE_CODES: Mapping[str, Callable[[Checkpoint, Images, Path], None]] = {"csv": _csv, "parquet": _parquet, "projector": _projector}
"""What writes the codes of images, by the format."""


def write_new(folder: Path, files: Mapping[str, bytes]) -> None:
    """Write a folder that is not there yet.

    Raises:
        InputError: it is there already.
    """
    if folder.exists() or folder.is_symlink():
        raise InputError(f"{shown(str(folder))} is there already: name a new folder by --out.")
    write_folder(folder, files)


def _table(point: Checkpoint, images: Images) -> CodesTable:
    with _bar() as bar:
        return codes_table(point, images, np.arange(len(images)), _telling(bar))


def _bar() -> tqdm:
    return tqdm(total=1.0, desc="Encoding", file=sys.stderr, leave=False, delay=2, bar_format="{l_bar}{bar}| {elapsed}")


def _telling(bar: tqdm) -> Callable[[float], None]:
    def tell(share: float) -> None:
        bar.update(share - bar.n)

    return tell
