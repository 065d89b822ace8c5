"""A multi-rate model as the plain one that it is at one KL weight."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.many import RANGE, trained
from tests.sweep import MODEL
from vae_core import data
from vae_core.analysis import folding
from vae_core.analysis.evaluate import evaluate
from vae_core.base.errors import InputError
from vae_core.data import Images


def digits() -> Images:
    return data.load("digits")


@pytest.mark.parametrize("beta", [0.01, 0.3, 10.0])
def test_opened_at_a_weight_it_is_the_plain_model_of_that_weight(beta: float) -> None:
    whole = trained()
    loaded, x = folding.at(whole, beta), torch.tensor(digits().pixels[:20]) / 255
    assert (loaded.card.model, loaded.model.config) == (MODEL, MODEL)
    assert (loaded.card.train.beta, loaded.card.train.beta_sigma) == (beta, None)
    assert loaded.card.data == whole.card.data
    torch.testing.assert_close(loaded.model.encode(x).mean, whole.model.encode(x, beta).mean)
    torch.testing.assert_close(loaded.model.decode(torch.ones(1, 6)), whole.model.decode(torch.ones(1, 6), beta), rtol=1e-4, atol=1e-5)


def test_its_kept_codes_are_those_of_what_it_draws_at_its_lowest_weight() -> None:
    whole = trained()
    assert whole.codes is not None
    means = torch.from_numpy(whole.codes.mean)
    drawn = whole.model.likelihood.mean(whole.model.decode(means, RANGE[0])).mul(255).round().div(255)
    for beta in (0.01, 3.0):
        found, expected = folding.at(whole, beta).codes, whole.model.encode(drawn, beta)
        assert found is not None
        np.testing.assert_allclose(found.mean, expected.mean, atol=1e-4)
        np.testing.assert_allclose(found.logvar, expected.logvar, atol=1e-4)
        assert found.labels is whole.codes.labels
    assert folding.at(replace(whole, codes=None), 3.0).codes is None


def test_no_two_weights_and_not_the_whole_share_a_hash() -> None:
    whole = trained()
    hashes = [whole.weights_hash, *(folding.at(whole, beta).weights_hash for beta in (0.3, 0.3000001, 3.0))]
    assert len(set(hashes)) == 4
    assert folding.at(whole, 0.3).weights_hash == hashes[1]
    assert folding.at(replace(whole, weights_hash="other"), 0.3).weights_hash != hashes[1]


def test_a_split_model_is_opened_at_a_pair_and_a_number_means_both() -> None:
    whole, x = trained(split=True), torch.tensor(digits().pixels[:20]) / 255
    pair, same, alone = (folding.at(whole, beta) for beta in ((0.1, 5.0), (2.0, 2.0), 2.0))
    assert (pair.card.model, pair.card.train.weights) == (MODEL, (0.1, 5.0))
    torch.testing.assert_close(pair.model.encode(x).mean, whole.model.encode(x, (0.1, 5.0)).mean)
    assert same.card.train.weights == alone.card.train.weights == 2.0
    assert same.weights_hash == alone.weights_hash
    with pytest.raises(InputError, match="not a pair"):
        folding.at(trained(), (0.1, 5.0))


def test_its_card_has_figures_only_where_it_was_judged() -> None:
    whole = trained()
    loaded = folding.plain(whole)
    judged = evaluate(loaded.model, digits().pixels[digits().split().validation], beta=1.0)
    assert loaded.card.train.beta == 1.0
    assert loaded.card.validation == whole.card.validation
    assert loaded.card.figures.distortion == pytest.approx(judged.distortion, rel=1e-3)
    figures = folding.at(whole, 3.0).card.figures
    assert all(map(math.isnan, (figures.loss, figures.distortion, figures.rate)))


def test_a_model_of_one_weight_is_opened_as_it_is_and_at_no_other() -> None:
    plain = folding.at(trained(), 3.0)
    assert folding.plain(plain) is plain
    with pytest.raises(InputError, match="one KL weight and takes no other"):
        folding.at(plain, 1.0)
    with pytest.raises(InputError, match=r"outside this model's range, 0\.01 to 10"):
        folding.at(trained(), 11.0)
