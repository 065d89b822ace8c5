"""The table of bad inputs in tests/README.md is true: each is made and brought to the app, and its user reads what its row says."""

from __future__ import annotations

import html
import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.attacks.bad import archives, arrays, fields, models, pictures, states
from tests.attacks.bad.doors import Case
from tests.conftest import ROOT

CASES: dict[int, tuple[str, Case]] = {
    number: (module.__name__.rpartition(".")[2], case)
    for module in (pictures, archives, arrays, models, fields, states)
    for number, case in module.case.found.items()
}
HEADING = "# What comes of 120 bad inputs"


class Row(NamedTuple):
    number: int
    sentences: list[str]
    test: str


def table() -> list[Row]:
    text = (ROOT / "tests" / "README.md").read_text("utf-8").partition(HEADING)[2].partition("\n# ")[0]
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.split("\n") if re.match(r"\| \d", line)]
    return [Row(int(number), html.unescape(seen).split("<br>"), test) for number, _, seen, test in rows]


def says(sentence: str, row: str) -> bool:
    """Whether a sentence is that of a row, in which … stands for anything."""
    return re.fullmatch(".*".join(map(re.escape, row.split("…"))), sentence, re.DOTALL) is not None


ROWS = table()


def test_the_table_has_all_120_and_each_has_its_test() -> None:
    assert [row.number for row in ROWS] == list(range(1, 121))
    for row in ROWS:
        if row.number in CASES:
            assert row.test == CASES[row.number][0]
        else:
            file, name = re.findall("`(.*?)`", row.test)
            assert f"def {name}(" in Path(ROOT, file).read_text("utf-8")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("row", [row for row in ROWS if row.number in CASES], ids=lambda row: str(row.number))
def test_a_bad_input_is_said_as_its_row_says(row: Row) -> None:
    found = CASES[row.number][1]()
    assert found
    for sentence in found:
        assert "Traceback" not in sentence
        assert sentence.isprintable()
    for said in row.sentences:
        assert any(says(sentence, said) for sentence in found), (said, found)
