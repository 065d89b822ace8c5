"""The lesson's worksheet, and the answers to it: one HTML page each, with pictures inside, that prints as it is and asks for no address."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from html import escape
from string import Template

import numpy as np
from numpy.typing import NDArray

from vae_core.base.translation import ENGLISH, TEXTS, translated
from vae_core.data.images import strip_bytes

TEMPLATE = TEXTS / "worksheet.html"
_SIDE = 84  # pixels of the longer side of a picture, about


@dataclass(frozen=True)
class Question:
    """A question of the sheet.

    Attributes:
        asked: the question.
        answer: the teacher's.
        written: the student's; empty where there is none yet.
    """

    asked: str
    answer: str
    written: str = ""


@dataclass(frozen=True)
class SheetStep:
    """A step of the lesson as somebody saw it.

    Attributes:
        name: of the step.
        questions: that it answers.
        settings: what was chosen and what came of it, by what each is called; empty where the step was not opened.
        pictures: what was seen, rows of pictures uint8 [N, C, H, W] by what each row is.
        predicted: what was asked before the picture told, and what was answered; None where nothing was.
        why: what the model's own numbers say to that; empty where the step was not opened.
    """

    name: str
    questions: Sequence[Question]
    settings: Mapping[str, str]
    pictures: Mapping[str, NDArray[np.uint8]]
    predicted: tuple[str, str] | None = None
    why: str = ""


def worksheet(steps: Sequence[SheetStep], *, name: str, language: str = ENGLISH) -> str:
    """What a student has seen and written, with lines to write on where nothing is written; `name` is the student's, or empty."""
    say = partial(translated, language=language)
    intro = say("Name: {name}. Questions on what the lesson of Latent Loom shows.", name=name or "_" * 30)
    return _page(say("Worksheet: the latent space"), intro, steps, language, answers=False)


def answer_sheet(steps: Sequence[SheetStep], *, language: str = ENGLISH) -> str:
    """The same questions with the teacher's answers, and what the model's numbers said at each step that was opened."""
    say = partial(translated, language=language)
    intro = say("For the teacher. An answer in other words is as good; the numbers are those of the models that come with Latent Loom.")
    return _page(say("Answers: the latent space"), intro, steps, language, answers=True)


def _page(title: str, intro: str, steps: Sequence[SheetStep], language: str, *, answers: bool) -> str:
    say = partial(translated, language=language)
    lines = f'<div class="lines" role="img" aria-label="{escape(say("Room for an answer"))}"></div>'
    parts, number = [], 0
    for step in steps:
        parts.append(f"<section>\n<h2>{escape(step.name)}</h2>\n{_seen(step, language, answers=answers)}")
        for question in step.questions:
            number += 1
            said = question.answer if answers else question.written
            below = f'<p class="written">{escape(said)}</p>' if said else lines
            parts.append(f'<div class="question">\n<h3>{number}. {escape(question.asked)}</h3>\n{below}\n</div>')
        parts.append("</section>")
    template = Template(TEMPLATE.read_text("utf-8"))
    return template.substitute(language=language, title=escape(title), intro=escape(intro), steps="\n".join(parts))


def _seen(step: SheetStep, language: str, *, answers: bool) -> str:
    """The pictures and numbers of a step, what was predicted and, for the teacher, what the numbers say to that."""
    say = partial(translated, language=language)
    if not step.settings:
        missing = say("This step was not opened in this language, so its pictures and numbers are missing.")
        return f'<p class="note">{escape(missing)}</p>'
    rows = "\n".join(f'<tr><th scope="row">{escape(what)}</th><td>{escape(value)}</td></tr>' for what, value in step.settings.items())
    shown = [_figure(what, pixels) for what, pixels in step.pictures.items()]
    predicted = "" if step.predicted is None else f"<p>{escape(say('Predicted:'))} {escape(' '.join(step.predicted))}</p>"
    why = f"<p>{escape(step.why)}</p>" if answers and step.why else ""
    return "\n".join(filter(None, [f'<div class="shown">{"".join(shown)}</div>', f"<table>\n{rows}\n</table>", predicted, why]))


def _figure(what: str, pixels: NDArray[np.uint8]) -> str:
    """A row of pictures, each enlarged by a whole factor."""
    png = strip_bytes(pixels, max(1, _SIDE // max(pixels.shape[-2:])))
    address = f"data:image/png;base64,{base64.b64encode(png).decode()}"
    return f'<figure><img src="{address}" alt="{escape(what)}"><figcaption>{escape(what)}</figcaption></figure>'
