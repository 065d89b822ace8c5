"""typedefs: the types of JavaScript are those of the records, and every field says what it is."""

from __future__ import annotations

import re

import pytest

from vae_core.export.wire import typedefs

FILES = {name: (typedefs.KIT / name).read_text("utf-8") for name in typedefs.FILES}
WRITTEN = FILES[typedefs.PARTS]


@pytest.mark.parametrize("name", FILES)
def test_the_file_is_what_the_records_say(name: str) -> None:
    again = "write it anew: python -m vae_core.export.wire.typedefs"
    assert typedefs.typedefs(name) == FILES[name], again


@pytest.mark.parametrize(
    "line",
    [
        "@property {string} hash of the weights: the same hash is the same model",  # a name and a comment
        "@property {false} [worker] where the page may start no worker",  # may be missing
        "@property {[number, number, number]} shape [C, H, W]",
        "@property {DeckDimension[]} dims the most informative first",
        "@property {(number | null)[]} rate R in nats per image, [S]",
        "@property {number[][] | null} axes [2, K]; null for UMAP",
        '@property {"undo" | "redo"} kind',
        "@typedef {WeightsSource | StreamSource} ModelSource how the browser gets a model",
    ],
)
def test_every_form_of_type_is_written(line: str) -> None:
    assert re.search(rf"{re.escape(line)}( \*/)?$", WRITTEN, re.MULTILINE)


def test_a_record_has_the_fields_of_those_it_extends() -> None:
    (deck,) = re.findall(r"@typedef \{object\} DeckData\n(.*?) \*/", WRITTEN, re.DOTALL)
    assert "} dims " in deck
    assert "} channel " in deck


@pytest.mark.parametrize("name", FILES)
def test_every_field_says_what_it_is(name: str) -> None:
    bare = re.findall(r"@property \{(?![A-Z\"])[^}]+\} \S+$", FILES[name], re.MULTILINE)  # a record, or a word of its own, says it already
    assert bare == []


@pytest.mark.parametrize("name", FILES)
def test_nothing_in_it_runs(name: str) -> None:
    assert re.sub(r"/\*.*?\*/|//[^\n]*", "", FILES[name], flags=re.DOTALL).split() == ["export", "{}"]
