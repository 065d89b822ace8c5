"""What a user asked for and did not get, in one sentence; and what was deleted, with the way back."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import streamlit as st

from pages.ui.ground import state
from vae_core.base.errors import InputError


def attempt(action: Callable[..., None], *arguments: Any) -> None:  # noqa: ANN401
    """Do in a callback what a button asked for; `show_outcome` shows what comes of it."""
    try:
        action(*arguments)
    except InputError as error:
        state.put(state.SHARED_REFUSED, error)


def show_outcome(*, restore: Callable[[str], None], key: str) -> None:
    """Why the last `attempt` was refused; and what the state says under `key` was deleted, with a button that brings it back."""
    show_refusal()
    gone: tuple[str, str] | None = state.get(key)
    if gone is None:
        return
    identifier, name = gone

    def bring_back() -> None:
        state.take(key)
        restore(identifier)

    with st.container(border=True, horizontal=True, vertical_alignment="center"):
        st.text(f"Deleted: {name}")
        st.button("Undo", on_click=attempt, args=(bring_back,), icon=":material/undo:", key=state.part(key, state.PART_UNDO))
        st.button("Dismiss", on_click=state.take, args=(key,), type="tertiary", key=state.part(key, state.PART_DISMISS))


def refuse(error: InputError) -> None:
    """Show why an input was refused; as plain text, because it may quote a file's name."""
    with st.container(border=True, horizontal=True):
        st.markdown(":material/error: **Not accepted**", width="content")
        st.text(str(error))


def show_refusal() -> None:
    """Why the last `attempt` was refused, if it was; said once."""
    refused: InputError | None = state.take(state.SHARED_REFUSED)
    if refused is not None:
        refuse(refused)
