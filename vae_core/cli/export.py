"""``export``: a model as a page, ONNX files, a folder for the Hub or a GIF of its training; several as static pages; or codes of images."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vae_core.analysis.unfolding import unfolding
from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic
from vae_core.cli.command import Command
from vae_core.cli.data_option import add_data
from vae_core.cli.export_codes import WRITE_CODES, write_new
from vae_core.cli.files import check_target
from vae_core.cli.model_images import images_for
from vae_core.cli.model_option import add_model, opened
from vae_core.export import site, takehome
from vae_core.export.hub import hub_files
from vae_core.export.onnx_model import onnx_zip
from vae_core.export.site import Exhibit
from vae_core.export.unfolding_gif import unfolding_gif
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint, snapshots


def _add_options(command: argparse.ArgumentParser) -> None:
    add_model(command, several=True)
    command.add_argument(
        "--format",
        choices=(*_FORMATS, *WRITE_CODES),
        default="html",
        help="the model as one page, a ZIP of ONNX files, a folder for the Hub of Hugging Face, a GIF of its training; several as a folder "
        "of static pages for any web server; the codes of its images as csv, parquet, or a folder for TensorBoard's projector "
        "(default: html)",
    )
    command.add_argument("--out", required=True, type=Path, metavar="PATH", help="the file to write, such as page.html; or the folder")
    command.add_argument(
        "--precision",
        choices=("float32", "float16"),
        default="float32",
        help="of the weights in the page or pages; float16 takes half the space (default: float32)",
    )
    add_data(command, command)


def _export(chosen: argparse.Namespace) -> None:
    if chosen.format != "site":
        _only(chosen)
    if chosen.format not in _FOLDERS:
        check_target(chosen.out)
    if chosen.format in WRITE_CODES:
        point = opened(_only(chosen), chosen.beta)
        WRITE_CODES[chosen.format](point, images_for(chosen, point.card)[1], chosen.out)
    elif chosen.data or chosen.all:
        raise InputError(f"--data is for the formats {', '.join(WRITE_CODES)}: the others hold the model, not codes of images.")
    else:
        _FORMATS[chosen.format](chosen)


def _html(chosen: argparse.Namespace) -> None:
    shown = _exhibit(_only(chosen), chosen.beta)
    page = takehome.html_page(shown.point, shown.name, shown.images, precision=chosen.precision, dimension_names=shown.dimension_names)
    write_atomic(chosen.out, page.encode())


def _onnx(chosen: argparse.Namespace) -> None:
    if chosen.precision != "float32":
        raise InputError(f"--precision {chosen.precision} is for the page: the weights in ONNX files are float32.")
    write_atomic(chosen.out, onnx_zip(opened(_only(chosen), chosen.beta)))


def _site(chosen: argparse.Namespace) -> None:
    site.refuse_folder(chosen.out)
    site.write_site(chosen.out, site.site([_exhibit(model, chosen.beta) for model in chosen.models], precision=chosen.precision))


def _hub(chosen: argparse.Namespace) -> None:
    model = _only(chosen)
    point, entry = opened(model, chosen.beta), _entry(catalogue.find(model))
    write_new(chosen.out, hub_files(point, point.card.name if entry is None else entry.name))


def _gif(chosen: argparse.Namespace) -> None:
    """The snapshots of a model's training as an animation.

    Raises:
        InputError: there are none.
    """
    if chosen.beta is not None:
        raise InputError("A GIF shows a training as it was, at the KL weight that the model is judged at: leave --beta out.")
    folder = catalogue.find(_only(chosen))
    history = snapshots.read(snapshots.place_of(folder))
    if history is None:
        raise InputError("This model brings no snapshots of its training: a GIF of that takes a run of this computer.")
    variational = checkpoint.read_card(folder).model.variational
    write_atomic(chosen.out, unfolding_gif(history, unfolding(history, variational=variational), variational=variational))


_FORMATS: Mapping[str, Callable[[argparse.Namespace], None]] = {"html": _html, "onnx": _onnx, "site": _site, "hub": _hub, "gif": _gif}


_FOLDERS = ("site", "hub", "projector")  # what the other formats write is a file


def _only(chosen: argparse.Namespace) -> str:
    """The one model of a format that holds one."""
    models: Sequence[str] = chosen.models
    if len(models) > 1:
        raise InputError(f"--format {chosen.format} takes one model, not {len(models)}: --format site takes several.")
    return models[0]


def _exhibit(model: str, beta: str | None) -> Exhibit:
    """A model with what it is shown with, and what people call it now."""
    folder = catalogue.find(model)
    point = checkpoint.load(folder) if beta is None else opened(model, beta)  # the page of a multi-rate model has its β as a slider
    entry = _entry(folder)
    name, dimensions = (point.card.name, ()) if entry is None else (entry.name, entry.dimension_names)
    return Exhibit(point, name, takehome.images_of(point.card), dimensions)


def _entry(folder: Path) -> Entry | None:
    """The model as the list has it; None for one of a folder elsewhere."""
    return next((entry for entry in catalogue.models().values() if entry.folder == folder), None)


EXPORT = Command(
    "export",
    "write one HTML page, for any browser and offline, with the model in it: at --beta alone, or at all its KL weights; ONNX files or a "
    "folder for the Hub; a GIF of a run's training; a folder of pages for several models, which any web server hosts; or codes of images",
    _add_options,
    _export,
)
