"""``encode`` and ``decode``: from images to codes, and from a code to an image."""

from __future__ import annotations

import argparse
import json
from pathlib import Path

from vae_core.analysis import explore
from vae_core.base.storage import write_atomic
from vae_core.cli.command import Command
from vae_core.cli.files import check_target, read_file
from vae_core.cli.model_option import add_model, model_of
from vae_core.data.apart import open_picture
from vae_core.data.images import MAX_FILE_BYTES, fit_image, png_bytes


def _add_encode_options(command: argparse.ArgumentParser) -> None:
    add_model(command)
    command.add_argument("images", nargs="+", type=Path, metavar="IMAGE", help="an image file; it is resized to what the model takes")


def _encode(chosen: argparse.Namespace) -> None:
    model = model_of(chosen).model
    c = model.config
    for path in chosen.images:
        picture = fit_image(open_picture(read_file(path, MAX_FILE_BYTES), path.name), channels=c.channels, height=c.height, width=c.width)
        posterior = explore.encode(model, picture[None])
        logvar = posterior.logvar[0].tolist() if c.variational else None
        print(json.dumps({"image": str(path), "mean": posterior.mean[0].tolist(), "logvar": logvar}))


def _add_decode_options(command: argparse.ArgumentParser) -> None:
    add_model(command)
    command.add_argument("--z", required=True, metavar="0.1,-1,…", help="the code: as many numbers as the model has latent dimensions")
    command.add_argument("--out", required=True, type=Path, metavar="X.png", help="the file to write")


def _decode(chosen: argparse.Namespace) -> None:
    check_target(chosen.out)
    model = model_of(chosen).model
    picture = explore.decode(model, explore.parse_code(chosen.z, model.config.latent)[None])[0]
    write_atomic(chosen.out, png_bytes(picture))


ENCODE = Command(_add_encode_options, _encode)
DECODE = Command(_add_decode_options, _decode)
