"""Which models' figures compare with those of the run that is set up on the Train page, and why not."""

from __future__ import annotations

import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from vae_core.analysis.comparison import is_black_and_white, measure, not_comparable
from vae_core.base.config import RunConfig
from vae_core.data import Images

NAMED = 3  # models, for each reason why figures do not compare


def compare(config: RunConfig, images: Images) -> None:
    """Which models of these images have figures that will not compare with this one's, and why."""
    listed = [entry for entry in cache.models().values() if entry.card.data.name == config.data]
    black_and_white = without_greys(images)
    ours = measure(config.model, config.train, black_and_white=black_and_white)
    reasons: dict[str, list[str]] = {}
    for entry in listed:
        reason = not_comparable(ours, measure(entry.card.model, entry.card.train, black_and_white=black_and_white))
        if reason is not None:
            reasons.setdefault(reason, []).append(entry.name)
    if not reasons:
        return
    count = sum(map(len, reasons.values()))
    title = f"Its figures will not compare with those of {count} model{'' if count == 1 else 's'} of these images"
    with st.expander(title, icon=":material/balance:", key=state.TRAIN_NOT_COMPARABLE):
        for reason, names in reasons.items():
            more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
            st.text(f"{', '.join(names[:NAMED])}{more}: {reason[0].lower()}{reason[1:]}")


def without_greys(images: Images) -> bool:
    """Looked up once, for a set without a grey must be read to its end."""
    known: tuple[str, bool] | None = state.get(state.TRAIN_BLACK_AND_WHITE)
    if known is None or known[0] != images.name:
        known = (images.name, is_black_and_white(images))
        state.put(state.TRAIN_BLACK_AND_WHITE, known)
    return known[1]
