"""The map as a table, without a page."""

from __future__ import annotations

import numpy as np

from pages.ui.ground.figures import Colouring, map_table

POINTS = np.array([[0, 0], [1, 0], [0, 2], [3, 3]], np.float32)
BY_CLASS = Colouring("Class", np.array([0, 2, 2, 0]), ("cat", "dog", "owl"))
BY_AMOUNT = Colouring("Error", np.array([0.1, 0.2, 0.3, 0.4]))


def test_the_table_gives_the_size_and_the_centre_of_each_class() -> None:
    assert map_table(POINTS, BY_CLASS, ("z₀", "z₁")) == [
        {"Class": "cat", "Images": 2, "Centre, z₀": 1.5, "Centre, z₁": 1.5},
        {"Class": "owl", "Images": 2, "Centre, z₀": 0.5, "Centre, z₁": 1.0},
    ]


def test_the_table_of_a_quantity_goes_by_quarters() -> None:
    rows = map_table(POINTS, BY_AMOUNT, ("z₀", "z₁"))
    assert [row["Images"] for row in rows] == [1, 1, 1, 1]
    assert rows[0]["Error"] == "0.1 to 0.175"
    assert [row["Centre, z₁"] for row in rows] == [0, 0, 2, 3]


def test_a_quantity_that_is_everywhere_the_same_is_one_row() -> None:
    (row,) = map_table(POINTS, Colouring("Error", np.full(4, 0.5)), ("z₀", "z₁"))
    assert (row["Error"], row["Images"]) == ("0.5 to 0.5", 4)
