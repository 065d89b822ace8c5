"""The texts of the lesson as HTML: paragraphs, emphasis, formulas, words that say what they mean, and the figures of a picture.

A figure is written {name} in a text. What is known when the page is made stands there as text; what the picture tells while it is moved
is an empty element with its name, for the page to fill.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from html import escape

from vae_core.base.glossary import glossary, marked
from vae_core.base.translation import local
from vae_core.export.mathml import mathml

_FIGURE = re.compile(r"\{([a-z_0-9]+)\}")
_PART = re.compile(r"\$([^$]+)\$|\*\*(.+?)\*\*|\*(.+?)\*|\{([a-z_0-9]+)\}")


def told(text: str, language: str, met: set[str], figures: Mapping[str, str], scope: str) -> str:
    """A text without formulas, in which each word of the glossary that was not met before can say what it means.

    Args:
        text: of one paragraph.
        language: it is in.
        met: the words that were met.
        figures: those that are known.
        scope: begins the names of the elements in it.
    """
    parts = []
    for place, part in enumerate(_FIGURE.split(text)):
        if place % 2:
            parts.append(_figure(part, language, figures))
        else:
            parts += [escape(piece) if word is None else _word(piece, word, language, scope) for piece, word in marked(part, language, met)]
    return "".join(parts)


def words_of(text: str, language: str, met: set[str], scope: str) -> list[str]:
    """The words of a text with formulas, which cannot say what they mean within it."""
    return [_word(piece, word, language, scope) for piece, word in marked(text, language, met) if word is not None]


def rich(text: str, language: str, figures: Mapping[str, str]) -> str:
    """A text with emphasis and formulas, as paragraphs. A text of a format: braces of its formulas are doubled."""
    return "\n".join(f"<p>{_rich(paragraph, language, figures)}</p>" for paragraph in text.split("\n\n"))


def _rich(text: str, language: str, figures: Mapping[str, str]) -> str:
    def made(found: re.Match[str]) -> str:
        formula, strong, emphasis, figure = found.groups()
        if formula is not None:
            return mathml(formula.replace("{{", "{").replace("}}", "}"))
        if figure is not None:
            return _figure(figure, language, figures)
        return f"<strong>{escape(strong)}</strong>" if emphasis is None else f"<em>{escape(emphasis)}</em>"

    parts, last = [], 0
    for found in _PART.finditer(text):
        parts += [escape(text[last : found.start()]), made(found)]
        last = found.end()
    return "".join([*parts, escape(text[last:])])


def _figure(name: str, language: str, figures: Mapping[str, str]) -> str:
    """A figure that is known, which may be a formula; else the place of one."""
    if name not in figures:
        return f'<span data-figure="{name}">…</span>'
    value = local(figures[name], language)
    return mathml(value[1:-1]) if value.startswith("$") else escape(value)


def _word(form: str, word: str, language: str, scope: str) -> str:
    """A word that says what it means when it is pointed at, focused or tapped."""
    meanings = glossary(language).meanings
    name = f"{scope}-word-{list(meanings).index(word)}"
    return (
        f'<span class="word"><button type="button" aria-describedby="{name}">{escape(form)}</button>'
        f'<span role="tooltip" id="{name}">{escape(meanings[word])}</span></span>'
    )
