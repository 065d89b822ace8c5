"""Words of the field in a text: each is found once, in whatever form and case, and no part of the text is lost."""

from __future__ import annotations

from vae_core.base.glossary import glossary, marked


def test_a_word_is_marked_where_it_is_met_first() -> None:
    text = "Encoders? An Encoder and a decoder; the encoder again."
    met = {"decoder"}
    parts = marked(text, "en", met)
    assert "".join(part for part, _ in parts) == text
    assert [(part, word) for part, word in parts if word] == [("Encoder", "encoder")]
    assert met == {"decoder", "encoder"}
    assert [word for _, word in marked(text, "en", met) if word] == []


def test_the_longest_form_counts() -> None:
    assert [word for _, word in marked("a variational autoencoder", "en", set()) if word] == ["variational autoencoder"]


def test_each_language_has_its_forms() -> None:
    assert [word for _, word in marked("Ein Encoder und zwei Netze", "de", set()) if word]
    assert glossary("de").meanings.keys() == glossary("en").meanings.keys()
