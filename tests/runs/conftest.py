"""The images that small runs are trained on."""

from __future__ import annotations

import pytest

from vae_core import data
from vae_core.data import Images


@pytest.fixture
def digits() -> Images:
    return data.load("digits")
