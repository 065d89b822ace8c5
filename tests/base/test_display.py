"""Numbers on screen."""

from __future__ import annotations

import pytest

from vae_core.base.display import three_digits


@pytest.mark.parametrize(
    ("value", "text"),
    [(1000.0, "1000"), (0.012589, "0.0126"), (1438.6, "1440"), (794.33, "794"), (0.5, "0.5"), (1e-5, "1e-05"), (0.0, "0")],
)
def test_three_digits_count_and_a_thousand_is_written_out(value: float, text: str) -> None:
    assert three_digits(value) == text
