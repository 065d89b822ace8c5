"""precomputed: what ships with a model is used for that model and those images alone, and is what was computed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import numpy as np
import pytest
import torch

from vae_core.analysis.mixture import Mixture
from vae_core.analysis.precomputed import Recipe, kept, recording, shipped
from vae_core.model.priors import GaussianMixture


class Pair(NamedTuple):
    value: float
    spread: float


class Found(NamedTuple):
    pair: Pair
    points: np.ndarray
    names: tuple[str, ...]
    absent: Pair | None
    seed: int | None


RECIPE = Recipe("found", Found)
FOUND = Found(Pair(0.1 + 0.2, float("inf")), np.linspace(0, 1, 7), ("PC 1", "PC 2"), None, 3)


def refuse() -> Found:
    raise AssertionError("it ships, so nothing has to be computed")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("weights.safetensors", "card.json"):
        (tmp_path / name).write_bytes(name.encode())
    with recording():
        shipped(RECIPE, tmp_path, "set", lambda: FOUND)
    return tmp_path


def test_what_ships_is_what_was_computed_to_the_bit(folder: Path) -> None:
    found = shipped(RECIPE, folder, "set", refuse)
    assert (found.pair, found.names, found.absent, found.seed) == (FOUND.pair, FOUND.names, None, 3)
    assert found.points.tobytes() == FOUND.points.tobytes()


@pytest.mark.parametrize("part", ["weights.safetensors", "card.json", "codes.safetensors", "shown/found.bin"])
def test_another_file_of_the_model_or_a_damaged_one_makes_it_unused(folder: Path, part: str) -> None:
    path = folder / part
    path.write_bytes((path.read_bytes() if path.exists() else b"") + b"!")
    assert kept(RECIPE, folder, "set") is None
    assert shipped(RECIPE, folder, "set", lambda: FOUND._replace(seed=4)).seed == 4


def test_other_images_another_variant_and_another_version_have_nothing(folder: Path) -> None:
    assert kept(RECIPE, folder, "set") is not None
    assert kept(RECIPE, folder, "another set") is None
    assert kept(RECIPE, folder, "set", variant="other") is None
    assert kept(Recipe("found", Found, version=2), folder, "set") is None


def test_a_mixture_comes_back_as_tensors(folder: Path) -> None:
    mixture = Mixture(GaussianMixture(torch.ones(1).double(), torch.zeros(1, 2).double(), torch.eye(2).double()[None]), -1.5, -2.5, 0.01)
    recipe = Recipe("mixture", Mixture)
    with recording():
        shipped(recipe, folder, "set", lambda: mixture)
    found = kept(recipe, folder, "set")
    assert found is not None
    assert (found.log_density, found.missed) == (-1.5, 0.01)
    assert torch.equal(found.density.scale, mixture.density.scale)
