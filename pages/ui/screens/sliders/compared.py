"""A second model beside the sliders: what it makes of the same image or, where the models are kin, of the same code."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.choice import Choice
from pages.ui.ground.kin import are_kin, choose_second, takes_same_images
from pages.ui.live.deck import Other
from vae_core.analysis import explore
from vae_core.runs.catalogue import Entry

IMAGE, CODE = "The same image", "The same code"


def choose_other(entry: Entry, image: Choice | None) -> Other | None:
    """The second model; `image` is what the walk starts from, where that is an image."""
    others = {
        key: other
        for key, other in cache.models().items()
        if key != entry.id and (are_kin(entry, other) or (image is not None and takes_same_images(entry, other)))
    }
    other = choose_second(
        label="Compare with",
        entry=entry,
        others=others,
        key=state.SLIDERS_COMPARED,
        help="From an image, every model that takes such images: it encodes the image itself. From a code, only models that learnt from "
        "the same images with as many latent dimensions.",
    )
    if other is None:
        return None
    by = CODE
    if image is not None and are_kin(entry, other):
        by = st.segmented_control(
            "It draws", (CODE, IMAGE), default=CODE, required=True, key=state.SLIDERS_COMPARED_BY, bind="query-params"
        )
    elif image is not None:
        by = IMAGE
    return Other(other, None if by == CODE or image is None else _own_code(other, image))


def said(other: Other) -> str:
    """What is compared, in a sentence."""
    if other.code is not None:
        return "Each model encodes the image itself, so the codes differ: the second picture stays while you move the first model's code."
    return "Both models learnt from the same images and draw the same code. Trained apart, they need not share the meaning of a dimension."


def _own_code(other: Entry, image: Choice) -> explore.Floats:
    return explore.encode(cache.opened(other.folder).model, image.picture[None]).mean[0]
