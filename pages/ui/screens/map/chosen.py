"""What is behind the points of a map: one image with its reconstruction and its neighbours, or the many inside a lasso."""

from __future__ import annotations

import numpy as np
import streamlit as st
from numpy.typing import NDArray

from pages.ui import cache
from pages.ui.cache import Codes
from pages.ui.ground import state
from pages.ui.ground.choice import Choice
from pages.ui.ground.pictures import show_picture, show_row
from pages.ui.ground.wording import of_unseen
from vae_core import data
from vae_core.analysis import explore, neighbours
from vae_core.data import Images
from vae_core.export import card_words
from vae_core.runs.catalogue import Entry

NEIGHBOURS = 8
THUMBNAILS = 24


def how_many(entry: Entry, found: Codes) -> str:
    """How many images the map shows, and which they are where the model has not learnt from them."""
    unseen = cache.unseen_by(entry)
    total = entry.card.data.images if unseen is None else found.total
    sampled = ", each class in its share" if found.labels is not None and len(found.numbers) < found.total else ""
    which = "" if unseen is None else f" They are {of_unseen(unseen)}."
    return f"Showing {len(found.numbers):,} of {total:,} images{sampled}.{which} {card_words.of_greys(entry.card)}".rstrip()


def show_one(*, entry: Entry, found: Codes, choice: Choice, number: int | None) -> None:
    """One image: what it is, what the model makes of it, and which images of `found` lie nearest to it in latent space.

    `number` is its place in the data set, None for an image from elsewhere.
    """
    gallery = cache.gallery(entry)
    decoded = explore.decode(gallery.model, choice.code[np.newaxis])
    st.text(choice.title)
    with st.container(horizontal=True):
        if choice.original:
            show_picture(choice.picture, alt=f"{choice.title}, the original", caption="Original", target=140)
        show_picture(decoded[0], alt=f"{choice.title}, decoded from its code", caption="Reconstruction", target=140)
    said = f"The reconstruction is decoded from {'the posterior mean' if entry.card.model.variational else 'its code'}."
    if choice.original:
        error = explore.reconstruction_error(choice.picture[np.newaxis], decoded)[0]
        said += f" It is off by {error:.3f} (root mean square, pixels from 0 to 1)."
    st.caption(said)
    if number is not None and gallery.images is not None and gallery.images.factors is not None:
        st.text(_factors(gallery.images, number))
    places, distances = neighbours.nearest(found.posterior.mean, choice.code, NEIGHBOURS + 1)
    others = found.numbers[places] != number
    near = found.numbers[places][others][:NEIGHBOURS]
    st.markdown(
        "**Nearest in latent space**, with their distances", help=f"In all {len(choice.code)} dimensions, among the images on the map."
    )
    with st.container(horizontal=True, gap="small"):
        for place, distance, pixels in zip(near.tolist(), distances[others].tolist(), gallery.pictures(near), strict=False):
            show_picture(pixels, alt=f"Image {place}, at distance {distance:.2g}", caption=f"{distance:.2g}", target=88)
    to_sliders(entry, choice.code)


def show_several(*, entry: Entry, found: Codes, places: NDArray[np.int64]) -> None:
    """The images at these places of `found`, and what lies in the middle of their codes."""
    gallery = cache.gallery(entry)
    pictures = gallery.pictures(found.numbers[places[:THUMBNAILS]])
    st.markdown(f"**{len(places):,} images**" + (f", the first {THUMBNAILS} of them" if len(places) > THUMBNAILS else ""))
    for start in range(0, len(pictures), 8):
        show_row(pictures[start : start + 8], alt="Images inside the lasso", target=40)
    centre = found.posterior.mean[places].mean(axis=0)
    middle = explore.decode(gallery.model, centre[np.newaxis])[0]
    show_picture(middle, alt="The mean of the chosen codes, decoded", caption="The mean of their codes, decoded", target=140)
    to_sliders(entry, centre)


def missing(entry: Entry) -> None:
    """That the pictures are no originals, and how to get these."""
    fetch = "download" if entry.card.data.name in data.SETS else "import"
    st.info("The images are not on this computer: pictures here are decoded from codes kept with the model.", icon=":material/info:")
    st.page_link("pages/train.py", label=f"To see the originals, {fetch} them on the Train page", icon=":material/model_training:")


def _factors(images: Images, number: int) -> str:
    assert images.factors is not None
    known = zip(images.factor_names, images.factors[number].tolist(), images.factor_values, strict=True)
    return " · ".join(f"{name} {texts[int(value)] if texts else f'{value:.3g}'}" for name, value, texts in known)


def to_sliders(entry: Entry, code: NDArray[np.float32]) -> None:
    """A link to the Sliders page at this code."""
    if entry.card.model.wide:
        st.caption(f"A code of {len(code):,} numbers is too long for a link to the sliders.")
        return
    reachable = bool(abs(code).max() <= explore.MAX_COORDINATE)
    st.page_link(
        "pages/sliders.py",
        label="Open this code on the sliders",
        icon=":material/tune:",
        query_params={state.MODEL: entry.id, state.CODE: explore.format_code(code)},
        disabled=not reachable,
        help=None if reachable else f"The sliders reach to ±{explore.MAX_COORDINATE:g}; a dimension of this code lies beyond.",
    )
