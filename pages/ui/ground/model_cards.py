"""The choice by cards: a button that names what is chosen, and a dialog with pictures of all there is, in groups, and a search field."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import NamedTuple

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state, wording
from pages.ui.ground.pictures import picture_address
from vae_core.base.errors import InputError
from vae_core.data.images import png_bytes, strip_bytes
from vae_core.runs.catalogue import Entry, Kind

MODEL_KINDS: dict[Kind, str] = {"bundled": "bundled", "run": "trained here", "upload": "uploaded"}
PINNED, OF_THE_CLASS = "For this lesson", "Shared with the class"
GROUPS: dict[Kind, str] = {"bundled": "Bundled with the app", "run": "Trained here", "upload": "Uploaded"}
_ORDER = (PINNED, *GROUPS.values(), OF_THE_CLASS)
MOST = 24  # cards of a group: each asks for pictures, and more are faster found by a word
_CARD = 140  # screen pixels of a card, at least: two on a phone
_SIDE = 28  # of each of its pictures
_THUMBNAIL = 40  # screen pixels, as high as a button


class Offer(NamedTuple):
    """What stands on one card.

    Attributes:
        what: "Model", or what else it is.
        name: a user's, so it is escaped where it stands in Markdown.
        facts: what tells it from others: "K = 2 · β = 1".
        note: one more line: "1,797 images".
        group: the heading that it stands under.
        origin: where it is from, in a word or two.
        images: what its images are called.
        pictures: the folder, of `catalogue.Entry`, of the model that draws its pictures; None while there is none.
    """

    what: str
    name: str
    facts: str
    note: str
    group: str
    origin: str
    images: str
    pictures: Path | None


class Chooser(NamedTuple):
    """A choice: the dialog's title, declared keys, and what a click on a card does.

    Attributes:
        title: of the dialog.
        scope: of the cards' buttons.
        change: of the button that opens the dialog.
        search: of the field in it.
        take: chooses the id that it is given; called before the page is drawn again.
    """

    title: str
    scope: str
    change: str
    search: str
    take: Callable[[str], None]


def facts(entry: Entry) -> str:
    """What tells models apart: "K = 2 · β = 1"; K is how many numbers a code has."""
    model = entry.card.model
    weight = wording.of_kl_weight(entry.card)
    equals = "" if model.beta_range or weight == "not known" else "= "
    return f"K = {model.latent} · {'no KL term' if weight is None else f'β {equals}{weight}'}"


def offers(listed: Iterable[Entry]) -> dict[str, Offer]:
    """Models, each on a card of its own, by id: those pinned for a lesson first, then the bundled ones."""
    return {
        entry.id: Offer(
            what="Model",
            name=entry.name,
            facts=facts(entry),
            note=f"{entry.card.data.images:,} images" if entry.card.data.images else "no images",
            group=group_of(entry),
            origin=origin_of(entry),
            images=entry.card.data.title,
            pictures=entry.folder,
        )
        for entry in sorted(listed, key=lambda entry: _ORDER.index(group_of(entry)))
    }


def group_of(entry: Entry) -> str:
    """The heading that a model stands under."""
    if entry.pinned:
        return PINNED
    return GROUPS[entry.kind] if entry.mine or entry.kind == "bundled" else OF_THE_CLASS


def origin_of(entry: Entry) -> str:
    """Where a model is from, in a word or two."""
    return MODEL_KINDS[entry.kind] if entry.mine or entry.kind == "bundled" else "of the class"


def take(model_id: str) -> None:
    """Choose a model for every page, as the user did just now, and keep that for the next visit of this browser."""
    state.choose(state.MODEL, model_id)
    state.put(state.SHARED_MODEL_KEPT, model_id)


MODELS = Chooser("Choose a model", state.MODEL, state.SHARED_MODEL_CHANGE, state.SHARED_MODEL_SEARCH, take)
"""The choice that all pages share."""


def matching(offered: Mapping[str, Offer], words: str) -> dict[str, Offer]:
    """Those of which name, images, facts, kind or origin contain each of these words."""

    def said(offer: Offer) -> str:
        return " ".join((offer.what, offer.name, offer.images, offer.facts, offer.origin)).casefold()

    return {key: offer for key, offer in offered.items() if all(word in said(offer) for word in words.casefold().split())}


def button(chooser: Chooser, offered: Mapping[str, Offer], chosen: str | None, *, help: str) -> None:
    """A picture of what is chosen and a button with its name, which opens the dialog; both stand where this is called.

    The picture is left out, and the button asks for a choice, where there is none.
    """
    label = chooser.title
    if chosen is not None:
        offer = offered[chosen]
        _thumbnail(offer)
        own = "" if offer.origin == MODEL_KINDS["bundled"] else f" · {offer.origin}"
        label = f"{offer.what}: **{wording.plain(offer.name)}** · {offer.facts}{own}"
    pressed = st.button(label, key=chooser.change, icon=":material/expand_more:", icon_position="right", help=help)
    if pressed:
        st.dialog(chooser.title, width="large")(_cards)(chooser, offered, chosen)


def _thumbnail(offer: Offer) -> None:
    """One picture that the model draws; nothing where its file is damaged, which the page says, or before it is trained."""
    if offer.pictures is None:
        return
    try:
        picture = cache.thumbnails(offer.pictures)[0]
    except InputError:
        return
    address = picture_address(png_bytes(picture, -(-_THUMBNAIL // picture.shape[-1])))
    st.image(address, width=_THUMBNAIL, alt=f"A picture that {offer.name} draws")


def _cards(chooser: Chooser, offered: Mapping[str, Offer], chosen: str | None) -> None:
    """All cards; a click on one closes the dialog and opens the page with it."""
    uses = Counter(offer.name for offer in offered.values())
    words = st.text_input("Search", placeholder="A name, or what its images are", key=chooser.search, type="search", live=True)
    found = matching(offered, words or "")
    if not found:
        st.text("Nothing fits these words. Try fewer of them.")
    for title in dict.fromkeys(offer.group for offer in found.values()):
        group = {key: offer for key, offer in found.items() if offer.group == title}
        st.markdown(f"**{title}**")
        with st.grid("auto", min_column_width=_CARD, border=True) as grid:
            for key in list(group)[:MOST]:
                name = group[key].name if uses[group[key].name] == 1 else f"{group[key].name} · {key}"
                with grid.cell(), st.container(gap="xsmall"):
                    _card(chooser, key, group[key]._replace(name=name), is_chosen=key == chosen)
        if len(group) > MOST:
            st.caption(f"{len(group) - MOST} more: search for them.")


def _card(chooser: Chooser, key: str, offer: Offer, *, is_chosen: bool) -> None:
    """Four pictures, the name as a button, and what tells it apart."""
    try:
        if offer.pictures is not None:
            pictures = cache.thumbnails(offer.pictures)
            st.image(picture_address(strip_bytes(pictures, -(-_SIDE // pictures.shape[-1]))), width=_SIDE * len(pictures), alt="")
    except InputError:
        st.caption("Its file is damaged.")
    pressed = st.button(
        f"{wording.plain(offer.name)}{' (chosen)' * is_chosen}",
        key=state.part(chooser.scope, state.PART_PICK, key),
        icon=":material/check:" if is_chosen else None,
        type="primary" if is_chosen else "secondary",
        width="stretch",
        wrap=True,
        on_click=chooser.take,
        args=(key,),
    )
    st.caption(f"{offer.facts}  \n{offer.note}")
    if pressed:
        st.rerun()  # the whole page, with the dialog closed
