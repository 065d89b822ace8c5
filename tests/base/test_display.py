"""Numbers on screen."""

from __future__ import annotations

import pytest

from vae_core.base.display import class_list, three_digits


@pytest.mark.parametrize(
    ("value", "text"),
    [(1000.0, "1000"), (0.012589, "0.0126"), (1438.6, "1440"), (794.33, "794"), (0.5, "0.5"), (1e-5, "1e-05"), (0.0, "0")],
)
def test_three_digits_count_and_a_thousand_is_written_out(value: float, text: str) -> None:
    assert three_digits(value) == text


def test_of_very_many_classes_a_card_names_the_first_and_counts_the_rest() -> None:
    assert (class_list(()), class_list(("a", "b"))) == ("none", "a, b")
    assert class_list([str(index) for index in range(1200)]).endswith(", 38, 39 and 1,160 more")
