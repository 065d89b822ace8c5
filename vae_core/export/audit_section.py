"""The audit sheet of a model as a section of its page, for a browser alone."""

from __future__ import annotations

from html import escape

from vae_core.analysis.audit.sheet import Sheet
from vae_core.export import card_words
from vae_core.training.checkpoint import Card


def audit_section(card: Card, sheet: Sheet | None) -> str:
    """The section: every finding with its verdict and number, of how many images, and what no audit sees; empty without a sheet."""
    if sheet is None:
        return ""
    at = "" if card.model.beta_range is None else f", at β = {card_words.weight(card.train)}, where it opens"
    seen = f"read from {sheet.images:,} images" if sheet.images else "read from the weights alone, as no images were at hand"
    intro = f"What the weights betray of the training and its faults, {seen} when this page was made{at}. ± is a standard error."
    rows = "\n".join(
        f'<tr><th scope="row">{escape(name)}</th><td><strong>{escape(severity)}</strong>: {escape(sentence)}</td></tr>'
        for name, severity, sentence, _ in sheet.findings
    )
    return (
        f'<section aria-labelledby="audit-title">\n<h2 id="audit-title">Audit</h2>\n<p>{escape(intro)}</p>\n<table>\n{rows}\n</table>\n'
        f'<p class="note">What no audit sees. {escape(" ".join(sheet.unseen))}</p>\n</section>\n'
    )
