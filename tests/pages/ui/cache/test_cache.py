"""cache: a multi-rate model whole and at one of them, and the pictures and figures of models with images and without."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest

from pages.ui import cache
from tests import many
from vae_core import data
from vae_core.analysis import explore, folding, tradeoff, tradeoff_file
from vae_core.analysis.pictures import stand_ins
from vae_core.base.errors import InputError
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint


@pytest.fixture
def entry(fresh_home: Path) -> Entry:
    """A multi-rate model whose images are at hand."""
    return many.save(fresh_home)


@pytest.fixture
def alone(fresh_home: Path) -> Entry:
    """One whose images are not, with 60 kept codes."""
    return many.save(fresh_home, images=False)


@pytest.fixture
def plain(fresh_home: Path) -> Entry:
    """One of a single KL weight, without images, with 60 kept codes."""
    loaded = folding.at(many.trained(), 1.0)
    card = loaded.card.model_copy(update={"data": loaded.card.data.model_copy(update={"identity": "not these"})})
    checkpoint.save(fresh_home / "models" / "00000000000f" / "checkpoint", loaded.model, card, loaded.codes)
    return catalogue.models()["00000000000f"]


def test_a_model_is_opened_at_the_weight_of_its_card(entry: Entry) -> None:
    whole, opened = cache.whole(entry.folder), cache.opened(entry.folder)
    assert whole.card == entry.card
    assert opened.card.model.beta_range is None
    assert opened.weights_hash == folding.at(whole, 1.0).weights_hash
    assert cache.opened_at(entry.folder, 3.0).card.train.beta == 3.0
    assert cache.opened_at(entry.folder, 3.0) is cache.opened_at(entry.folder, 3.0)
    with pytest.raises(InputError, match="outside this model's range"):
        cache.opened_at(entry.folder, 11.0)


def test_a_model_of_one_weight_is_opened_whole(plain: Entry) -> None:
    assert cache.opened(plain.folder) is cache.whole(plain.folder)


def test_pictures_are_the_images_or_stand_ins_or_none(entry: Entry, alone: Entry, plain: Entry, fresh_home: Path) -> None:
    images = data.load("digits")
    found = cache.pictures_of(entry)
    assert found is not None
    assert found.original
    assert np.array_equal(found.take(np.array([3])), images.pixels[[3]])
    for without in (alone, plain):
        found = cache.pictures_of(without)
        assert found is not None
        assert not found.original
        assert len(found.validation) == many.KEPT
    bare = cache.whole(entry.folder)
    card = bare.card.model_copy(update={"data": bare.card.data.model_copy(update={"identity": "not these"})})
    checkpoint.save(fresh_home / "models" / "00000000000e" / "checkpoint", bare.model, card)
    nothing = catalogue.models()["00000000000e"]
    assert cache.pictures_of(nothing) is None
    assert cache.population(nothing) is None
    assert cache.at_stations(nothing) is None
    with pytest.raises(InputError, match="images of Digits are not on this computer"):
        cache.tradeoff(nothing, lambda share: None)


def test_the_population_is_the_training_images_at_any_weight(entry: Entry) -> None:
    images = data.load("digits")
    training = images.pixels[images.split().train]
    for beta, at in ((None, 1.0), (3.0, 3.0)):
        found = cache.population(entry, beta)
        assert found is not None
        assert found.original
        expected = explore.encode(many.trained().model.at(at), training)
        np.testing.assert_allclose(found.posterior.mean, expected.mean, atol=1e-5)
        assert np.array_equal(found.take(np.array([1000, 2])), training[[1000, 2]])
        assert images.labels is not None
        assert found.labels is not None
        assert np.array_equal(found.labels, images.labels[images.split().train])


def test_without_images_the_population_is_what_the_model_draws(alone: Entry, plain: Entry) -> None:
    whole = cache.whole(alone.folder)
    drawn = stand_ins(whole).take(np.arange(many.KEPT))
    for beta, at in ((None, 1.0), (3.0, 3.0)):
        found = cache.population(alone, beta)
        assert found is not None
        assert not found.original
        assert np.array_equal(found.take(np.arange(many.KEPT)), drawn)
        np.testing.assert_allclose(found.posterior.mean, explore.encode(whole.model.at(at), drawn).mean, atol=1e-5)
        kept = cache.opened_at(alone.folder, at).codes
        assert kept is not None
        np.testing.assert_allclose(found.posterior.logvar, kept.logvar, atol=1e-5)
    kept, found = cache.opened(plain.folder).codes, cache.population(plain)
    assert kept is not None
    assert found is not None
    assert found.posterior.mean is kept.mean
    assert np.array_equal(found.take(np.arange(9)), explore.decode(cache.opened(plain.folder).model, kept.mean[:9]))
    with pytest.raises(InputError, match="one KL weight and takes no other"):
        cache.population(plain, 3.0)


def test_n_eff_of_a_model_is_counted_of_its_images_alone(entry: Entry, alone: Entry) -> None:
    found = cache.population(entry)
    assert found is not None
    assert cache.effective(entry) == tradeoff.effective(found.posterior)
    assert math.isnan(cache.effective(alone)[0])


def test_figures_are_measured_once_and_kept(entry: Entry, alone: Entry) -> None:
    for each, original in ((entry, True), (alone, False)):
        assert cache.kept_tradeoff(each) is None
        shares: list[float] = []
        found = cache.tradeoff(each, shares.append)
        assert (found.original, shares[-1]) == (original, 1.0)
        kept = cache.kept_tradeoff(each)
        assert kept is not None
        assert np.array_equal(kept.effective, found.effective)
        cache.tradeoff(each, shares.append)
        assert len(shares) == 31


def test_figures_of_stand_ins_do_not_do_where_the_images_are_at_hand(entry: Entry, alone: Entry) -> None:
    tradeoff_file.keep(cache.tradeoff(alone, lambda share: None), cache.whole(entry.folder))
    assert cache.kept_tradeoff(entry) is None


def test_a_model_of_all_mnist_is_judged_on_test_images_in_the_part_of_both() -> None:
    entry = catalogue.models()["mnist-2d"]
    images, found = cache.unseen_by(entry), cache.pictures_of(entry)
    assert images is not None
    assert found is not None
    assert (images.name, found.original, found.learnt) == ("mnist-10k", True, False)
    assert sorted([*found.training, *found.validation]) == list(range(10_000))
    assert math.isnan(cache.effective(entry)[0])
    assert cache.mark(entry)[1] == entry.card.figures.distortion
    assert cache.gallery(entry).images is images
    rates = cache.kept_tradeoff(catalogue.models()["mnist-rates"])
    assert rates is not None
    assert rates.learnt == 54_000  # measured on the images themselves when it was made


def test_figures_on_test_images_are_kept_apart(alone: Entry, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(data, "test_part", lambda name, count: "digits")  # as if the model had learnt from more of these
    measured = cache.tradeoff(alone, lambda share: None)
    kept = cache.kept_tradeoff(alone)
    assert kept is not None
    assert np.array_equal(kept.rate, measured.rate)
    assert tradeoff_file.kept(alone.folder, cache.whole(alone.folder), original=True) is None


def test_a_mark_is_measured_on_the_images_or_read_from_the_card(entry: Entry, plain: Entry, fresh_home: Path) -> None:
    figures = plain.card.figures
    assert cache.mark(plain)[:3] == (1.0, figures.distortion, figures.rate)
    assert math.isnan(cache.mark(plain).sharpness)
    loaded = folding.plain(cache.whole(entry.folder))
    checkpoint.save(fresh_home / "models" / "00000000000d" / "checkpoint", loaded.model, loaded.card)
    measured, found = cache.mark(catalogue.models()["00000000000d"]), cache.tradeoff(entry, lambda share: None).figures(1.0)
    assert measured[:4] == pytest.approx((1.0, found.distortion, found.rate, found.sharpness))


def test_stations_have_a_class_for_each_code(entry: Entry) -> None:
    images, found = data.load("digits"), cache.at_stations(entry)
    assert found is not None
    validation = images.split().validation
    assert images.labels is not None
    assert found.labels is not None
    assert np.array_equal(found.labels, images.labels[validation])
    assert found.posterior.mean.shape == (31, len(validation), 6)
    expected = explore.encode(many.trained().model.at(many.RANGE[1]), images.pixels[validation])
    np.testing.assert_allclose(found.posterior.mean[-1], expected.mean, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "stand_ins"),
    [
        ("mnist-2d-rates", ["mnist-2d-ae", "mnist-2d-beta-0.0001", "mnist-2d-beta-0.001", "mnist-2d-beta-0.01"]),
        ("mnist-rates", ["mnist-16d-ae", "mnist-16d-beta-0.0001", "mnist-16d-beta-0.001", "mnist-16d-beta-0.01"]),
        ("faces-rates", ["faces-ae", "faces-beta-10"]),
        ("fashion-rates", []),
        ("sprites-rates", []),
    ],
)
def test_the_models_that_stand_in_for_a_multi_rate_one_have_their_figures(name: str, stand_ins: list[str]) -> None:
    """Without the figures of one of them none would stand in."""
    assert [other.id for other in cache.multirate.alone(cache.models()[name])] == stand_ins
