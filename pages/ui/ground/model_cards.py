"""The dialog in which one chooses a model: a card with pictures for each, grouped by where it is from, and a search field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state, wording
from pages.ui.ground.pictures import picture_address
from vae_core.base.errors import InputError
from vae_core.data.images import png_bytes, strip_bytes
from vae_core.runs.catalogue import Entry, Kind

MODEL_KINDS: dict[Kind, str] = {"bundled": "bundled", "run": "trained here", "upload": "uploaded"}
GROUPS: dict[Kind, str] = {"bundled": "Bundled with the app", "run": "Trained here", "upload": "Uploaded"}
MOST = 24  # cards of a group: each asks for pictures, and more are faster found by a word
_CARD = 140  # screen pixels of a card, at least: two on a phone
_SIDE = 28  # of each of its pictures


def facts(entry: Entry) -> str:
    """What tells models apart: "K = 2 · β = 1"; K is how many numbers a code has."""
    model = entry.card.model
    weight = wording.of_kl_weight(model, entry.card.train)
    equals = "" if model.beta_range else "= "
    return f"K = {model.latent} · {'no KL term' if weight is None else f'β {equals}{weight}'}"


def take(model_id: str) -> None:
    """Choose a model for every page, as the user did just now, and keep that for the next visit of this browser."""
    state.choose(state.MODEL, model_id)
    state.put(state.SHARED_MODEL_KEPT, model_id)


def thumbnail(entry: Entry, side: int) -> None:
    """One picture that the model draws, `side` screen pixels; nothing where its file is damaged, which the page says."""
    try:
        picture = cache.thumbnails(entry.folder)[0]
    except InputError:
        return
    st.image(picture_address(png_bytes(picture, -(-side // picture.shape[-1]))), width=side, alt=f"A picture that {entry.name} draws")


def matching(listed: Iterable[Entry], words: str) -> list[Entry]:
    """The models of which name, images or facts contain each of these words."""

    def said(entry: Entry) -> str:
        return f"{entry.name} {entry.card.data.title} {facts(entry)} {MODEL_KINDS[entry.kind]}".casefold()

    return [entry for entry in listed if all(word in said(entry) for word in words.casefold().split())]


@st.dialog("Choose a model", width="large")
def choose_by_card(listed: Mapping[str, Entry], chosen: str) -> None:
    """All models as cards; a click on one closes the dialog and opens every page with it."""
    uses = Counter(entry.name for entry in listed.values())
    words = st.text_input("Search", placeholder="A name, or what its images are", key=state.SHARED_MODEL_SEARCH, type="search", live=True)
    found = matching(listed.values(), words or "")
    if not found:
        st.text("No model fits these words. Try fewer of them.")
    for kind, title in GROUPS.items():
        group = [entry for entry in found if entry.kind == kind]
        if not group:
            continue
        st.markdown(f"**{title}**")
        with st.grid("auto", min_column_width=_CARD, border=True) as grid:
            for entry in group[:MOST]:
                with grid.cell(), st.container(gap="xsmall"):
                    _card(entry, entry.name if uses[entry.name] == 1 else f"{entry.name} · {entry.id}", is_chosen=entry.id == chosen)
        if len(group) > MOST:
            st.caption(f"{len(group) - MOST} more: search for them.")


def _card(entry: Entry, name: str, *, is_chosen: bool) -> None:
    """Four pictures, the name as a button, and what tells the model apart."""
    try:
        pictures = cache.thumbnails(entry.folder)
        st.image(picture_address(strip_bytes(pictures, -(-_SIDE // pictures.shape[-1]))), width=_SIDE * len(pictures), alt="")
    except InputError:
        st.caption("Its file is damaged.")
    pressed = st.button(
        f"{wording.plain(name)}{' (chosen)' * is_chosen}",
        key=state.part(state.MODEL, state.PART_PICK, entry.id),
        icon=":material/check:" if is_chosen else None,
        type="primary" if is_chosen else "secondary",
        width="stretch",
        wrap=True,
        on_click=take,
        args=(entry.id,),
    )
    st.caption(f"{facts(entry)}  \n{entry.card.data.images:,} images")
    if pressed:
        st.rerun()  # the whole page, with the dialog closed
