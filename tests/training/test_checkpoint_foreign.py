"""checkpoint: what is not ours is refused in one sentence, and runs no code and takes no memory."""

from __future__ import annotations

import io
import os
import pickle
import stat
import struct
import zipfile
import zlib
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import pytest
import torch

from tests.memory import at_most
from tests.training.checkpoints import CARD, MANIFEST, WEIGHTS, forged, manifest, refusal, zipped
from vae_core.training import checkpoint
from vae_core.training.checkpoint import (
    MAX_FILE_BYTES,
    unpack,
)


class Gadget:
    """Makes a folder as soon as it is unpickled."""

    def __init__(self, canary: Path) -> None:
        self.canary = canary

    def __reduce__(self) -> tuple[Callable[..., object], tuple[str]]:
        return os.mkdir, (str(self.canary),)


def test_no_pickle_is_ever_run(tmp_path: Path, files: Mapping[str, bytes]) -> None:
    canary = tmp_path / "canary"
    payload = pickle.dumps(Gadget(canary))
    modern, legacy = io.BytesIO(), io.BytesIO()
    torch.save({"model": Gadget(canary)}, modern)
    torch.save({"model": Gadget(canary)}, legacy, _use_new_zipfile_serialization=False)
    hostile = [payload, modern.getvalue(), legacy.getvalue(), zipped({"data.pkl": payload}), zipped({**files, "data.pkl": payload})]
    hostile += [forged({**files, part: payload}) for part in files] + [zipped({**files, MANIFEST: payload})]
    for data in hostile:
        refusal(partial(unpack, data, "m.pt"))
    assert not canary.exists()
    pickle.loads(payload)
    assert canary.exists()


@pytest.mark.parametrize(
    "start", [b"GGUF\3\0\0\0", b"\x89HDF\r\n\x1a\n", b"\x08\x07\x12\x07pytorch", b"\x1f\x8b\x08", b"%PDF-1.7", b"", b"P"]
)
def test_other_formats_are_refused(start: bytes) -> None:
    sentence = "model is not a Latent Loom model file, or it is damaged: download it again."
    assert refusal(lambda: unpack(start + bytes(1000), "model")) == sentence


@pytest.mark.parametrize(
    "name",
    [
        "../card.json",
        "../../x",
        "/etc/cron.d/x",
        "..\\card.json",
        "C:\\card.json",
        "weights.safetensors/",
        "Card.json",
        "CON",
        "card.json\n",
    ],
)
def test_a_member_with_another_name_is_refused(files: Mapping[str, bytes], name: str) -> None:
    members = {**files, MANIFEST: manifest(files)}
    assert "not a Latent Loom model file" in refusal(lambda: unpack(zipped({**members, name: b"x"}), "m.zip"))
    del members[CARD]
    refusal(lambda: unpack(zipped({**members, name: files[CARD]}), "m.zip"))


def test_a_member_that_is_there_twice_is_refused(files: Mapping[str, bytes]) -> None:
    file = io.BytesIO(forged(files))
    with zipfile.ZipFile(file, "a") as archive, pytest.warns(UserWarning, match="Duplicate"):
        archive.writestr(CARD, files[CARD])
    refusal(lambda: unpack(file.getvalue(), "m.zip"))


def test_a_member_that_is_a_link_is_refused(files: Mapping[str, bytes]) -> None:
    link = zipfile.ZipInfo(CARD)
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    file = io.BytesIO(zipped({WEIGHTS: files[WEIGHTS], MANIFEST: manifest(files)}))
    with zipfile.ZipFile(file, "a") as archive:
        archive.writestr(link, "/etc/passwd")
    refusal(lambda: unpack(file.getvalue(), "m.zip"))


@pytest.mark.parametrize("method", [zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_compressed_member_is_refused_unread(files: Mapping[str, bytes], method: int) -> None:
    bomb = zipped({**files, WEIGHTS: bytes(20 * 2**20)}, method)
    assert len(bomb) < 2**20
    with at_most(1):
        refusal(lambda: unpack(bomb, "m.zip"))
    refusal(lambda: unpack(zipped({**files, MANIFEST: manifest(files)}, method), "m.zip"))


def local(name: str, data: bytes) -> bytes:
    """A stored ZIP member with its header."""
    return struct.pack("<4s5H3L2H", b"PK\3\4", 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0) + name.encode() + data


def central(name: str, data: bytes, offset: int) -> bytes:
    """A ZIP directory's entry for the member at `offset`."""
    fields = (20, 20, 0, 0, 0, 33, zlib.crc32(data), len(data), len(data), len(name), 0, 0, 0, 0, 0, offset)
    return struct.pack("<4s6H3L5H2L", b"PK\1\2", *fields) + name.encode()


def archive(body: bytes, entries: list[bytes]) -> bytes:
    directory = b"".join(entries)
    return body + directory + struct.pack("<4s4H2LH", b"PK\5\6", 0, 0, len(entries), len(entries), len(directory), len(body), 0)


def test_members_that_share_their_bytes_are_refused() -> None:
    inner = bytes(100_000)
    outer = local(CARD, inner)
    body = local(WEIGHTS, outer)
    entries = [central(WEIGHTS, outer, 0), central(CARD, inner, len(body) - len(outer))]
    with zipfile.ZipFile(io.BytesIO(archive(body, entries[:1]))) as sound:
        assert sound.read(WEIGHTS) == outer
    assert "not a Latent Loom model file" in refusal(lambda: unpack(archive(body, entries), "m.zip"))


def test_a_member_that_lies_about_its_size_is_refused(files: Mapping[str, bytes]) -> None:
    lie = bytearray(forged(files))
    entry = lie.index(b"PK\1\2")
    struct.pack_into("<2L", lie, entry + 20, 2**31, 2**31)  # packed and unpacked
    with at_most(1):
        refusal(lambda: unpack(bytes(lie), "m.zip"))


def test_an_encrypted_member_is_refused(files: Mapping[str, bytes]) -> None:
    data = bytearray(forged(files))
    for start, flags in ((b"PK\1\2", 8), (b"PK\3\4", 6)):
        data[data.index(start) + flags] |= 1
        refusal(lambda: unpack(bytes(data), "m.zip"))


def test_a_file_that_is_too_large_is_refused_unread(monkeypatch: pytest.MonkeyPatch, files: Mapping[str, bytes]) -> None:
    assert MAX_FILE_BYTES == 256 * 2**20
    data = forged(files)
    monkeypatch.setattr(checkpoint, "MAX_FILE_BYTES", 2**20)
    unpack(data, "m.zip")
    assert refusal(lambda: unpack(data + bytes(3 * 2**20), "m.zip")) == "m.zip has 3 MB; a model file may have 1 MB."
