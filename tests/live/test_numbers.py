"""The numbers that `deno test` compares the browser's side with are still those of torch and NumPy."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.live.numbers import EXPECTED, NUMBERS, plain


def alike(found: Any, kept: Any) -> bool:  # noqa: ANN401 - JSON
    """Whether two values of JSON are the same but for rounding."""
    if isinstance(found, dict):
        return found.keys() == kept.keys() and all(alike(found[name], kept[name]) for name in found)
    if isinstance(found, list):
        return len(found) == len(kept) and all(map(alike, found, kept))
    return bool(found == pytest.approx(kept, rel=1e-5, abs=1e-6)) if isinstance(found, float) else bool(found == kept)


@pytest.mark.parametrize("name", NUMBERS)
def test_the_numbers_kept_for_the_browsers_side_are_those_of_today(name: str) -> None:
    kept = json.loads((EXPECTED / f"{name}.json").read_text("utf-8"))
    assert alike(plain(NUMBERS[name]()), kept), f"{name}.json is not what it is computed to be: python -m tests.live.numbers"


def test_there_is_a_file_for_each_and_no_other() -> None:
    assert {path.stem for path in EXPECTED.iterdir()} == NUMBERS.keys()
