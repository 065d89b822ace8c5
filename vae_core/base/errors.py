"""The one error a user sees: a plain sentence that names the input, the cause and the limit or the way out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


class InputError(ValueError):
    """Something a user gave (a file, a number, a name) cannot be used.

    ``str(error)`` is one sentence fit for the screen and for stderr. Every boundary function of vae_core raises this
    and nothing else for bad input; any other exception that escapes is a bug of ours.
    """


class Unsound(InputError):
    """A file or folder of ours that is damaged, or not what it should be.

    Attributes:
        what: is wrong with it, as the sentence goes on after its name: "is damaged: …".
    """

    def __init__(self, label: str, what: str) -> None:
        super().__init__(f"{label} {what}")
        self.what = what


@contextmanager
def disk_errors_as(what: str) -> Iterator[None]:
    """Turn an error of the disk inside the block into the sentence "<what>: <the system's reason>."

    Raises:
        InputError: an OSError came out of the block.
    """
    try:
        yield
    except OSError as error:
        raise InputError(f"{what}: {error.strerror or error}.") from error
