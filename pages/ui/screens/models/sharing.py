"""In a class: a model is shown to all, the teacher puts it first for a lesson, and each student sees how much room is left."""

from __future__ import annotations

from functools import partial

import streamlit as st

from pages.ui.ground.refusals import attempt
from pages.ui.ground.sharing import share_button
from vae_core.base import owners, passes, quota
from vae_core.runs import catalogue, pins
from vae_core.runs.catalogue import Entry, Kind


def offer(entry: Entry) -> None:
    """The buttons of lab mode, which stand where this is called: on a laptop none."""
    if passes.address() is None:
        return
    if entry.mine:
        hint = "All in the class can then open it, and nobody but you and the teacher can change it. Its images stay yours alone."
        share_button(lambda shared: catalogue.share(entry.id, shared=shared), shared=entry.shared, hint=hint)
    if owners.asking() is None:
        label, icon = ("Unpin", ":material/keep_off:") if entry.pinned else ("Pin for the lesson", ":material/keep:")
        hint = "It comes first in all lists, pages open with it, and no student can change it."
        st.button(label, icon=icon, help=hint, on_click=attempt, args=(partial(catalogue.pin, entry.id, pinned=not entry.pinned),))


def why_not(model_id: str, kind: Kind) -> str:
    """Why who looks at a model that is not theirs to change can neither rename nor delete it."""
    if kind == "bundled":
        return "Bundled models stay as they are."
    pinned = model_id in pins.pinned()
    return "The teacher has pinned it for the lesson." if pinned else "Only who shared it with the class and the teacher can change it."


def say_room() -> None:
    """To a student: how much of the disk is used, and how much may be."""
    if owners.asking() is not None:
        use = quota.used()
        size = f"{quota.megabytes(use.size)} of {quota.megabytes(quota.MOST_BYTES)}"
        st.caption(f"You use {size}, and {use.things} of {quota.MOST_THINGS} places for runs, models and sets.")
