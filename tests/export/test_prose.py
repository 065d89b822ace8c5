"""Texts of the lesson as HTML: emphasis, formulas, figures that are known or that a page fills in, and words that explain themselves."""

from __future__ import annotations

import re

from vae_core.export.prose import rich, told, words_of


def test_emphasis_formulas_and_paragraphs() -> None:
    made = rich("**Ask first:** a *near* <code>.\n\nThe $z^2$.", "en", {})
    assert made.split("\n") == [
        "<p><strong>Ask first:</strong> a <em>near</em> &lt;code&gt;.</p>",
        "<p>The <math><msup><mi>z</mi><mn>2</mn></msup></math>.</p>",
    ]


def test_a_figure_is_there_or_has_a_place() -> None:
    assert rich("{a}, {b}", "de", {"a": "1,234"}) == '<p>1\u202f234, <span data-figure="b">…</span></p>'
    assert "<msup><mn>2</mn>" in rich("{states}", "en", {"states": "$2^{64}$"})


def test_a_word_says_what_it_means_once_and_no_name_of_a_figure_is_a_word() -> None:
    met: set[str] = set()
    made = told("The bound {bound} and a code; a code.", "en", met, {}, "en-x")
    assert made.count("<button") == len(met)
    assert '<span data-figure="bound">' in made
    assert re.search(r'<button type="button" aria-describedby="(en-x-word-\d+)">code</button><span role="tooltip" id="\1">', made)
    assert words_of("a code", "en", met, "en-x") == []
