"""``export``: a model as one HTML page, as ONNX files or as a folder for the Hub; or the codes of its images, for other programs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
from tqdm import tqdm

from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic, write_folder
from vae_core.cli.command import Command
from vae_core.cli.data_option import add_data
from vae_core.cli.model_images import images_for
from vae_core.cli.model_option import add_model, model_of
from vae_core.data.images import shown
from vae_core.export import takehome
from vae_core.export.codes_table import CodesTable, codes_table, csv_file, parquet_file
from vae_core.export.hub import hub_files
from vae_core.export.onnx_model import onnx_zip
from vae_core.export.projector import projector_files
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint
from vae_core.training.checkpoint import Checkpoint

_OF_IMAGES = ("csv", "parquet", "projector")  # formats of what --data names


def _add_options(command: argparse.ArgumentParser) -> None:
    add_model(command)
    command.add_argument(
        "--format",
        choices=tuple(_WRITE),
        default="html",
        help="the model as one page, as a ZIP of ONNX files, or as a folder for the Hugging Face Hub; the codes of its images as csv, "
        "parquet, or a folder for TensorBoard's projector (default: html)",
    )
    command.add_argument("--out", required=True, type=Path, metavar="PATH", help="the file to write, such as page.html; or the new folder")
    command.add_argument(
        "--precision",
        choices=("float32", "float16"),
        default="float32",
        help="of the weights in the page; float16 takes half the space (default: float32)",
    )
    add_data(command, command)


def _export(chosen: argparse.Namespace) -> None:
    if (chosen.data or chosen.all) and chosen.format not in _OF_IMAGES:
        raise InputError(f"--data is for the formats {', '.join(_OF_IMAGES)}: the others hold the model, not codes of images.")
    _WRITE[chosen.format](chosen)


def _html(chosen: argparse.Namespace) -> None:
    folder = catalogue.find(chosen.model)
    opened = checkpoint.load(folder) if chosen.beta is None else model_of(chosen)  # the page of a multi-rate model has its β as a slider
    entry = _entry(folder)
    name, dimensions = (opened.card.name, ()) if entry is None else (entry.name, entry.dimension_names)  # it may have been renamed
    images = takehome.images_of(opened.card)
    page = takehome.html_page(opened, name, images, precision=chosen.precision, dimension_names=dimensions)
    write_atomic(chosen.out, page.encode())


def _onnx(chosen: argparse.Namespace) -> None:
    write_atomic(chosen.out, onnx_zip(model_of(chosen)))


def _hub(chosen: argparse.Namespace) -> None:
    point, entry = model_of(chosen), _entry(catalogue.find(chosen.model))
    _write_new(chosen.out, hub_files(point, point.card.name if entry is None else entry.name))


def _csv(chosen: argparse.Namespace) -> None:
    _, table = _table(chosen)
    write_atomic(chosen.out, csv_file(table))


def _parquet(chosen: argparse.Namespace) -> None:
    point, table = _table(chosen)
    write_atomic(chosen.out, parquet_file(table, point))


def _projector(chosen: argparse.Namespace) -> None:
    point = model_of(chosen)
    _, images = images_for(chosen, point.card)
    with _bar() as bar:
        files = projector_files(point, images, _telling(bar))
    shown_there = files["vectors.tsv"].count(b"\n")
    if shown_there < len(images):
        print(f"{shown_there:,} of {len(images):,} images: more would be too many for the projector.", file=sys.stderr)
    _write_new(chosen.out, files)


def _table(chosen: argparse.Namespace) -> tuple[Checkpoint, CodesTable]:
    point = model_of(chosen)
    _, images = images_for(chosen, point.card)
    with _bar() as bar:
        return point, codes_table(point, images, np.arange(len(images)), _telling(bar))


_WRITE: dict[str, Callable[[argparse.Namespace], None]] = {
    "html": _html,
    "onnx": _onnx,
    "hub": _hub,
    "csv": _csv,
    "parquet": _parquet,
    "projector": _projector,
}


def _bar() -> tqdm:
    return tqdm(total=1.0, desc="Encoding", file=sys.stderr, leave=False, delay=2, bar_format="{l_bar}{bar}| {elapsed}")


def _telling(bar: tqdm) -> Callable[[float], None]:
    def tell(share: float) -> None:
        bar.update(share - bar.n)

    return tell


def _entry(folder: Path) -> Entry | None:
    """The model as the list has it; None for one of a folder elsewhere."""
    return next((entry for entry in catalogue.models().values() if entry.folder == folder), None)


def _write_new(folder: Path, files: dict[str, bytes]) -> None:
    if folder.exists():
        raise InputError(f"{shown(str(folder))} is there already: name a new folder by --out.")
    write_folder(folder, files)


EXPORT = Command(
    "export",
    "write one HTML page, for any browser and offline, with the model in it: at --beta alone, or at all its KL weights; ONNX files or a "
    "folder for the Hub; or the codes of its images",
    _add_options,
    _export,
)
