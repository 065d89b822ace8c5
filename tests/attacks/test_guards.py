"""The guards that `tests.attacks.guards` takes out stand where it says, each with its test; so says the table in tests/README.md."""

from __future__ import annotations

import re

import pytest

from tests.attacks.guards import GUARDS, Guard
from tests.conftest import ROOT


@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.keeps_out)
def test_a_guard_stands_where_it_is_looked_for(guard: Guard) -> None:
    assert (ROOT / guard.file).read_text("utf-8").count(guard.line) == 1
    file, name = guard.test
    assert f"def {name.partition('[')[0]}(" in (ROOT / file).read_text("utf-8")


def test_the_table_has_them_all() -> None:
    text = (
        (ROOT / "tests" / "README.md").read_text("utf-8").partition("# Guards, and the test that dies without each")[2].partition("\n# ")[0]
    )
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text.split("\n") if re.match(r"\| [a-z]", line)]
    assert rows == [[guard.keeps_out, f"`{guard.file}`", f"`{'::'.join(guard.test)}`"] for guard in GUARDS]
