"""builders: what the app and the page to take home put on the wire alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from vae_core.analysis import explore
from vae_core.analysis.disentangle import Follows
from vae_core.analysis.projection import Projection
from vae_core.base.colours import OTHERS, SCALE
from vae_core.export.wire.builders import MAX_GROUPS, deck_dimensions, map_view, painted_groups, painted_quantity, unused_note


def test_each_group_has_a_value_a_name_and_a_colour_and_empty_ones_are_left_out() -> None:
    values, names, palette = painted_groups(np.array([0, 2, 2, 0]), ("cat", "dog", "owl"))
    assert values.dtype == np.float32
    assert values.tolist() == [0, 1, 1, 0]
    assert names == ["cat", "owl"]
    assert len(set(palette)) == 2


def test_a_factor_may_be_told_in_floats() -> None:
    assert painted_groups(np.array([0, 2], np.float32), ("cat", "dog", "owl")).names == ["cat", "owl"]


def test_beyond_the_limit_the_smallest_groups_share_one_grey_entry() -> None:
    count = MAX_GROUPS + 10
    classes = np.concatenate([np.arange(count), np.arange(10, count)])  # the first ten have one point each, the others two
    values, names, palette = painted_groups(classes, tuple(str(index) for index in range(count)))
    assert names is not None
    assert len(names) == len(palette) == MAX_GROUPS
    assert (names[-1], palette[-1]) == ("11 others", OTHERS)
    assert (values == MAX_GROUPS - 1).sum() == 10 + 2
    for index, name in enumerate(names[:-1]):
        assert np.array_equal(values == index, classes == int(name))
    chosen = painted_groups(classes, tuple(str(index) for index in range(count)), [3, 17, 999])
    assert chosen.names == ["3", "17", f"{count - 2} others"]
    assert np.array_equal(chosen.values == 0, classes == 3)
    assert chosen.palette[-1] == OTHERS
    few = painted_groups(np.array([0, 1, 1]), ("a", "b"), [1])
    assert few.names == ["a", "b"]  # where all can be coloured, all are


def test_a_long_name_is_cut() -> None:
    names = painted_groups(np.zeros(4, int), ("n" * 500,)).names
    assert names == ["n" * 23 + "…"]


def test_a_quantity_keeps_its_values_and_has_a_scale() -> None:
    values, names, palette = painted_quantity(np.array([0.25, 0.5, np.nan]))
    assert values[:2].tolist() == [0.25, 0.5]
    assert np.isnan(values[2])
    assert (names, palette) == (None, list(SCALE))


@pytest.mark.parametrize(("variational", "notes"), [(True, ["", "1.23 nats"]), (False, ["", "variance 1.2"])])
def test_dimensions_come_in_their_order_with_what_they_carry_where_it_is_known(variational: bool, notes: list[str]) -> None:
    axes = replace(explore.prior_axes(2), order=np.array([1, 0]), information=np.array([1.234, np.nan]), unused=np.array([True, False]))
    dims = deck_dimensions(axes, variational=variational, names=("", "slant"), follows=(Follows("x", -0.934, False), None))
    assert [dimension["index"] for dimension in dims] == [1, 0]
    assert [dimension["name"] for dimension in dims] == ["z₁", "z₀"]
    assert [dimension["note"] for dimension in dims] == notes
    assert [dimension["given"] for dimension in dims] == ["slant", ""]
    assert [dimension["suggested"] for dimension in dims] == [None, {"name": "x", "note": "r = −0.93"}]
    assert [dimension["unused"] for dimension in dims] == [False, True]
    assert [(dimension["low"], dimension["high"]) for dimension in dims] == [(axes.low[1], axes.high[1]), (axes.low[0], axes.high[0])]


def test_what_unused_means_depends_on_the_kind_of_model() -> None:
    assert "0.01 nats" in unused_note(variational=True)
    assert "without any variance" in unused_note(variational=False)


def test_a_view_has_the_way_into_the_plane_where_there_is_one() -> None:
    points = np.zeros((1, 2), np.float32)
    flat = Projection("raw", points, ("z₀", "z₂"), "", centre=np.array([0.0, 1, 2]), axes=np.eye(3)[[0, 2]])
    assert map_view(flat) == {"method": "raw", "labels": ("z₀", "z₂"), "centre": [0, 1, 2], "axes": [[1, 0, 0], [0, 0, 1]]}
    bent = map_view(Projection("umap", points, ("UMAP 1", "UMAP 2"), ""))
    assert (bent["centre"], bent["axes"]) == (None, None)
