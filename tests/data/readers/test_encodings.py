"""encodings: names of archives that were written before UTF-8 was marked."""

from __future__ import annotations

import pytest

from vae_core.data.readers.encodings import encoding_of


@pytest.mark.parametrize(
    ("names", "encoding"),
    [
        ("猫/1.png 犬/2.png", "utf-8"),
        ("猫の写真/1.png いぬ/2.png カタカナ/3.png", "cp932"),
        ("小猫/1.png 小狗/2.png", "gbk"),
        ("貓咪/1.png 小狗/2.png", "big5"),
        ("고양이사진모음/1.png 강아지사진/2.png", "cp949"),
        ("кошка/1.png собака/2.png", "cp866"),
        ("кошка/1.png собака/2.png", "cp1251"),
        ("Hündin/1.png Kätzchen/2.png", "cp437"),
        ("Hündin/1.png Kätzchen/2.png", "cp1252"),
    ],
)
def test_names_are_read_as_they_were_written(names: str, encoding: str) -> None:
    assert encoding_of([name.encode(encoding) for name in names.split()]) == encoding


def test_plain_names_need_none() -> None:
    assert encoding_of([b"a.png", b"b.png"]) is None
