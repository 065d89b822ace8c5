"""``import-model``: a model that was trained elsewhere becomes one of ours."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import get_args

from vae_core.base.config import LikelihoodName
from vae_core.cli.command import Command
from vae_core.cli.data_option import add_data, check_named, images_of, sides
from vae_core.cli.files import read_file
from vae_core.cli.values import real
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.foreign import apart, importing, joining
from vae_core.foreign.adopting import Choices, chosen, readings
from vae_core.foreign.architectures import ARCHITECTURES
from vae_core.foreign.onnx_file import MAX_BYTES
from vae_core.runs import catalogue
from vae_core.training.origin import ENCODER_GIVES, RANGES, DecoderGives

_MAX_BYTES = 2 * MAX_BYTES  # of a ZIP with an encoder and a decoder


def _add_options(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "files", nargs="+", type=Path, metavar="FILE", help="encoder.onnx and decoder.onnx, one .onnx of both, a ZIP, or a checkpoint"
    )
    command.add_argument("--as", dest="architecture", choices=list(ARCHITECTURES), help="for a checkpoint: the network it is of")
    command.add_argument("--name", help="what to call the model")
    command.add_argument("--beta", type=real, metavar="B", help="the KL weight of its training, where it is known")
    read = command.add_argument_group("how its numbers are read, where files and images do not tell")
    read.add_argument("--encoder-gives", choices=ENCODER_GIVES, help="mean and width, as two outputs or in one, and what the width is")
    read.add_argument("--decoder-gives", choices=get_args(DecoderGives), help="pictures in the range of its pixels, or logits")
    read.add_argument("--pixels", choices=list(RANGES), help="what it takes for black and white")
    read.add_argument("--image", metavar="CxHxW", help="channels, height and width, for files that leave them open")
    read.add_argument("--likelihood", choices=get_args(LikelihoodName), help="what the decoder's output means")
    read.add_argument("--sigma", type=real, metavar="X", help="σ of that likelihood, on the [0, 1] pixel scale (default: 1)")
    add_data(command, command)


def _import(chosen_options: argparse.Namespace) -> None:
    check_named(chosen_options)
    uploads = [(path.name, read_file(path, _MAX_BYTES)) for path in chosen_options.files]
    image = None
    if chosen_options.image is not None:
        channels, height, width = sides("--image", "channels x height x width such as 3x64x64", chosen_options.image, 3)
        image = (channels, height, width)
    choices = Choices(
        encoder_gives=chosen_options.encoder_gives,
        decoder_gives=chosen_options.decoder_gives,
        pixels=None if chosen_options.pixels is None else RANGES[chosen_options.pixels],
        image=image,
        likelihood=chosen_options.likelihood,
        sigma=chosen_options.sigma,
    )
    opened = apart.open_files(uploads, architecture=chosen_options.architecture, image=choices.image)
    choices = importing.choices_of(opened.card, choices)
    images: Images | None = None
    if chosen_options.data:
        images = joining.fitted(images_of(chosen_options), joining.shape_of(opened.halves, choices))
    found = readings(opened.halves, choices, None if images is None else importing.tried_on(images))
    reading, why = chosen(found, opened.halves.label)
    name = shown(chosen_options.name or opened.card.name or chosen_options.files[0].stem)
    point = importing.adopted(opened, reading, why, name, images, beta=chosen_options.beta)
    for sentence in why:
        print(sentence, file=sys.stderr)
    origin = point.card.origin
    assert origin is not None
    if origin.off is not None:
        print(f"Its answers differ from those of {origin.checked_with} by at most {origin.off:.1g}.", file=sys.stderr)
    if images is None:
        print("Without images there are no map, no figures and no ranges of sliders: --data names some of its kind.", file=sys.stderr)
    summary: dict[str, object] = {"model": catalogue.keep(point), "name": name, "latent": point.card.model.latent, "off": origin.off}
    if point.card.validation is not None:
        summary |= point.card.validation.model_dump() | {"part": "validation"}
    print(json.dumps(summary))


IMPORT_MODEL = Command("import-model", "open a model that was trained elsewhere, from ONNX files or a checkpoint", _add_options, _import)
