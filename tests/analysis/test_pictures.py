"""Pictures with images and without, and what a model learnt from."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tests.many import KEPT, RANGE, trained
from tests.sweep import MODEL
from vae_core import data
from vae_core.analysis import explore, folding
from vae_core.analysis.pictures import learnt, of_images, shown_with, stand_ins, thumbnails, unseen
from vae_core.base.config import TrainConfig
from vae_core.base.errors import InputError
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.training import binarise


def test_pictures_are_the_images() -> None:
    images = data.load("digits")
    found, split = of_images(images), images.split()
    assert found.original
    assert np.array_equal(found.take(np.array([5, 3])), images.pixels[[5, 3]])
    assert np.array_equal(found.training, split.train)
    assert np.array_equal(found.validation, split.validation)
    some, labels = found.chosen(20), images.labels
    assert labels is not None
    assert len(some) == 20
    assert set(some) <= set(split.validation)
    assert set(labels[some]) == set(range(10))
    assert set(found.chosen(20, training=True)) <= set(split.train)
    assert np.array_equal(found.chosen(10_000), split.validation)


def test_without_images_the_model_draws_stand_ins() -> None:
    whole = trained()
    assert whole.codes is not None
    found = stand_ins(whole)
    assert not found.original
    lowest = explore.decode(whole.model.at(RANGE[0]), whole.codes.mean)
    assert np.array_equal(found.take(np.array([7, 2])), lowest[[7, 2]])
    assert np.array_equal(found.training, np.arange(KEPT))
    assert np.array_equal(found.validation, np.arange(KEPT))
    assert found.labels is whole.codes.labels
    plain = folding.at(whole, 3.0)
    assert plain.codes is not None
    assert np.array_equal(stand_ins(plain).take(np.arange(KEPT)), explore.decode(plain.model, plain.codes.mean))
    with pytest.raises(InputError, match="images of Digits are not on this computer"):
        stand_ins(replace(whole, codes=None))


def test_thumbnails_are_drawn_of_the_codes_that_a_model_keeps_else_of_the_prior() -> None:
    whole = trained()
    plain = folding.plain(whole)
    assert plain.codes is not None
    assert np.array_equal(thumbnails(whole)[[0, -1]], explore.decode(plain.model, plain.codes.mean[[0, -1]]))
    drawn = explore.decode(plain.model, explore.sample_prior(plain.card.model.latent, 4, seed=0))
    assert np.array_equal(thumbnails(replace(plain, codes=None)), drawn)
    point = plain.card.model_copy(update={"model": plain.card.model.model_copy(update={"variational": False})})
    assert len(thumbnails(replace(plain, codes=None, card=point))) == 1  # an autoencoder has no prior: the middle alone


@pytest.mark.parametrize("way", ["no", "static", "stochastic"])
def test_what_a_model_learnt_from_is_seen_as_it_saw_it(way: str) -> None:
    images, config = data.load("digits"), TrainConfig.model_validate({"binarise": way})
    training = images.split().train
    found = learnt(of_images(images), config, 10_000)
    expected = binarise.for_evaluation(images.pixels[training], config)
    assert found.count == len(training)
    assert np.array_equal(found.take(np.array([900, 3])), expected[[900, 3]])
    assert images.labels is not None
    assert found.labels is not None
    assert np.array_equal(found.labels, images.labels[training])
    model = VAE(MODEL).eval()
    for part, whole in zip(found.encode(model), explore.encode(model, expected), strict=True):
        np.testing.assert_allclose(part, whole, atol=1e-6)
    assert learnt(of_images(images), config, 100).count == 100


@pytest.mark.parametrize("way", ["no", "static"])
def test_unseen_pictures_are_validation_images_as_the_model_would_have_learnt_them(way: str) -> None:
    images, plain = data.load("digits"), folding.at(trained(), 1.0)
    loaded = replace(plain, card=plain.card.model_copy(update={"train": TrainConfig.model_validate({"binarise": way})}))
    pictures = of_images(images)
    rows = pictures.chosen(50)
    assert set(rows) <= set(images.split().validation)
    expected = explore.encode(loaded.model, binarise.for_evaluation(images.pixels[rows], loaded.card.train))
    assert np.array_equal(unseen(pictures, loaded, 50).mean, expected.mean)


def test_a_model_of_the_whole_of_mnist_is_shown_with_the_test_images_and_no_other_is() -> None:
    card = catalogue.load("mnist-2d").card
    found = shown_with(card)
    assert found is not None
    assert found.name == "mnist-10k"
    fewer = card.model_copy(update={"data": card.data.model_copy(update={"images": 60_000})})
    wider = card.model_copy(update={"model": card.model.model_copy(update={"width": 32})})
    other = card.model_copy(update={"data": card.data.model_copy(update={"name": "digits"})})
    assert [shown_with(each) for each in (fewer, wider, other)] == [None] * 3


def test_a_model_of_the_test_images_is_shown_with_them_and_judged_on_those_it_has_not_seen() -> None:
    images, card = data.load("mnist"), catalogue.load("mnist-2d").card
    known = {"name": images.name, "images": len(images), "identity": images.identity}
    found = shown_with(card.model_copy(update={"data": card.data.model_copy(update=known)}))
    assert found is not None
    assert found.identity == images.identity
    assert of_images(found).learnt
    assert not set(of_images(found).validation) & set(images.split().train)
