"""The bands that bench/study.py holds a multi-rate model to: a figure outside is named, and only where the page shows that model."""

from __future__ import annotations

import pytest

from bench.study import BANDS, FIGURES, Line, outside


def lines(beta: float, **off: float) -> list[Line]:
    """A model of one weight and a multi-rate one, whose figures are so far from it, or in the middle of their bands."""
    middle = {name: sum(band) / 2 for name, band in zip(FIGURES, BANDS[2], strict=True)}
    at = {"latent": 2, "seed": 0, "beta": beta}
    return [{**at, "many": False, **dict.fromkeys(FIGURES, 1.0)}, {**at, "many": True, **{n: 1 + v for n, v in (middle | off).items()}}]


@pytest.mark.parametrize("beta", [0.1, 1.0, 10.0])
def test_a_figure_outside_its_band_is_named(beta: float) -> None:
    assert outside(lines(beta)) == []
    assert outside(lines(beta, R=-3.0)) == [f"2 dimensions, seed 0, β = {beta:g}: R is -3 off, outside -2 to 1.5"]


def test_left_of_where_the_page_shows_it_nothing_is_asked_of_a_multi_rate_model() -> None:
    assert outside(lines(0.01, R=-30.0)) == []
