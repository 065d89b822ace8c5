"""Menus and links that several pages share. Options are keyword-only; `key` starts the keys of all widgets inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

import streamlit as st

from pages.ui.ground import state
from pages.ui.ground.refusals import refuse
from vae_core.base.errors import InputError
from vae_core.data.images import shown


def choose_id(*, label: str, options: Mapping[str, str], key: str, help: str) -> str:
    """A menu of ids shown under their names. The address carries the id, and two equal names stay two choices.

    A sentence says that a link asks for one that is not among them; the menu then stands at another until the user chooses.
    """
    asked = state.asked(key)
    missed = asked is not None and asked not in options and asked != state.get(key)
    state.settle(key, options)
    if missed:
        instead = options[state.get(key)]
        refuse(InputError(f'{label}: there is no "{shown(asked or "")}" here, which the link asks for. {instead} is shown instead.'))
    uses = Counter(options.values())

    def titled(identifier: str) -> str:
        name = options[identifier]
        return name if uses[name] == 1 else f"{name} · {identifier}"

    return st.selectbox(
        label,
        list(options),
        format_func=titled,
        key=key,
        on_change=state.follow,
        args=(key,),
        persist_state="session",
        help=help,
    )


def link_to_view(
    title: str = "Link to this view", note: str = "This address opens the page as it is now, on this server.", **more: str
) -> None:
    """The address that restores this view, to copy; with `more` parameters than it shows by itself."""
    with st.popover(title, icon=":material/link:"):
        st.caption(note)
        st.code(state.link(**more), language=None, wrap_lines=True)


def next_page(page: str, title: str, why: str, **asked: str) -> None:
    """The end of a page: the one that comes next on the way through the app, what one finds there, and what its address is told."""
    link_and_why(f"pages/{page}.py", f"**Next: {title}**", why, asked)


def link_and_why(page: str, label: str, why: str, asked: Mapping[str, str]) -> None:
    """A link to the page of this file, told what is `asked`, and beside it why one goes there."""
    with st.container(horizontal=True, vertical_alignment="center"):  # a link's own words never break into a second line
        st.page_link(page, label=label, icon=":material/arrow_forward:", query_params=asked)
        st.markdown(why)
