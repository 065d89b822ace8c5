"""Which models can be set beside another: those that take the same images, and those whose codes may be compared."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.menus import choose_id
from pages.ui.ground.refusals import refuse
from vae_core.base.errors import InputError
from vae_core.runs.catalogue import Entry

NOBODY = "none"  # the choice of no second model


def takes_same_images(entry: Entry, other: Entry) -> bool:
    """Whether an image of one model is an image for the other: as many channels, rows and columns."""
    one, two = entry.card.model, other.card.model
    return (one.channels, one.height, one.width) == (two.channels, two.height, two.width)


def are_kin(entry: Entry, other: Entry) -> bool:
    """Whether a code of one says something to the other: both learnt from the same images, with as many dimensions."""
    one, two = entry.card, other.card
    return (one.data.identity, one.model.latent) == (two.data.identity, two.model.latent)


def choose_second(*, label: str, entry: Entry, others: dict[str, Entry], key: str, help: str) -> Entry | None:
    """A second model among `others`, opened, or none; a sentence where the address names one that cannot stand here."""
    asked, listed = state.asked(key), cache.models()
    if asked in listed and asked not in others and asked != entry.id:
        st.text(f"{listed[asked].name} cannot stand beside this model: it takes other images. None is shown beside it.")
        state.tell(key, None)
    chosen = choose_id(label=label, options={NOBODY: "None"} | {name: other.name for name, other in others.items()}, key=key, help=help)
    other = others.get(chosen)
    try:
        if other is not None:
            cache.opened(other.folder)
    except InputError as error:
        refuse(error)
        return None
    return other
