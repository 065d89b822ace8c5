"""``export``: a model as one HTML page, as ONNX files, or how it came to be as a GIF."""

from __future__ import annotations

import argparse
from pathlib import Path

from vae_core.analysis.unfolding import unfolding
from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic
from vae_core.cli.command import Command
from vae_core.cli.model_option import add_model, model_of
from vae_core.export import takehome
from vae_core.export.onnx_model import onnx_zip
from vae_core.export.unfolding_gif import unfolding_gif
from vae_core.runs import catalogue
from vae_core.training import checkpoint, snapshots

_FORMATS = "one page, a ZIP of ONNX files, or a GIF of the training of a run (default: html)"


def _add_options(command: argparse.ArgumentParser) -> None:
    add_model(command)
    command.add_argument("--format", choices=("html", "onnx", "gif"), default="html", help=_FORMATS)
    command.add_argument("--out", required=True, type=Path, metavar="FILE", help="the file to write: page.html, model.zip or training.gif")
    command.add_argument(
        "--precision",
        choices=("float32", "float16"),
        default="float32",
        help="of the weights in the page; float16 takes half the space (default: float32)",
    )


def _export(chosen: argparse.Namespace) -> None:
    if chosen.format == "gif":
        if chosen.beta is not None:
            raise InputError("A GIF shows a training as it was, at the KL weight that the model is judged at: leave --beta out.")
        write_atomic(chosen.out, _gif(catalogue.find(chosen.model)))
        return
    if chosen.format == "onnx":
        write_atomic(chosen.out, onnx_zip(model_of(chosen)))
        return
    folder = catalogue.find(chosen.model)
    opened = checkpoint.load(folder) if chosen.beta is None else model_of(chosen)  # the page of a multi-rate model has its β as a slider
    entry = next((entry for entry in catalogue.models().values() if entry.folder == folder), None)
    name, dimensions = (opened.card.name, ()) if entry is None else (entry.name, entry.dimension_names)  # it may have been renamed
    images = takehome.images_of(opened.card)
    page = takehome.html_page(opened, name, images, precision=chosen.precision, dimension_names=dimensions)
    write_atomic(chosen.out, page.encode())


def _gif(folder: Path) -> bytes:
    """The snapshots of the training that the checkpoint in this folder is of, as an animation.

    Raises:
        InputError: there are none.
    """
    history = snapshots.read(snapshots.place_of(folder))
    if history is None:
        raise InputError("This model brings no snapshots of its training: a GIF of that takes a run of this computer.")
    variational = checkpoint.read_card(folder).model.variational
    return unfolding_gif(history, unfolding(history, variational=variational), variational=variational)


EXPORT = Command(
    "export",
    "write one HTML page, for any browser and offline, with the model in it, at --beta or at all KL weights; or ONNX, or a GIF of a run",
    _add_options,
    _export,
)
