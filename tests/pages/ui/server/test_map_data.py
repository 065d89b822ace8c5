"""What a map shows, without a page."""

from __future__ import annotations

import numpy as np
import pytest

from pages.ui.ground.figures import Colouring
from pages.ui.server import map_data
from pages.ui.server.map_data import MAX_GROUPS, painted
from vae_core.base.display import OTHERS, SCALE
from vae_core.base.errors import InputError
from vae_core.runs import catalogue


def test_each_group_has_a_value_a_name_and_a_colour_and_empty_ones_are_left_out() -> None:
    values, names, palette = painted(Colouring("Class", np.array([0, 2, 2, 0]), ("cat", "dog", "owl")))
    assert values.dtype == np.float32
    assert values.tolist() == [0, 1, 1, 0]
    assert names == ["cat", "owl"]
    assert len(set(palette)) == 2


def test_beyond_the_limit_the_smallest_groups_share_one_grey_entry() -> None:
    count = MAX_GROUPS + 10
    classes = np.concatenate([np.arange(count), np.arange(10, count)])  # the first ten have one point each, the others two
    values, names, palette = painted(Colouring("Class", classes, tuple(str(index) for index in range(count))))
    assert names is not None
    assert len(names) == len(palette) == MAX_GROUPS
    assert (names[-1], palette[-1]) == ("11 others", OTHERS)
    assert (values == MAX_GROUPS - 1).sum() == 10 + 2
    for index, name in enumerate(names[:-1]):
        assert np.array_equal(values == index, classes == int(name))


def test_a_long_name_is_cut() -> None:
    names = painted(Colouring("Class", np.zeros(4, int), ("n" * 500,)))[1]
    assert names == ["n" * 23 + "…"]


def test_a_quantity_keeps_its_values_and_has_a_scale() -> None:
    values, names, palette = painted(Colouring("Error", np.array([0.25, 0.5, np.nan])))
    assert values[:2].tolist() == [0.25, 0.5]
    assert np.isnan(values[2])
    assert (names, palette) == (None, list(SCALE))


@pytest.mark.parametrize("view", ["", "raw-0-0", "raw-0-2", "raw-1", "raw-0-1 ", "tsne", "raw-0-1-0"])
def test_there_are_no_other_views(view: str) -> None:
    with pytest.raises(InputError):
        map_data.plane(catalogue.models()["digits-2d"], view)


def test_other_images_have_another_address(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = catalogue.models()["digits-2d"]
    with_images = map_data.source(entry)
    monkeypatch.setattr("pages.ui.cache.images_of", lambda entry: None)
    assert map_data.source(entry) != with_images
