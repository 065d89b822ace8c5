"""The Train page's images: choose a set, download one, or bring own files."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import choose_id
from pages.ui.ground.pictures import show_tiles
from pages.ui.ground.refusals import attempt, refuse, show_outcome
from pages.ui.ground.sharing import share_button
from pages.ui.ground.wording import label_of
from pages.ui.screens.train import uploads
from pages.ui.screens.train.uploads import LISTED, OWN
from vae_core import data
from vae_core.base import passes
from vae_core.base.errors import InputError
from vae_core.data import Images

PREVIEW_IMAGES = 12
CLASSES_SHOWN = 12


class Chosen(NamedTuple):
    """A set to train on: its exact name or id, its images, and the name or id by which the menu lists it."""

    name: str
    images: Images
    listed: str


def choose_images() -> Chosen | None:
    """The set to train on, with a dozen of its images; None as long as there is none."""
    show_outcome(restore=_restore, key=state.TRAIN_DELETED)
    state.default(state.TRAIN_SOURCE, LISTED)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        source = st.segmented_control("Images from", (LISTED, OWN), required=True, key=state.TRAIN_SOURCE)
        known = data.known()
        if source == LISTED:
            name = choose_id(
                label="Data set",
                options={key: info.title for key, info in known.items()},
                key=state.TRAIN_DATA,
                help="Some sets are built in, others can be downloaded, and your own files can be added.",
            )
    if source == OWN:
        uploads.bring_own(_preview)
        return None
    try:
        images = cache.images(name)
    except InputError as error:
        refuse(error)
        return None
    _tiles(images)
    return Chosen(images.name, images, name)


def details(chosen: Chosen) -> None:
    """What is known about the chosen set, how to get all of it, and how to be rid of it."""
    known = data.known()[chosen.listed]
    st.caption(f"{known.description} Licence: {known.licence}.")
    st.text(_facts(chosen.images))
    if not data.complete(chosen.listed):
        _offer_rest(chosen.listed, known.title)
    if data.owns_imported(chosen.listed):
        with st.container(horizontal=True):
            _own_set(chosen.listed, known.title)


def _own_set(name: str, title: str) -> None:
    """What one can do with a set of one's own."""
    st.button("Delete this set", icon=":material/delete:", on_click=attempt, args=(_delete, name, title))
    if passes.address() is not None:
        hint = "All in the class can then see its images and train on them."
        share_button(lambda shared: data.share_imported(name, shared=shared), shared=data.is_shared(name), hint=hint)


def _offer_rest(name: str, title: str) -> None:
    """Of this set only the test images are here: say so, and offer a download of all."""
    with st.container(horizontal=True, vertical_alignment="center"):
        st.markdown("**10,000 of 70,000:** its test images, which ship with the app. You can train on them at once.", width="content")
        asked = st.button("Get all 70,000", icon=":material/download:", help="They are downloaded once, from openml.org.")
    if asked:
        try:
            with st.spinner(f"Downloading {title}, about 15 MB …", show_time=True):
                data.download(name)
        except InputError as error:
            refuse(error)
        else:
            st.rerun()


def spread(images: Images) -> NDArray[np.int64]:
    """The places of the previewed images, int64 [12]."""
    return np.linspace(0, len(images) - 1, PREVIEW_IMAGES).astype(np.int64)


def _preview(images: Images) -> None:
    """A dozen images from all over the set, and what is known about them."""
    _tiles(images)
    st.text(_facts(images))


def _tiles(images: Images) -> None:
    rows = spread(images)
    labels = [None if images.labels is None else int(images.labels[row]) for row in rows]
    show_tiles(
        images.take(rows),
        names=[f"Image {row}, {label_of(images, (), label)}" for row, label in zip(rows.tolist(), labels, strict=True)],
    )


def _facts(images: Images) -> str:
    channels, height, width = images.shape
    facts = [f"{len(images):,} images, {height} × {width} pixels (height × width), {'grey' if channels == 1 else 'RGB'}."]
    if images.labels is not None:
        facts.append(_classes(np.bincount(images.labels, minlength=len(images.class_names)).tolist(), images.class_names))
    if images.factor_names:
        facts.append(f"Known factors: {', '.join(images.factor_names)}.")
    return "\n".join(facts)


def _classes(counts: Sequence[int], names: Sequence[str]) -> str:
    named = [f"{names[index] if index < len(names) else index} ({count:,})" for index, count in enumerate(counts) if count]
    more = f" and {len(named) - CLASSES_SHOWN} more" if len(named) > CLASSES_SHOWN else ""
    return f"{len(named)} classes (images in each): {', '.join(named[:CLASSES_SHOWN])}{more}."


def _delete(name: str, title: str) -> None:
    data.delete_imported(name)
    state.put(state.TRAIN_DELETED, (name, title))


def _restore(name: str) -> None:
    data.restore_imported(name)
    state.choose(state.TRAIN_DATA, name)
