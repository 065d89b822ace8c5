"""``import-model``: a model that was trained elsewhere becomes one of ours."""

from __future__ import annotations

import argparse
import json
import sys
import time
from pathlib import Path
from typing import get_args

from vae_core.base.config import LikelihoodName
from vae_core.cli.command import Command
from vae_core.cli.data_option import add_data, check_named, images_of
from vae_core.cli.files import read_file
from vae_core.cli.values import real
from vae_core.data import Images
from vae_core.data.images import shown
from vae_core.foreign import apart, importing, joining
from vae_core.foreign.adopting import chosen, readings
from vae_core.foreign.architectures import ARCHITECTURES
from vae_core.foreign.onnx_file import MAX_BYTES
from vae_core.foreign.said import ORDERS, Said
from vae_core.runs import catalogue
from vae_core.training.origin import ENCODER_GIVES, RANGES, DecoderGives

_WAY_OUT = "Say which by --encoder-gives, --decoder-gives and --pixels, or name images of its kind by --data"
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
    read.add_argument(
        "--pixels",
        metavar="RANGE",
        help=f"what it takes for black and white: {', '.join(RANGES)}, or mean and standard deviation of each channel, "
        "0.5,0.5,0.5/0.2,0.2,0.2",
    )
    read.add_argument("--image", metavar="CxHxW", help="channels, height and width, for files that leave them open")
    read.add_argument("--latent", metavar="K", help="the size of a code, 10 or 4x8x8, for a decoder that leaves it open")
    read.add_argument("--order", choices=ORDERS, help="of the numbers of a colour picture that the files hold as a flat list")
    read.add_argument("--likelihood", choices=get_args(LikelihoodName), help="what the decoder's output means")
    read.add_argument("--sigma", type=real, metavar="X", help="σ of that likelihood, on the [0, 1] pixel scale (default: 1)")
    add_data(command, command)


class Bar:
    """How far an import is, in one line of a terminal that is written over again and again; nothing where stderr is no terminal."""

    def __init__(self) -> None:
        self._shown = 0.0
        self._open = False

    def __call__(self, part: float, words: str) -> None:
        """Show it, ten times a second at most."""
        now = time.monotonic()
        if not sys.stderr.isatty() or now - self._shown < 0.1:
            return
        self._shown, self._open = now, True
        print(f"\r\x1b[K{'█' * round(20 * part):░<20} {words[:100]}", end="", file=sys.stderr, flush=True)

    def __enter__(self) -> Bar:
        return self

    def __exit__(self, *error: object) -> None:
        if self._open:
            print("\r\x1b[K", end="", file=sys.stderr, flush=True)  # clears the line


def _import(chosen_options: argparse.Namespace) -> None:
    check_named(chosen_options)
    uploads = [(path.name, read_file(path, _MAX_BYTES)) for path in chosen_options.files]
    choices = Said(
        encoder_gives=chosen_options.encoder_gives,
        decoder_gives=chosen_options.decoder_gives,
        pixels=chosen_options.pixels,
        image=chosen_options.image,
        latent=chosen_options.latent,
        order=chosen_options.order,
        likelihood=chosen_options.likelihood,
        sigma=chosen_options.sigma,
    ).choices()
    with Bar() as bar:
        opened = apart.open_files(uploads, architecture=chosen_options.architecture, image=choices.image, latent=choices.latent)
        choices = importing.choices_of(opened.card, choices)
        images: Images | None = None
        if chosen_options.data:
            images = joining.fitted(images_of(chosen_options), joining.shape_of(opened.halves, choices))
        found = readings(opened.halves, choices, None if images is None else importing.tried_on(images), bar)
        reading, why = chosen(found, opened.halves.label, _WAY_OUT)
        name = shown(chosen_options.name or opened.card.name or chosen_options.files[0].stem)
        point = importing.adopted(opened, reading, why, name, images, beta=chosen_options.beta, tell=bar)
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


IMPORT_MODEL = Command(_add_options, _import)
