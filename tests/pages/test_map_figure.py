"""The map as a figure and as a table, without a page."""

from __future__ import annotations

from typing import Any

import numpy as np
import plotly.graph_objects as go
import pytest

from pages.ui.figures import MAX_GROUPS, Colouring, latent_map, map_table, plain_label

POINTS = np.array([[0, 0], [1, 0], [0, 2], [3, 3]], np.float32)
NUMBERS = np.array([10, 11, 15, 40])
BY_CLASS = Colouring("Class", np.array([0, 2, 2, 0]), ("cat", "dog", "owl"))
BY_AMOUNT = Colouring("Error", np.array([0.1, 0.2, 0.3, 0.4]))


def drawn(colouring: Colouring, **options: Any) -> go.Figure:  # noqa: ANN401
    return latent_map(POINTS, colouring, numbers=NUMBERS, axis_labels=("z₀", "z₁"), **options)


def test_each_class_is_a_trace_of_its_own_colour_and_symbol_that_knows_its_numbers() -> None:
    cat, owl = drawn(BY_CLASS).data
    assert (cat["name"], owl["name"]) == ("cat", "owl")
    assert (list(cat["customdata"]), list(owl["customdata"])) == ([10, 40], [11, 15])
    assert (list(cat["x"]), list(cat["y"])) == ([0, 3], [0, 3])
    assert cat["marker"]["color"] != owl["marker"]["color"]
    assert cat["marker"]["symbol"] != owl["marker"]["symbol"]


def test_no_two_groups_of_a_legend_look_alike() -> None:
    count = MAX_GROUPS
    many = Colouring("Class", np.arange(count), tuple(f"class {index}" for index in range(count)))
    traces = latent_map(np.zeros((count, 2), np.float32), many, numbers=np.arange(count), axis_labels=("", "")).data
    assert len({(trace.marker.color, trace.marker.symbol) for trace in traces}) == count


def test_beyond_the_limit_the_smallest_groups_share_one_entry() -> None:
    count = MAX_GROUPS + 10
    values = np.concatenate([np.arange(count), np.arange(10, count)])  # the first ten have one point each, the others two
    many = Colouring("Class", values, tuple(str(index) for index in range(count)))
    traces = latent_map(np.zeros((len(values), 2), np.float32), many, numbers=np.arange(len(values)), axis_labels=("", "")).data
    assert len(traces) == MAX_GROUPS
    assert traces[-1].name == "11 others"
    assert sum(len(trace.x) for trace in traces) == len(values)
    assert {trace.name for trace in traces[:-1]} <= {str(index) for index in range(10, count)}


def test_a_quantity_is_one_trace_with_a_colour_bar() -> None:
    (trace,) = drawn(BY_AMOUNT).data
    assert list(trace["marker"]["color"]) == [0.1, 0.2, 0.3, 0.4]
    assert trace["marker"]["colorbar"]["title"]["text"] == "Error"


def test_chosen_points_are_marked_in_their_own_traces_only() -> None:
    assert [list(trace["selectedpoints"]) for trace in drawn(BY_CLASS, selected=np.array([2, 3])).data] == [[1], [1]]
    assert [list(trace["selectedpoints"]) for trace in drawn(BY_CLASS, selected=np.array([0])).data] == [[0], []]
    assert not any(trace["selectedpoints"] for trace in drawn(BY_CLASS).data)


def test_the_prior_is_two_circles_and_both_axes_have_one_scale() -> None:
    layout = drawn(BY_CLASS, prior=np.array([1, -1], np.float32)).layout
    assert [(circle["x0"], circle["x1"], circle["y0"], circle["y1"]) for circle in layout["shapes"]] == [(0, 2, -2, 0), (-1, 3, -3, 1)]
    assert layout["yaxis"]["scaleanchor"] == "x"


@pytest.mark.parametrize(("option", "name", "symbol"), [("star", "Your image", "star"), ("ring", "Chosen image", "circle-open")])
def test_a_mark_lies_on_top_and_answers_no_click(option: str, name: str, symbol: str) -> None:
    mark = drawn(BY_CLASS, **{option: np.array([5, 6], np.float32)}).data[-1]
    assert (mark["name"], mark["marker"]["symbol"], mark["hoverinfo"]) == (name, symbol, "skip")
    assert (list(mark["x"]), list(mark["y"])) == ([5], [6])
    assert mark["customdata"] is None


def test_a_name_from_a_user_is_no_markup_and_not_long() -> None:
    hostile = Colouring("Class", np.zeros(4, int), ('<a href="javascript:alert(1)">x</a>' * 9,))
    name = drawn(hostile).data[0]["name"]
    assert "<" not in name
    assert len(plain_label("n" * 500)) == 24


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
