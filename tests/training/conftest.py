"""The files of a sound checkpoint."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.training.checkpoints import CARD, CODES, WEIGHTS, saved


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Mapping[str, bytes]:
    """The parts of a sound checkpoint, without its manifest."""
    folder = saved(tmp_path_factory.mktemp("parts") / "model")
    return {name: (folder / name).read_bytes() for name in (WEIGHTS, CARD, CODES)}
