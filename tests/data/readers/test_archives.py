"""ZIP archives: what is read of them, and what is refused."""

from __future__ import annotations

import contextlib
import io
import struct
import tarfile
import time
import zipfile

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.data.readers.test_blobs import FILES, contents, zipped
from vae_core.base.errors import InputError
from vae_core.data.readers.archives import from_tar, from_zip
from vae_core.data.readers.blobs import in_memory
from vae_core.data.taken import Taken


def test_members_of_one_name_and_of_names_that_look_alike_are_kept_apart() -> None:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("a.png", b"1")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("a.png", b"2")
        archive.writestr("A.png", b"3")
        archive.writestr("é.png", b"4")
        archive.writestr("e\u0301.png", b"5")
    blobs = from_zip(file.getvalue(), "x.zip", Taken())
    assert sorted(blob.read(10) for blob in blobs) == [b"1", b"2", b"3", b"4", b"5"]
    assert len(set(blobs)) == 5


def test_links_in_an_archive_are_left_out() -> None:
    link = zipfile.ZipInfo("link.png")
    link.external_attr = 0o120777 << 16
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert from_zip(file.getvalue(), "x.zip", Taken()) == []


@pytest.mark.parametrize("name", ["\0", "/", ".", "..", "a/", "\\"])
def test_a_member_without_a_name_is_left_out(name: str) -> None:
    """Python before 3.12 fails at the first character of an empty name, which a damaged archive states."""
    data = zipped({"a.png": b"1", "x" * len(name): b"2"}).replace(b"x" * len(name), name.encode())
    assert [blob.name for blob in from_zip(data, "x.zip", Taken())] == ["a.png"]


def test_a_file_without_a_name_is_said() -> None:
    taken = Taken()
    from_zip(zipped({"x": b"2"}).replace(b"x", b"\0"), "x.zip", taken)
    assert any("a file without a name" in note for note in taken.notes)


def overlapping(copies: int) -> bytes:
    """An archive whose directory names one deflated run of a megabyte `copies` times."""
    single = zipped({"a": bytes(2**20)})
    start = single.index(b"PK\1\2")
    end = single.index(b"PK\5\6")
    directory, claimed = single[start:end] * copies, min(copies, 2000)
    return single[:start] + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, claimed, claimed, len(directory), start, 0)


def forged(data: bytes, offset: int, form: str, value: int) -> bytes:
    """`data` with one field of the first directory entry overwritten."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.index(b"PK\1\2") + offset, value)
    return bytes(changed)


ONE = {"cats/a.png": b"aaaa"}


def test_one_member_that_is_closed_refuses_none_of_the_rest() -> None:
    taken = Taken()
    assert [blob.name for blob in from_zip(forged(zipped(FILES), 8, "<H", 1), "x.zip", taken)] == ["cats/b.png", "dogs/a.png"]
    assert taken.sentences() == ("Not used: cats/a.png is encrypted: make an archive without a password.",)


def test_overlapping_members_are_refused_at_once() -> None:
    bomb = overlapping(2000)
    began = time.process_time()
    with pytest.raises(InputError, match=r"^x\.zip holds files that overlap"):
        from_zip(bomb, "x.zip", Taken())
    assert time.process_time() - began < 1


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "damaged or cut-short ZIP"),
        (b"no archive at all", "damaged or cut-short ZIP"),
        (zipped(FILES)[:-10], "damaged or cut-short ZIP"),
        (zipped(FILES)[:-30], "is cut off, its end is missing: copy or download it again"),
        (zipped(FILES)[50:], "damaged or cut-short ZIP|overlap"),
        (overlapping(65_536), "archives may hold 65,535 in all"),
        (forged(zipped(ONE), 8, "<H", 1), "encrypted"),
        (zipped(FILES, zipfile.ZIP_LZMA), "make an ordinary ZIP"),
        (zipped(FILES, zipfile.ZIP_BZIP2), "make an ordinary ZIP"),
        (forged(zipped(ONE), 10, "<H", 93), "make an ordinary ZIP"),
        (forged(zipped(FILES), 42, "<I", 2**31), "damaged or cut-short ZIP"),
    ],
)
def test_refused_archives(data: bytes, reason: str) -> None:
    with pytest.raises(InputError, match=r"^x\.zip .*\.$") as refusal:
        from_zip(data, "x.zip", Taken())
    refusal.match(reason)


def test_a_lying_size_is_noticed_and_bounds_what_is_inflated() -> None:
    (blob,) = from_zip(forged(zipped({"a": bytes(2**21)}), 24, "<I", 100), "x.zip", Taken())
    with pytest.raises(InputError, match=r"^a is damaged"):
        blob.read(2**23)


def test_wrong_checksum_is_noticed() -> None:
    (blob,) = from_zip(forged(zipped({"a": b"abc"}), 16, "<I", 1), "x.zip", Taken())
    with pytest.raises(InputError, match=r"^a is damaged"):
        blob.read(100)
    assert blob.head() == b""


def test_an_empty_archive_is_no_damaged_one() -> None:
    assert from_zip(zipped({}), "x.zip", Taken()) == []


def test_an_archive_behind_other_bytes_is_read() -> None:
    assert contents(from_zip(b"#!/bin/sh self-extractor" + zipped(FILES), "x.zip", Taken())) == FILES


@pytest.mark.slow
@settings(max_examples=1000, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), min_size=1, max_size=5), st.integers(0, 10**6), st.booleans())
def test_only_input_errors_escape_from_mutated_archives(changes: list[tuple[int, int]], cut: int, whole: bool) -> None:
    data = bytearray(zipped(FILES))
    for position, value in changes:
        data[position % len(data)] = value
    with contextlib.suppress(InputError):
        for blob in from_zip(bytes(data if whole else data[: cut % len(data)]), "x.zip", Taken()):
            assert len(blob.read(1000)) <= 1000


def tarred(files: dict[str, bytes], mode: str = "w") -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode=mode) as archive:  # type: ignore[call-overload]
        for name, data in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(data)
            archive.addfile(member, io.BytesIO(data))
        link = tarfile.TarInfo("link.png")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    return file.getvalue()


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_the_files_of_a_tar_archive_without_its_links(mode: str) -> None:
    taken = Taken()
    found = from_tar(in_memory("x.tgz", tarred({"b/2.png": b"two", "b/10.png": b"ten", ".hidden": b"", "a.csv": b"1"}, mode)), taken)
    assert {blob.name: blob.read(9) for blob in found} == {"a.csv": b"1", "b/2.png": b"two", "b/10.png": b"ten"}
    assert [blob.name for blob in found] == ["a.csv", "b/2.png", "b/10.png"]
    said = taken.sentences()
    assert "Left out, as an operating system adds or hides them: .hidden." in said
    assert "Not used: link.png is a link, which is not followed." in said


def test_a_tar_archive_that_is_cut_short_or_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = tarred({"a.png": bytes(2000)}, "w:gz")
    with pytest.raises(InputError, match=r"x\.tgz is a damaged or cut-short tar archive"):
        from_tar(in_memory("x.tgz", whole[: len(whole) // 2]), Taken())
    monkeypatch.setattr("vae_core.data.budget.MAX_HELD", 1999)
    with pytest.raises(InputError, match="takes this import over"):
        from_tar(in_memory("x.tgz", whole), Taken())
