"""Blocks that several pages share. Options are keyword-only; `key` starts the keys of all widgets inside."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache, state
from vae_core.catalogue import Entry
from vae_core.data import Images
from vae_core.errors import InputError
from vae_core.images import fit_image, open_image, png_bytes, strip_bytes

UPLOAD_TYPES = ["png", "jpg", "jpeg", "webp", "bmp", "gif"]
_KINDS = {"bundled": "bundled", "run": "trained here", "upload": "uploaded"}


def choose_model(*, key: str) -> Entry:
    """The model selector, the same choice on every page; stops the page with a sentence where there is no model at all."""
    listed = cache.models()
    if not listed:
        st.info("There is no model yet. Train one, it takes about a minute.", icon=":material/info:")
        st.page_link("pages/train.py", label="Train a model", icon=":material/model_training:")
        st.stop()
    chosen = st.selectbox(
        "Model",
        list(listed),
        format_func=lambda model_id: f"{listed[model_id].name} ({_KINDS[listed[model_id].kind]})",
        key=state.MODEL,
        bind="query-params",
        help="Every page uses this model. The Models page lists them all with their figures.",
    )
    return listed[chosen]


def picture_scale(shape: tuple[int, ...], target: int) -> int:
    """The whole factor that brings the longer side of (C, H, W) closest to `target` screen pixels from below, at least 1."""
    return max(1, target // max(shape[-2:]))


def picture(pixels: NDArray[np.uint8], *, alt: str, caption: str | None = None, target: int = 256) -> None:
    """One image [C, H, W], enlarged by a whole factor so that every pixel stays a square, to about `target` screen pixels."""
    scale = picture_scale(pixels.shape, target)
    st.image(png_bytes(pixels, scale), caption=caption, width=scale * pixels.shape[-1], alt=alt)


def picture_row(pictures: NDArray[np.uint8], *, alt: str, caption: str | None = None, target: int = 96) -> None:
    """Several images [N, C, H, W] side by side as one picture, so that they stay in line on a narrow screen."""
    scale = picture_scale(pictures.shape, target)
    st.image(strip_bytes(pictures, scale), caption=caption, alt=alt)


def upload_image(*, label: str, entry: Entry, key: str) -> NDArray[np.uint8] | None:
    """An upload field; the image as the model takes it, uint8 [C, H, W], or None. What cannot be read is said below the field."""
    file = st.file_uploader(
        label, type=UPLOAD_TYPES, key=f"{key}_upload", help="Turned upright, cropped to the centre and resized to what the model takes."
    )
    if file is None:
        return None
    shape = entry.card.model
    try:
        return fit_image(open_image(file.getvalue(), file.name), channels=shape.channels, height=shape.height, width=shape.width)
    except InputError as error:
        refuse(error)
        return None


def refuse(error: InputError) -> None:
    """Show why an input was refused; as plain text, because it may quote a file's name."""
    with st.container(border=True, horizontal=True):
        st.markdown(":material/error: **Not accepted**", width="content")
        st.text(str(error))


def link_to_view() -> None:
    """The address that restores this view, to copy."""
    with st.popover("Link to this view", icon=":material/link:"):
        st.caption("This address opens the page as it is now, on this server.")
        st.code(state.link(), language=None, wrap_lines=True)


def label_of(images: Images | None, class_names: tuple[str, ...], label: int | None) -> str:
    """What to call a class in a caption."""
    if label is None:
        return "no label"
    names = images.class_names if images is not None else class_names
    return names[label] if label < len(names) else str(label)
