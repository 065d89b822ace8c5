"""The words of the field in the lesson's texts: pointed at, focused or tapped, each says what it means."""

from __future__ import annotations

from html import escape

import streamlit as st

from pages.ui.ground import state
from pages.ui.screens.learn.language import current, say
from vae_core.base.glossary import glossary, marked

# A meaning lies right below the line of its word and is as wide as the text: the pointer can go there, and no edge of the screen cuts it.
# The names of all steps and what stands beside them take one line from 1280 pixels on, so that a picture fits below.
# On a phone choices stand in several rows: of those that one has to scroll to sideways, nobody knows.
_STYLE = """
.told {position: relative}
.told :is(h1, h2) {font: 600 1.375rem/1.2 "Source Serif", serif; letter-spacing: normal; padding: 0; margin: 0}
.told button {all: unset; cursor: help; border-bottom: 2px dotted}
.told button:focus-visible {outline: 2px solid; outline-offset: 2px}
.told [role=tooltip] {display: none; position: absolute; left: 0; right: 0; z-index: 9; padding: 0.5rem 0.75rem; border: 1px solid;
  border-radius: 0.5rem; font: 400 0.875rem/1.5 "Source Sans", sans-serif; background: Canvas; color: CanvasText}
.told .word:not(.shut):is(:hover, :focus-within) > [role=tooltip] {display: block}
@media (max-width: 1400px) {
  .st-key-STEP button {padding-inline: 0.625rem}
}
@media (max-width: 640px) {
  [data-testid="stButtonGroup"] [role=radiogroup] {flex-wrap: wrap; overflow: visible; row-gap: 0.25rem}
}
"""
_ESCAPE = """
if (!window.latentLoomWords) {
  window.latentLoomWords = true
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return
    for (const word of document.querySelectorAll(".told .word:is(:hover, :focus-within)")) word.classList.add("shut")
  })
  for (const left of ["pointerout", "focusout"])
    addEventListener(left, (event) => event.target.closest?.(".told .word")?.classList.remove("shut"))
}
"""


def told(text: str, met: set[str], *, level: int | None = None) -> None:
    """A plain text in which each word of the glossary that was not met before can say what it means; it is met from now on.

    Of a `level` it is a heading.
    """
    inner = "".join(escape(part) if word is None else _word(part, word) for part, word in marked(text, current(), met))
    st.html(f'<div class="told" lang="{current()}">{inner if level is None else f"<h{level}>{inner}</h{level}>"}</div>')


def listed(text: str, met: set[str]) -> None:
    """The same for a text with formulas, in which a word cannot: a row of its words, where it has new ones."""
    known = glossary(current())
    new = {known.headings[form.lower()]: form for form in reversed(known.forms.findall(text))}
    rows = [_word(form, word) for word, form in reversed(new.items()) if word not in met]
    met.update(new)
    if rows:
        st.html(f'<div class="told" lang="{current()}">{escape(say("Words:"))} {" · ".join(rows)}</div>')


def dress() -> None:
    """How such words look, and choices on a phone; and that Escape closes what a word says; once on a page."""
    style = _STYLE.replace("STEP", state.LEARN_STEP)
    st.html(f"<style>{style}</style><script>{_ESCAPE}</script>", unsafe_allow_javascript=True)


def _word(form: str, word: str) -> str:
    meanings = glossary(current()).meanings
    name = f"word-{list(meanings).index(word)}"
    return (
        f'<span class="word"><button type="button" aria-describedby="{name}">{escape(form)}</button>'
        f'<span role="tooltip" id="{name}">{escape(meanings[word])}</span></span>'
    )
