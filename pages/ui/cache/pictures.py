"""Pictures: the images of a data set and of a model, or the stand-ins that it draws."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from pages.ui.cache.checkpoints import whole
from pages.ui.cache.spinner import spinner
from vae_core import data
from vae_core.analysis.pictures import Pictures, of_images, stand_ins
from vae_core.data import Images
from vae_core.runs.catalogue import Entry


@st.cache_resource(max_entries=3, show_spinner=False)
def images(name: str) -> Images:
    """A data set by name or id; its arrays are read-only."""
    with spinner("Loading the images …"):
        return data.load(name)


def images_of(entry: Entry) -> Images | None:
    """The images the model learnt from; None where they are not on this computer, or are not the same images any more."""
    if not data.available(entry.card.data.name):
        return None
    found = images(entry.card.data.name)
    return found if found.identity == entry.card.data.identity else None


def data_name_of(entry: Entry) -> str | None:
    """The set that the model's images come from; None where they are not at hand. In a cache's key it tells the two apart."""
    return None if images_of(entry) is None else entry.card.data.name


@st.cache_resource(max_entries=4, show_spinner=False)
def _stand_ins(folder: Path) -> Pictures:
    return stand_ins(whole(folder))


def pictures(folder: Path, data_name: str | None) -> Pictures:
    """The model's images, else stand-ins; by what a cache's key is made of."""
    return _stand_ins(folder) if data_name is None else of_images(images(data_name))


def pictures_of(entry: Entry) -> Pictures | None:
    """The model's images, else stand-ins that it draws from the codes kept with it; None where there are neither."""
    data_name = data_name_of(entry)
    return None if data_name is None and whole(entry.folder).codes is None else pictures(entry.folder, data_name)
