"""The bundled models are what assets/build.py makes; the multi-rate ones are nearly as good as those of one KL weight each."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from assets import build
from vae_core import data
from vae_core.analysis import tradeoff, tradeoff_file
from vae_core.analysis.evaluate import evaluate
from vae_core.analysis.pictures import of_images
from vae_core.analysis.tradeoff import Tradeoff
from vae_core.data import ImportChoices
from vae_core.runs.catalogue import BUNDLED
from vae_core.training import binarise, checkpoint, objectives
from vae_core.training.train import Training

pytestmark = pytest.mark.slow

GIVEN_AWAY = {"digits-rates": (1, 1), "sprites-rates": (1, 3), "mnist-rates": (1, 3)}
"""The most nats that these may cost more than models of one KL weight, up to β = 4 and beyond."""

MOST_BYTES = 60_000_000
"""Of all that lies under assets/models."""

RATES = [name for name, config in build.MODELS.items() if config.model.beta_range]


def kept(name: str) -> Tradeoff:
    """The figures beside a bundled model."""
    folder = BUNDLED / name
    loaded = checkpoint.load(folder)
    found = tradeoff_file.kept(folder, loaded, original=True)
    assert found is not None
    return found


def test_every_bundled_model_can_be_made_again() -> None:
    assert {folder.name for folder in BUNDLED.iterdir()} == set(build.MODELS)
    for name, config in build.MODELS.items():
        card = checkpoint.read_card(BUNDLED / name)
        assert (card.name, card.data.name, card.model, card.train) == (config.name, config.data, config.model, config.train)


@pytest.mark.usefixtures("fresh_home")
@pytest.mark.parametrize("name", RATES)
def test_a_model_of_every_kl_weight_has_its_figures_over_the_whole_range(name: str) -> None:
    found = kept(name)
    low, high = build.MODELS[name].model.beta_range or (0, 0)
    assert all((axis[0], axis[-1]) == pytest.approx((low, high)) for axis in found.axes)
    assert found.original
    assert [mark.beta for mark in found.dedicated] == list(build.DEDICATED_BETAS if name in build.DEDICATED else ())


@pytest.mark.usefixtures("fresh_home")
@pytest.mark.parametrize(("name", "most"), GIVEN_AWAY.items())
def test_a_model_of_every_kl_weight_costs_little_more_than_one_of_one(name: str, most: tuple[float, float]) -> None:
    found = kept(name)
    assert found.dedicated
    for alone in found.dedicated:
        one = found.figures(alone.beta)
        excess = one.distortion - alone.distortion + alone.beta * (one.rate - alone.rate)
        assert excess <= most[0 if alone.beta <= 4 else 1]


@pytest.mark.usefixtures("fresh_home")
def test_the_figures_are_those_of_the_images() -> None:
    loaded, images = checkpoint.load(BUNDLED / "digits-rates"), data.load("digits")
    pictures = of_images(images)
    grey = pictures.take(pictures.chosen(tradeoff.JUDGED))
    expected = evaluate(loaded.model.at(1.0), binarise.for_evaluation(grey, loaded.card.train), beta=1.0, seed=loaded.card.train.seed)
    found = kept("digits-rates").figures(1.0)
    assert (found.distortion, found.rate) == pytest.approx((expected.distortion, expected.rate), rel=1e-4)


@pytest.mark.usefixtures("fresh_home")
def test_the_codes_kept_of_mnist_are_those_at_the_lowest_kl_weight(shared: Path) -> None:
    images = data.read_path(shared / "data" / "mnist", ImportChoices()).images
    loaded = checkpoint.load(BUNDLED / "mnist-rates")
    assert loaded.codes is not None
    expected = build.test_codes(loaded.model, images)
    np.testing.assert_allclose(loaded.codes.mean, expected.mean, atol=1e-4)
    np.testing.assert_array_equal(loaded.codes.labels, expected.labels)


@pytest.mark.usefixtures("fresh_home")
@pytest.mark.parametrize("name", sorted(build.HALVED))
def test_a_model_that_stands_in_for_mnist_ships_as_float16_with_figures_of_its_own(name: str) -> None:
    loaded = checkpoint.load(BUNDLED / name)
    assert loaded.half
    assert (loaded.codes is None) == (name in build.NO_CODES)
    beta = loaded.card.train.beta if loaded.card.model.variational else 0.0
    assert kept(name).axes[0].tolist() == [beta]


@pytest.mark.usefixtures("fresh_home")
def test_the_card_of_rounded_weights_has_their_figures() -> None:
    images, before = data.load("digits"), checkpoint.load(BUNDLED / "digits-2d")
    found = build.rounded(checkpoint.load(BUNDLED / "digits-2d"), images)
    for name, tensor in before.model.state_dict().items():
        assert torch.equal(found.model.state_dict()[name], tensor.half().float())
    pixels = torch.from_numpy(images.take(images.split().validation))
    expected = objectives.average(found.model, pixels, beta=1.0, seed=before.card.train.seed)
    assert found.card.figures.distortion == pytest.approx(expected.distortion, rel=1e-9)
    assert found.card.figures != before.card.figures
    assert found.card == before.card.model_copy(update={"validation": found.card.validation})


@pytest.mark.usefixtures("fresh_home")
@pytest.mark.parametrize("name", ["mnist-2d-ae", "mnist-16d-beta-0.01"])
def test_figures_on_a_card_are_those_of_the_weights_that_ship(name: str, shared: Path) -> None:
    images = data.read_path(shared / "data" / "mnist", ImportChoices()).images
    loaded = checkpoint.load(BUNDLED / name)
    found, said = Training(loaded.model, images, loaded.card.train).validate(), loaded.card.figures
    assert (found.distortion, found.rate) == pytest.approx((said.distortion, said.rate), rel=1e-6)


def test_all_models_together_have_room() -> None:
    assert sum(file.stat().st_size for file in BUNDLED.rglob("*") if file.is_file()) < MOST_BYTES
