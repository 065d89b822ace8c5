"""Frames that no child of ours writes are refused, and take no memory."""

from __future__ import annotations

import io
import json
import random
import struct
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pytest

from tests.memory import at_most
from vae_core.base.plain import Broken, Spent, read_frame, write_frame
from vae_core.base.strict import Config


@dataclass(frozen=True)
class Place:
    name: str
    at: tuple[int, ...]


class Pair(NamedTuple):
    one: Place
    other: object


class Kept(Config):
    many: tuple[int, ...] = ()


RECORDS = {"Place": Place, "Pair": Pair, "Kept": Kept}
VALUE = Pair(Place("ä", (1, 2)), [Kept(many=(3,)), {"a": b"bytes", "b": np.arange(4)}])


def written(value: object) -> bytes:
    stream = io.BytesIO()
    write_frame(stream, value)
    return stream.getvalue()


def read(frame: bytes) -> object:
    return read_frame(io.BytesIO(frame), RECORDS, 1000)


def said(value: object, *sizes: tuple[bool, int]) -> bytes:
    text = json.dumps([value, sizes]).encode()
    return struct.pack("<Q", len(text)) + text


def test_records_are_made_again_of_their_fields() -> None:
    back = read(written(VALUE))
    assert isinstance(back, Pair)
    assert back.one == VALUE.one
    assert isinstance(back.other, list)
    kept, parts = back.other
    assert kept == Kept(many=(3,))
    assert parts["a"] == b"bytes"
    np.testing.assert_array_equal(parts["b"], np.arange(4))


def test_what_stands_there_twice_crosses_once() -> None:
    data, array = b"x" * 300, np.zeros(300, np.uint8)
    back = read(written([data, data, array, array]))
    assert isinstance(back, list)
    assert back[0] is back[1]
    assert np.shares_memory(back[2], back[3])


def test_a_spent_array_is_let_go_when_it_is_written_and_no_other() -> None:
    gone: list[int] = []
    write_frame(io.BytesIO(), [np.zeros(7, np.uint8), Spent(np.zeros(5, np.uint8))], lambda piece: gone.append(len(piece)))
    assert gone == [5]


@pytest.mark.parametrize(
    "frame",
    [
        struct.pack("<Q", 2**60),
        b"\0\0\0",
        said({"bytes": 0}, (True, 2**40)),
        said({"array": 0, "type": "|u1", "shape": [2**40]}, (False, 2**40)),
        said({"array": 0, "type": "|O", "shape": [1]}, (False, 8)) + bytes(8),
        said({"array": 0, "type": "<f8", "shape": [2]}, (False, 8)) + bytes(8),
        said({"array": 0, "type": "|u1", "shape": [-1, -8]}, (False, 8)) + bytes(8),
        said({"array": 0, "type": "|u1", "shape": [8]}, (False, 8)) + bytes(7),
        said({"record": "Popen", "fields": {"args": "true"}}),
        said({"record": "Place", "fields": {"nome": "x"}}),
        said({"record": "Kept", "fields": {"many": {"tuple": ["x"]}}}),
        said({"bytes": 3}),
        said({"bytes": 0}, (True, -1)),
        written(1)[:-1],
    ],
)  # fmt: skip
def test_no_other_frame_is_believed(frame: bytes) -> None:
    with at_most(1), pytest.raises(Broken):
        read(frame)


def test_spoilt_frames_are_read_or_refused() -> None:
    frame = written(VALUE)
    for number in range(3000):
        draw = random.Random(number)
        spoilt = bytearray(frame)
        for _ in range(draw.randint(1, 3)):
            spoilt[draw.randrange(len(spoilt))] = draw.randrange(256)
        try:
            read(bytes(spoilt[: draw.choice((len(spoilt), draw.randrange(1, len(spoilt))))]))
        except Broken:
            continue
