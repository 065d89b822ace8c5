"""``--data``: a known data set, or images read from a path and fitted as the options beside it say."""

from __future__ import annotations

import argparse
import shlex
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

from tqdm import tqdm

from vae_core import data
from vae_core.base.config import parse
from vae_core.base.errors import InputError
from vae_core.cli.values import real, whole, wholes
from vae_core.data import Images, ImportChoices, Question, Taken
from vae_core.data.choices import Layout, Planes
from vae_core.data.images import Fit, shown

_OWN = ("size", "channels", "fit", "background", "range", "layout", "planes", "frame", "take")


def add_data(command: argparse.ArgumentParser, where: argparse._ActionsContainer) -> None:
    """Add --data to `where`, which may be a group of `command`, and the options of images from a path to `command`."""
    where.add_argument("--data", metavar="NAME|PATH", help=f"{', '.join(data.SETS)}, or a file or folder of your own")
    command.add_argument("--all", action="store_true", help="all 70,000 images of mnist or fashion-mnist, which are downloaded once")
    own = command.add_argument_group("images of your own")
    own.add_argument("--size", metavar="HxW", help="resize them to this height and width, 8 to 128 pixels each")
    own.add_argument("--channels", type=whole, choices=(1, 3), help="1 makes them grey, 3 makes them RGB")
    own.add_argument("--fit", choices=get_args(Fit), help="how to bring them to the aspect ratio of the size (default: crop)")
    own.add_argument("--background", metavar="R,G,B", help="colour behind transparent pixels, each from 0 to 255 (default: 0,0,0)")
    own.add_argument("--range", metavar="BLACK,WHITE", help="the values that are black and white (default: the usual range that fits best)")
    own.add_argument("--layout", choices=get_args(Layout), help="the axes of an array: N images, H height, W width, C channels")
    own.add_argument("--planes", choices=get_args(Planes), help="of channels that are no colours: the first three, or each as a grey image")
    own.add_argument("--frame", metavar="HxWxC", help="the images in flat rows of numbers, such as 28x28x1")
    own.add_argument("--take", metavar="NAME", help='which of several sets of images in one place; "each file a class" takes all')


def images_of(chosen: argparse.Namespace) -> Images:
    """The data set asked for: a path that exists, else a known one by name, downloaded if the user wants all of it."""
    given = {option: value for option in _OWN if (value := getattr(chosen, option)) is not None}
    path, known = Path(chosen.data), data.info(chosen.data)
    own = is_path(chosen.data)
    if given and not own and known is not None:
        raise InputError(f"--{next(iter(given))} is for images read from a path: the images of {shown(chosen.data)} stay as they are.")
    if chosen.all and (own or known is None or not known.download):
        raise InputError(f"--all is for mnist and fashion-mnist: of {shown(chosen.data)} there are no more images.")
    if own:
        if known is not None:
            print(
                f"{shown(chosen.data)} is a file or folder here, which is taken: for the set {known.title} call from another folder.",
                file=sys.stderr,
            )
        return _read(path, parse(ImportChoices, _parsed(given)))
    if known is not None and not data.complete(chosen.data):
        if chosen.all:
            print(f"Downloading {known.title} …", file=sys.stderr)
            data.download(chosen.data)
        else:
            print(f"{known.title}: 10,000 of 70,000 images, its test images; --all gets the rest.", file=sys.stderr)
    return data.load(chosen.data)


def check_named(chosen: argparse.Namespace) -> None:
    """Make sure that no option says how images are taken where --data names none.

    Raises:
        InputError: one does.
    """
    if not chosen.data:
        for option in ("all", *_OWN):
            if getattr(chosen, option):
                raise InputError(f"--{option} says how images are taken: name the set, or the file or folder, by --data.")


def is_path(name: str) -> bool:
    """Whether what follows --data is a file or folder: one that exists wins over a set of that name."""
    return Path(name).exists()


def flags_of(choices: Mapping[str, Any]) -> str:
    """The options that make these choices, as one types them."""
    texts = []
    for field, value in choices.items():
        parts = value if isinstance(value, tuple) else (value,)
        joined = ("x" if field == "frame" else ",").join(f"{part:g}" if isinstance(part, float) else str(part) for part in parts)
        texts.append(f"--{field}={shlex.quote(shown(joined))}")
    return " ".join(texts)


def _read(path: Path, choices: ImportChoices) -> Images:
    try:
        with tqdm(total=1.0, desc="Reading", file=sys.stderr, leave=False, delay=2, bar_format="{l_bar}{bar}| {elapsed}") as bar:
            read = data.read_path(path, choices, lambda share: bar.update(share - bar.n))
    except Question as question:
        ways = "; ".join(flags_of(remedy.choices) for remedy in question.remedies)
        raise InputError(f"{str(question).removesuffix('.')}, by {ways}.") from question
    _say(read.taken)
    return read.images


def _say(taken: Taken) -> None:
    """The record of an import, a sentence a line."""
    for sentence in (*taken.read, *taken.settled()):
        print(sentence, file=sys.stderr)
    for doubt in taken.doubts:
        ways = "".join(f" {remedy.title}: {flags_of(remedy.choices)}." for remedy in doubt.remedies)
        print(f"{doubt.sentence}{ways}", file=sys.stderr)


def _parsed(given: dict[str, Any]) -> dict[str, Any]:
    """The options as fields of `ImportChoices`."""
    if "size" in given:
        given["height"], given["width"] = sides("--size", "height x width such as 32x32", given.pop("size"), 2)
    if "frame" in given:
        given["frame"] = sides("--frame", "height x width x channels such as 28x28x1", given["frame"], 3)
    if "background" in given:
        given["background"] = wholes("--background", given["background"])
    if "range" in given:
        try:
            black, white = (real(part) for part in given["range"].replace("−", "-").split(","))
        except (ValueError, argparse.ArgumentTypeError):
            raise InputError(f'--range takes two numbers such as 0,4095, not "{shown(given["range"])}".') from None
        given["range"] = (black, white)
    return given


def sides(option: str, form: str, text: str, count: int) -> tuple[int, ...]:
    """So many whole numbers between which an x stands.

    Raises:
        InputError: `text` is anything else; the sentence says the `form` that the option takes.
    """
    try:
        found = tuple(whole(part) for part in text.lower().split("x"))
    except argparse.ArgumentTypeError:
        found = ()
    if len(found) != count:
        raise InputError(f'{option} takes {form}, not "{shown(text)}".')
    return found
