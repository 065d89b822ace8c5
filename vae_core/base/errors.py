"""The one error a user sees: a plain sentence that names the input, the cause and the limit or the way out."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_LONGEST = 80  # letters of a path in a sentence
_FULL = (errno.ENOSPC, errno.EDQUOT)


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
    """Turn an error of the disk inside the block into the sentence "<what>: <the system's reason> (<the file>)." and what to do.

    Raises:
        InputError: an OSError came out of the block.
    """
    try:
        yield
    except OSError as error:
        raise InputError(f"{what}: {reason(error)}.{remedy(error)}") from error


def is_full(error: OSError) -> bool:
    """Whether the disk has no room, or the user's share of it has none."""
    return error.errno in _FULL


def remedy(error: OSError) -> str:
    """What to do about an error of the disk, as one more sentence; empty where only the reason can tell."""
    return " Free some space, then try again." if is_full(error) else ""


def reason(error: OSError) -> str:
    """The system's reason and the end of the file's path, where it is known: "No space left on device (runs/0f3a/status.json)"."""
    if not isinstance(error.filename, str) or not error.filename.isprintable():
        return f"{error.strerror or error}"
    end = "/".join(Path(error.filename).parts[-3:])
    return f"{error.strerror or error} ({end if len(end) <= _LONGEST else f'…{end[-_LONGEST:]}'})"
