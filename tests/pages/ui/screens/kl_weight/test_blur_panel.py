"""The blur panel: the figures that it says are those of the arrays, wherever the code comes from, and it is honest where they mislead."""

from __future__ import annotations

import math
import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from streamlit.testing.v1 import AppTest

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.screens.kl_weight import blur_panel
from pages.ui.screens.kl_weight.blur_panel import HALFWAY, KEPT, LEARNT, MAP, RANDOM, STANDS_IN, UNSEEN
from tests import many
from vae_core.analysis import blur, coverage, explore, folding
from vae_core.analysis.blur import Ideal
from vae_core.analysis.explore import Floats
from vae_core.analysis.folding import Beta
from vae_core.model.vae import VAE
from vae_core.runs import catalogue
from vae_core.runs.catalogue import Entry
from vae_core.training import checkpoint

FLAT, TESTED = "digits-2d", "mnist-2d"
WAY = state.part(state.KL_SWEEP_BLUR, state.PART_WAY)


def panel(entry: Entry, place: Floats | None = None, beta: Beta | None = None) -> AppTest:
    """The panel by itself."""

    def script(entry: object, place: object, beta: object) -> None:  # its text runs by itself, without the imports above
        from pages.ui.ground import state
        from pages.ui.screens.kl_weight.blur_panel import blur_panel

        blur_panel(entry=entry, key=state.KL_SWEEP_BLUR, place=place, beta=beta)  # type: ignore[arg-type]

    page = AppTest.from_function(script, args=(entry, place, beta), default_timeout=60).run()
    assert not page.exception
    return page


def way(page: AppTest, chosen: str) -> AppTest:
    page.button_group(key=WAY).set_value(chosen).run()
    assert not page.exception
    return page


def said(page: AppTest) -> str:
    return "\n".join(str(element.value) for kind in (page.markdown, page.caption, page.text) for element in kind)


def pictures(page: AppTest) -> list[str]:
    """What a screen reader calls the pictures."""
    return [picture.alt for element in page.get("image") for picture in element.proto.imgs]


def expected(z: Floats, entry: Entry | None = None, beta: Beta | None = None) -> str:
    """The verdict on a code, from the arrays and not through the panel's cache."""
    entry = entry or catalogue.models()[FLAT]
    population = cache.population(entry, beta)
    assert population is not None
    whole = checkpoint.load(entry.folder)
    point = whole if beta is None else folding.at(whole, beta)
    (mean, logvar), every = population.posterior, np.arange(len(population.posterior.mean))
    log_density = -0.5 * (np.square(z - mean) / np.exp(logvar) + logvar).sum(1, dtype=np.float64)
    weights = np.exp(log_density - np.logaddexp.reduce(log_density))
    effective = math.exp(-(weights * np.log(np.maximum(weights, 1e-300))).sum())
    pixels = population.take(every).astype(np.float64)
    ideal = np.tensordot(weights, pixels, 1)
    spread = math.sqrt(weights @ np.square(pixels - ideal).mean((1, 2, 3)))
    lacking = math.sqrt(np.square(explore.decode(point.model, z[None])[0] - ideal).mean())
    average = f"{effective:.1f}" if effective < 100 else f"{effective:,.0f}"
    return (
        f"**The best decoder would average {average} of {len(every):,} images here.** Those differ from their average by "
        f"{spread:.1f} of 255 grey levels: that is blur from the KL weight, which no decoder removes. The model's own picture differs "
        f"from it by {lacking:.1f}: that is the decoder's part."
    )


def test_every_kind_of_code_gets_its_own_figures() -> None:
    entry, place = catalogue.models()[FLAT], np.array([0.5, -1.25], np.float32)
    population = cache.population(entry)
    assert population is not None
    learnt = population.posterior.mean[[0, round((len(population.posterior.mean) - 1) / 7)]]
    known = cache.pictures_of(entry)
    assert known is not None
    unseen = explore.encode(cache.opened(entry.folder).model, known.take(known.chosen(8))).mean
    page = panel(entry, place)
    for chosen, z, images in (
        (MAP, place, 3),
        (LEARNT, learnt[0], 4),
        (UNSEEN, unseen[0], 4),
        (HALFWAY, learnt.mean(0), 3),
        (RANDOM, explore.sample_prior(2, 1, seed=0)[0], 3),
    ):
        way(page, chosen)
        assert expected(z) in said(page), chosen
        assert pictures(page)[images] == f"Image {first_number(page)}", chosen
        assert ("The image" in pictures(page)) == (images == 4), chosen
    page.number_input(key=state.part(state.KL_SWEEP_BLUR, state.PART_SEED)).set_value(3).run()
    assert expected(explore.sample_prior(2, 1, seed=3)[0]) in said(page)
    way(page, LEARNT)
    page.button_group(key=state.part(state.KL_SWEEP_BLUR, state.PART_FIRST)).set_value(2).run()
    assert expected(learnt[1]) in said(page)


def first_number(page: AppTest) -> str:
    """The number of the image that weighs most, from the text under it."""
    found = re.search(r"Image (\d+), class", said(page))
    assert found is not None
    return found[1]


def test_the_heaviest_images_are_named_by_their_place_in_the_data_set() -> None:
    entry = catalogue.models()[FLAT]
    images, population = cache.images_of(entry), cache.population(entry)
    assert images is not None
    assert population is not None
    z = population.posterior.mean[0]
    page = panel(entry)
    found = blur.ideal(population.posterior, population.take, z[None])
    numbers = images.split().train[found.top[0]]
    assert images.labels is not None
    shown = [text.value for text in page.text if text.value.startswith("Image ")]
    assert shown == [f"Image {number}, class {images.class_names[images.labels[number]]}" for number in numbers.tolist()]
    shares = [text.value for text in page.text if text.value.endswith("%")]
    assert [float(share.removesuffix("\N{NO-BREAK SPACE}%")) for share in shares] == pytest.approx(100 * found.weights[0], abs=0.05)
    assert f"hold **{100 * found.weights.sum():.0f}\N{NO-BREAK SPACE}%** of the weight" in said(page)


