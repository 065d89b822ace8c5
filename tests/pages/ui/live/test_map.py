"""What a browser may choose on a map."""

from __future__ import annotations

import numpy as np
import pytest

from pages.ui.live.map import check_numbers
from vae_core.base.errors import InputError

KNOWN = np.array([10, 11, 15, 40])


def test_numbers_come_back_once_each_and_ascending() -> None:
    assert check_numbers([40, 10, 40], KNOWN) == [10, 40]
    assert check_numbers([], KNOWN) == []


@pytest.mark.parametrize(
    "values", [[12], [9], [41], [-10], [2**70], [10.0], [True], ["10"], [[10]], [None], "10", {"0": 10}, None, 10, [float("nan")]]
)
def test_anything_else_is_refused(values: object) -> None:
    with pytest.raises(InputError, match="A choice on the map"):
        check_numbers(values, KNOWN)
