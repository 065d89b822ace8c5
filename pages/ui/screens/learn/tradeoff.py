"""Step 8: one model that knows every KL weight, under its slider."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.wording import percent
from pages.ui.live.multirate import multirate_sliders
from pages.ui.panels import sampling
from pages.ui.screens.learn.found import EVERY_WEIGHT, Found, model
from vae_core.analysis import explore
from vae_core.runs import sweeps

_LITTLE = 0.1


def picture() -> Found:
    """The sliders of the KL weight page; and what random codes reach at both ends and at the best weight."""
    entry = model(EVERY_WEIGHT)
    known, kept = cache.pictures_of(entry), cache.kept_tradeoff(entry)
    assert known is not None  # images and figures ship with the app
    assert kept is not None
    found = cache.joined_tradeoff(entry, kept)
    assert found.samples is not None
    recall, axis = found.samples.column("recall"), found.axes[0]
    multirate_sliders(
        entry=entry,
        beta=state.get(state.LEARN_BETA, (1.0,)),
        tradeoff=found,
        dedicated=(),
        alone=cache.alone(entry),
        pictures=known.take(known.chosen(sweeps.EXAMPLES)),
        pictures_note="Test images, which the model has not seen.",
        noise=explore.sample_prior(entry.card.model.latent, sampling.COUNT, seed=0),
        key=state.LEARN_MULTIRATE,
        on_beta=lambda beta: state.put(state.LEARN_BETA, beta),
        on_place=lambda place: state.put(state.LEARN_PLACE, place),
        place=state.get(state.LEARN_PLACE),
    )
    st.page_link("pages/kl_weight.py", label="More on the KL weight", icon=":material/balance:")
    best = int(recall.argmax())
    lost = found.distortion[0] / found.distortion[best] - 1, 1 - recall[0] / recall[best]  # as shares, at the left end
    return Found(
        {
            "left_distortion": f"{found.distortion[0]:.1f}",
            "best_distortion": f"{found.distortion[best]:.1f}",
            "right_distortion": f"{found.distortion[-1]:.1f}",
            "left_recall": percent(recall[0]),
            "right_recall": percent(recall[-1]),
            "best_recall": percent(recall[best]),
            "best_beta": f"{axis[best]:.2g}",
        },
        right=2 if max(lost) < _LITTLE else int(np.argmax(lost)),
    )
