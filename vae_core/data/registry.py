"""Every data set by name: what there is, and how to get it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.base.storage import home, sha256, write_atomic
from vae_core.data import digits, faces, openml, sprites
from vae_core.data.images import shown
from vae_core.data.imageset import Images


@dataclass(frozen=True)
class SetInfo:
    """What a menu shows of a data set.

    Attributes:
        title: a few words.
        description: one sentence.
        licence: one line.
        download: whether the images come over the network, once, when the user asks for it.
    """

    title: str
    description: str
    licence: str
    download: bool


SETS: Mapping[str, SetInfo] = MappingProxyType(
    {
        "digits": SetInfo(
            title="Digits",
            description="1,797 real handwritten digits of 8 × 8 grey pixels: the smallest set, and the quickest to train on.",
            licence=digits.LICENCE,
            download=False,
        ),
        "sprites": SetInfo(
            title="Sprites",
            description="6,144 white shapes on black, 32 × 32, one for every combination of shape, size, x, y and rotation.",
            licence=sprites.LICENCE,
            download=False,
        ),
        "faces": SetInfo(
            title="Faces",
            description="6,000 cartoon faces in colour, 64 × 64, each drawn from thirteen known causes such as smile, hair and glasses.",
            licence=faces.LICENCE,
            download=False,
        ),
        "mnist": SetInfo(
            title="MNIST",
            description="70,000 handwritten digits of 28 × 28 grey pixels, the set most papers begin with.",
            licence=openml.SOURCES["mnist"].licence,
            download=True,
        ),
        "fashion-mnist": SetInfo(
            title="Fashion-MNIST",
            description="70,000 pieces of clothing in ten classes, 28 × 28 grey pixels, harder than the digits.",
            licence=openml.SOURCES["fashion-mnist"].licence,
            download=True,
        ),
    }
)

# A generator, and the version of what it draws.
_GENERATED: Mapping[str, tuple[Callable[[], Images], int]] = MappingProxyType(
    {
        "digits": (digits.generate, digits.VERSION),
        "sprites": (sprites.generate, sprites.VERSION),
        "faces": (faces.generate, faces.VERSION),
    }
)


def load(name: str) -> Images:
    """The data set of this name: one of SETS, or the id of an imported set.

    A built-in set is made on its first use (digits at once, sprites in 2 s, faces in 5 s on one core) and read from the disk after that.
    Nothing is kept in memory here.

    Raises:
        InputError: there is no such set, or it has not been downloaded yet.
    """
    if name in _GENERATED:
        generate, version = _GENERATED[name]
        images = _cached(name, version)
        if images is None:
            images = generate()
            with contextlib.suppress(OSError):  # a full or read-only disk costs the time to draw it again, nothing else
                _keep(images, version)
        return images
    if name in openml.SOURCES:
        images = _cached(name, openml.VERSION)
        if images is None:
            raise InputError(f"{SETS[name].title} is not on this computer yet: download it first, or use digits, sprites or faces.")
        return images
    from vae_core.data import library  # late, because it describes its sets by SetInfo

    if name in library.imported():
        return library.load_imported(name)
    raise InputError(f'There is no data set "{shown(name)}": choose one of {", ".join(SETS)}, or import your own images.')


def known() -> dict[str, SetInfo]:
    """Every set by name or id: the registry's own, then the imported ones, oldest first."""
    from vae_core.data import library

    return {**SETS, **library.imported()}


def available(name: str) -> bool:
    """Whether `load` gives this set now, without a download. A file of a downloaded set counts; its content is not read."""
    from vae_core.data import library

    return name in _GENERATED or (name in openml.SOURCES and _file(name).is_file()) or name in library.imported()


def download(name: str) -> Images:
    """Fetch a set that comes over the network, check it, and keep it on the disk for `load`.

    Raises:
        InputError: it is not such a set, there is no network, the content is not the expected one, or the disk is full.
    """
    if name not in openml.SOURCES:
        raise InputError(f'"{shown(name)}" is not a data set to download: choose one of {", ".join(openml.SOURCES)}.')
    images = openml.download(name)
    try:
        _keep(images, openml.VERSION)
    except OSError as error:
        raise InputError(f"{SETS[name].title} was downloaded but could not be kept on the disk ({error.strerror}).") from error
    return images


def _file(name: str) -> Path:
    """Where a named set is kept; `name` is a key of SETS, never a user's text."""
    return home() / "cache" / "sets" / f"{name}.npz"


def _seal(version: int, payload: bytes) -> bytes:
    """What stands before the payload in a file: it fits neither a damaged payload nor one of another version."""
    return sha256(f"{version}\n".encode() + payload).encode()


def _keep(images: Images, version: int) -> None:
    card = {
        "class_names": images.class_names,
        "factor_names": images.factor_names,
        "factor_values": images.factor_values,
        "test_start": images.test_start,
        "licence": images.licence,
    }
    arrays: dict[str, NDArray[Any] | None] = {
        "pixels": images.pixels,
        "labels": images.labels,
        "factors": images.factors,
        "card": np.array(json.dumps(card)),
    }
    buffer = io.BytesIO()
    np.savez_compressed(buffer, allow_pickle=False, **{key: array for key, array in arrays.items() if array is not None})
    write_atomic(_file(images.name), _seal(version, buffer.getvalue()) + buffer.getvalue())


def _cached(name: str, version: int) -> Images | None:
    """The set as kept on the disk; None where there is no file, or a damaged one, or one of another version."""
    try:
        data = _file(name).read_bytes()
    except OSError:
        return None
    seal, payload = data[:64], data[64:]
    if seal != _seal(version, payload):
        return None
    with np.load(io.BytesIO(payload), allow_pickle=False) as arrays:
        card: dict[str, Any] = json.loads(str(arrays["card"]))
        return Images(
            name=name,
            pixels=arrays["pixels"],
            labels=arrays.get("labels"),
            class_names=tuple(card["class_names"]),
            factors=arrays.get("factors"),
            factor_names=tuple(card["factor_names"]),
            factor_values=tuple(tuple(values) for values in card["factor_values"]),
            test_start=card["test_start"],
            licence=card["licence"],
        )
