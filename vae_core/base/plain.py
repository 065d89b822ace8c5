"""Values as JSON and blocks of bytes between two processes of ours: none of it is code, and only named records are made of it.

A frame is the length of its JSON in eight bytes, the JSON, and the blocks one after another. The JSON says the length of each.
"""

from __future__ import annotations

import dataclasses
import json
import math
import struct
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel

Records = Mapping[str, Callable[..., Any]]
"""By the name of each class that may be made: what makes one of its fields."""
Block = bytes | NDArray[Any]

_LENGTH = struct.Struct("<Q")
_MOST_JSON = 2**26
_PIECE = 2**24


class Spent(NamedTuple):
    """An array that its owner will not look at again: its memory can be given back while it is written."""

    array: NDArray[Any]


class Broken(ValueError):
    """A frame that is cut off, too large, or says what no frame of ours says."""


def write_frame(stream: IO[bytes], value: object, let_go: Callable[[NDArray[Any]], None] = lambda piece: None) -> None:
    """Write one value: None, truths, numbers, texts, bytes, arrays of numbers, and lists, tuples, dicts and records of such.

    Args:
        stream: is flushed.
        value: what is written.
        let_go: is called with each piece of a spent array, a flat one of bytes, when it has been written.
    """
    blocks = _Blocks()
    said = _said(value, blocks)
    sizes = [[isinstance(block, bytes), len(block) if isinstance(block, bytes) else block.nbytes] for block, _ in blocks.all]
    text = json.dumps([said, sizes], separators=(",", ":")).encode()
    stream.write(_LENGTH.pack(len(text)) + text)
    for block, spent in blocks.all:
        flat = np.frombuffer(block, np.uint8) if isinstance(block, bytes) else block.reshape(-1).view(np.uint8)
        for first in range(0, len(flat), _PIECE):
            piece = flat[first : first + _PIECE]
            stream.write(piece.data)
            if spent:
                let_go(piece)
    stream.flush()


def read_frame(stream: IO[bytes], records: Records, most: int) -> Any:  # noqa: ANN401 - whatever was written
    """The value of the next frame; EOFError where the stream has ended before one.

    Args:
        stream: where it comes from.
        records: the classes that may be made.
        most: bytes of all blocks; memory is taken for no more.

    Raises:
        Broken: it is no frame, or one beyond the limits.
        EOFError: there is none.
    """
    head = stream.read(_LENGTH.size)
    if not head:
        raise EOFError
    try:
        (length,) = _LENGTH.unpack(head)
        if length > _MOST_JSON:
            raise Broken("too much text")
        said, sizes = json.loads(stream.read(length))
        if not all(type(size) is int and size >= 0 for _, size in sizes) or sum(size for _, size in sizes) > most:
            raise Broken("too many bytes")
        return _made(said, [_block(stream, size, plain=plain) for plain, size in sizes], records)
    except Broken:
        raise
    except Exception as error:
        raise Broken("not a frame") from error


def _block(stream: IO[bytes], size: int, *, plain: bool) -> Block:
    block: Block
    if plain:
        block = stream.read(size)
        whole = len(block) == size
    else:
        block = np.empty(size, np.uint8)
        whole = stream.readinto(block.data) == size if size else True  # type: ignore[attr-defined]
    if not whole:
        raise Broken("cut off")
    return block


class _Blocks:
    """The blocks of a frame; what stands in its value twice is one."""

    def __init__(self) -> None:
        self.all: list[tuple[Block, bool]] = []
        self._places: dict[int, tuple[int, object]] = {}

    def place(self, value: bytes | NDArray[Any] | Spent) -> int:
        """The number of the block that holds this."""
        if id(value) not in self._places:
            self._places[id(value)] = len(self.all), value  # kept, so that nothing else gets its id
            block = value if isinstance(value, bytes) else np.ascontiguousarray(value.array if isinstance(value, Spent) else value)
            self.all.append((block, isinstance(value, Spent)))
        return self._places[id(value)][0]


def _said(value: object, blocks: _Blocks) -> object:
    if value is None or isinstance(value, bool | int | float | str):
        return value
    if isinstance(value, np.generic):
        return value.item()
    if isinstance(value, bytes | np.ndarray | Spent):
        place = blocks.place(value)
        if isinstance(value, bytes):
            return {"bytes": place}
        array = value.array if isinstance(value, Spent) else value
        return {"array": place, "type": array.dtype.str, "shape": list(array.shape)}
    fields = _fields(value)
    if fields is not None:
        return {"record": type(value).__name__, "fields": {name: _said(getattr(value, name), blocks) for name in fields}}
    if isinstance(value, Mapping):
        return {"dict": [[_said(key, blocks), _said(part, blocks)] for key, part in value.items()]}
    if isinstance(value, Sequence):
        parts = [_said(part, blocks) for part in value]
        return {"tuple": parts} if isinstance(value, tuple) else parts
    raise TypeError(f"{type(value).__name__} is no plain value")


def _fields(value: object) -> Iterable[str] | None:
    """The names of a record's fields; None for what is no record."""
    if isinstance(value, BaseModel):
        return type(value).model_fields
    if dataclasses.is_dataclass(value):
        return [field.name for field in dataclasses.fields(value) if field.init]
    return getattr(value, "_fields", None) if isinstance(value, tuple) else None


def _made(said: Any, blocks: Sequence[Block], records: Records) -> Any:  # noqa: ANN401 - JSON on one side, values on the other
    if isinstance(said, list):
        return [_made(part, blocks, records) for part in said]
    if not isinstance(said, dict):
        return said
    if "bytes" in said:
        block = blocks[said["bytes"]]
        if not isinstance(block, bytes):
            raise Broken("no bytes")
        return block
    if "array" in said:
        block, dtype = blocks[said["array"]], np.dtype(said["type"])
        if isinstance(block, bytes) or dtype.kind not in "buif" or math.prod(said["shape"]) * dtype.itemsize != block.nbytes:
            raise Broken("no array")
        return block.view(dtype).reshape(said["shape"])
    if "record" in said:
        fields = {name: _made(part, blocks, records) for name, part in said["fields"].items()}
        return records[said["record"]](**fields)
    if "dict" in said:
        return {_made(key, blocks, records): _made(part, blocks, records) for key, part in said["dict"]}
    return tuple(_made(part, blocks, records) for part in said["tuple"])
