"""Images on screen: enlarged by whole factors, so that every pixel stays a square."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from vae_core.data.images import png_bytes, strip_bytes


def picture_scale(shape: tuple[int, ...], target: int) -> int:
    """The whole factor that brings the longer side of (C, H, W) closest to `target` screen pixels from below, at least 1."""
    return max(1, target // max(shape[-2:]))


def show_picture(pixels: NDArray[np.uint8], *, alt: str, caption: str | None = None, target: int = 256) -> None:
    """One image [C, H, W], enlarged by a whole factor so that every pixel stays a square, to about `target` screen pixels."""
    scale = picture_scale(pixels.shape, target)
    st.image(picture_address(png_bytes(pixels, scale)), caption=caption, width=scale * pixels.shape[-1], alt=alt)


def show_row(pictures: NDArray[np.uint8], *, alt: str, caption: str | None = None, target: int = 96) -> None:
    """Several images [N, C, H, W] side by side as one picture, so that they stay in line on a narrow screen."""
    scale = picture_scale(pictures.shape, target)
    st.image(picture_address(strip_bytes(pictures, scale)), caption=caption, alt=alt)


def picture_address(png: bytes) -> str:
    """A PNG as an address that contains it.

    Given as bytes it would become a JPEG, or a file that the server drops when the next run shows another, at times before the
    browser has asked for it.
    """
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"


def show_tiles(pixels: NDArray[np.uint8], *, names: Sequence[str], target: int = 72) -> None:
    """Images [N, C, H, W] as tiles that wrap on a narrow screen; `names` say to a screen reader what each one is."""
    scale = picture_scale(pixels.shape, target)  # one element: with one each, Tab would stop at all of their toolbars
    addresses = [picture_address(png_bytes(image, scale)) for image in pixels]
    st.image(addresses, width=scale * pixels.shape[-1], alt=list(names))
