"""card_words: where figures of one model are of other pixels than its codes, the words say so."""

from __future__ import annotations

from vae_core import data
from vae_core.analysis import explore, folding
from vae_core.export import card_words
from vae_core.runs import catalogue
from vae_core.training import binarise


def test_codes_of_greys_and_figures_of_their_draws_are_told_apart() -> None:
    point = folding.plain(catalogue.load("mnist-rates"))
    grey = data.load_exactly("mnist-10k").pixels[:300]
    of_greys, of_draws = (explore.encode(point.model, pixels).kl().sum(1).mean() for pixels in (grey, binarise.fixed_draw(grey)))
    assert 0.01 < abs(of_draws / of_greys - 1) < 0.05  # "a little"
    assert "black-and-white draws" in card_words.of_greys(point.card)
    assert card_words.of_greys(catalogue.load("mnist-16d").card) == ""
