"""The sets that everyone has under the same name: shipped with the app, made on their first use, or downloaded when a user asks for it.

MNIST and Fashion-MNIST come in two sizes. Under "mnist" a user gets all 70,000 images once they are downloaded, and until then the
10,000 test images that ship with the app. What is written down, in runs and in cards of models, keeps the two apart for good: "mnist"
are all 70,000, and "mnist-10k" the 10,000.
"""

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
from vae_core.data import openml, shipped
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


PARTS: Mapping[str, str] = MappingProxyType({name: f"{name}-10k" for name in openml.SOURCES})
"""What the test images that ship with the app are called, by the name of the whole set."""

_WHOLE = {part: name for name, part in PARTS.items()}


def info(name: str) -> SetInfo | None:
    """What a menu shows of this set: one of SETS, or the test images of one; None for any other name."""
    if name not in _WHOLE:
        return SETS.get(name)
    whole = SETS[_WHOLE[name]]
    description = f"The {shipped.TEST_IMAGES:,} test images of {whole.title}, which ship with the app."
    return SetInfo(title=whole.title, description=description, licence=whole.licence, download=False)


def at_hand(name: str) -> str:
    """The exact name of what a user gets under this name now: another only for a set of which no more than the test images are here."""
    return PARTS[name] if name in PARTS and not complete(name) else name


def complete(name: str) -> bool:
    """Whether all images of this set are here without a download. A file of a downloaded set counts; its content is not read."""
    return name in _GENERATED or name in _WHOLE or (name in SETS and _file(name).is_file())


def test_part(name: str, count: int) -> str | None:
    """The exact name of images that a model has not seen, though it learnt from a set of this name and of so many images.

    Those are the test images that ship with the app, where it learnt from the whole set: whoever trains on that leaves them out. None
    for every other set.
    """
    return PARTS[name] if name in PARTS and count == openml.TRAINING_IMAGES + shipped.TEST_IMAGES else None


def load_exactly(name: str) -> Images:
    """The set that a run or a model has written down by this name, one that `info` knows.

    Drawings are unpacked, in 1 s for the faces; where their pack is damaged they are drawn again, in 10 s, and kept on the disk.

    Raises:
        InputError: it has not been downloaded yet, or a file of the app is damaged.
    """
    if name in _WHOLE:
        return shipped.test_part(_WHOLE[name], name)
    if name in openml.SOURCES:
        images = _cached(name, openml.VERSION)
        if images is None:
            raise InputError(f"{SETS[name].title} is not on this computer yet, only its test images: download it first.")
        return images
    made = _GENERATED[name]
    drawn = None if made.describe is None else shipped.drawings(name, made.version)
    if made.describe is not None and drawn is not None:
        return made.describe(drawn)
    images = _cached(name, made.version)
    if images is None:
        images = made.generate()
        with contextlib.suppress(OSError):  # a full or read-only disk costs the time to draw it again, nothing else
            _keep(images, made.version)
    return images


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
