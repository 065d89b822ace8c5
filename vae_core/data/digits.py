"""Handwritten digits, 8 × 8 grey, as they come with scikit-learn: real images that need no download."""

from __future__ import annotations

import gzip
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from vae_core.data.imageset import GeneratedSet, Images, SetInfo

SIDE = 8
INK_LEVELS = 16  # the source counts inked pixels in 4 × 4 blocks: 0 to 16
LICENCE = "CC BY 4.0, E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository"
VERSION = 1  # raise it when any pixel changes: cached copies are then made again


def generate() -> Images:
    """All 1,797 digits: pixels uint8 [1797, 1, 8, 8] with 0 to 16 spread over 0 to 255, labels 0 to 9."""
    package = find_spec("sklearn")  # found, not imported: an import takes a second, and we need only the file
    assert package is not None
    assert package.origin is not None
    with gzip.open(Path(package.origin).with_name("datasets") / "data" / "digits.csv.gz") as file:
        table = np.loadtxt(file, dtype=np.uint8, delimiter=",")
    pixels = np.rint(table[:, :-1] * (255 / INK_LEVELS)).astype(np.uint8)
    return Images(
        name="digits",
        pixels=pixels.reshape(-1, 1, SIDE, SIDE),
        labels=table[:, -1].astype(np.int64),
        class_names=tuple(str(digit) for digit in range(10)),
        licence=LICENCE,
    )


DIGITS = GeneratedSet(
    "digits",
    SetInfo(
        title="Digits",
        description="1,797 real handwritten digits of 8 × 8 grey pixels: the smallest set, and the quickest to train on.",
        licence=LICENCE,
        download=False,
    ),
    generate,
    VERSION,
)
