"""``export``: a model as a page, ONNX files, a folder for the Hub or a GIF of its training; several as static pages; or codes of images."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from vae_core.analysis.pictures import shown_with
from vae_core.analysis.unfolding import unfolding
from vae_core.base.errors import InputError
from vae_core.base.storage import write_atomic, write_folder
from vae_core.cli.audit import told_audit
from vae_core.cli.command import Command
from vae_core.cli.data_option import add_data, check_named
from vae_core.cli.export_codes import write_csv, write_parquet, write_projector
from vae_core.cli.files import check_new, check_target
from vae_core.cli.lesson_models import lesson_models
from vae_core.cli.model_images import images_for
from vae_core.cli.model_option import add_model, opened
from vae_core.data import Images
from vae_core.export import site, takehome
from vae_core.export.hub import hub_files
from vae_core.export.hub_upload import check_upload, upload
from vae_core.export.onnx_model import onnx_zip
from vae_core.export.site import Exhibit
from vae_core.export.unfolding_gif import unfolding_gif
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint, snapshots
from vae_core.training.checkpoint import Checkpoint


def _add_options(command: argparse.ArgumentParser) -> None:
    add_model(command, several=True)
    command.add_argument(
        "--format",
        choices=tuple(_FORMATS),
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
    command.add_argument(
        "--audit",
        action="store_true",
        help="for the formats html and site: also show what `audit` finds of each model, which takes up to a minute for each",
    )
    command.add_argument(
        "--push",
        metavar="OWNER/NAME",
        help="for --format hub: also upload the folder to this repository of the Hub, with the token of `hf auth login` or HF_TOKEN; a new "
        "one is private (needs the package huggingface_hub)",
    )
    command.add_argument(
        "--lesson",
        action="store_true",
        help="with --format site: the ten steps of the lesson too, in English and German, with the bundled models that they show",
    )
    add_data(command, command)


@dataclass(frozen=True)
class _Format:
    """What one word behind --format writes.

    Attributes:
        write: writes it.
        check: refuses what may not be written there, before anything is computed.
        several: whether it holds several models.
        pages: whether it is made of pages, whose weights --precision rounds and which show what --audit finds.
        codes: whether it holds codes of images, which --data names.
    """

    write: Callable[[argparse.Namespace], None]
    check: Callable[[Path], None] = check_target
    several: bool = False
    pages: bool = False
    codes: bool = False


def _export(chosen: argparse.Namespace) -> None:
    form = _FORMATS[chosen.format]
    if chosen.lesson and not form.several:
        raise InputError(f"--lesson is for --format site, not for --format {chosen.format}.")
    if not chosen.models and not chosen.lesson:
        raise InputError("Name a model to export: python -m vae_core models lists them.")
    if len(chosen.models) > 1 and not form.several:
        raise InputError(f"--format {chosen.format} takes one model, not {len(chosen.models)}: --format site takes several.")
    if chosen.precision != "float32" and not form.pages:
        raise InputError(f"--precision {chosen.precision} is for the formats {_those('pages')}: no other rounds the weights.")
    if chosen.audit and not form.pages:
        raise InputError(f"--audit is for the formats {_those('pages')}: no other shows a sheet.")
    check_named(chosen)
    if chosen.data and not form.codes:
        raise InputError(f"--data is for the formats {_those('codes')}: the others hold the model, not codes of images.")
    if chosen.push is not None:
        if chosen.format != "hub":
            raise InputError("--push is for --format hub: nothing else is uploaded.")
        check_upload(chosen.push)
    form.check(chosen.out)
    form.write(chosen)


def _those(mark: str) -> str:
    return ", ".join(name for name, form in _FORMATS.items() if getattr(form, mark))


def _html(chosen: argparse.Namespace) -> None:
    shown = _exhibit(chosen.models[0], chosen)
    page = takehome.html_page(
        shown.point, shown.name, shown.images, precision=chosen.precision, dimension_names=shown.dimension_names, sheet=shown.sheet
    )
    write_atomic(chosen.out, page.encode())


def _onnx(chosen: argparse.Namespace) -> None:
    write_atomic(chosen.out, onnx_zip(opened(chosen.models[0], chosen.beta)))


def _site(chosen: argparse.Namespace) -> None:
    lesson = lesson_models() if chosen.lesson else None
    exhibits = [_exhibit(model, chosen) for model in chosen.models]
    site.write_site(chosen.out, site.site(exhibits, lesson=lesson, precision=chosen.precision))


def _hub(chosen: argparse.Namespace) -> None:
    (model,) = chosen.models
    point, entry = opened(model, chosen.beta), _entry(catalogue.find(model))
    files = hub_files(point, point.card.name if entry is None else entry.name)
    write_folder(chosen.out, files)
    if chosen.push is not None:
        print(json.dumps({"uploaded": upload(files, chosen.push)}))


def _gif(chosen: argparse.Namespace) -> None:
    """The snapshots of a model's training as an animation.

    Raises:
        InputError: there are none.
    """
    if chosen.beta is not None:
        raise InputError("A GIF shows a training as it was, at the KL weight that the model is judged at: leave --beta out.")
    folder = catalogue.find(chosen.models[0])
    history = snapshots.read(snapshots.place_of(folder))
    if history is None:
        raise InputError("This model brings no snapshots of its training: a GIF of that takes a run of this computer.")
    variational = checkpoint.read_card(folder).model.variational
    write_atomic(chosen.out, unfolding_gif(history, unfolding(history, variational=variational), variational=variational))


def _codes(write: Callable[[Checkpoint, Images, Path], None]) -> Callable[[argparse.Namespace], None]:
    """What writes a model's codes of the images that the options name."""

    def run(chosen: argparse.Namespace) -> None:
        point = opened(chosen.models[0], chosen.beta)
        write(point, images_for(chosen, point.card)[1], chosen.out)

    return run


_FORMATS: Mapping[str, _Format] = {
    "html": _Format(_html, pages=True),
    "onnx": _Format(_onnx),
    "site": _Format(_site, check=site.refuse_folder, several=True, pages=True),
    "hub": _Format(_hub, check=check_new),
    "gif": _Format(_gif),
    "csv": _Format(_codes(write_csv), codes=True),
    "parquet": _Format(_codes(write_parquet), codes=True),
    "projector": _Format(_codes(write_projector), check=check_new, codes=True),
}


def _exhibit(model: str, chosen: argparse.Namespace) -> Exhibit:
    """A model with what it is shown with, what people call it now, and its audit where one is asked for."""
    folder = catalogue.find(model)
    point = (
        checkpoint.load(folder) if chosen.beta is None else opened(model, chosen.beta)
    )  # the page of a multi-rate model has its β as a slider
    entry = _entry(folder)
    name, dimensions = (point.card.name, ()) if entry is None else (entry.name, entry.dimension_names)
    images = shown_with(point.card)
    return Exhibit(point, name, images, dimensions, told_audit(point, images) if chosen.audit else None)


def _entry(folder: Path) -> Entry | None:
    """The model as the list has it; None for one of a folder elsewhere."""
    return next((entry for entry in catalogue.models().values() if entry.folder == folder), None)


EXPORT = Command(_add_options, _export)
