"""In which encoding the names of an old archive are written: by trial, and by how common the characters would be."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType

ENCODINGS: Mapping[str, str] = MappingProxyType(
    {
        "utf-8": "UTF-8",
        "cp932": "Shift-JIS",
        "gbk": "GBK",
        "big5": "Big5",
        "cp949": "Korean (CP949)",
        "cp866": "Cyrillic (CP866)",
        "cp1251": "Cyrillic (CP1251)",
        "cp1252": "Western European (CP1252)",
        "cp437": "the code page of DOS",
    }
)
"""By Python's name, what people call them; the likelier of two that explain the same comes first."""

_KOREAN_FROM = 6  # characters: Chinese names of so many would use the rows of GB 2312 behind the last of Hangul


def encoding_of(names: Sequence[bytes]) -> str | None:
    """The encoding of these names, a key of ENCODINGS; None where all are ASCII."""
    foreign = sorted({name for name in names if not name.isascii()})
    if not foreign:
        return None
    together = b"\n".join(foreign)
    with contextlib.suppress(UnicodeDecodeError):
        together.decode("utf-8")
        return "utf-8"
    scores = {encoding: _score(together, encoding) for encoding in ENCODINGS}
    if scores["cp949"] == 1 and len([byte for byte in together if byte >= 0x80]) >= 2 * _KOREAN_FROM:
        scores |= {"gbk": 0.0, "big5": 0.0}
    if len(re.findall(rb"[\x80-\xff]+", together)) > 0.8 * len(re.findall(rb"[\x80-\xff]", together)):  # single, among ASCII letters
        scores |= {"cp866": 0.0, "cp1251": 0.0}
    return max(scores, key=lambda encoding: scores[encoding])


def _score(data: bytes, encoding: str) -> float:
    """The share of common characters among those that are not ASCII; below 0 where the bytes cannot be this encoding."""
    try:
        foreign = [character for character in data.decode(encoding) if not character.isascii()]
    except UnicodeDecodeError:
        return -1.0
    common = sum(map(_COMMON[encoding], foreign)) / len(foreign)
    return common if encoding in ("cp932", "gbk", "big5", "cp949") else 0.9 * common


def _between(character: str, encoding: str, low: int, high: int) -> bool:
    """Whether the first byte of a character in an encoding lies in the rows of its common characters."""
    with contextlib.suppress(UnicodeEncodeError):
        code = character.encode(encoding)
        return len(code) == 2 and low <= code[0] <= high
    return False


_COMMON: Mapping[str, Callable[[str], bool]] = MappingProxyType(
    {
        "utf-8": lambda _: True,
        "cp932": lambda character: "\u3041" <= character <= "\u30fe" or _between(character, "cp932", 0x88, 0x97),
        "gbk": lambda character: _between(character, "gb2312", 0xB0, 0xD7),
        "big5": lambda character: _between(character, "big5", 0xA4, 0xC6),
        "cp949": lambda character: "가" <= character <= "힣" and _between(character, "euc_kr", 0xB0, 0xC8),
        "cp866": lambda character: "А" <= character <= "я" or character in "Ёё",
        "cp1251": lambda character: "А" <= character <= "я" or character in "Ёё",
        "cp1252": lambda character: "À" <= character <= "ÿ" and character.isalpha(),
        "cp437": lambda character: character.isalpha() and character < "Ā",
    }
)
