"""The sets that everyone has under the same name: made here on their first use, or downloaded when a user asks for it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError, disk_errors_as
from vae_core.base.storage import home, read_sealed, write_sealed
from vae_core.data import openml
from vae_core.data.digits import DIGITS
from vae_core.data.faces import FACES
from vae_core.data.images import shown
from vae_core.data.imageset import GeneratedSet, Images, SetInfo
from vae_core.data.sprites import SPRITES

_GENERATED: Mapping[str, GeneratedSet] = MappingProxyType({made.name: made for made in (DIGITS, SPRITES, FACES)})

SETS: Mapping[str, SetInfo] = MappingProxyType(
    {
        **{name: made.info for name, made in _GENERATED.items()},
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
"""What a menu shows of each set, in the order of menus."""


def load(name: str) -> Images:
    """The set of this name, one of SETS.

    A set that is made here is made on its first use (digits at once, sprites in 2 s, faces in 5 s on one core) and read from the disk
    after that.

    Raises:
        InputError: it has not been downloaded yet.
    """
    if name in openml.SOURCES:
        images = _cached(name, openml.VERSION)
        if images is None:
            raise InputError(f"{SETS[name].title} is not on this computer yet: download it first, or use digits, sprites or faces.")
        return images
    made = _GENERATED[name]
    images = _cached(name, made.version)
    if images is None:
        images = made.generate()
        with contextlib.suppress(OSError):  # a full or read-only disk costs the time to draw it again, nothing else
            _keep(images, made.version)
    return images


def available(name: str) -> bool:
    """Whether `load` gives this set, one of SETS, without a download. A file of a downloaded set counts; its content is not read."""
    return name in _GENERATED or _file(name).is_file()


def download(name: str) -> Images:
    """Fetch a set that comes over the network, check it, and keep it on the disk for `load`.

    Raises:
        InputError: it is not such a set, there is no network, the content is not the expected one, or the disk is full.
    """
    if name not in openml.SOURCES:
        raise InputError(f'"{shown(name)}" is not a data set to download: choose one of {", ".join(openml.SOURCES)}.')
    images = openml.download(name)
    with disk_errors_as(f"{SETS[name].title} was downloaded but could not be kept"):
        _keep(images, openml.VERSION)
    return images


def _file(name: str) -> Path:
    """Where a named set is kept; `name` is a key of SETS, never a user's text."""
    return home() / "cache" / "sets" / f"{name}.npz"


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
    write_sealed(_file(images.name), str(version), buffer.getvalue())


def _cached(name: str, version: int) -> Images | None:
    """The set as kept on the disk; None where there is no file, or a damaged one, or one of another version."""
    payload = read_sealed(_file(name), str(version))
    if payload is None:
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
