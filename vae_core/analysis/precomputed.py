"""What pages show of a bundled model, computed before it ships and kept beside its weights, so that a first visit does not wait.

A file is used only for the model, the images and the version of the recipe that it was made from: its seal holds all three. Where any of
them differs, or the file is gone or damaged, the value is computed as if nothing had shipped. So it is never wrong, only slow.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import NoneType, UnionType
from typing import Any, Generic, TypeAlias, TypeVar, get_args, get_origin, get_type_hints

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load as load_arrays
from safetensors.numpy import save as save_arrays

from vae_core.base.storage import read_sealed, sha256, write_sealed

FOLDER = "shown"
"""In the folder of a bundled model."""
_PARTS = ("weights.safetensors", "card.json", "codes.safetensors")  # all that a checkpoint says of its model

T = TypeVar("T")
_Value: TypeAlias = Any  # a value of any kind, a part of one, or the kind itself, which may be a union


@dataclasses.dataclass(frozen=True)
class Recipe(Generic[T]):
    """How a value is made.

    Attributes:
        name: of the file, unique.
        kind: of the value: an array, a number, or a record of such, named tuple or dataclass, also of records in it.
        version: raise it when the value changes for the same model and images; what ships is then no longer used.
    """

    name: str
    kind: type[T]
    version: int = 1


_recording: list[bool] = []


@contextmanager
def recording() -> Iterator[None]:
    """While this lasts, `shipped` computes and writes every value that it is asked for. For one process alone, which builds the app."""
    _recording.append(True)
    try:
        yield
    finally:
        _recording.pop()


def shipped(recipe: Recipe[T], folder: Path, source: str, make: Callable[[], T], *, variant: str = "") -> T:
    """The value that ships with a model, else what `make` gives.

    Args:
        recipe: how the value is made.
        folder: of the checkpoint.
        source: what it is made of besides the model: the identity of a data set, or words.
        make: computes it.
        variant: tells values of one recipe apart, as a text of any length.
    """
    if _recording:
        made = make()
        write_sealed(_path(recipe, folder, variant), _key(recipe, folder, source, variant), _packed(made))
        return made
    payload = _payload(recipe, folder, source, variant)
    return make() if payload is None else _unpacked(recipe.kind, payload)


def kept(recipe: Recipe[T], folder: Path, source: str, *, variant: str = "") -> T | None:
    """The value that ships with a model; None where none does, or it was made of something else."""
    payload = None if _recording else _payload(recipe, folder, source, variant)
    return None if payload is None else _unpacked(recipe.kind, payload)


def _payload(recipe: Recipe[Any], folder: Path, source: str, variant: str) -> bytes | None:
    path = _path(recipe, folder, variant)
    return read_sealed(path, _key(recipe, folder, source, variant)) if path.is_file() else None  # most models have none: nothing to hash


def _path(recipe: Recipe[Any], folder: Path, variant: str) -> Path:
    return folder / FOLDER / f"{recipe.name}{f'-{sha256(variant.encode())[:8]}' if variant else ''}.bin"


def _key(recipe: Recipe[Any], folder: Path, source: str, variant: str) -> str:
    """Holds the hash of each part of the checkpoint as it lies on the disk: nothing has to be opened for it."""
    parts = [sha256((folder / part).read_bytes()) if (folder / part).is_file() else "none" for part in _PARTS]
    return "\n".join([recipe.name, str(recipe.version), *parts, source, variant])


def _packed(value: object) -> bytes:
    """Arrays and tensors to the bit, and a tree of all else as JSON, in which an array stands as its name."""
    arrays: dict[str, NDArray[Any]] = {}

    def fold(part: _Value) -> _Value:
        if isinstance(part, torch.Tensor):
            return {"tensor": fold(part.numpy())}
        if isinstance(part, np.ndarray):
            arrays[str(len(arrays))] = np.ascontiguousarray(part)
            return {"array": str(len(arrays) - 1)}
        if dataclasses.is_dataclass(part):
            return [fold(getattr(part, field.name)) for field in dataclasses.fields(part)]
        if isinstance(part, tuple):
            return [fold(each) for each in part]
        return part.item() if isinstance(part, np.generic) else part

    tree = json.dumps(fold(value)).encode()
    return save_arrays({**arrays, "tree": np.frombuffer(tree, np.uint8)})


def _unpacked(kind: _Value, payload: bytes) -> _Value:
    arrays = load_arrays(payload)

    def unfold(kind: _Value, part: _Value) -> _Value:
        origin: object = get_origin(kind)
        if origin is UnionType:  # of a kind and None
            (kind,) = (each for each in get_args(kind) if each is not NoneType)
        if isinstance(part, dict) and "tensor" in part:
            return torch.from_numpy(arrays[part["tensor"]["array"]])
        if isinstance(part, dict):
            return arrays[part["array"]]
        if not isinstance(part, list):
            return part
        if origin is tuple:
            return tuple(unfold(get_args(kind)[0], each) for each in part)
        return kind(*map(unfold, list(get_type_hints(kind).values()), part))

    return unfold(kind, json.loads(arrays.pop("tree").tobytes()))
