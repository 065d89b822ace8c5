"""The language of the lesson: the one place that chooses it, and the two ways to its words. A language is its files in assets/text."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import streamlit as st

from pages.ui import cache
from pages.ui.ground import address, state
from pages.ui.ground import language as everywhere
from pages.ui.ground.language import LANGUAGES, of_browser
from vae_core.base.translation import ENGLISH, filled, translated


def current() -> str:
    """The language that is chosen; before the choice is drawn, English."""
    language: str = state.get(state.LEARN_LANGUAGE, ENGLISH)
    return language


def say(text: str, **values: object) -> str:
    """A short string of the lesson in the language that is chosen, with its values. The code has it in English, as it stands."""
    return translated(text, current(), **values)


def texts(name: str) -> dict[str, str]:
    """A text of assets/text in that language, by its headings, which are the same in all."""
    return cache.lessons(name, current())


def told_with(text: str, figures: Mapping[str, str]) -> str:
    """One of these with the figures of a picture, as that language writes numbers."""
    return filled(text, current(), figures)


def choose(choices: Callable[[str], Mapping[str, Sequence[str]]]) -> None:
    """Draw the choice. At first it is the language of the words in the address, or else the browser's.

    Args:
        choices: gives for a language what one can choose by words, by the key of its widget. What is chosen stays so in another one.
    """
    if state.asked(state.LEARN_LANGUAGE) is None:
        state.default(state.LEARN_LANGUAGE, _of_address(choices) or of_browser())
    st.segmented_control(
        "Language · Sprache",
        LANGUAGES,
        default=ENGLISH,
        required=True,
        key=state.LEARN_LANGUAGE,
        bind="query-params",
        on_change=_keep,
        args=(choices, current()),
    )
    everywhere.choose(current())
    _translate(choices)


def _translate(choices: Callable[[str], Mapping[str, Sequence[str]]]) -> None:
    """Words of another language in the address stand for the same choices in this one."""
    spoken = [choices(language) for language in LANGUAGES]
    for key, options in choices(current()).items():
        asked = state.asked(key)
        for others in spoken:
            if asked in others[key] and asked not in options:
                address.understood(key)
                if state.get(key) not in options:  # else it was chosen again by `_keep`
                    state.choose(key, options[others[key].index(asked)])


def _of_address(choices: Callable[[str], Mapping[str, Sequence[str]]]) -> str | None:
    """Such words stand in the address, as those of the steps: it opens in the language that it was made in, whatever the browser's is."""
    asked = {key: state.asked(key) for key in choices(ENGLISH)}
    return next((one for one in LANGUAGES if any(asked[key] in options for key, options in choices(one).items())), None)


def _keep(choices: Callable[[str], Mapping[str, Sequence[str]]], before: str) -> None:
    everywhere.choose(current())  # before the menu is drawn
    now = choices(current())
    for key, options in choices(before).items():
        if (chosen := state.get(key)) in options:
            state.put(key, now[key][options.index(chosen)])
