"""How an image from elsewhere is brought into the frame that a data set has: ink on its ground, in the middle, as large as there."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageOps

from vae_core.data.images import Fit, fit_image

LARGEST = 1024
"""Pixels of a side that is looked at: more would tell nothing of where the ink is."""
_INK = 64  # grey levels from the paper on
_FULL = 0.98  # of the frame: where a set's ink fills it, an upload is left to lie as it does
_FLAT = 0.8  # of the border in the grey of the paper
_PLAIN = 64  # a ground up to this grey is dark, one from 255 minus this on is light


class Framing(NamedTuple):
    """What to do with an image before it is made smaller: turn dark and light round, centre its ink, crop it to the frame's shape."""

    invert: bool = False
    centre: bool = False
    crop: bool = True


class Frame(NamedTuple):
    """How the ink lies in the images of a set.

    Attributes:
        size: the longer side of the ink's box as a share of the frame's, as 20 of 28 pixels in MNIST.
        x: the ink's centre of mass from the left, as a share of the width.
        y: the same from the top, as a share of the height.
    """

    size: float
    x: float
    y: float


def ground_of(pixels: NDArray[np.uint8]) -> list[int]:
    """What lies behind pictures, uint8 [n, C, H, W]: the median of their borders, 0 to 255 per channel."""
    borders = np.concatenate([pixels[..., 0, :], pixels[..., -1, :], pixels[..., 0], pixels[..., -1]], axis=-1)
    return [int(level) for level in np.median(borders, axis=(0, 2))]


def plain_ground(channels: int) -> list[int]:
    """What to draw on where there are no pictures to go by: black, or mid grey in colour."""
    return [0] if channels == 1 else [128] * channels


def frame_of(pixels: NDArray[np.uint8], ground: int) -> Frame | None:
    """The median frame of some images of a set; None in colour, and where no ink stands out: there nothing can be centred.

    Args:
        pixels: uint8 [n, C, H, W].
        ground: what lies behind them, 0 to 255.
    """
    if pixels.shape[1] != 1:
        return None
    height, width = pixels.shape[-2:]
    found = [seen for picture in pixels[:, 0] if (seen := _seen(picture, ground)) is not None]
    if not found:
        return None
    spans = [max((right - left) / width, (bottom - top) / height) for (left, top, right, bottom), _, _ in found]
    return Frame(
        float(np.median(spans)), float(np.median([x for _, x, _ in found])) / width, float(np.median([y for _, _, y in found])) / height
    )


def noticed(image: Image.Image, *, channels: int, height: int, width: int, ground: int, frame: Frame | None) -> Framing:
    """What an image needs to look like the images of a data set.

    Only ink on plain paper is recognised, and only for grey sets with a dark or a light ground. Whatever has the size of the set's images,
    or is such an image with each pixel repeated, is centred already.

    Args:
        image: mode "L", "LA", "RGB" or "RGBA", as `open_image` returns it.
        channels, height, width: of the images of the set.
        ground: what lies behind these, 0 to 255.
        frame: how ink lies in these, of `frame_of`; None: nothing is centred.
    """
    grey = _grey(image)
    paper = _paper(grey)
    if channels != 1 or _PLAIN < ground < 255 - _PLAIN or paper is None:
        return Framing()
    inverted = (paper > 255 - _PLAIN and ground <= _PLAIN) or (paper <= _PLAIN and ground > 255 - _PLAIN)
    repeats = image.width // width
    enlarged = image.size == (repeats * width, repeats * height)
    return Framing(invert=inverted, centre=frame is not None and frame.size < _FULL and not enlarged and _ink(grey, paper) is not None)


