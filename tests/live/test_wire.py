"""The browser's side reads every field of the wire, and reads no other: each part says by its types which record it takes."""

from __future__ import annotations

import re
from pathlib import Path
from typing import is_typeddict

import pytest

from tests.conftest import ROOT
from vae_core.export.wire import events, lesson, multirate, records, takehome

LIVE = ROOT / "assets" / "live"
PARTS = ("deck", "map", "grid", "multirate", "path", "draw", "machine", "atlas", "picker", "replay", "pair")
RECORDS = {
    name: record for module in (records, multirate, takehome, lesson) for name, record in vars(module).items() if is_typeddict(record)
}


def code_of(folder: Path) -> str:
    """All modules of a folder without the wire's own types and without comments."""
    sources = (path.read_text("utf-8") for path in sorted(folder.rglob("*.js")) if not path.name.startswith("wire"))
    return re.sub(r"/\*.*?\*/|//[^\n]*", "", "\n".join(sources), flags=re.DOTALL)


def is_read(field: str, code: str) -> bool:
    """Whether the code takes a field of this name out of something: `data.field`, or `field` between braces."""
    return re.search(rf"(\.|[{{,]\s*){field}\b", code) is not None


@pytest.mark.parametrize("part", PARTS)
def test_a_part_reads_every_field_that_it_is_given(part: str) -> None:
    fields = RECORDS[f"{part.title()}Data"].__annotations__
    code = code_of(LIVE / "parts" / part)
    assert [field for field in fields if not is_read(field, code)] == []


@pytest.mark.parametrize("record", RECORDS)
def test_somebody_reads_every_field_of_every_record(record: str) -> None:
    code = code_of(LIVE)
    assert [field for field in RECORDS[record].__annotations__ if not is_read(field, code)] == []


def test_what_nobody_reads_is_found() -> None:
    assert not is_read("view", "const views = data.viewed")
    assert is_read("view", "const {\n  model,\n  view,\n} = data")
    assert is_read("view", "open(data.view)")


@pytest.mark.parametrize("part", PARTS)
def test_a_part_says_by_its_types_what_it_is_given_and_sends(part: str) -> None:
    source = (LIVE / "parts" / part / f"{part}.js").read_text("utf-8")
    assert source.startswith("// @ts-check\n")
    taken = re.search(r'@import \{ ([^}]+) \} from "\.\./\.\./kit/wire\.js"', source)
    assert taken is not None
    data, event = f"{part.title()}Data", f"{part.title()}Event"
    assert hasattr(events, event)
    assert {data, event} <= set(taken[1].split(", "))
    assert f"{{send: (event: {event}) => void}}" in source
    assert re.search(rf"@param \{{{data}\}}|@type \{{{data}( \| null)?\}}", source)
