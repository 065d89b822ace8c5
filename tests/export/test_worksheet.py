"""The worksheet and its answers: every question is there once, what people write is text, pictures are inside and nothing is fetched."""

from __future__ import annotations

import base64
import io
import re
from html.parser import HTMLParser

import numpy as np
import pytest
from PIL import Image

from vae_core.export.worksheet import Question, SheetStep, answer_sheet, worksheet

HOSTILE = '<script>alert("1")</script>&amp; "x" $title \' <img src=x onerror=y>'
PIXELS = np.random.default_rng(0).integers(0, 256, (3, 1, 4, 4), dtype=np.uint8)


def steps(text: str) -> list[SheetStep]:
    seen = SheetStep(text, [Question(text, f"{text} is so", text)], {text: text}, {text: PIXELS}, (f"{text}?", text), f"{text}, measured")
    return [seen, SheetStep("Unopened", [Question("Why?", "Because."), Question("How?", "So.")], {}, {})]


class Parts(HTMLParser):
    """The elements of a page with their attributes, and all its text."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_the_sheet_has_the_students_words_and_the_answers_the_teachers() -> None:
    sheet, answers = (Parts(page) for page in (worksheet(steps("It"), name="Ada"), answer_sheet(steps("It"))))
    for numbered in ("1. It", "2. Why?", "3. How?"):
        assert sheet.text.count(numbered) == answers.text.count(numbered) == 1
    assert "Name: Ada" in sheet.text
    assert "Predicted: It? It" in sheet.text
    assert all(said not in sheet.text for said in ("It is so", "Because.", "It, measured"))
    assert all(said in answers.text for said in ("It is so", "Because.", "So.", "It, measured"))
    lines = [attrs for _, attrs in sheet.elements if attrs.get("class") == "lines"]
    assert len(lines) == 2  # where nothing is written, there is room to write
    assert "This step was not opened in this language, so its pictures and numbers are missing." in sheet.text
    assert "Dieser Schritt wurde in dieser Sprache nicht geöffnet, darum fehlen seine Bilder und Zahlen." in worksheet(
        steps("It"), name="Ada", language="de"
    )


@pytest.mark.parametrize("compose", [lambda text: worksheet(steps(text), name=text), lambda text: answer_sheet(steps(text))])
def test_what_people_write_is_text(compose: object) -> None:
    assert callable(compose)
    plain, hostile = Parts(compose("plain")), Parts(compose(HOSTILE))
    assert [tag for tag, _ in hostile.elements] == [tag for tag, _ in plain.elements]
    assert hostile.text.count(HOSTILE) == plain.text.count("plain")


def test_pictures_are_inside_and_nothing_is_fetched() -> None:
    page = Parts(worksheet(steps("It"), name=""))
    (picture,) = [attrs for tag, attrs in page.elements if tag == "img"]
    head, _, text = str(picture["src"]).partition(",")
    assert head == "data:image/png;base64"
    shown = np.asarray(Image.open(io.BytesIO(base64.b64decode(text))))
    scale = shown.shape[0] // 4
    np.testing.assert_array_equal(shown[::scale, ::scale], np.concatenate(list(PIXELS[:, 0]), axis=1))
    addresses = [value for _, attrs in page.elements for name, value in attrs.items() if name in ("src", "href") and value]
    assert all(address.startswith("data:") for address in addresses)
    assert not re.search(r"https?:", worksheet(steps("It"), name=""))
    policy = next(attrs["content"] for _, attrs in page.elements if attrs.get("http-equiv") == "Content-Security-Policy")
    assert policy is not None
    assert policy.startswith("default-src 'none'; style-src 'unsafe-inline'; img-src data:;")
    assert "script" not in {tag for tag, _ in page.elements}
