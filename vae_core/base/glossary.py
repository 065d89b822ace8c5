"""The words of the field, assets/text/glossary.md: where a text of the lesson uses one, and what it means."""

from __future__ import annotations

import re
from functools import cache
from typing import NamedTuple

from vae_core.base.translation import sections


class Glossary(NamedTuple):
    """The words of a language.

    Attributes:
        meanings: what a word means, by its heading.
        headings: of which word a form is one, in lower case.
        forms: finds them in a text.
    """

    meanings: dict[str, str]
    headings: dict[str, str]
    forms: re.Pattern[str]


@cache
def glossary(language: str) -> Glossary:
    """The words of this language."""
    meanings, headings = {}, {}
    for heading, text in sections("glossary", language).items():
        forms, meanings[heading] = text.split("\n\n", 1)
        headings.update(dict.fromkeys(forms.lower().split(", "), heading))
    longest_first = "|".join(map(re.escape, sorted(headings, key=len, reverse=True)))
    return Glossary(meanings, headings, re.compile(rf"(?<![\w-])(?:{longest_first})(?![\w-])", re.IGNORECASE))


def marked(text: str, language: str, met: set[str]) -> list[tuple[str, str | None]]:
    """The text in parts, each with the heading of the word that it is: of those not met before, which are met from now on; else None."""
    known = glossary(language)
    parts: list[tuple[str, str | None]] = []
    last = 0
    for found in known.forms.finditer(text):
        word = known.headings[found[0].lower()]
        if word not in met:
            met.add(word)
            parts += [(text[last : found.start()], None), (found[0], word)]
            last = found.end()
    return [part for part in [*parts, (text[last:], None)] if part[0]]
