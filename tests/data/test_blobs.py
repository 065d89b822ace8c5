"""blobs: what may come out of a folder, an upload and a ZIP archive, honest or not."""

from __future__ import annotations

import contextlib
import io
import os
import struct
import time
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vae_core.base.errors import InputError
from vae_core.data.archives import MAX_INFLATED, check_inflated, from_zip
from vae_core.data.blobs import Blob, from_path, from_uploads


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
    assert contents(from_path(tmp_path)) == FILES
    assert contents(from_uploads([*FILES.items(), *JUNK.items()])) == FILES
    assert contents(from_zip(zipped({**FILES, **JUNK, "empty/": b""}), "x.zip")) == FILES
    assert contents(from_path(tmp_path / "cats/a.png")) == {"a.png": b"aaaa"}
    assert from_path(tmp_path)[2].folder == ("dogs",)
    assert from_path(tmp_path)[0].head() == b"aaaa"


def test_links_are_followed_inside_the_folder_only(tmp_path: Path) -> None:
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/secret.png").write_bytes(b"secret")
    inside = tmp_path / "inside"
    inside.mkdir()
    (inside / "a.png").write_bytes(b"a")
    (inside / "twin.png").symlink_to("a.png")
    (inside / "leak.png").symlink_to(tmp_path / "outside/secret.png")
    (inside / "leaks").symlink_to(tmp_path / "outside")
    (inside / "loop").symlink_to(inside)
    assert contents(from_path(inside)) == {"a.png": b"a", "twin.png": b"a"}


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_pipe_does_not_hang_the_import(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.png")
    assert from_path(tmp_path) == []
    with pytest.raises(InputError, match="no file or folder"):
        from_path(tmp_path / "pipe.png")


@pytest.mark.parametrize("path", ["missing", "a\0b", "n" * 5000])
def test_no_such_path(tmp_path: Path, path: str) -> None:
    with pytest.raises(InputError, match=r"^(There is no file or folder .*|.* cannot be read: File name too long)\.$"):
        from_path(tmp_path / path)


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


def test_members_of_one_name_and_of_names_that_look_alike_are_kept_apart() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.png", b"2")
        archive.writestr("A.png", b"3")
        archive.writestr("é.png", b"4")
        archive.writestr("e\u0301.png", b"5")
    blobs = from_zip(file.getvalue(), "x.zip")
    assert sorted(blob.read(10) for blob in blobs) == [b"1", b"2", b"3", b"4", b"5"]
    assert len(set(blobs)) == 5


def test_links_in_an_archive_are_left_out() -> None:
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert from_zip(file.getvalue(), "x.zip") == []


def test_reading_stops_at_the_limit() -> None:
    for blob in (*from_uploads([("a", bytes(11))]), *from_zip(zipped({"a": bytes(11)}), "x.zip")):
        assert blob.read(11) == bytes(11)
        with pytest.raises(InputError, match=r"^a is larger than"):
            blob.read(10)


def overlapping(copies: int) -> bytes:
    """An archive whose directory names one deflated run of a megabyte `copies` times."""
    single = zipped({"a": bytes(2**20)})
    start = single.index(b"PK\1\2")
    end = single.index(b"PK\5\6")
    directory = single[start:end] * copies
    return single[:start] + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, copies, copies, len(directory), start, 0)


def forged(data: bytes, offset: int, form: str, value: int) -> bytes:
    """`data` with one field of the first directory entry overwritten."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.index(b"PK\1\2") + offset, value)
    return bytes(changed)


def test_overlapping_members_are_refused_at_once() -> None:
    bomb = overlapping(2000)
    began = time.process_time()
    with pytest.raises(InputError, match=r"^x\.zip holds files that overlap"):
        from_zip(bomb, "x.zip")
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged or cut-short ZIP"),
        (b"no archive at all", "damaged or cut-short ZIP"),
        (zipped(FILES)[:-10], "damaged or cut-short ZIP"),
        (zipped(FILES)[50:], "damaged or cut-short ZIP|overlap"),
        (overlapping(20_001), "more than 20,000 files"),
        (forged(zipped(FILES), 8, "<H", 1), "encrypted"),
        (zipped(FILES, zipfile.ZIP_LZMA), "make an ordinary ZIP"),
        (zipped(FILES, zipfile.ZIP_BZIP2), "make an ordinary ZIP"),
        (forged(zipped(FILES), 10, "<H", 93), "make an ordinary ZIP"),
        (forged(zipped(FILES), 42, "<I", 2**31), "damaged or cut-short ZIP"),
    ],
)
def test_refused_archives(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=r"^x\.zip .*\.$") as refusal:
        from_zip(data, "x.zip")
    refusal.match(reason)


def test_a_lying_size_is_noticed_and_bounds_what_is_inflated() -> None:
    (blob,) = from_zip(forged(zipped({"a": bytes(2**21)}), 24, "<I", 100), "x.zip")
    with pytest.raises(InputError, match=r"^a is damaged"):
        blob.read(2**23)


def test_wrong_checksum_is_noticed() -> None:
    (blob,) = from_zip(forged(zipped({"a": b"abc"}), 16, "<I", 1), "x.zip")
    with pytest.raises(InputError, match=r"^a is damaged"):
        blob.read(100)
    assert blob.head() == b""


def test_an_empty_archive_is_no_damaged_one() -> None:
    assert from_zip(zipped({}), "x.zip") == []


def test_an_archive_behind_other_bytes_is_read() -> None:
    assert contents(from_zip(b"#!/bin/sh self-extractor" + zipped(FILES), "x.zip")) == FILES


def test_sum_of_sizes_is_limited() -> None:
    blobs = from_zip(forged(zipped({"a": b"a", "b": b"b"}), 24, "<I", MAX_INFLATED - 1), "x.zip")
    check_inflated(blobs, "x.zip")
    with pytest.raises(InputError, match=r"^x\.zip unpacks to more than 1 GB"):
        check_inflated([*blobs, *from_uploads([("c", b"c")])], "x.zip")


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=5), st.integers(0, 10**6), st.booleans())
def test_only_input_errors_escape_from_mutated_archives(changes: list[tuple[int, int]], cut: int, whole: bool) -> None:
    data = bytearray(zipped(FILES))
    for position, value in changes:
        data[position % len(data)] = value
    with contextlib.suppress(InputError):
        for blob in from_zip(bytes(data if whole else data[: cut % len(data)]), "x.zip"):
            assert len(blob.read(1000)) <= 1000
