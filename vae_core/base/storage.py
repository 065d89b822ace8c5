"""Where things are kept on the disk, and how to write there: a crash leaves the old content or the new, never a part."""

from __future__ import annotations

import contextlib
import hashlib
import os
import secrets
import shutil
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from platformdirs import user_data_path

_SEAL_BYTES = 64
_LEFT_SECONDS = 3600.0  # by then nobody is still writing or removing it

Content = bytes | Sequence[memoryview]


def home() -> Path:
    """The folder that holds runs, imported data and caches: ``$LATENT_LOOM_HOME``, else the platform's user-data folder."""
    configured = os.environ.get("LATENT_LOOM_HOME")
    return Path(configured).expanduser().resolve() if configured else user_data_path("latent-loom")


def new_id() -> str:
    """A fresh identifier, 12 hexadecimal digits: safe as a folder name and in a URL, never made from user text."""
    return secrets.token_hex(6)


def sha256(data: bytes | memoryview) -> str:
    """Hexadecimal SHA-256 of `data`."""
    return hashlib.sha256(data).hexdigest()


def write_atomic(path: Path, data: bytes, *, synced: bool = True) -> None:
    """Replace `path` by `data`; a reader, or a crash at any instant, finds the old content or the new one, never a part.

    Where it is not `synced`, it does not wait for the disk: a power cut, and that alone, may then leave a part, or nothing.

    The temporary file stands in the same folder, because a rename is atomic within one file system only.
    """
    temporary = _hidden(path)
    with naming(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        try:
            if synced:
                _write_synced(temporary, data)
            else:
                temporary.write_bytes(data)
            os.replace(temporary, path)
        except BaseException:
            with contextlib.suppress(OSError):
                temporary.unlink(missing_ok=True)
            raise
        if synced:
            _sync_folder(path.parent)


def write_folder(folder: Path, files: Mapping[str, Content]) -> None:
    """Write a new folder, which appears under its name only when every byte of it is on the disk.

    Args:
        folder: the new folder; the ones above it are made where they are missing.
        files: the content of each file by its name, which may have folders in it ("part/card.json"); bytes, or parts of them in order.

    Raises:
        FileExistsError: `folder` is there already; nothing in it is changed.
        OSError: the disk is full or cannot be written; the folder then does not exist, or exists whole.
    """
    if folder.exists():
        raise FileExistsError(folder)
    temporary = _hidden(folder)
    with naming(folder):
        folder.parent.mkdir(parents=True, exist_ok=True)
        temporary.mkdir()
        try:
            paths = {temporary / name: data for name, data in files.items()}
            for path, data in paths.items():
                path.parent.mkdir(parents=True, exist_ok=True)
                _write_synced(path, data)
            for inner in {*(path.parent for path in paths), temporary}:
                _sync_folder(inner)
            temporary.rename(folder)
        except BaseException:
            shutil.rmtree(temporary, ignore_errors=True)
            raise
        _sync_folder(folder.parent)


def remove_folder(folder: Path) -> None:
    """Remove a folder. It is gone from its place at once, whole; what a crash leaves of it nobody lists, and `sweep` removes it.

    Raises:
        OSError: the disk cannot be written; the folder is then there as it was.
    """
    aside = _hidden(folder)
    folder.rename(aside)
    shutil.rmtree(aside, ignore_errors=True)


def sweep() -> None:
    """Remove what a crash left half written or half removed below `home()`, an hour ago or earlier."""
    remove_half_written(home(), older=_LEFT_SECONDS)


def remove_half_written(folder: Path, *, older: float) -> None:
    """Remove what has been half written or half removed below `folder` for `older` seconds; what cannot be removed stays."""
    for parent, folders, files in os.walk(folder):  # which passes over what others remove meanwhile, as `rglob` does not
        for left in (Path(parent, name) for name in (*folders, *files) if name.startswith(".") and name.endswith(".tmp")):
            with contextlib.suppress(OSError):
                if left.stat().st_mtime > time.time() - older:
                    continue
                if left.is_dir():
                    shutil.rmtree(left, ignore_errors=True)
                else:
                    left.unlink()


@contextlib.contextmanager
def naming(path: Path) -> Iterator[None]:
    """Let an error of the disk inside the block say which file or folder was to be written, which the system does not always do."""
    try:
        yield
    except OSError as error:
        error.filename, error.filename2 = str(path), None
        raise


def write_sealed(path: Path, key: str, payload: bytes, *, synced: bool = True) -> None:
    """Write a payload as `write_atomic` does, so that `read_sealed` gives it back for this key alone."""
    write_atomic(path, _seal(key, payload) + payload, synced=synced)


def read_sealed(path: Path, key: str) -> bytes | None:
    """What `write_sealed` wrote for this key; None where the file is missing, damaged or sealed with another key."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    seal, payload = content[:_SEAL_BYTES], content[_SEAL_BYTES:]
    return payload if seal == _seal(key, payload) else None


def _hidden(path: Path) -> Path:
    """A name beside this one that no list has."""
    return path.with_name(f".{path.name}.{new_id()}.tmp")


def _seal(key: str, payload: bytes) -> bytes:
    return sha256(f"{key}\n".encode() + payload).encode()


def _write_synced(path: Path, data: Content) -> None:
    """Write `data` to `path` and flush it to the disk; a crash half-way leaves half of it."""
    with open(path, "wb") as file:
        file.writelines([data] if isinstance(data, bytes) else data)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    """Flush a folder's entries, so that a rename inside it survives a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
