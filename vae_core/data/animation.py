"""Clean pixels → an animated GIF, whose colours stand still where the picture does.

A GIF has 256 colours a frame. Chosen anew for each frame, as Pillow does, they jump where nothing moves; chosen once for all frames they
are too few. So all frames begin with the colours that suit the whole film, and each moves them a little to suit itself: k-means that
starts where the frame before ended (Lloyd 1982).
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from vae_core.data.images import enlarged, to_pil

_COLOURS, _MOVES = 256, 2


def gif_bytes(frames: NDArray[np.uint8], *, milliseconds: int, scale: int = 1) -> bytes:
    """uint8 [K, C, H, W] as an endless animation, each frame shown for `milliseconds` (a GIF counts in steps of 10).

    Greys are exact, and so are the colours of a frame that has at most 256; undithered. Equal neighbours become one frame that is shown for
    as long as both.
    """
    pictures = _painted(frames, scale) if frames.shape[1] == 3 else [to_pil(enlarged(frame, scale)) for frame in frames]
    file = io.BytesIO()
    pictures[0].save(file, "GIF", save_all=True, append_images=pictures[1:], duration=milliseconds, loop=0)
    return file.getvalue()


def _painted(frames: NDArray[np.uint8], scale: int) -> list[Image.Image]:
    """Frames in colour with at most 256 colours each."""
    film = to_pil(np.concatenate(list(frames), axis=-2)).quantize(_COLOURS, kmeans=1, dither=Image.Dither.NONE)
    palette = np.asarray(film.getpalette(), np.float64).reshape(-1, 3)
    pictures = []
    for frame in frames:
        pixels = frame.reshape(3, -1).T
        own, places = np.unique(pixels, axis=0, return_inverse=True)
        if len(own) > _COLOURS:
            for _ in range(_MOVES):
                palette = _moved(palette, pixels)
            own = np.rint(palette).astype(np.uint8)
            places = _nearest(own.astype(np.float64), pixels)
        indices = enlarged(places.astype(np.uint8).reshape(1, *frame.shape[1:]), scale)[0]
        picture = Image.fromarray(indices)
        picture.putpalette(own.tobytes())
        pictures.append(picture)
    return pictures


def _nearest(palette: NDArray[np.float64], pixels: NDArray[np.uint8]) -> NDArray[np.int64]:
    """The colour of a palette [P, 3] that is nearest to each pixel [n, 3], int64 [n]."""
    chosen: NDArray[np.int64] = (np.square(palette).sum(1) - 2 * (pixels @ palette.T)).argmin(1)
    return chosen


def _moved(palette: NDArray[np.float64], pixels: NDArray[np.uint8]) -> NDArray[np.float64]:
    """Each colour at the mean of the pixels that it is nearest to; where it is nearest to none, it stays."""
    places = _nearest(palette, pixels)
    counts = np.bincount(places, minlength=len(palette))[:, None]
    sums = np.stack([np.bincount(places, channel, len(palette)) for channel in pixels.T], axis=1)
    return np.where(counts > 0, sums / np.maximum(counts, 1), palette)
