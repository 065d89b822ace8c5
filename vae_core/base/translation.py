"""The texts of assets/text, by their headings; and the lesson's short strings in another language, by their English words."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

TEXTS = Path(__file__).parents[2] / "assets" / "text"
ENGLISH = "en"
"""The language that the code is written in, and the texts of which no name tells another."""

SHORT = "learn/short"
"""The short strings: in a file `short.<language>.md` each has the English words as its heading."""

_PERCENT = re.compile(r"(?<=[0-9]) %")
"""Number and sign stay on one line."""

_THOUSANDS = re.compile(r"(?<=[0-9]),(?=[0-9]{3}(?![0-9]))")


def sections(name: str, language: str = ENGLISH) -> dict[str, str]:
    """The paragraphs of a text by their headings: of <name>.md, in another language of <name>.<language>.md."""
    file = f"{name}.md" if language == ENGLISH else f"{name}.{language}.md"
    parts = f"\n{(TEXTS / file).read_text('utf-8')}".split("\n## ")[1:]
    return {heading: _PERCENT.sub("\N{NO-BREAK SPACE}%", text.strip()) for heading, _, text in (part.partition("\n") for part in parts)}


def translated(text: str, language: str, **values: object) -> str:
    """A short string in a language, with its values."""
    return filled(text if language == ENGLISH else _short(language)[text], language, values)


def filled(text: str, language: str, values: Mapping[str, object]) -> str:
    """A text with its values, of which those that are numbers written out become `local`."""
    return text.format(**{name: local(value, language) if isinstance(value, str) else value for name, value in values.items()})


def local(text: str, language: str) -> str:
    """Numbers as another language may read them: "12,345.6" has a space at the thousands, where a comma would be a decimal one.

    The point stays in every language, as on the axes of the charts and on the sliders, which write numbers by themselves.
    """
    return text if language == ENGLISH else _THOUSANDS.sub("\N{NARROW NO-BREAK SPACE}", text)


@cache
def _short(language: str) -> dict[str, str]:
    return sections(SHORT, language)
