"""``--data``: a known data set, or images read from a path and fitted as the options beside it say."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import get_args

from vae_core import data
from vae_core.base.config import parse
from vae_core.base.errors import InputError
from vae_core.cli.values import whole, wholes
from vae_core.data import Images, ImportChoices
from vae_core.data.images import Fit, shown


def add_data(command: argparse.ArgumentParser, where: argparse._ActionsContainer) -> None:
    """Add --data to `where`, which may be a group of `command`, and the options of images from a path to `command`."""
    where.add_argument("--data", metavar="NAME|PATH", help=f"{', '.join(data.SETS)}, or a file or folder of your own")
    command.add_argument("--all", action="store_true", help="all 70,000 images of mnist or fashion-mnist, which are downloaded once")
    own = command.add_argument_group("images of your own")
    own.add_argument("--size", metavar="HxW", help="resize them to this height and width, 8 to 128 pixels each")
    own.add_argument("--channels", type=whole, choices=(1, 3), help="1 makes them grey, 3 makes them RGB")
    own.add_argument("--fit", choices=get_args(Fit), help="how to bring them to the aspect ratio of the size (default: crop)")
    own.add_argument("--background", metavar="R,G,B", help="colour behind transparent pixels, each from 0 to 255 (default: 0,0,0)")


def images_of(chosen: argparse.Namespace) -> Images:
    """The data set asked for: a known one by name, downloaded if the user wants all of it, else what is read from a path."""
    options = ("size", "channels", "fit", "background")
    given = {option: value for option in options if (value := getattr(chosen, option)) is not None}
    known = data.info(chosen.data)
    if given and known is not None:
        raise InputError(f"--{next(iter(given))} is for images read from a path: the images of {shown(chosen.data)} stay as they are.")
    if chosen.all and (known is None or not known.download):
        raise InputError(f"--all is for mnist and fashion-mnist: of {shown(chosen.data)} there are no more images.")
    if known is not None and not data.complete(chosen.data):
        if chosen.all:
            print(f"Downloading {known.title} …", file=sys.stderr)
            data.download(chosen.data)
        else:
            print(f"{known.title}: 10,000 of 70,000 images, its test images; --all gets the rest.", file=sys.stderr)
    path = Path(chosen.data)
    if known is not None or not path.exists():
        return data.load(chosen.data)
    if "size" in given:
        given["height"], given["width"] = _size(given.pop("size"))
    if "background" in given:
        given["background"] = wholes("--background", given["background"])
    read = data.read_path(path, parse(ImportChoices, given))
    for note in read.notes:
        print(note, file=sys.stderr)
    return read.images


def _size(text: str) -> tuple[int, int]:
    try:
        height, width = (whole(part) for part in text.lower().split("x"))
    except (ValueError, argparse.ArgumentTypeError):
        raise InputError(f'--size takes height x width such as 32x32, not "{shown(text)}".') from None
    return height, width
