"""The lesson as static pages: all its texts in all languages, a place on the page for every figure, and a file for each step."""

from __future__ import annotations

import json
import re
from html import unescape
from typing import Any

import pytest

from tests.export.lessons import coarse
from tests.export.test_takehome import Parts
from vae_core.base.translation import TEXTS, sections
from vae_core.cli.lesson_models import lesson_models
from vae_core.cli.main import main
from vae_core.export import lesson_page
from vae_core.export.lesson_content import Told
from vae_core.export.lesson_page import LANGUAGES, STEPS
from vae_core.export.live_model import live_bundle
from vae_core.export.script import LIVE
from vae_core.export.site import site

FIGURE = re.compile(r"\{[a-z_0-9]+\}")


def plain(markup: str) -> str:
    """What one reads, with formulas left out and single spaces."""
    texts = re.sub(r"<span role=\"tooltip\".*?</span>", "", re.sub("<math>.*?</math>", " ", markup))
    return re.sub(r"\s+", " ", unescape(re.sub("<[^>]+>", "", texts)))


def pieces(text: str) -> list[str]:
    """What a text says between its formulas, figures and emphasis."""
    return [re.sub(r"\s+", " ", piece).strip() for piece in re.split(r"\$[^$]+\$|\{[a-z_0-9]+\}|\*+", text) if len(piece.strip()) > 3]


@pytest.fixture(scope="module")
def page() -> str:
    """The page, without anything that is computed."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(lesson_page, "STEPS", dict.fromkeys(STEPS, lambda *_: Told({"right": 0}, {})))
        return lesson_page.lesson_files(lesson_models(), "float16")["learn.html"].decode()


def test_every_text_of_every_step_is_there_in_every_language(page: str) -> None:
    for language in LANGUAGES:
        lesson = sections("learn", language)
        part = page.split(f'<div class="lesson-language" lang="{language}">')[1].split('<div class="lesson-language"')[0]
        read = plain(part)
        for heading, text in lesson.items():
            for piece in (piece for line in text.replace("\n- ", "\n").split("\n") for piece in pieces(line)):
                assert piece in read, (language, heading)
        for key in STEPS:
            assert f'data-step="{key}"' in part
            assert unescape(part).count((TEXTS / "learn" / f"{key}.py").read_text("utf-8")) == 1


def test_every_figure_of_a_step_is_known_or_told_by_its_script(page: str) -> None:
    """Those that the page does not know are told by the step: by a name between the braces of `tell`, or of what that spreads."""
    articles = re.findall(r'<article[^>]*data-step="(\w+)">(.*?)</article>', page, re.DOTALL)
    assert len(articles) == len(LANGUAGES) * len(STEPS)
    moving = {
        "compress": {"kept", "own", "own_pca"},
        "continuity": {"share", "ae_length", "vae_length"},
        "trick": {"with_trick", "without", "times", "more", "mean", "std", "cost"},
        "bound": {"bound", "gap", "evidence", "own", "best"},
        "forces": {"narrow", "wide", "draws", "estimate", "error", "rate", "mean_0", "std_0", "kl_0", "mean_1", "std_1", "kl_1"},
        "before": {"drawing", "passed"},
        "create": {"along", "low", "high", "nats"},
    }
    for key, article in articles:
        code = (LIVE / "lesson" / "steps" / f"{key}.js").read_text("utf-8")
        asked = set(re.findall(r'data-figure="(\w+)"', article))
        told = moving.get(key, set())
        assert told <= asked, key
        assert [name for name in told if not re.search(rf"\b{re.sub('_[01]$', '_', name)}", code)] == []


def test_every_short_string_stands_in_the_script_as_it_is() -> None:
    """Else it would be found by nobody who translates, and stay English."""
    for path in (LIVE / "lesson").rglob("*.js"):
        calls = re.findall(r"(?<!function )\bsay\(\s*(.)", path.read_text("utf-8"))
        assert set(calls) <= {'"'}, path


def test_a_page_without_a_script_names_nothing_twice(page: str) -> None:
    names = re.findall(r' id="([^"]+)"', page)
    assert len(names) == len(set(names))
    assert set(re.findall(r'aria-describedby="([^"]+)"', page)) <= set(names)


def test_the_policy_is_that_of_all_pages_and_styles_and_scripts_stand_in_files(page: str) -> None:
    parts = Parts(page)
    assert parts.policy.startswith("default-src 'none'; script-src 'self' file:; style-src 'self' file:;")
    assert "style" not in parts.elements
    assert not re.search(r"<[^>]* (on\w+|style)=", page)


@pytest.mark.slow
def test_the_files_of_a_lesson_keep_to_the_size_and_each_step_finds_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    coarse(monkeypatch)
    models = lesson_models()
    files = site([], lesson=models, precision="float16")
    weights = [live_bundle(point.model, precision="float16") for point in models.points.values()]
    assert sum(map(len, files.values())) <= 1.2 * sum(map(len, weights)) + 300_000
    page = files["learn.html"].decode()
    data: dict[str, Any] = Parts(page).live
    assert {part["file"] for part in (*data["models"], *data["files"])} <= files.keys()
    assert [model["id"] for model in data["models"]] == list(models.points)
    assert 'href="learn.html"' in files["index.html"].decode()
    assert json.dumps(["learn.html", "index.html"]) in files["sw.js"].decode()
    for key in STEPS:
        assert data[key]["right"] is not None
    articles = re.findall("<article.*?</article>", page, re.DOTALL)
    left = {name for article in articles for name in FIGURE.findall(plain(article.split("<pre")[0]))}
    assert left == set()


def test_a_lesson_goes_with_a_site_alone_and_nothing_to_export_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "digits-2d", "--lesson", "--out", "page.html"]) == 2
    assert "--lesson is for --format site" in capsys.readouterr().err
    assert main(["export", "--out", "page.html"]) == 2
    assert "Name a model to export" in capsys.readouterr().err
