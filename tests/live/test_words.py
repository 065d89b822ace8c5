"""The live parts in another language: no word of theirs is missing in a dictionary, none is left over, and none stands outside `say`."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from pages.ui.ground.language import LANGUAGES
from pages.ui.live.component import DICTIONARIES
from tests.conftest import ROOT

LIVE = ROOT / "assets" / "live"
TEXT = r'"(?:[^"\\\n]|\\.)*"'
SPOKEN = [path for folder in ("engine", "parts", "kit") for path in sorted((LIVE / folder).rglob("*.js"))]
FROM_PYTHON = {"Class", "KL of each dimension, nats", "Variance of each dimension"}
"""What Python sends in English and a part says in the language of the page."""

KEYS = {"Enter", "Escape", "Delete", "Backspace", "Home", "End", "ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown", "Content-Type"}


def source(path: Path) -> str:
    """A module without its comments, and with texts joined that are written in parts."""
    text = re.sub(r"/\*.*?\*/", "", path.read_text("utf-8"), flags=re.DOTALL)
    text = "\n".join(re.sub(r"(^|\s)//.*$", "", line) for line in text.splitlines())
    return re.sub(r'(?<!\\)"\s*\+\s*"', "", text)


def dictionary(language: str) -> dict[str, str]:
    text = (LIVE / "kit" / DICTIONARIES[language]).read_text("utf-8")
    found = re.findall(rf"^  ({TEXT}|'[^'\n]*'|\w+):\s+({TEXT}),$", text, re.MULTILINE)
    return {json.loads(key) if key.startswith('"') else key.strip("'"): json.loads(value) for key, value in found}


def template_key(written: str) -> str:
    """A template as `say` looks it up: its values by their places."""
    key, at, count = "", 0, 0
    while at < len(written):
        if not written.startswith("${", at):
            key, at = key + written[at], at + 1
            continue
        depth, at = 1, at + 2
        while depth:
            depth += {"{": 1, "}": -1}.get(written[at], 0)
            at += 1
        key, count = f"{key}{{{count}}}", count + 1
    return key


def templates(code: str) -> list[str]:
    """What stands behind `say` between backticks, other templates inside it included."""
    found = []
    for start in re.finditer(r"(?<![\w.])say`", code):
        at, depth = start.end(), 0
        while code[at] != "`" or depth:
            depth += 1 if code.startswith("${", at) else -1 if code[at] == "}" else 0
            at += 1
        found.append(template_key(code[start.end() : at]))
    return found


def said(code: str) -> set[str]:
    """The texts that a module looks up by writing them."""
    return {json.loads(text) for text in re.findall(rf"(?<![\w.])say\(\s*({TEXT})", code)} | set(templates(code))


def literals(code: str) -> set[str]:
    return {json.loads(text) for text in re.findall(TEXT, code)}


def looks_spoken(text: str) -> bool:
    """Whether a text is made of words for people: a capital, or two words without a hyphen, a dot or a bracket among them."""
    if text in KEYS or re.search(r"[{}()<>=#/_]|\w-\w|\d(px|deg)|^[a-z ]*$", text):
        return False
    return bool(re.fullmatch(r"[A-Z][a-z]{2,}", text) or re.search(r"[A-Za-z]{2,}[ ,.:]+[A-Za-z]{2,}", text))


CODE = {path.relative_to(LIVE).as_posix(): source(path) for path in SPOKEN if path.name not in DICTIONARIES.values()}


def test_each_language_of_the_lesson_has_a_dictionary() -> None:
    assert {"en", *DICTIONARIES} == set(LANGUAGES)


@pytest.mark.parametrize("language", DICTIONARIES)
def test_no_word_is_missing_and_none_is_left_over(language: str) -> None:
    words = dictionary(language)
    assert {text for code in CODE.values() for text in said(code) if text not in words} == set()
    everything = {text for code in CODE.values() for text in said(code) | literals(code)} | FROM_PYTHON | set(swatches())
    assert set(words) - everything == set()
    for english, other in words.items():
        assert sorted(re.findall(r"\{\w+\}", english)) == sorted(re.findall(r"\{\w+\}", other)), english
        assert english.startswith(" ") == other.startswith(" "), english


def swatches() -> list[str]:
    """The colours on the canvas to draw on, which are names in the code."""
    return re.findall(r'^  (\w+): "#', CODE["parts/draw/parts.js"], re.MULTILINE)


@pytest.mark.parametrize("language", DICTIONARIES)
def test_no_text_for_people_stands_outside_the_dictionary(language: str) -> None:
    words = dictionary(language)
    found = {(name, text) for name, code in CODE.items() for text in literals(code) if looks_spoken(text) and text not in words}
    assert found == set()
    assert [name for name in swatches() if name not in words] == []


def test_a_text_that_nobody_translated_is_found() -> None:
    assert looks_spoken("Show everything")
    assert looks_spoken("Pause")
    assert not looks_spoken("path-side path-side-a")
    assert said('say("Play") + say`Step ${at(`x ${y}`)} of ${n}` + this.say("No")') == {"Play", "Step {0} of {1}"}
