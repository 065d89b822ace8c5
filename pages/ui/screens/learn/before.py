"""Step 9: what came before: two machines that draw by flipping units again and again, and a decoder that draws in one pass."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.pictures import show_tiles
from pages.ui.screens.learn.found import Found, model
from pages.ui.screens.learn.language import say
from vae_core.analysis import explore
from vae_core.analysis.lesson import OLD_STOPS, off

_COUNT, _SIDE = 10, 56


def picture() -> Found:
    """Three rows: both machines after so many rounds, and the variational autoencoder's one pass."""
    entry = model(cache.OF_BEFORE)
    found = cache.before(entry.folder)
    rounds = st.select_slider(say("Rounds of flips"), OLD_STOPS, 0, key=state.LEARN_FLIPS, bind="query-params")
    place = OLD_STOPS.index(rounds)
    decoded = explore.decode(cache.opened(entry.folder).model, explore.sample_prior(2, _COUNT, seed=0))
    rows = {}
    for name, pictures, note in (
        (
            say("Restricted Boltzmann machine (1986)"),
            found.restricted[place],
            say("{rounds} rounds; {off} of pixels off", rounds=f"{rounds:,}", off=off(found.restricted_off[place])),
        ),
        (
            say("Deep belief network (2006)"),
            found.deep[place],
            say("{rounds} rounds, one pass down, {off} off", rounds=f"{rounds:,}", off=off(found.deep_off[place])),
        ),
        (
            say("Variational autoencoder (2013)"),
            decoded,
            say("no rounds, one pass through the decoder, {off} off", off=off(found.decoded_off)),
        ),
    ):
        st.markdown(f"**{name}**: {note}")
        rows[f"{name}: {note}"] = pictures
        show_tiles(
            pictures, names=[say("{name}, picture {number}", name=name, number=number + 1) for number in range(len(pictures))], target=_SIDE
        )
    st.caption(say("Off: how many of the pixels differ from the nearest real digit, black or white. Both machines begin from chance."))
    enough = found.enough
    return Found(
        {
            "chance": off(found.restricted_off[0]),
            "settled": off(found.restricted_off[-1]),
            "decoded": off(found.decoded_off),
            "enough": f"{enough:,}",
            "training": f"{found.training:.1f}",
            "drawing": f"{1000 * found.drawing:.1f}",
            "passed": f"{1000 * found.passing:.1g}",
            "units": f"{decoded[0].size}",
            "states": f"$2^{{{decoded[0].size}}}$",
        },
        right=int(np.searchsorted([1, 10], enough)),
        settings={say("Rounds of flips"): f"{rounds:,}", say("Enough rounds for the Boltzmann machine"): f"{enough:,}"},
        pictures=rows,
    )
