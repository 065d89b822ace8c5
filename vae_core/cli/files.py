"""Files that a command is given and those that it writes: ordinary ones only, so that no pipe hangs it and no device is replaced."""

from __future__ import annotations

import stat
from pathlib import Path

from vae_core.base.errors import InputError
from vae_core.data.images import shown


def read_file(path: Path, limit: int) -> bytes:
    """All bytes of a file, which is looked at before it is opened.

    Raises:
        InputError: it is a folder, a pipe or a device, or has more than `limit` bytes.
        OSError: there is none, or it cannot be read.
    """
    found = path.stat()
    if not stat.S_ISREG(found.st_mode):
        raise InputError(f"{shown(str(path))} is {_kind(path)}, and a file is needed.")
    if found.st_size > limit:
        raise InputError(f"{shown(str(path))} has {found.st_size / 2**20:,.0f} MB; such a file may have {limit // 2**20} MB.")
    return path.read_bytes()


def check_target(path: Path) -> None:
    """Make sure that what a command is going to write replaces nothing but a file.

    Raises:
        InputError: there is a link, a folder, a pipe or a device of this name.
    """
    if path.is_symlink():
        raise InputError(f"{shown(str(path))} is a link, which is not replaced: choose another name, or that of the file it leads to.")
    if path.exists() and not path.is_file():
        raise InputError(f"{shown(str(path))} is {_kind(path)}, which is not replaced: choose another name for the file.")


def check_new(folder: Path) -> None:
    """Make sure that a folder which a command is going to write is not there yet.

    Raises:
        InputError: it is there already, or a link or a file of this name.
    """
    if folder.exists() or folder.is_symlink():
        raise InputError(f"{shown(str(folder))} is there already: name a new folder by --out.")


def _kind(path: Path) -> str:
    return "a folder" if path.is_dir() else "a pipe, a socket or a device"
