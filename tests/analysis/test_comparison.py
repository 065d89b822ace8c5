"""Which distortions compare: by hand for every kind of model, and by sums over all images for what the sentences say."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
import torch

from tests.likelihoods import EVERY
from vae_core.analysis.comparison import is_black_and_white, measure, not_comparable
from vae_core.base.config import Binarise, LikelihoodName, ModelConfig, SigmaIs, TrainConfig
from vae_core.data import Images, imageset
from vae_core.model.likelihoods import LIKELIHOODS, Bernoulli, DiscretisedLogistic, Gaussian, Measure
from vae_core.training.binarise import fixed_draw

CROSS_ENTROPY, DRAWN, PROBABILITY, DENSITY = Measure


def of(likelihood: LikelihoodName, binarise: Binarise = "no", *, sigma_is: SigmaIs = "fixed", black_and_white: bool = False) -> Measure:
    model = ModelConfig(channels=1, height=8, width=8, latent=2, hidden=(8,), likelihood=likelihood, sigma_is=sigma_is)
    return measure(model, TrainConfig(binarise=binarise), black_and_white=black_and_white)


@pytest.mark.parametrize(
    ("likelihood", "binarise", "grey", "black_and_white"),
    [
        ("bernoulli", "no", CROSS_ENTROPY, PROBABILITY),
        ("bernoulli", "static", DRAWN, PROBABILITY),
        ("bernoulli", "stochastic", DRAWN, PROBABILITY),
        ("continuous_bernoulli", "no", DENSITY, DENSITY),
        ("gaussian", "no", DENSITY, DENSITY),
        ("logistic", "no", PROBABILITY, PROBABILITY),
    ],
)
def test_what_each_kind_of_model_measures(likelihood: LikelihoodName, binarise: Binarise, grey: Measure, black_and_white: Measure) -> None:
    assert of(likelihood, binarise) is grey
    assert of(likelihood, binarise, black_and_white=True) is black_and_white


def test_every_likelihood_of_the_core_measures_something_and_sigma_changes_nothing() -> None:
    kinds = {(likelihood, of(likelihood, sigma_is=sigma_is)) for likelihood, sigma_is in EVERY}
    assert len(kinds) == len(LIKELIHOODS)


@pytest.mark.parametrize(("one", "other"), list(product(Measure, repeat=2)))
def test_only_the_same_measure_compares_and_the_order_is_of_no_meaning(one: Measure, other: Measure) -> None:
    sentence = not_comparable(one, other)
    assert sentence == not_comparable(other, one)
    assert (sentence is None) == (one is other)
    assert sentence is None or sentence.endswith(".")


@pytest.mark.parametrize(
    ("one", "other", "words"),
    [
        (CROSS_ENTROPY, DENSITY, "not a likelihood"),
        (CROSS_ENTROPY, DRAWN, "not a likelihood"),
        (DRAWN, PROBABILITY, "different images"),
        (DRAWN, DENSITY, "different images"),
        (PROBABILITY, DENSITY, "density"),
    ],
)
def test_the_sentence_names_what_is_at_fault(one: Measure, other: Measure, words: str) -> None:
    assert words in (not_comparable(one, other) or "")


def test_the_sentences_hold_for_one_pixel() -> None:
    """Of a pixel's masses over all it can be, the probabilities add up to 1, the cross-entropies do not; a density passes 1."""
    levels = torch.arange(256).view(-1, 1, 1, 1) / 255
    params = torch.full_like(levels, 0.3)
    logistic, bernoulli, gaussian = DiscretisedLogistic(0.1), Bernoulli(), Gaussian(0.1)
    assert (-logistic.nll(params, levels)).exp().sum().item() == pytest.approx(1, abs=1e-5)
    assert (-bernoulli.nll(params[:2], levels[[0, -1]])).exp().sum().item() == pytest.approx(1, abs=1e-6)
    assert (-bernoulli.nll(params, levels)).exp().sum().item() > 100
    assert bernoulli.nll(torch.zeros(1, 1, 1, 1), torch.full((1, 1, 1, 1), 0.5)).item() == pytest.approx(np.log(2))  # the least, not 0
    assert gaussian.nll(params[:1], params[:1]).item() < 0


@pytest.mark.parametrize("value", [0, 1, 127, 254, 255])
def test_one_grey_value_anywhere_is_found(value: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(imageset, "_CHUNK_BYTES", 7 * 64)
    pixels = fixed_draw(np.random.default_rng(0).integers(0, 256, (30, 1, 8, 8), np.uint8))
    assert is_black_and_white(Images("drawn", pixels))
    for place in ((0, 0, 0, 0), (13, 0, 3, 4), (29, 0, 7, 7)):
        changed = pixels.copy()
        changed[place] = value
        assert is_black_and_white(Images("drawn", changed)) == (value in (0, 255))
