"""The images that ship with the app, under assets/sets: packed drawings, and the published test images of MNIST and Fashion-MNIST."""

from __future__ import annotations

import gzip
import io
import struct
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_core.base.errors import InputError
from vae_core.base.storage import sha256
from vae_core.data.imageset import Images
from vae_core.data.openml import SIDE, SOURCES

FOLDER = Path(__file__).parents[2] / "assets" / "sets"
TEST_IMAGES = 10_000

Pixels = NDArray[np.uint8]

_ACROSS = 96  # sprites in a row of the sheet
_QUICK = {"quality": 50, "method": 4}  # as small as with WebP's utmost effort, in a fiftieth of the time


def _fold_colour(pixels: Pixels) -> bytes:
    """Each RGB picture as a lossless WebP of its own, one after another.

    On its own a drawing has few colours, and WebP keeps a palette: half of what PNG takes.
    """
    files = io.BytesIO()
    for picture in pixels:
        Image.fromarray(np.ascontiguousarray(picture.transpose(1, 2, 0))).save(files, "WEBP", lossless=True, **_QUICK)
    return files.getvalue()


def _unfold_colour(content: bytes) -> Pixels:
    return np.stack([np.asarray(Image.open(io.BytesIO(file), formats=("WEBP",))).transpose(2, 0, 1) for file in _riff(content)])


def _riff(content: bytes) -> Iterator[bytes]:
    """The files that follow each other; a WebP says its own length, without the eight bytes before."""
    at = 0
    while at < len(content):
        _, length = struct.unpack_from("<4sI", content, at)
        yield content[at : at + 8 + length]
        at += 8 + length


def _fold_grey(pixels: Pixels) -> bytes:
    """Grey pictures in rows of 96, as one PNG."""
    count, _, height, width = pixels.shape
    rows = count // _ACROSS
    sheet = pixels.reshape(rows, _ACROSS, height, width).swapaxes(1, 2).reshape(rows * height, _ACROSS * width)
    file = io.BytesIO()
    Image.fromarray(sheet).save(file, "PNG", optimize=True)
    return file.getvalue()


def _unfold_grey(content: bytes) -> Pixels:
    sheet = np.asarray(Image.open(io.BytesIO(content), formats=("PNG",)))
    side = sheet.shape[1] // _ACROSS
    rows = sheet.shape[0] // side
    return np.ascontiguousarray(sheet.reshape(rows, side, _ACROSS, side).swapaxes(1, 2)).reshape(-1, 1, side, side)


class Pack(NamedTuple):
    """Drawings as a file.

    Attributes:
        file: its name; it holds the version of the drawings, so that a new one finds no old file.
        sha256: of its content.
        fold, unfold: pixels uint8 [N, C, H, W] to bytes, and back to the very same.
    """

    file: str
    sha256: str
    fold: Callable[[Pixels], bytes]
    unfold: Callable[[bytes], Pixels]


PACKS: Mapping[str, Pack] = MappingProxyType(
    {
        "faces": Pack("faces-1.webp", "bed662a7dfe31afa20a828cb4afa6b8d753821ec08dea1cd7fd854a15bf9e08d", _fold_colour, _unfold_colour),
        "sprites": Pack("sprites-1.png", "baa7708f647b0bc4eb47e07800cd8c279c751956daf7c7e2f1e4344dde4ef1d2", _fold_grey, _unfold_grey),
    }
)
"""By the name of the set."""

FILES: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        "mnist": {
            "t10k-images-idx3-ubyte.gz": "8d422c7b0a1c1c79245a5bcf07fe86e33eeafee792b84584aec276f5a2dbc4e6",
            "t10k-labels-idx1-ubyte.gz": "f7ae60f92e00ec6debd23a6088c31dbd2371eca3ffa0defaefb259924204aec6",
        },
        "fashion-mnist": {
            "t10k-images-idx3-ubyte.gz": "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073",
            "t10k-labels-idx1-ubyte.gz": "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5",
        },
    }
)
"""The published files of each set's test part, with the SHA-256 of each."""


def drawings(name: str, version: int) -> Pixels | None:
    """The packed pixels of a set that is drawn by this program, uint8 [N, C, H, W].

    None where no pack of this version is there, or a damaged one: they can be drawn again.
    """
    pack = PACKS.get(name)
    if pack is None or pack.file.partition(".")[0] != f"{name}-{version}":
        return None
    content = _read(pack.file, pack.sha256)
    return None if content is None else pack.unfold(content)


def test_part(source: str, name: str) -> Images:
    """The 10,000 test images of one of FILES as a set of its own, called `name`. Its split is the usual one, by a seed.

    Raises:
        InputError: a file is gone or damaged.
    """
    pixels, labels = (_idx(source, file, digest) for file, digest in FILES[source].items())
    about = SOURCES[source]
    return Images(name, pixels.reshape(-1, 1, SIDE, SIDE), labels.astype(np.int64), about.class_names, licence=about.licence)


def _idx(source: str, file: str, digest: str) -> Pixels:
    """The bytes of an IDX file behind its header: a word of four bytes, then one for each dimension."""
    content = _read(f"{source}/{file}", digest)
    if content is None:
        raise InputError(f"The file assets/sets/{source}/{file} is gone or damaged: install Latent Loom again.")
    data = gzip.decompress(content)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3])


def _read(file: str, digest: str) -> bytes | None:
    """The content of a file under assets/sets; None where it is gone or not what it was."""
    try:
        content = (FOLDER / file).read_bytes()
    except OSError:
        return None
    return content if sha256(content) == digest else None
