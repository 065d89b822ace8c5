"""Numbers on screen."""

from __future__ import annotations

import math

import pytest

from vae_core.base.display import class_list, known, percent, three_digits, with_error


@pytest.mark.parametrize(
    ("value", "text"),
    [(1000.0, "1000"), (0.012589, "0.0126"), (1438.6, "1440"), (794.33, "794"), (0.5, "0.5"), (1e-5, "1e-05"), (0.0, "0")],
)
def test_three_digits_count_and_a_thousand_is_written_out(value: float, text: str) -> None:
    assert three_digits(value) == text


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [
        (22.058, 0.254, "22.06 ± 0.25"),
        (-14_699.63, 115.3, "−14,700 ± 120"),
        (1.0, 0.00996, "1.0000 ± 0.0100"),
        (2.4245, 2.0, "2.4 ± 2.0"),
        (-0.001, 0.18, "0.00 ± 0.18"),
        (-1234.5, 0.0, "−1,230"),
        (101.64, math.nan, "102"),
    ],
)
def test_a_mean_is_written_as_far_as_its_error_lets_it_be_known(value: float, error: float, text: str) -> None:
    assert with_error(value, error) == text
    assert known(value, error)[0] == float(text.split(" ")[0].replace("−", "-").replace(",", ""))


@pytest.mark.parametrize(
    ("value", "error", "text"),
    [  # as tests/live/parts/multirate/words_test.js has them
        (22.0582, 0.2542, "22.06 ± 0.25"),
        (-14_699.6, 117.4, "−14,700 ± 120"),
        (1.0, 6e-12, "1.0000"),
        (1.00024, 0.00026, "1.0002 ± 0.0003"),
        (9e-7, 2.6e-7, "0.0000"),
        (-0.004, 0.25, "0.00 ± 0.25"),
        (8.4, 9.96, "8.4 ± 10.0"),
    ],
)
def test_where_there_is_room_for_four_digits_an_error_below_them_is_left_out(value: float, error: float, text: str) -> None:
    assert with_error(value, error, 4) == text


@pytest.mark.parametrize(
    ("share", "text"),
    [(0.0, "0"), (0.004, "below 1"), (0.005, "1"), (0.125, "13"), (0.375, "38"), (0.994, "99"), (0.997, "above 99"), (1.0, "100")],
)
def test_halves_go_up_and_what_is_not_nothing_or_all_is_never_said_to_be(share: float, text: str) -> None:
    assert percent(share) == f"{text}\N{NO-BREAK SPACE}%"


def test_of_very_many_classes_a_card_names_the_first_and_counts_the_rest() -> None:
    assert (class_list(()), class_list(("a", "b"))) == ("none", "a, b")
    assert class_list([str(index) for index in range(1200)]).endswith(", 38, 39 and 1,160 more")
