"""The same picture in the training part and in one that a model is judged on: a model may know it by heart."""

from __future__ import annotations

import hashlib

import numpy as np
from numpy.typing import NDArray

from vae_core.data.imageset import Images
from vae_core.data.taken import Doubt, Taken

_MANY = 0.05  # of the images of a part


def repeated(images: Images) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The validation and the test images, as indices, that are pixel by pixel among the training images of `images.split()`.

    They are told by prints of 64 bits: of ten million images two that differ have the same in less than one of
    a hundred thousand sets.

    Raises:
        InputError: the file of a mapped set has changed or is gone.
    """
    every = (image for chunk in images.chunks() for image in chunk)
    digests = np.fromiter((int.from_bytes(hashlib.blake2b(image, digest_size=8).digest()) for image in every), np.uint64, len(images))
    split = images.split()
    learnt = digests[split.train]
    validation, test = (part[np.isin(digests[part], learnt)] for part in (split.validation, split.test))
    return validation, test


def say_duplicates(images: Images, taken: Taken) -> None:
    """Count them in `taken`: a note, or a doubt where they are more than a twentieth of a part."""
    split = images.split()
    for name, part, again in zip(("validation", "test"), (split.validation, split.test), repeated(images), strict=True):
        if not len(again):
            continue
        are = "is" if len(again) == 1 else "are"
        sentence = f"{len(again):,} of {len(part):,} {name} images {are} also among the training images, pixel by pixel."
        if len(again) > _MANY * len(part):
            taken.doubts.append(Doubt(f"{sentence} A model can know them by heart, and its {name} figures look better than they are."))
        else:
            taken.notes.append(sentence)
