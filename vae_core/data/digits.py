"""Handwritten digits, 8 × 8 grey, as they come with scikit-learn: real images that need no download."""

from __future__ import annotations

import numpy as np

from vae_core.data.imageset import Images

INK_LEVELS = 16  # the source counts inked pixels in 4 × 4 blocks: 0 to 16
LICENCE = "CC BY 4.0, E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository"
VERSION = 1  # raise it when any pixel changes: cached copies are then made again


def generate() -> Images:
    """All 1,797 digits: pixels uint8 [1797, 1, 8, 8] with 0 to 16 spread over 0 to 255, labels 0 to 9."""
    from sklearn.datasets import load_digits

    source = load_digits()
    pixels = np.rint(source.images * (255 / INK_LEVELS)).astype(np.uint8)
    return Images(
        name="digits",
        pixels=pixels[:, np.newaxis],
        labels=source.target.astype(np.int64),
        class_names=tuple(str(digit) for digit in range(10)),
        licence=LICENCE,
    )
