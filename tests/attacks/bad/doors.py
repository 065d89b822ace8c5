"""By which functions the inputs come in, and what their user reads of it: the refusal, or what was read and what is said of it."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable, Mapping

from PIL.Image import Image

from vae_core.base.errors import InputError
from vae_core.cli.main import main
from vae_core.data.choices import ImportChoices
from vae_core.data.images import open_image
from vae_core.data.importing import read_files
from vae_core.foreign import opening
from vae_core.training import arrival, checkpoint

Case = Callable[[], list[str]]
"""What the user reads, a sentence each."""


class Cases:
    """The inputs of one kind, by their numbers."""

    def __init__(self) -> None:
        self.found: dict[int, Case] = {}

    def __call__(self, number: int) -> Callable[[Case], Case]:
        def keep(case: Case) -> Case:
            assert number not in self.found
            self.found[number] = case
            return case

        return keep


def said(call: Callable[[], str]) -> str:
    """What comes of a call, or the sentence that it is refused with."""
    try:
        return call()
    except InputError as error:
        return str(error)


def image(data: bytes, name: str = "x.png") -> str:
    """What is said of one picture, as a user brings it to a page."""

    def read() -> str:
        picture: Image = open_image(data, name)
        return f"Read: {picture.width:,} × {picture.height:,} pixels, {picture.mode}."

    return said(read)


def files(given: Mapping[str, bytes] | list[tuple[str, bytes]], **choices: object) -> list[str]:
    """What is said of files that shall be a data set."""
    try:
        imported = read_files(list(given.items()) if isinstance(given, Mapping) else given, ImportChoices(**choices))  # type: ignore[arg-type]
    except InputError as error:
        return [str(error)]
    count, channels, height, width = imported.images.pixels.shape
    classes = len(imported.images.class_names)
    return [
        f"Read: {count:,} images, {channels} × {height} × {width}, {classes} classes.",
        *imported.taken.read,
        *imported.taken.sentences(),
    ]


def model(data: bytes, name: str = "m.zip") -> str:
    """What is said of a model file of ours, as the Models page takes it."""
    return said(lambda: f"Read: {arrival.admitted(checkpoint.unpack(data, name).card).name}.")


def foreign(data: bytes, name: str = "m.pt", architecture: str | None = "burgess") -> str:
    """What is said of a model from elsewhere."""
    return said(lambda: f"Read: {opening.open_files([(name, data)], architecture=architecture).files}.")


def command(*arguments: str) -> str:
    """The last line of what a command says that was refused; the first of what another one says."""
    heard = io.StringIO()
    with contextlib.redirect_stderr(heard), contextlib.redirect_stdout(io.StringIO()):
        try:
            code = main(list(arguments))
        except SystemExit as leave:
            code = int(leave.code or 0)
    return heard.getvalue().strip().split("\n")[-1 if code else 0]
