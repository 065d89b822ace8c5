"""blobs: what may come out of a folder, an upload and a ZIP archive, honest or not."""

from __future__ import annotations

import io
import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from vae_core.base.errors import InputError
from vae_core.data.readers.archives import from_zip
from vae_core.data.readers.blobs import Blob, from_path, from_uploads
from vae_core.data.taken import Taken


def zipped(files: Mapping[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def contents(blobs: list[Blob]) -> dict[str, bytes]:
    return {blob.name: blob.read(1000) for blob in blobs}


FILES = {"cats/a.png": b"aaaa", "cats/b.png": b"", "dogs/a.png": b"c" * 500}


JUNK = {"__MACOSX/cats/._a.png": b"x", "cats/.DS_Store": b"x", "Thumbs.db": b"x", ".hidden/a.png": b"x"}


def test_three_sources_give_one_view(tmp_path: Path) -> None:
    for name, data in {**FILES, **JUNK}.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    assert contents(from_path(tmp_path, Taken())) == FILES
    assert contents(from_uploads([*FILES.items(), *JUNK.items()])) == FILES
    assert contents(from_zip(zipped({**FILES, **JUNK, "empty/": b""}), "x.zip", Taken())) == FILES
    assert contents(from_path(tmp_path / "cats/a.png", Taken())) == {"a.png": b"aaaa"}
    assert from_path(tmp_path, Taken())[2].folder == ("dogs",)
    assert from_path(tmp_path, Taken())[0].head() == b"aaaa"


def test_links_are_followed_each_folder_once_and_those_that_lead_out_are_said(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.png").write_bytes(b"secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.png").write_bytes(b"a")
    (inside / "twin.png").symlink_to("a.png")
    (inside / "leak.png").symlink_to(tmp_path / "outside/secret.png")
    (inside / "leaks").symlink_to(tmp_path / "outside")
    (inside / "loop").symlink_to(inside)
    taken = Taken()
    linked = {"leak.png": b"secret", "leaks/secret.png": b"secret"}
    assert contents(from_path(inside, taken)) == {"a.png": b"a", "twin.png": b"a", **linked}
    assert taken.notes == ["Links lead out of inside to 2 files, which were read: leak.png and leaks/secret.png."]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_hang_the_import(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert from_path(tmp_path, Taken()) == []
    with pytest.raises(InputError, match=r"pipe\.png is a pipe, a socket or a device, and a file or a folder is needed\."):
        from_path(tmp_path / "pipe.png", Taken())


@pytest.mark.parametrize("path", ["missing", "a\0b", "n" * 5000])
def test_no_such_path(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match=r"^(There is no file or folder .*|.* cannot be read: File name too long \(.*\))\.$"):
        from_path(tmp_path / path, Taken())


@pytest.mark.parametrize(
    ("given", "seen"),
    [
        ("../../x.png", "x.png"),
        ("..\\..\\x.png", "x.png"),
        ("/etc/x.png", "etc/x.png"),
        ("C:\\x\\y.png", "C:/x/y.png"),
        ("\\\\host\\share\\x.png", "host/share/x.png"),
        ("CON.png", "CON.png"),
        ("=cmd|'/c calc'!A1.png", "=cmd|'/c calc'!A1.png"),
    ],
)
def test_paths_are_labels_without_a_way_out(given: str, seen: str) -> None:
    assert [blob.name for blob in from_uploads([(given, b"")])] == [seen]


def test_reading_stops_at_the_limit() -> None:
    for blob in (*from_uploads([("a", bytes(11))]), *from_zip(zipped({"a": bytes(11)}), "x.zip", Taken())):
        assert blob.read(11) == bytes(11)
        with pytest.raises(InputError, match=r"^a is larger than"):
            blob.read(10)
