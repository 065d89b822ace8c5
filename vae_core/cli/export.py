"""``export``: a model as one HTML page, or as ONNX files."""

from __future__ import annotations

import argparse
from pathlib import Path

from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic
from vae_core.cli.command import Command
from vae_core.cli.files import check_target
from vae_core.cli.model_option import add_model, model_of
from vae_core.export import takehome
from vae_core.export.onnx_model import onnx_zip
from vae_core.runs import catalogue
from vae_core.training import checkpoint


def _add_options(command: argparse.ArgumentParser) -> None:
    add_model(command)
    command.add_argument("--format", choices=("html", "onnx"), default="html", help="one page, or a ZIP of ONNX files (default: html)")
    command.add_argument("--out", required=True, type=Path, metavar="FILE", help="the file to write: page.html, or model.zip")
    command.add_argument(
        "--precision",
        choices=("float32", "float16"),
        default="float32",
        help="of the weights in the page; float16 takes half the space (default: float32)",
    )


def _export(chosen: argparse.Namespace) -> None:
    check_target(chosen.out)
    if chosen.format == "onnx":
        if chosen.precision != "float32":
            raise InputError(f"--precision {chosen.precision} is for the page: the weights in ONNX files are float32.")
        write_atomic(chosen.out, onnx_zip(model_of(chosen)))
        return
    folder = catalogue.find(chosen.model)
    opened = checkpoint.load(folder) if chosen.beta is None else model_of(chosen)  # the page of a multi-rate model has its β as a slider
    entry = next((entry for entry in catalogue.models().values() if entry.folder == folder), None)
    name, dimensions = (opened.card.name, ()) if entry is None else (entry.name, entry.dimension_names)  # it may have been renamed
    images = takehome.images_of(opened.card)
    page = takehome.html_page(opened, name, images, precision=chosen.precision, dimension_names=dimensions)
    write_atomic(chosen.out, page.encode())


EXPORT = Command(
    "export",
    "write one HTML page, for any browser and offline, with the model in it: at --beta alone, or at all its KL weights; or ONNX files",
    _add_options,
    _export,
)