def test_a_new_place_is_taken_at_once_and_another_choice_is_then_left_alone() -> None:
    entry, place = catalogue.models()[FLAT], np.array([0.5, -1.25], np.float32)
    page = panel(entry, place)
    assert page.button_group(key=WAY).value == MAP
    way(page, RANDOM)
    page.run()
    assert page.button_group(key=WAY).value == RANDOM
    assert expected(explore.sample_prior(2, 1, seed=0)[0]) in said(page)


def test_test_images_stand_for_those_it_learnt_from_and_that_is_said() -> None:
    entry = catalogue.models()[TESTED]
    page = panel(entry)
    assert page.button_group(key=WAY).options == [STANDS_IN, HALFWAY, RANDOM]
    assert "8,000 of the 10,000 test images of MNIST, which the model has not seen, stand for all 70,000" in said(page)
    population = cache.population(entry)
    assert population is not None
    assert expected(population.posterior.mean[0], entry) in said(page)


def test_without_the_images_the_models_own_drawings_stand_in_and_that_is_said(fresh_home: Path) -> None:
    away = many.away(fresh_home)
    page = panel(away)
    assert page.button_group(key=WAY).options == [KEPT, HALFWAY, RANDOM]
    assert "The images are not on this computer: those here are drawn by the model itself" in said(page)
    assert "from the image itself" not in said(page)
    population = cache.population(away)
    assert population is not None
    assert expected(population.posterior.mean[0], away) in said(page)


def test_a_model_of_many_kl_weights_is_taken_at_the_one_that_is_asked_for(tmp_path: Path) -> None:
    plain = catalogue.models()[FLAT]
    config = plain.card.model.model_copy(update={"beta_range": (0.01, 10.0)})
    card, model = plain.card.model_copy(update={"model": config}), VAE(config)
    with torch.no_grad():
        for name, gate in model.named_parameters():
            if "gate" in name:
                gate.normal_(generator=torch.Generator().manual_seed(len(name)))
    checkpoint.save(tmp_path / "many", model, card)
    entry, place = replace(plain, folder=tmp_path / "many", card=card), np.array([0.3, 0.1], np.float32)
    verdicts = [expected(place, entry, beta) for beta in (0.02, 8.0)]
    assert len(set(verdicts)) == 2
    for beta, verdict in zip((0.02, 8.0), verdicts, strict=True):
        assert verdict in said(panel(entry, place, beta))


def test_a_likelihood_whose_best_picture_is_another_is_told() -> None:
    entry = catalogue.models()[FLAT]
    assert "nearer to the median" not in said(panel(entry))
    model = entry.card.model.model_copy(update={"likelihood": "logistic"})
    assert "nearer to the median" in said(panel(replace(entry, card=entry.card.model_copy(update={"model": model}))))


def test_images_drawn_anew_each_time_are_told() -> None:
    entry = catalogue.models()[FLAT]
    train = entry.card.train.model_copy(update={"binarise": "stochastic"})
    assert "drawn in black and white anew" in said(panel(replace(entry, card=entry.card.model_copy(update={"train": train}))))


def test_a_deterministic_autoencoder_gets_one_sentence(tmp_path: Path) -> None:
    entry = catalogue.models()[FLAT]
    config = entry.card.model.model_copy(update={"variational": False})
    card = entry.card.model_copy(update={"model": config})
    checkpoint.save(tmp_path / "points", VAE(config), card)
    page = panel(replace(entry, folder=tmp_path / "points", card=card))
    assert "no images share a code" in said(page)
    assert not pictures(page)


def test_one_image_alone_is_called_so_and_generalising_is_not_a_fault() -> None:
    black, white = np.zeros((1, 4, 4), np.uint8), np.full((1, 4, 4), 255, np.uint8)
    ideal = Ideal(np.zeros((1, 1, 4, 4), np.float32), np.zeros(1), np.ones(1), np.zeros((1, 1), np.int64), np.ones((1, 1), np.float32))
    found = cache.Averaged(ideal, np.zeros(1, np.int64), 0.0)
    assert blur_panel.verdict(found, white, 50).startswith("**One of 50 images has this place to itself** (N_eff = 1.00)")
    assert "The model's own picture is 255.0 grey levels of 255 from it" in blur_panel.verdict(found, white, 50)
    assert "generalising" in blur_panel.beside(found, white, white, learnt=False)
    assert "generalising" not in blur_panel.beside(found, white, white, learnt=True)
    assert "generalising" not in blur_panel.beside(found, white, black, learnt=False)


@pytest.mark.parametrize(
    ("ratio", "words"),
    [
        (0.0, "Codes of images land here about as often as draws of the prior (log q − log p = 0.0 nats)."),
        (math.log(7.1), "Codes of images land here 7.1 times as often as draws of the prior"),
        (-math.log(4), "Draws of the prior land here 4.0 times as often as codes of images (log q − log p = −1.4 nats)."),
        (math.log(coverage.HOLE) - 0.01, "This place is a hole: the prior comes here 20 times as often as the codes do"),
        (-800.0, "This place is a hole: the prior comes here over a thousand times as often as the codes do"),
        (800.0, "Codes of images land here over a thousand times as often as draws of the prior"),
    ],
)
def test_how_often_codes_come_here_is_said_in_words(ratio: float, words: str) -> None:
    assert blur_panel.density(ratio).startswith(words)
