"""What the user calls the latent dimensions of a model: kept with a model of the user's own, in the session for any other. And the
name of its files."""

from __future__ import annotations

import re

from pages.ui.ground import state
from vae_core.base.display import dimension_name
from vae_core.base.errors import InputError
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry


def names_of(entry: Entry) -> tuple[str, ...]:
    """The names of the K dimensions, empty for one without a name; none where no dimension has one."""
    given: tuple[str, ...] = state.get(state.SHARED_NAMES, {}).get(entry.id, entry.dimension_names)
    return given


def file_stem(entry: Entry) -> str:
    """The name of a model's file to download, without its ending."""
    return re.sub(r"[^A-Za-z0-9]+", "-", entry.name).strip("-") or "model"


def give_name(entry: Entry, index: object, name: object) -> None:
    """Call a dimension by a name, as a browser sent both; an empty one takes the name away.

    Raises:
        InputError: there is no such dimension, the name is no text, or it cannot be kept.
    """
    latent = entry.card.model.latent
    if type(index) is not int or not 0 <= index < latent or not isinstance(name, str):
        raise InputError("A name belongs to one of the model's dimensions and is a text.")
    names = list(names_of(entry) or [""] * latent)
    names[index] = name
    plain = catalogue.plain_names(names)
    if not entry.mine:
        state.put(state.SHARED_NAMES, state.get(state.SHARED_NAMES, {}) | {entry.id: plain})
    else:
        catalogue.name_dimensions(entry.id, plain)


def named(entry: Entry, dimension: int) -> str:
    """A dimension on screen, "z₀ width" where it has a name."""
    names = names_of(entry)
    return f"{dimension_name(dimension)} {names[dimension]}".strip() if names else dimension_name(dimension)


def in_markdown(text: str) -> str:
    """A user's text for a label that is read as Markdown: every sign stands for itself."""
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", text)
