"""What ``export`` writes of a model's images: their codes as CSV, as Parquet, or as a folder for TensorBoard's projector."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from vae_core.base.storage import write_atomic, write_folder
from vae_core.data import Images
from vae_core.export.codes_table import CodesTable, codes_table, csv_file, parquet_file
from vae_core.export.projector import projector_files
from vae_core.training.checkpoint import Checkpoint


def write_csv(point: Checkpoint, images: Images, out: Path) -> None:
    """Write the codes of all images as a CSV file."""
    write_atomic(out, csv_file(_table(point, images)))


def write_parquet(point: Checkpoint, images: Images, out: Path) -> None:
    """Write the codes of all images as a Parquet file."""
    write_atomic(out, parquet_file(_table(point, images), point))


def write_projector(point: Checkpoint, images: Images, out: Path) -> None:
    """Write the folder for the projector, and say where it holds fewer images than there are."""
    with _bar() as bar:
        files = projector_files(point, images, _telling(bar))
    count = files["vectors.tsv"].count(b"\n")
    if count < len(images):
        print(f"{count:,} of {len(images):,} images: more would be too many for the projector.", file=sys.stderr)
    write_folder(out, files)


def _table(point: Checkpoint, images: Images) -> CodesTable:
    with _bar() as bar:
        return codes_table(point, images, np.arange(len(images)), _telling(bar))


def _bar() -> tqdm:
    return tqdm(total=1.0, desc="Encoding", file=sys.stderr, leave=False, delay=2, bar_format="{l_bar}{bar}| {elapsed}")


def _telling(bar: tqdm) -> Callable[[float], None]:
    def tell(share: float) -> None:
        bar.update(share - bar.n)

    return tell
