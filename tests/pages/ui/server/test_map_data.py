"""What a map shows, without a page."""

from __future__ import annotations

import numpy as np
import pytest

from pages.ui.ground.figures import Colouring
from pages.ui.server import map_data
from pages.ui.server.map_data import painted
from vae_core.base.colours import SCALE
from vae_core.base.errors import InputError
from vae_core.runs import catalogue


def test_names_make_groups_and_values_a_scale() -> None:
    assert painted(Colouring("Class", np.array([0, 2, 2, 0]), ("cat", "dog", "owl"))).names == ["cat", "owl"]
    assert painted(Colouring("Error", np.array([0.25, 0.5]))).palette == list(SCALE)


@pytest.mark.parametrize("view", ["", "raw-0-0", "raw-0-2", "raw-1", "raw-0-1 ", "tsne", "raw-0-1-0"])
def test_there_are_no_other_views(view: str) -> None:
    with pytest.raises(InputError):
        map_data.plane(catalogue.models()["digits-2d"], view)


def test_other_images_have_another_address(monkeypatch: pytest.MonkeyPatch) -> None:
    entry = catalogue.models()["digits-2d"]
    with_images = map_data.source(entry)
    monkeypatch.setattr("pages.ui.cache.images_of", lambda entry: None)
    assert map_data.source(entry) != with_images
