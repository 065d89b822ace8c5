"""tradeoff: every figure against a direct evaluation, between stations against stations, and the file that keeps them."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import fields, replace
from functools import cache

import numpy as np
import pytest
from scipy.stats import norm

from tests.many import RANGE, trained
from tests.sweep import MODEL
from vae_core import data
from vae_core.analysis import blur, explore, folding, tradeoff
from vae_core.analysis.evaluate import evaluate, sharpness, sharpness_error
from vae_core.analysis.fidelity import judge_of
from vae_core.analysis.pictures import Pictures, of_images, stand_ins
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.tradeoff import AtWeight, Mark, Tradeoff
from vae_core.analysis.tradeoff_table import csv_table
from vae_core.base.config import ModelConfig
from vae_core.base.errors import InputError
from vae_core.training import binarise
from vae_core.training.checkpoint import Checkpoint

pytestmark = pytest.mark.slow

EPOCHS = 40  # enough for figures that differ from station to station


def pictures() -> Pictures:
    return of_images(data.load("digits"))


@cache
def measured() -> Tradeoff:
    return tradeoff.measure(trained(EPOCHS), pictures(), lambda share: None)


def few(loaded: Checkpoint, betas: tuple[float, ...], monkeypatch: pytest.MonkeyPatch) -> Tradeoff:
    """Measured at these weights alone."""
    monkeypatch.setattr(tradeoff, "stations", lambda config: (np.array(betas),) * (2 if config.split else 1))
    return tradeoff.measure(loaded, pictures(), lambda share: None)


def same(one: Tradeoff, other: Tradeoff) -> bool:
    samples = [(found.samples.figures.tolist(), *found.samples.best, found.samples.count) for found in (one, other) if found.samples]
    return samples in ([], 2 * samples[:1]) and all(
        np.array_equal(getattr(one, field.name), getattr(other, field.name)) for field in fields(one) if field.name != "samples"
    )


def test_stations_are_even_in_log_beta_and_reach_both_ends() -> None:
    (axis,) = tradeoff.stations(trained().card.model)
    assert len(axis) == 31
    assert (axis[0], axis[-1]) == RANGE
    np.testing.assert_allclose(np.diff(np.log10(axis)), 0.1)
    of_means, of_widths = tradeoff.stations(MODEL.model_copy(update={"beta_range": RANGE, "split": True}))
    assert np.array_equal(of_means, of_widths)
    np.testing.assert_allclose(np.diff(np.log10(of_means)), 1 / 3)
    (narrow,) = tradeoff.stations(MODEL.model_copy(update={"beta_range": (1.0, 1.001)}))
    assert narrow.tolist() == [1.0, 1.001]


@pytest.mark.parametrize("station", [0, 13, 30])
def test_the_figures_of_a_station_are_those_of_the_model_that_it_is_there(station: int) -> None:
    found, images = measured(), data.load("digits")
    model = trained(EPOCHS).model.at(found.axes[0][station])
    pixels = images.pixels[images.split().validation]
    expected = evaluate(model, pixels, beta=7.0, seed=0)
    assert found.distortion[station] == pytest.approx(expected.distortion, rel=1e-6)
    assert found.rate[station] == pytest.approx(expected.rate, rel=1e-6)
    np.testing.assert_allclose(found.kl_per_dim[station], expected.kl_per_dim, rtol=1e-6)
    posterior = explore.encode(model, pixels)
    assert found.rate_mu[station] == pytest.approx(0.5 * np.square(posterior.mean).sum(1).mean(), rel=1e-5)
    widths = np.exp(posterior.logvar) - 1 - posterior.logvar
    assert found.rate_sigma[station] == pytest.approx(0.5 * widths.sum(1).mean(), rel=1e-4, abs=1e-5)
    rebuilt = explore.reconstruct(model, pixels)
    assert found.sharpness[station] == sharpness(rebuilt, pixels)
    here, known = found.errors_at(float(found.axes[0][station])), expected.standard_error
    assert here[:4] == pytest.approx((known.distortion, known.rate, known.rate_mu, known.rate_sigma))
    assert here.sharpness == pytest.approx(sharpness_error(rebuilt, pixels))
    assert found.unused[station] == expected.unused
    assert (found.learnt, found.original, found.dedicated) == (len(images.split().train), True, ())


def test_samples_of_a_station_are_judged_as_those_of_the_model_that_it_is_there() -> None:
    found, judge = measured().samples, judge_of(pictures())
    assert found is not None
    assert judge is not None
    assert (found.count, found.best) == (179, judge.best)
    for station in (0, 17):
        assert tuple(found.figures[station]) == judge.prior(trained(EPOCHS).model.at(measured().axes[0][station]))
    assert measured().samples_at(measured().axes[0][17]) == pytest.approx(tuple(found.figures[17]))
    assert found.column("recall")[0] > found.column("recall")[-1] == 0  # where all samples are one average image


def test_n_eff_is_the_mean_perplexity_of_which_training_image_a_code_is_of() -> None:
    found, images = measured(), data.load("digits")
    training = images.pixels[images.split().train]
    for station in (0, 30):
        mean, logvar = explore.encode(trained(EPOCHS).model.at(found.axes[0][station]), training)
        codes = blur.draw(Posterior(mean, logvar), tradeoff.DRAWS, seed=0)
        densities = norm.logpdf(codes[:, None], mean[None].astype(np.float64), np.exp(0.5 * logvar[None].astype(np.float64))).sum(2)
        weights = np.exp(densities - np.logaddexp.reduce(densities, axis=1, keepdims=True))
        entropies = -(weights * np.log(np.maximum(weights, 1e-300))).sum(1)
        assert found.effective[station] == pytest.approx(np.exp(entropies).mean(), rel=1e-6)
        spread = np.exp(entropies).std(ddof=1) / np.sqrt(tradeoff.DRAWS)
        assert found.error("effective")[station] == pytest.approx(spread, rel=1e-5, abs=1e-9)
    assert 1 <= found.effective[0] < 2 < found.effective[30]


def test_black_and_white_training_is_judged_in_black_and_white(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, images = trained(), data.load("digits")
    card = whole.card.model_copy(update={"train": whole.card.train.model_copy(update={"binarise": "stochastic"})})
    found, model = few(replace(whole, card=card), (0.5, 2.0), monkeypatch), whole.model.at(2.0)
    grey = images.pixels[images.split().validation]
    assert found.distortion[1] == pytest.approx(evaluate(model, binarise.fixed_draw(grey), beta=1.0).distortion, rel=1e-6)
    assert found.sharpness[1] == sharpness(explore.reconstruct(model, grey), grey)
    posterior = explore.encode(model, binarise.fixed_draw(images.pixels[images.split().train]))
    assert found.effective[1] == pytest.approx(tradeoff.effective(posterior)[0], rel=1e-6)


def test_a_model_of_one_weight_is_judged_on_the_same_images(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tradeoff, "JUDGED", 50)
    whole = trained()
    train = whole.card.train.model_copy(update={"binarise": "static"})
    loaded = replace(whole, card=whole.card.model_copy(update={"train": train}))
    found = few(loaded, (0.5, 2.0), monkeypatch)
    assert tradeoff.mark(folding.at(loaded, 2.0), pictures()) == Mark(
        2.0, found.distortion[1], found.rate[1], found.sharpness[1], found.error("distortion")[1], found.error("rate")[1]
    )


def test_without_the_images_stand_ins_are_judged() -> None:
    whole = trained()
    shares: list[float] = []
    found = tradeoff.measure(whole, stand_ins(whole), shares.append)
    assert shares == pytest.approx([station / 31 for station in range(1, 32)])
    assert (found.learnt, found.original, found.samples) == (60, False, None)
    drawn = stand_ins(whole).take(np.arange(60))
    assert found.rate[20] == pytest.approx(evaluate(whole.model.at(found.axes[0][20]), drawn, beta=1.0).rate, rel=1e-6)


def test_a_split_model_is_measured_at_all_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    whole, images = trained(split=True), data.load("digits")
    found = few(whole, (0.1, 1.0, 10.0), monkeypatch)
    assert found.weights.tolist() == [[mu, sigma] for mu in (0.1, 1.0, 10.0) for sigma in (0.1, 1.0, 10.0)]
    expected = evaluate(whole.model.at((0.1, 10.0)), images.pixels[images.split().validation], beta=1.0)
    assert found.rate[2] == pytest.approx(expected.rate, rel=1e-6)
    corners = [found.figures((mu, sigma)).rate for mu in (0.1, 1.0) for sigma in (1.0, 10.0)]
    assert corners == found.rate[[1, 2, 4, 5]].tolist()
    assert found.figures((10**-0.25, 10**0.5)).rate == pytest.approx(np.dot([0.125, 0.125, 0.375, 0.375], corners))
    assert found.figures(1.0).rate == found.rate[4]


def test_at_a_station_figures_are_exact() -> None:
    found = measured()
    for station, (beta,) in enumerate(found.weights.tolist()):
        here = found.figures(beta)
        assert here[:-1] == tuple(getattr(found, name)[station] for name in AtWeight._fields[:-1])
        assert np.array_equal(here.kl_per_dim, found.kl_per_dim[station])
        assert here.unused == found.unused[station]
        assert here.rate_sigma == found.rate_sigma[station]


def test_between_stations_figures_are_close_to_measured_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    """To 2 %; where a dimension dies between two stations, to 1 % of what the figure changes by over the whole range, N_eff to 5 %."""
    found = measured()
    (axis,) = found.axes
    middles = np.sqrt(axis[1:] * axis[:-1])
    there = few(trained(EPOCHS), tuple(middles.tolist()), monkeypatch)
    for name in AtWeight._fields[:-1]:
        between, expected = [getattr(found.figures(beta), name) for beta in middles], getattr(there, name)
        share = 0.05 if name == "effective" else 0.01  # it jumps there: many codes come to lie where one was
        np.testing.assert_allclose(between, expected, rtol=0.02, atol=share * np.ptp(expected), err_msg=name)


def test_a_dimension_that_is_unused_at_one_of_two_stations_is_unused_between_them() -> None:
    found = measured()
    few_used = replace(found, kl_per_dim=np.where(np.arange(31)[:, None] < 10, found.kl_per_dim.clip(0.5), [0.004] + [2.0] * 5))
    (axis,) = found.axes
    beta = float(axis[9] * (axis[10] / axis[9]) ** 0.1)
    assert (few_used.unused[9], few_used.figures(beta).unused, few_used.unused[10]) == (0, 1, 1)
    assert few_used.figures(beta).kl_per_dim[0] == 0.004
    assert few_used.figures(beta).kl_per_dim[1] == pytest.approx(0.9 * few_used.kl_per_dim[9, 1] + 0.1 * 2.0)


@pytest.mark.parametrize("beta", [0.009, 10.1, float("nan"), 0.0, -1.0])
def test_outside_the_range_there_are_no_figures(beta: float) -> None:
    with pytest.raises(InputError, match=r"outside this model's range, 0\.01 to 10"):
        measured().figures(beta)


def test_a_model_of_one_weight_for_the_rate_takes_no_two() -> None:
    with pytest.raises(InputError, match="give one, not two"):
        measured().figures((1.0, 1.0))


def test_a_map_has_the_codes_of_all_stations() -> None:
    whole, pixels = trained(), data.load("digits").pixels[:5]
    axes = tradeoff.stations(whole.card.model)
    mean, logvar = tradeoff.posteriors(whole.model, pixels, axes)
    assert mean.shape == logvar.shape == (31, 5, 6)
    for station in (0, 17):
        expected = explore.encode(whole.model.at(axes[0][station]), pixels)
        assert np.array_equal(mean[station], expected.mean)
        assert np.array_equal(logvar[station], expected.logvar)
    pairs = (np.array([0.1, 1.0]), np.array([0.5, 5.0]))
    split = tradeoff.posteriors(trained(split=True).model, pixels, pairs)
    assert np.array_equal(split.mean[1], explore.encode(trained(split=True).model.at((0.1, 5.0)), pixels).mean)


@pytest.mark.parametrize(("latent", "split", "most"), [(2, False, 1000), (16, False, 302), (2, True, 750), (128, True, 11)])
def test_a_map_is_about_a_megabyte_at_most(latent: int, split: bool, most: int) -> None:
    config = ModelConfig(channels=1, height=8, width=8, latent=latent, hidden=(4,), beta_range=RANGE, split=split)
    assert tradeoff.mapped(config) == most


def test_the_csv_holds_numbers_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    flat = replace(few(trained(), (0.1, 1.0), monkeypatch), sharpness=np.array([0.5, np.nan]))
    text = csv_table(flat).decode()
    header, *lines = csv.reader(io.StringIO(text))
    nats = ["distortion_nats", "rate_nats", "rate_mu_nats", "rate_sigma_nats"]
    drawn = ["sample_precision", "sample_recall", "sample_density", "sample_coverage"]
    known = [f"{name}_standard_error" for name in (*nats, "sharpness", "effective_images")]
    assert header == ["beta", *nats, "unused_dimensions", "effective_images", "sharpness", *drawn, *known]
    assert json.loads(f"[{text.splitlines()[0]}]") == header  # quoted
    columns = [[0.1, 1.0], flat.distortion, flat.rate, flat.rate_mu, flat.rate_sigma, flat.unused, flat.effective, [0.5, None]]
    assert flat.samples is not None
    columns += [*flat.samples.figures.T, *flat.errors.T]
    assert [[float(field) if field else None for field in line] for line in lines] == [list(row) for row in zip(*columns, strict=True)]
    pairs = csv_table(few(trained(split=True), (0.1, 1.0), monkeypatch)).decode().splitlines()
    assert pairs[0].startswith('"beta_mu","beta_sigma","distortion_nats"')
    assert [line.split(",")[:2] for line in pairs[1:]] == [["0.1", "0.1"], ["0.1", "1.0"], ["1.0", "0.1"], ["1.0", "1.0"]]


def test_n_eff_of_equal_posteriors_is_their_number() -> None:
    assert tradeoff.effective(Posterior(np.zeros((50, 3), np.float32), np.zeros((50, 3), np.float32))) == pytest.approx((50, 0))
