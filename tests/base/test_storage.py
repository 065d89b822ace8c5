"""storage: a folder is there whole or not at all, and a sealed file gives back what was written, for its key alone, or nothing."""

from __future__ import annotations

import errno
import hashlib
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from vae_core.base.storage import read_sealed, sweep, write_folder, write_sealed

FILES = {"a.bin": b"first", "part/b.bin": b"second", "part/c.bin": b""}


def content(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_folder_holds_its_files(tmp_path: Path) -> None:
    write_folder(tmp_path / "new" / "whole", FILES)
    assert content(tmp_path / "new") == {f"whole/{name}": data for name, data in FILES.items()}


def test_a_folder_that_is_there_is_left_as_it_is(tmp_path: Path) -> None:
    write_folder(tmp_path / "whole", FILES)
    with pytest.raises(FileExistsError):
        write_folder(tmp_path / "whole", {"a.bin": b"other"})
    assert content(tmp_path) == {f"whole/{name}": data for name, data in FILES.items()}


def failing(monkeypatch: pytest.MonkeyPatch, owner: object, name: str, nth: int) -> None:
    """Let the nth call of a function of the system find the disk full."""
    real: Callable[..., object] = getattr(owner, name)
    calls = iter(range(1, 100))

    def call(*arguments: object, **options: object) -> object:
        if next(calls) == nth:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*arguments, **options)

    monkeypatch.setattr(owner, name, call)


@pytest.mark.parametrize(
    ("owner", "name", "nth"), [*((os, "fsync", nth) for nth in range(1, 6)), (Path, "rename", 1), (Path, "mkdir", 2), (Path, "mkdir", 4)]
)
def test_a_folder_that_cannot_be_written_leaves_nothing(
    owner: object, name: str, nth: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_folder(tmp_path / "old", FILES)
    with monkeypatch.context() as patch:
        failing(patch, owner, name, nth)
        with pytest.raises(OSError, match="No space left"):
            write_folder(tmp_path / "new", FILES)
    assert os.listdir(tmp_path) == ["old"]
    write_folder(tmp_path / "new", FILES)
    assert content(tmp_path / "new") == content(tmp_path / "old") == FILES


def test_every_byte_is_on_the_disk_before_the_folder_has_its_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.fsync
    flushed: list[bool] = []

    def fsync(handle: int) -> None:
        flushed.append((tmp_path / "new").exists())
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    write_folder(tmp_path / "new", FILES)
    assert flushed == [*[False] * 5, True]  # three files and two folders; after the rename the folder above


def test_the_seal_of_earlier_versions_is_read(tmp_path: Path) -> None:
    file = tmp_path / "sealed"
    file.write_bytes(hashlib.sha256(b"1\npayload").hexdigest().encode() + b"payload")
    assert read_sealed(file, "1") == b"payload"


def test_a_sealed_payload_comes_back_for_its_key_alone(tmp_path: Path) -> None:
    file = tmp_path / "new" / "sealed"
    assert read_sealed(file, "key") is None
    write_sealed(file, "key", b"payload")
    assert read_sealed(file, "key") == b"payload"
    assert read_sealed(file, "kez") is None
    write_sealed(file, "key", b"")
    assert read_sealed(file, "key") == b""


def test_no_damage_passes(tmp_path: Path) -> None:
    file = tmp_path / "sealed"
    write_sealed(file, "key", b"payload")
    whole = file.read_bytes()
    for place in range(len(whole)):
        file.write_bytes(whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :])
        assert read_sealed(file, "key") is None
        file.write_bytes(whole[:place])
        assert read_sealed(file, "key") is None


def test_a_sealed_file_that_is_not_waited_for_appears_whole_all_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "kept.bin"
    with monkeypatch.context() as patch:
        failing(patch, os, "fsync", 1)
        write_sealed(file, "key", b"first", synced=False)
    assert read_sealed(file, "key") == b"first"
    with monkeypatch.context() as patch:
        failing(patch, os, "replace", 1)
        with pytest.raises(OSError, match="No space left"):
            write_sealed(file, "key", b"second", synced=False)
    assert os.listdir(tmp_path) == ["kept.bin"]
    assert read_sealed(file, "key") == b"first"


def test_a_folder_that_somebody_else_removes_meanwhile_does_not_end_the_sweep(fresh_home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    scan, halves = os.scandir, [fresh_home / name / ".half.0123.tmp" for name in ("a", "b")]
    for half in halves:
        half.parent.mkdir(parents=True)
        half.write_bytes(b"")
        os.utime(half, (0, 0))

    def gone(path: str | Path) -> object:
        if str(path).endswith("/b"):
            raise FileNotFoundError(path)
        return scan(path)

    monkeypatch.setattr(os, "scandir", gone)
    sweep()
    assert [half.exists() for half in halves] == [False, True]
