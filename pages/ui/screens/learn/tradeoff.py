"""Step 8: one model that knows every KL weight, under its slider."""

from __future__ import annotations

import numpy as np
import streamlit as st

from pages.ui import cache
from pages.ui.ground import address, state
from pages.ui.live.multirate import check_weights, multirate_sliders, read_weights
from pages.ui.panels import sampling
from pages.ui.screens.learn.found import EVERY_WEIGHT, Found, model
from pages.ui.screens.learn.language import say
from vae_core.analysis import explore, lesson
from vae_core.analysis.explore import Floats
from vae_core.analysis.tradeoff import Tradeoff, nearest_station
from vae_core.base.display import three_digits
from vae_core.base.errors import InputError
from vae_core.runs import sweeps


def picture() -> Found:
    """The sliders of the KL weight page; and what random codes reach at both ends and at the best weight."""
    entry = model(EVERY_WEIGHT)
    known, kept = cache.pictures_of(entry), cache.kept_tradeoff(entry)
    assert known is not None  # images and figures ship with the app
    assert kept is not None
    found = cache.joined_tradeoff(entry, kept)
    axis = found.axes[0]
    weights, alone = _weights(found), cache.alone(entry)
    shown, noise = known.take(known.chosen(sweeps.EXAMPLES)), explore.sample_prior(entry.card.model.latent, sampling.COUNT, seed=0)
    multirate_sliders(
        entry=entry,
        beta=weights,
        tradeoff=found,
        dedicated=(),
        alone=alone,
        pictures=shown,
        pictures_note=say("Test images, which the model has not seen."),
        noise=noise,
        key=state.LEARN_MULTIRATE,
        on_beta=lambda beta: _remember(state.LEARN_BETA, f"{beta[0]:.4g}"),
        on_place=lambda place: _remember(state.LEARN_PLACE, explore.format_code(place)),
        place=_place(entry.card.model.latent),
    )
    st.page_link("pages/kl_weight.py", label=say("More on the KL weight"), icon=":material/balance:")
    lowest = axis[: found.alone].tolist()
    station = float(axis[nearest_station(axis, weights[0])])  # the sheet's pictures are of few weights, each of which is kept opened
    of_one = station in lowest  # a model of this weight alone, which stands in there
    network = (cache.opened(alone[lowest.index(station)].folder) if of_one else cache.opened_at(entry.folder, station)).model
    now = found.figures(weights[0])
    answer = lesson.weighed(found)
    return Found(
        answer.figures,
        right=answer.right,
        settings={
            say("KL weight β"): three_digits(weights[0]),
            say("D, what reconstructions miss"): f"{now.distortion:.1f} {say('nats')}",
            say("R, what codes tell"): say("not defined") if np.isnan(now.rate) else f"{now.rate:.1f} {say('nats')}",
        },
        pictures={
            say("Digits"): shown,
            say("Rebuilt at β = {beta}", beta=three_digits(station)): explore.reconstruct(network, shown),
            say("Random codes at β = {beta}", beta=three_digits(station)): explore.decode(network, noise),
        },
    )


def _weights(found: Tradeoff) -> tuple[float, ...]:
    """The KL weight that the address asks for, or that was chosen before; else 1."""
    asked = state.asked(state.LEARN_BETA) or state.get(state.LEARN_BETA)
    if asked is not None:
        try:
            return (found.nearest(*check_weights(read_weights(asked), found)),)
        except InputError as error:
            address.leave_out(state.LEARN_BETA, asked, error, "1 is shown instead.")
    return (1.0,)


def _place(latent: int) -> Floats | None:
    """The code that the address asks for, or that was chosen on the map before."""
    asked = state.asked(state.LEARN_PLACE) or state.get(state.LEARN_PLACE)
    try:
        return None if asked is None else explore.parse_code(asked, latent)
    except InputError as error:
        address.leave_out(state.LEARN_PLACE, asked or "", error, "The map has no place chosen.")
        return None


def _remember(key: str, value: str) -> None:
    state.put(key, value)
    state.tell(key, value)
