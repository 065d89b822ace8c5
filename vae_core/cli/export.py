"""``export``: a model as one HTML page or as ONNX files, or several as static pages."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic
from vae_core.cli.command import Command
from vae_core.cli.model_option import add_model, opened
from vae_core.export import site, takehome
from vae_core.export.onnx_model import onnx_zip
from vae_core.export.site import Exhibit
from vae_core.runs import catalogue
from vae_core.training import checkpoint


def _add_options(command: argparse.ArgumentParser) -> None:
    add_model(command, several=True)
    command.add_argument(
        "--format",
        choices=tuple(_FORMATS),
        default="html",
        help="one page, a ZIP of ONNX files, or a folder of static pages for any web server, with several models (default: html)",
    )
    command.add_argument("--out", required=True, type=Path, metavar="PATH", help="what to write: page.html, model.zip, or a folder")
    command.add_argument(
        "--precision",
        choices=("float32", "float16"),
        default="float32",
        help="of the weights in the page or pages; float16 takes half the space (default: float32)",
    )


def _export(chosen: argparse.Namespace) -> None:
    _FORMATS[chosen.format](chosen)


def _html(chosen: argparse.Namespace) -> None:
    shown = _exhibit(_only(chosen), chosen.beta)
    page = takehome.html_page(shown.point, shown.name, shown.images, precision=chosen.precision, dimension_names=shown.dimension_names)
    write_atomic(chosen.out, page.encode())


def _onnx(chosen: argparse.Namespace) -> None:
    write_atomic(chosen.out, onnx_zip(opened(_only(chosen), chosen.beta)))


def _site(chosen: argparse.Namespace) -> None:
    site.refuse_folder(chosen.out)
    site.write_site(chosen.out, site.site([_exhibit(model, chosen.beta) for model in chosen.models], precision=chosen.precision))


_FORMATS: Mapping[str, Callable[[argparse.Namespace], None]] = {"html": _html, "onnx": _onnx, "site": _site}


def _only(chosen: argparse.Namespace) -> str:
    """The one model that a single file holds."""
    models: Sequence[str] = chosen.models
    if len(models) > 1:
        raise InputError(f"--format {chosen.format} takes one model, not {len(models)}: --format site takes several.")
    return models[0]


def _exhibit(model: str, beta: str | None) -> Exhibit:
    """A model with what it is shown with, and what people call it now."""
    folder = catalogue.find(model)
    point = checkpoint.load(folder) if beta is None else opened(model, beta)  # the page of a multi-rate model has its β as a slider
    entry = next((entry for entry in catalogue.models().values() if entry.folder == folder), None)
    name, dimensions = (point.card.name, ()) if entry is None else (entry.name, entry.dimension_names)
    return Exhibit(point, name, takehome.images_of(point.card), dimensions)


EXPORT = Command(
    "export",
    "write one HTML page, for any browser and offline, with the model in it: at --beta alone, or at all its KL weights; ONNX files; or a "
    "folder of such pages for several models, which any web server hosts",
    _add_options,
    _export,
)
