"""Models and runs that are damaged: each under its own name, with what can be done about it."""

from __future__ import annotations

from collections.abc import Mapping

import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.refusals import attempt
from pages.ui.screens.models import sharing
from vae_core.runs import catalogue, damage
from vae_core.runs.damage import Damage

MOST = 5


def show_all(found: Mapping[str, Damage]) -> None:
    """A box for each, of many for the first."""
    for each in list(found.values())[:MOST]:
        show(each)
    if len(found) > MOST:
        st.caption(f"{len(found)} are damaged. The first {MOST} are shown here, and the rest once these are gone.")


def show(each: Damage) -> None:
    """What is wrong, an older sound checkpoint where there is one, and a way to be rid of it."""
    with st.container(border=True):
        st.markdown(":material/error: **Damaged**")
        st.text(each.why)
        if each.kind == "bundled":
            st.caption("It came with the app: install the app again to have it back.")
            return
        if not each.mine:
            st.caption(sharing.why_not(each.id, each.kind))
            return
        with st.container(horizontal=True):
            if each.older_step is not None:
                st.button(
                    f"Go back to step {each.older_step:,}",
                    icon=":material/history:",
                    key=state.part(state.MODELS_DELETE, state.PART_UNDO, each.id),
                    on_click=attempt,
                    args=(damage.fall_back, each.id),
                    help="The checkpoint before it is whole. The damaged one stays in the run's folder.",
                )
            st.button(
                "Delete it",
                icon=":material/delete:",
                key=state.part(state.MODELS_DELETE, each.id),
                on_click=attempt,
                args=(_delete, each.id, each.name),
                help="It stays in the trash for a week; Undo on this page brings it back.",
            )


def _delete(model_id: str, name: str) -> None:
    catalogue.delete(model_id)
    state.tell(state.MODEL, None)
    state.put(state.MODELS_DELETED, (model_id, name))
