"""An image to start from, and those that a model learnt from by their number."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground.wording import label_of
from vae_core.analysis.posterior import Posterior
from vae_core.runs.catalogue import Entry


class Choice(NamedTuple):
    """One image to start from.

    Attributes:
        code: the mean of its posterior, float32 [K].
        picture: uint8 [C, H, W]; the image itself, or what its kept code decodes to where `original` is False.
        title: what to call it; its class's name may be a user's, so it is shown by `st.text` alone.
        original: whether `picture` is the image itself.
        std: σ of its posterior, float32 [K]; None for what is no image, and where an image has a code alone.
    """

    code: NDArray[np.float32]
    picture: NDArray[np.uint8]
    title: str
    original: bool
    std: NDArray[np.float32] | None = None


def gallery_image(entry: Entry, row: int) -> Choice:
    """One of the images that the model is shown with, by its place in the data set or, without that, among the codes kept with it."""
    gallery, rows = cache.gallery(entry), np.array([row])
    return of_posterior(gallery.posterior(rows), gallery.pictures(rows)[0], gallery_title(entry, row), original=gallery.images is not None)


def gallery_title(entry: Entry, row: int) -> str:
    """What to call one of these images: its number and, where the set has classes, its class."""
    gallery = cache.gallery(entry)
    label = gallery.label(row)
    name = f"Image {row}" if cache.unseen_by(entry) is None else f"Test image {row}"
    return name if label is None else f"{name}, class {label_of(gallery.images, entry.card.data.class_names, label)}"


def of_posterior(posterior: Posterior, picture: NDArray[np.uint8], title: str, *, original: bool) -> Choice:
    """A picture, uint8 [C, H, W], to start from, at the mean of its posterior, which is that of one image."""
    std = None if np.isneginf(posterior.logvar).all() else posterior.std[0]
    return Choice(posterior.mean[0], picture, title, original, std)
