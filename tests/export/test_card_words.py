"""card_words: where figures of one model are of other pixels than its codes, the words say so."""

from __future__ import annotations

from vae_core import data
from vae_core.analysis import explore, folding
from vae_core.export import card_words
from vae_core.runs import catalogue
from vae_core.training import binarise
from vae_core.training.checkpoint import NO_IMAGES


def test_codes_of_greys_and_figures_of_their_draws_are_told_apart() -> None:
    point = folding.plain(catalogue.load("mnist-rates"))
    grey = data.load_exactly("mnist-10k").pixels[:300]
    of_greys, of_draws = (explore.encode(point.model, pixels).kl().sum(1).mean() for pixels in (grey, binarise.fixed_draw(grey)))
    assert 0.01 < abs(of_draws / of_greys - 1) < 0.05  # "a little"
    assert "black-and-white draws" in card_words.of_greys(point.card)
    assert card_words.of_greys(catalogue.load("mnist-16d").card) == ""


def test_a_model_without_images_claims_no_figures() -> None:
    measured = catalogue.load("digits-2d").card
    bare = measured.model_copy(update={"data": NO_IMAGES, "validation": None})
    assert card_words.facts(bare)["Data"] == "no images named: it takes images of 8 × 8 pixels, grey"
    assert card_words.facts(bare)["Loss"] == "not measured"
    assert "were not measured" in card_words.figures_note(bare)
    assert "images of 8 × 8 pixels" in card_words.facts(measured)["Data"]
    assert card_words.facts(measured)["Loss"].endswith("= distortion + β × rate")


def test_a_card_says_what_the_decoder_takes_away() -> None:
    card = catalogue.load("faces-beta-1").card
    assert card_words.facts(card)["Details"] == "those fainter than 16 of 255 grey levels are taken away"
    assert "Details" not in card_words.facts(catalogue.load("sprites").card)
