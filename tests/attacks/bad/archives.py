"""34 to 53: folders of pictures, as a ZIP."""

from __future__ import annotations

import io
import stat
import struct
import warnings
import zipfile
from collections.abc import Iterable

import numpy as np
from PIL import Image

from tests.attacks.bad.doors import Cases, files
from tests.attacks.bad.pictures import GREYS, saved
from tests.data.hostile import endless_zip, zipped

case = Cases()
PICTURES = [(f"{'ab'[index % 2]}/{index}.png", saved(grey)) for index, grey in enumerate(GREYS)]
SOUND = zipped(PICTURES)


def opened(data: bytes) -> list[str]:
    return files({"x.zip": data})


def forged(data: bytes, offset: int, form: str, value: int) -> bytes:
    """The archive with one field of its first entry overwritten."""
    changed = bytearray(data)
    struct.pack_into(form, changed, data.index(b"PK\1\2") + offset, value)
    return bytes(changed)


def packed(method: int) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in PICTURES:
            archive.writestr(name, data)
    return file.getvalue()


def with_more(more: Iterable[tuple[str | zipfile.ZipInfo, bytes]]) -> bytes:
    file = io.BytesIO(SOUND)
    with zipfile.ZipFile(file, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of a name that is there already
        for name, data in more:
            archive.writestr(name, data)
    return file.getvalue()


@case(34)
def empty() -> list[str]:
    return opened(zipped([]))


@case(35)
def no_archive() -> list[str]:
    return opened(b"no archive at all")


@case(36)
def without_its_list() -> list[str]:
    return opened(SOUND[: SOUND.index(b"PK\1\2") + 30]) + opened(SOUND[:-10])


@case(37)
def overlapping() -> list[str]:
    single = zipped([("a", bytes(2**20))])
    start, end = single.index(b"PK\1\2"), single.index(b"PK\5\6")
    directory = single[start:end] * 2000
    return opened(single[:start] + directory + struct.pack("<4s4H2IH", b"PK\5\6", 0, 0, 2000, 2000, len(directory), start, 0))


@case(38)
def nested() -> list[str]:
    return opened(with_more([("more.zip", SOUND)])) + opened(zipped([("more.zip", SOUND)]))


@case(39)
def lying_sizes() -> list[str]:
    return opened(forged(SOUND, 24, "<I", 20))


@case(40)
def encrypted() -> list[str]:
    return opened(forged(zipped([PICTURES[0]]), 8, "<H", 1)) + opened(forged(SOUND, 8, "<H", 1))


@case(41)
def other_methods() -> list[str]:
    (sentence,) = {tuple(opened(packed(method))) for method in (zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2)}
    return [*sentence, *opened(forged(SOUND, 10, "<H", 93))]


@case(42)
def link() -> list[str]:
    passwords = zipfile.ZipInfo("a/passwd.png")
    passwords.external_attr = (stat.S_IFLNK | 0o777) << 16
    return opened(with_more([(passwords, b"/etc/passwd")]))


@case(43)
def absolute_and_up() -> list[str]:
    return opened(
        zipped([(f"/etc/{name}", data) for name, data in PICTURES[:6]] + [(f"../../{name}", data) for name, data in PICTURES[6:]])
    )


@case(44)
def many_members() -> list[str]:
    return opened(endless_zip(100_001))


@case(45)
def of_the_system() -> list[str]:
    return opened(with_more([("__MACOSX/a/._0.png", b"x"), ("a/.DS_Store", b"x"), ("a/Thumbs.db", b"x")]))


@case(46)
def one_bad() -> list[str]:
    return opened(with_more([("a/bad.png", b"x")]))


@case(47)
def all_bad() -> list[str]:
    return opened(zipped([(name, b"x") for name, _ in PICTURES]))


@case(48)
def classes() -> list[str]:
    small = saved(GREYS[0])
    found = [
        zipped([(f"only/{name}", data) for name, data in PICTURES]),
        zipped([(f"{index}/x.png", data) for index, (_, data) in enumerate(PICTURES)]),
        zipped([(f"{index:03}/x.png", small) for index in range(300)]),
    ]
    return [sentence for data in found for sentence in opened(data)]


@case(49)
def mixed() -> list[str]:
    others = [("a/large.png", saved(GREYS[0].resize((16, 12)))), ("b/colour.png", saved(GREYS[1].convert("RGBA")))]
    return opened(with_more(others))


@case(50)
def cases_of_letters() -> list[str]:
    return opened(zipped([(("A/X" if index % 2 else "a/x") + f"{index // 2}.png", data) for index, (_, data) in enumerate(PICTURES)]))


@case(51)
def twice() -> list[str]:
    return opened(with_more([(name, saved(Image.fromarray(255 - np.asarray(GREYS[0])))) for name, _ in PICTURES[:1]]))


@case(52)
def wrong_locator() -> list[str]:
    end = SOUND.index(b"PK\5\6")
    return opened(SOUND[:end] + struct.pack("<4sIQI", b"PK\6\7", 0, 2**40, 1) + SOUND[end:])


@case(53)
def extractor() -> list[str]:
    return opened(b"MZ\x90\0" + bytes(1000) + SOUND)
