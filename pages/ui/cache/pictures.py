"""Pictures: the images of a data set and of a model, or the stand-ins that it draws."""

from __future__ import annotations

from pathlib import Path

from pages.ui.cache.bounded import in_memory
from pages.ui.cache.checkpoints import whole
from pages.ui.cache.spinner import spinner
from vae_core import data
from vae_core.analysis.pictures import Pictures, of_images, of_test_part, shown_with, stand_ins
from vae_core.base.errors import InputError
from vae_core.data import Images
from vae_core.runs.catalogue import Entry


@in_memory(3)
def _in_memory(name: str) -> Images:
    with spinner("Loading the images …"):
        return data.load_exactly(name)


def _images(name: str) -> Images:
    """The copy in memory, which all share, for who may see this set; for anybody else there is none."""
    return data.load_exactly(name) if data.info(name) is None else _in_memory(name)


def images(name: str) -> Images:
    """A data set by name or id, as much of it as is on this computer; its arrays are read-only."""
    return _images(data.at_hand(name))


def exact_images(name: str) -> Images:
    """A data set by the exact name that a run or a card has for it; its arrays are read-only.

    Raises:
        InputError: this very set is not on this computer.
    """
    return _images(name)


def images_of(entry: Entry) -> Images | None:
    """The images the model is shown with: those it learnt from, else test images of the same set; None where neither are at hand."""
    return shown_with(entry.card, _images)


def unseen_by(entry: Entry) -> Images | None:
    """The images the model is shown with, where these are not those it learnt from but test images of the same set; else None."""
    found = images_of(entry)
    return None if found is None or found.identity == entry.card.data.identity else found


def images_here(entry: Entry) -> Images:
    """The same where a page is nothing without them.

    Raises:
        InputError: they are not on this computer.
    """
    images = images_of(entry)
    if images is None:
        raise InputError(f"The images of {entry.card.data.title} are not on this computer: bring them on the Train page.")
    return images


def data_name_of(entry: Entry) -> str | None:
    """The exact name of the set that the model is shown with; None where there is none. In a cache's key it tells them all apart."""
    found = images_of(entry)
    return None if found is None else found.name


@in_memory(4)
def _stand_ins(folder: Path) -> Pictures:
    return stand_ins(whole(folder))


def pictures(folder: Path, data_name: str | None) -> Pictures:
    """The pictures a model is judged by; by what a cache's key is made of."""
    if data_name is None:
        return _stand_ins(folder)
    found = _images(data_name)
    return of_images(found) if found.identity == whole(folder).card.data.identity else of_test_part(found)


def pictures_of(entry: Entry) -> Pictures | None:
    """The model's images, or test images, else stand-ins that it draws from the codes kept with it; None where there are none of them."""
    data_name = data_name_of(entry)
    return None if data_name is None and whole(entry.folder).codes is None else pictures(entry.folder, data_name)
