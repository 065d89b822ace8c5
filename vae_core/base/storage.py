"""Where things are kept on disk, and how to write there so that a crash leaves the old file or the new one."""

from __future__ import annotations

import hashlib
import os
import secrets
from pathlib import Path

from platformdirs import user_data_path

_SEAL_BYTES = 64


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


def sync_folder(folder: Path) -> None:
    """Flush a folder's entries, so that a rename inside it survives a power cut; Windows has no such call and needs none."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def write_synced(path: Path, data: bytes) -> None:
    """Write `data` to `path` and flush it to the disk; not atomic by itself, for files inside a folder not yet renamed."""
    with open(path, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def write_atomic(path: Path, data: bytes) -> None:
    """Replace `path` by `data`; a reader, or a crash at any instant, finds the old content or the new one, never a part.

    The temporary file stands in the same folder, because a rename is atomic within one file system only.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{new_id()}.tmp")
    try:
        write_synced(temporary, data)
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def write_sealed(path: Path, key: str, payload: bytes) -> None:
    """`write_atomic` of a payload that `read_sealed` gives back for this key alone."""
    write_atomic(path, _seal(key, payload) + payload)


def read_sealed(path: Path, key: str) -> bytes | None:
    """What `write_sealed` wrote for this key; None where there is no file, or it is damaged or of another key."""
    try:
        content = path.read_bytes()
    except OSError:
        return None
    seal, payload = content[:_SEAL_BYTES], content[_SEAL_BYTES:]
    return payload if seal == _seal(key, payload) else None


def _seal(key: str, payload: bytes) -> bytes:
    return sha256(f"{key}\n".encode() + payload).encode()