def framed(image: Image.Image, framing: Framing, *, channels: int, height: int, width: int, frame: Frame | None) -> NDArray[np.uint8]:
    """The image as uint8 [C, H, W], with what `framing` asks for.

    Centred, its ink has the centre of mass and the size of `frame`; where there is none, no ink or no plain paper, nothing is
    moved. What is not cropped is filled up with the grey of its border.

    Args:
        image: as `noticed` takes it.
        framing: what to do.
        channels: 1 for grey, 3 for RGB.
        height, width: of the result.
        frame: how ink lies in the images of the set.
    """
    opaque = _opaque(image)
    if framing.invert:
        opaque = ImageOps.invert(opaque)
    if framing.centre and frame is not None:
        opaque = _centred(opaque, height, width, frame)
    border = int(np.median(_border(np.asarray(opaque.convert("L")))))
    fit: Fit = "crop" if framing.crop else "pad"
    return fit_image(opaque, channels=channels, height=height, width=width, background=(border, border, border), fit=fit)


def _opaque(image: Image.Image) -> Image.Image:
    """The image without transparency: dark ink lies on white, light ink on black."""
    if image.mode not in ("LA", "RGBA"):
        return image
    grey, cover = (np.asarray(part, np.float64) for part in (image.convert("LA").getchannel("L"), image.getchannel("A")))
    dark = cover.sum() > 0 and (grey * cover).sum() / cover.sum() < 128
    mode = image.mode[:-1]
    canvas = Image.new(mode, image.size, 255 if mode == "L" else (255,) * 3) if dark else Image.new(mode, image.size)
    canvas.paste(image.convert(mode), mask=image.getchannel("A"))
    return canvas


def _grey(image: Image.Image) -> NDArray[np.uint8]:
    small = _opaque(image).convert("L")
    small.thumbnail((LARGEST, LARGEST))
    return np.asarray(small)


def _border(grey: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])


def _paper(grey: NDArray[np.uint8]) -> int | None:
    """The grey of plain paper, which most of the border shows; None where there is none."""
    border = _border(grey).astype(np.int64)
    paper = int(np.median(border))
    return paper if np.mean(np.abs(border - paper) < _INK) >= _FLAT else None


def _ink(grey: NDArray[np.uint8], paper: int) -> tuple[int, int, int, int] | None:
    """The box of what stands out from the paper: left, top, and beyond the right and the bottom; None where nothing does."""
    rows, columns = np.nonzero(np.abs(grey.astype(np.int64) - paper) >= _INK)
    return None if not len(rows) else (int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1)


def _seen(grey: NDArray[np.uint8], paper: int) -> tuple[tuple[int, int, int, int], float, float] | None:
    """The ink's box and its centre of mass in pixels, x from the left and y from the top; None where nothing stands out."""
    box = _ink(grey, paper)
    if box is None:
        return None
    left, top, right, bottom = box
    weight = np.abs(grey[top:bottom, left:right].astype(np.float64) - paper)
    weight[weight < _INK] = 0
    x = left + (weight.sum(axis=0) @ (np.arange(right - left) + 0.5)) / weight.sum()
    y = top + (weight.sum(axis=1) @ (np.arange(bottom - top) + 0.5)) / weight.sum()
    return box, float(x), float(y)


def _centred(image: Image.Image, height: int, width: int, frame: Frame) -> Image.Image:
    """A part of the image in the shape of the frame, larger than the image where need be, with its ink where `frame` has it."""
    small = image.copy()
    small.thumbnail((LARGEST, LARGEST))
    grey = np.asarray(small.convert("L"))
    paper = _paper(grey)
    seen = None if paper is None else _seen(grey, paper)
    if paper is None or seen is None:
        return image
    (left, top, right, bottom), x, y = seen
    scale = max((right - left) / width, (bottom - top) / height) / frame.size
    size = max(1, math.ceil(scale * width)), max(1, math.ceil(scale * height))
    canvas = Image.new(small.mode, size, paper if small.mode == "L" else (paper,) * 3)
    canvas.paste(small, (round(size[0] * frame.x - x), round(size[1] * frame.y - y)))
    return canvas
