"""The language of the menu and of the live parts: the one that the user chose in the lesson, or else the browser's."""

from __future__ import annotations

from functools import cache

import streamlit as st

from pages.ui.ground import state
from vae_core.base.translation import ENGLISH, TEXTS, sections

LANGUAGES = (ENGLISH, *sorted(file.name.split(".")[1] for file in TEXTS.glob("learn.*.md")))
_MENU = "app/menu"


def of_browser() -> str:
    """What the browser asks for first, where it is one of ours."""
    spoken = (st.context.locale or "").split("-")[0]
    return spoken if spoken in LANGUAGES else ENGLISH


def choose(language: str) -> None:
    """The user, or an address, has chosen this language; it stays chosen in this session."""
    state.put(state.SHARED_LANGUAGE, language)


def spoken() -> str:
    """What is spoken outside the lesson."""
    chosen: str | None = state.get(state.SHARED_LANGUAGE)
    return chosen or of_browser()


def in_menu(text: str) -> str:
    """A title or a sentence of the menu, which the code has in English."""
    language = spoken()
    return text if language == ENGLISH else _menu(language)[text]


@cache
def _menu(language: str) -> dict[str, str]:
    return sections(_MENU, language)
