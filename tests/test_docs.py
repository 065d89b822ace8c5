"""The README keeps up: every public name, command and make target is in it, and its test command is the one that CI runs."""

from __future__ import annotations

import argparse
import ast
import re
from pathlib import Path

import pytest

import vae_core
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")
MAKEFILE = (ROOT / "Makefile").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```\w*\n(.*?)^```", README, re.MULTILINE | re.DOTALL)
SPANS = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", README, flags=re.MULTILINE | re.DOTALL))
CODE = "\n".join(BLOCKS + SPANS)


def named_in_code(text: str) -> bool:
    """Whether the README has `text` as whole words inside a code block or code span."""
    return re.search(rf"(?<![\w-]){re.escape(text)}(?![\w-])", CODE) is not None


def subcommands(parser: argparse.ArgumentParser) -> list[str]:
    return [name for action in parser._actions if isinstance(action, argparse._SubParsersAction) for name in action.choices]


def test_every_public_name_is_documented() -> None:
    assert [name for name in vae_core.__all__ if not named_in_code(name)] == []


def test_every_command_is_documented() -> None:
    from vae_core.cli.main import build_parser

    commands = subcommands(build_parser())
    assert commands
    assert [name for name in commands if not named_in_code(f"python -m vae_core {name}")] == []


def test_every_make_target_is_documented_and_listed_by_make() -> None:
    targets = re.findall(r"^([a-z][\w-]*):", MAKEFILE, re.MULTILINE)
    assert {"run", "test", "lint", "bench", "assets"} <= set(targets)
    assert [name for name in targets if not named_in_code(f"make {name}")] == []
    assert re.findall(r"^([a-z][\w-]*):.*## \w", MAKEFILE, re.MULTILINE) == targets


def test_the_readmes_test_command_is_what_ci_runs() -> None:
    section = README.partition("## Test")[2].partition("\n## ")[0]
    command = re.findall(r"^```\w*\n(.*?)^```", section, re.MULTILINE | re.DOTALL)[0].splitlines()[0].partition("  #")[0]
    assert command in (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize("file", ["requirements.txt", "requirements-cluster.txt", "requirements-dev.txt", "requirements-bench.txt"])
def test_every_requirement_is_pinned_and_says_why(file: str) -> None:
    for line in (ROOT / file).read_text(encoding="utf-8").splitlines():
        assert re.fullmatch(r"-r requirements(-cluster|-dev)?\.txt|[\w-]+==[\d.]+(; [^#]+)?  +# \w.{4,}", line), line


def test_every_file_the_readme_links_to_exists() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README)
    assert [link for link in links if not (ROOT / link).exists()] == []


PAPERS = {name: (ROOT / name).read_text(encoding="utf-8") for name in ("ARCHITECTURE.md", "CONTRIBUTING.md", "SECURITY.md")}
GLOSSARIES = set((ROOT / "assets" / "text").glob("glossary*.md"))
"""Their headings are words of the lesson: tests/pages/test_learn.py finds each of them there."""

RECIPES = sorted((ROOT / "tests" / "recipes").glob("test_*.py"))


@pytest.mark.parametrize("name", PAPERS)
def test_every_file_that_a_paper_names_exists(name: str) -> None:
    spans = [part for span in re.findall(r"`([^`\n]+)`", PAPERS[name]) for part in span.split()]
    named = {
        span for span in spans if re.fullmatch(r"[\w./]+/[\w./]*", span) and "NAME" not in span and not span.startswith((".venv", "/path"))
    }
    assert len(named) > 10
    bases = [ROOT, ROOT / "vae_core", ROOT / "assets" / "live"]
    assert [span for span in sorted(named) if not any((base / span).exists() for base in bases)] == []


@pytest.mark.parametrize("name", ["SECURITY.md", "SECURITY_CLASS.md"])
def test_every_promise_has_its_test(name: str) -> None:
    rows = [line for line in (ROOT / name).read_text(encoding="utf-8").splitlines() if line.startswith("| ")][1:]
    assert len(rows) > 15
    for row in rows:
        file, test = re.findall(r"`(tests/[\w/]+\.py)` `(test_\w+)` \|$", row)[0]
        assert f"def {test}(" in (ROOT / file).read_text(encoding="utf-8"), row


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_a_recipe_is_told_as_its_test_follows_it(path: Path) -> None:
    told = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))
    assert told is not None
    steps = told.partition("\n\n")[2].rpartition("\n\nThe test below")[0].replace("``", "`")
    assert steps.startswith("1. ")
    assert steps in PAPERS["CONTRIBUTING.md"]


@pytest.mark.parametrize("path", sorted(set((ROOT / "assets" / "text").glob("*.md")) - GLOSSARIES), ids=lambda path: path.stem)
def test_every_lesson_is_shown(path: Path) -> None:
    code = "".join(file.read_text(encoding="utf-8") for folder in ("pages", "vae_core") for file in (ROOT / folder).rglob("*.py"))
    headings = re.findall("^## (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
    quoted = [re.escape(heading) for heading in headings]
    of_steps = [re.sub("^([a-z]+): ", r"\\{key\\}: ", heading) for heading in headings]  # of every step of the lesson by the same words
    missing = [
        heading
        for heading, *ways in zip(headings, quoted, of_steps, strict=True)
        if not any(re.search(f"[\"']{way}[\"']", code) for way in ways)
    ]
    assert missing == []
