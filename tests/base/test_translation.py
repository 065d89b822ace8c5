"""The lesson in another language: no heading, placeholder, formula or short string of it may be missing, so that it cannot fall behind."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from string import Formatter

import pytest

from tests.conftest import ROOT
from vae_core.base.translation import SHORT, TEXTS, filled, local, sections
from vae_core.export import lesson_page

OTHERS = sorted(file.name.split(".")[1] for file in TEXTS.glob("learn.*.md"))
SPEAKING = [ROOT / "pages" / "learn.py", *(ROOT / "pages" / "ui" / "screens" / "learn").glob("*.py"), ROOT / "vae_core/export/worksheet.py"]


def placeholders(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def calls() -> Iterator[tuple[str, ast.Call]]:
    """What the lesson's code calls, by name: "say" and "st.button"."""
    for path in SPEAKING:
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                yield ast.unparse(node.func), node


def said() -> set[str]:
    """Every short string of the code, which has each as it stands: of the app, and of the pages without it."""
    return {ast.literal_eval(call.args[0]) for name, call in calls() if name == "say"} | set(lesson_page.said())


def test_german_is_spoken() -> None:
    assert "de" in OTHERS


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("name", ["learn", "glossary", "learn/questions"])
def test_a_text_has_the_same_headings_placeholders_formulas_and_answers(name: str, language: str) -> None:
    english, other = sections(name), sections(name, language)
    assert list(other) == list(english)
    for heading, text in english.items():
        translated = other[heading]
        if name == "learn":
            assert placeholders(translated) == placeholders(text), heading
        assert set(re.findall(r"\$[^$]+\$", translated)) == set(re.findall(r"\$[^$]+\$", text)), heading
        assert translated.count("\n- ") == text.count("\n- "), heading
        assert ("\n\n" in translated) == ("\n\n" in text), heading
        assert translated, heading


@pytest.mark.parametrize("language", OTHERS)
def test_each_short_string_of_the_code_is_translated_with_its_placeholders(language: str) -> None:
    translated = sections(SHORT, language)
    assert translated.keys() == said()
    assert {text for text, other in translated.items() if placeholders(other) != placeholders(text)} == set()
    assert all(translated.values())


def test_the_lessons_code_shows_no_words_but_these() -> None:
    """A string that Streamlit is given as it stands is a page's path, an icon, a key or markup; none has a space or begins a word."""
    shown = {
        value.value
        for name, call in calls()
        if name.startswith("st.") or name in ("show_tiles", "show_row", "show_picture", "show_chart", "_choose")
        for value in (*call.args, *(keyword.value for keyword in call.keywords if keyword.arg in ("label", "help", "alt", "caption")))
        if isinstance(value, ast.Constant) and isinstance(value.value, str)
    }
    assert {text for text in shown if re.search(r"^[A-Z]|\s", text)} == {"Language · Sprache"}


def test_numbers_written_out_have_no_comma_where_it_would_be_a_decimal_one() -> None:
    assert local("1,234,567.8 von 10, 20,30", "de") == "1\u202f234\u202f567.8 von 10, 20,30"
    assert local("1,234", "en") == "1,234"
    assert filled("{a} {b:.1f}", "de", {"a": "5,000", "b": 1.25}) == "5\u202f000 1.2"


def test_a_percentage_stays_on_one_line() -> None:
    assert "86\N{NO-BREAK SPACE}%" in sections("learn")["dream: see"]
