"""Step 3: the machine of Home, with the dice: a region of codes for each image, and one picture for each roll."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import Welcome
from pages.ui.ground import address, state
from pages.ui.ground.pictures import show_tiles
from pages.ui.ground.wording import percent
from pages.ui.live.machine import drawn, machine
from pages.ui.screens.learn.found import MODEL, Found, model
from pages.ui.screens.learn.language import say
from vae_core.analysis import explore, lesson
from vae_core.runs.catalogue import Entry

_ROLLS, _SIDE = 8, 56


def picture() -> Found:
    """The machine; and how much pictures tremble within a region, beside how far two images are apart."""
    entry = model(MODEL)
    welcome = cache.welcome(entry)
    assert welcome is not None  # the digits ship with the app
    taken = _taken(len(welcome.titles))
    machine(entry=entry, welcome=welcome, key=state.LEARN_MACHINE, start=taken, on_start=_take, regions=True)
    _show_pairs(entry)
    answer = lesson.trembles(cache.trembling(entry.folder))
    figures = answer.figures
    return Found(
        figures,
        right=answer.right,
        settings={say("Pictures from one region differ by"): figures["tremble"], say("Two different images differ by"): figures["apart"]},
        pictures=_rolled(entry, welcome, taken),
    )


def _show_pairs(entry: Entry) -> None:
    """Two images whose regions overlap, and two whose regions lie far apart."""
    found, images = cache.pairs(entry.folder), cache.digits()
    assert images.labels is not None
    near = say("These two share most of their regions: they overlap by {overlap}.", overlap=percent(found.overlap))
    far = say("These two lie farthest apart, {apart} widths.", apart=f"{found.apart:,.0f}")
    for column, rows, words in zip(st.columns(2), (found.near, found.far), (near, far), strict=True):
        with column:
            names = [say("A digit, a {digit}", digit=images.class_names[images.labels[row]]) for row in rows]
            show_tiles(images.pixels[list(rows)], names=names, target=_SIDE)
            st.caption(words)


def _taken(count: int) -> int | None:
    """The picture that the address asks for, or that was taken before; None where the user draws, or has touched nothing."""
    asked = state.asked(state.LEARN_TAKEN) or state.get(state.LEARN_TAKEN)
    found = next((place for place in range(count) if str(place) == asked), None)
    if asked is not None and found is None:
        address.leave_out(state.LEARN_TAKEN, asked, f"The pictures have the numbers 0 to {count - 1}.", "The first is shown instead.")
    return found


def _take(place: int | None) -> None:
    text = None if place is None else str(place)
    state.put(state.LEARN_TAKEN, text)
    state.tell(state.LEARN_TAKEN, text)


def _rolled(entry: Entry, welcome: Welcome, taken: int | None) -> dict[str, NDArray[np.uint8]]:
    """What is on the machine, by choice or drawn, or else its first picture; and what eight codes of its region become."""
    vae, own = cache.opened(entry.folder).model, drawn(state.LEARN_MACHINE, welcome.pictures.shape[1:])
    name, picture = (say("Your drawing"), own) if own is not None and taken is None else (say("A digit"), welcome.pictures[taken or 0])
    posterior = explore.encode(vae, picture[None])
    noise = np.random.default_rng(0).normal(size=(_ROLLS, *posterior.mean.shape[1:])).astype(np.float32)
    rolled = explore.decode(vae, posterior.mean + posterior.std * noise)
    return {name: picture[None], say("{rolls} codes from its region", rolls=_ROLLS): rolled}
