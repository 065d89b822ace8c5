"""MNIST and Fashion-MNIST, downloaded from openml.org when a user asks for it, and refused unless they are as published."""

from __future__ import annotations

import hashlib
import socket
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from tempfile import TemporaryDirectory
from threading import Lock

import numpy as np
from numpy.typing import NDArray

from vae_core.base.errors import InputError
from vae_core.base.storage import home, sha256
from vae_core.data.images import shown
from vae_core.data.imageset import Images

TRAINING_IMAGES = 60_000
SIDE = 28
SILENCE_SECONDS = 15.0  # how long the server may send nothing; there is a second try, so a dead line is known after half a minute
VERSION = 1  # raise it when any pixel, label or name changes: copies on disk then need a new download

# Pixels and labels as bytes: an eighth of the memory, and scikit-learn 1.9 cannot read labels that are numbers with pandas 3.1
# (scikit-learn#34892).
WHOLE_NUMBERS = {"dtype": np.uint8}

_one_download = Lock()


@dataclass(frozen=True)
class Source:
    """One data set on openml.org, with what its content must be.

    Attributes:
        title: its name in sentences.
        openml_name: its name there; always version 1.
        class_names: one text per label.
        licence: one line.
        digests: `digest` of the 60,000 training images and of the test images.
    """

    title: str
    openml_name: str
    class_names: tuple[str, ...]
    licence: str
    digests: tuple[str, str]


SOURCES = {
    "mnist": Source(
        title="MNIST",
        openml_name="mnist_784",
        class_names=tuple(str(digit) for digit in range(10)),
        licence="CC BY-SA 3.0, Y. LeCun and C. Cortes",
        digests=(
            "54e1ab866c9484947dd4821c52bb7a43938f555d6b046be6af55247f8e6ffc64",
            "97b756d55950f1841ebd48df7379b9b2fc87a10d63e08d6213dad41d564e8508",
        ),
    ),
    "fashion-mnist": Source(
        title="Fashion-MNIST",
        openml_name="Fashion-MNIST",
        class_names=("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot"),
        licence="MIT, Zalando SE",
        digests=(
            "fb88a2f5c1b590c907f860b47803d006e4fa7b276cdb551799af9d443accdff7",
            "0b381379398a0943a88bf3864ff3f5177903dcf178030b4b74c495294b38fa7c",
        ),
    ),
}


def digest(pixels: NDArray[np.uint8], labels: NDArray[np.uint8]) -> str:
    """SHA-256 over images with their labels, whatever their order: over the sorted SHA-256 of each image followed by its label.

    OpenML keeps the training images before the test images. Nobody promises that it also keeps the order inside each part, and here it does
    not matter.
    """
    each = (hashlib.sha256(image.tobytes() + label.tobytes()).digest() for image, label in zip(pixels, labels, strict=True))
    return sha256(b"".join(sorted(each)))


def download(name: str) -> Images:
    """Fetch one of SOURCES and check it: pixels uint8 [70000, 1, 28, 28], the last 10,000 the set's own test images.

    Raises:
        InputError: there is no network, the server fails or falls silent, the disk is full, or the content is not the expected one.
    """
    source = SOURCES[name]
    data, target = _fetch(source)
    try:
        pixels = data.astype(np.uint8).reshape(-1, 1, SIDE, SIDE)
        labels = target.astype(np.uint8)
        found = tuple(digest(pixels[part], labels[part]) for part in (slice(TRAINING_IMAGES), slice(TRAINING_IMAGES, None)))
    except ValueError:
        found = ()
    if found != source.digests:
        raise InputError(f"What openml.org sent as {source.title} is not {source.title} as published, so it was not kept: try again later.")
    return Images(
        name=name,
        pixels=pixels,
        labels=labels.astype(np.int64),
        class_names=source.class_names,
        test_start=TRAINING_IMAGES,
        licence=source.licence,
    )


def _fetch(source: Source) -> tuple[NDArray[np.generic], NDArray[np.generic]]:
    """Data and target as OpenML has them; what it stores on the way is deleted at once, so a bad file is never met again."""
    from sklearn.datasets import fetch_openml

    folder = home() / "cache" / "openml"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with _one_download, _silence_limit(), TemporaryDirectory(dir=folder) as data_home:
            bunch = fetch_openml(
                source.openml_name, version=1, as_frame=False, data_home=data_home, n_retries=1, read_csv_kwargs=WHOLE_NUMBERS
            )
    except (OSError, HTTPException) as error:  # no network, refused, time-out, HTTP error, disk full; or cut off
        raise _failure(source, str(getattr(error, "reason", error))) from error
    except (ValueError, LookupError, EOFError, zlib.error) as error:  # its text would name a path of this computer
        raise _failure(source, "its answer is damaged") from error
    return bunch.data, bunch.target


def _failure(source: Source, reason: str) -> InputError:
    return InputError(
        f"The program could not download {source.title} from openml.org ({shown(reason)}); "
        "the built-in sets digits, sprites and faces work without a network."
    )


@contextmanager
def _silence_limit() -> Iterator[None]:
    """A time-out for the sockets that fetch_openml opens, which takes none as an argument.

    The default time-out belongs to the whole process. Sockets of the server are not touched: an event loop sets its own.
    """
    before = socket.getdefaulttimeout()
    socket.setdefaulttimeout(SILENCE_SECONDS)
    try:
        yield
    finally:
        socket.setdefaulttimeout(before)
