"""What the KL weight page can turn, as cards: models of every KL weight, and sweeps."""

from __future__ import annotations

from collections.abc import Mapping

from streamlit.delta_generator import DeltaGenerator

from pages.ui import cache
from pages.ui.ground import address, model_cards, state
from pages.ui.ground.model_cards import Chooser, Offer
from pages.ui.ground.refusals import refuse
from vae_core.base.display import BODIES
from vae_core.base.errors import InputError
from vae_core.data.images import shown
from vae_core.runs import damage
from vae_core.runs.catalogue import Entry
from vae_core.runs.sweeps import Sweep

FIRST = "mnist-2d-rates"  # of the bundled models: digits that every class knows, on a flat map, with the whole story at its left end
SWEEPS = "Sweeps: a model for each KL weight"
HELP = (
    "Choose another model for every KL weight, whose slider moves freely, or a sweep: models that differ only in the KL weight. K is how "
    "many numbers a code has. β is the KL weight."
)
_CHOOSER = Chooser(
    "Choose a model or a sweep", state.KL_SWEEP, state.KL_CHANGE, state.KL_SEARCH, lambda chosen: state.choose(state.KL_SWEEP, chosen)
)


def offered(models: Mapping[str, Entry], found: Mapping[str, Sweep]) -> dict[str, Offer]:
    """A card for each, by id: models of every KL weight, the bundled ones first, then sweeps. The page opens with the first."""
    rated = [entry for entry in models.values() if entry.card.model.beta_range]
    first = sorted(rated, key=lambda entry: entry.id != FIRST)
    return model_cards.offers(first) | {key: _of_sweep(sweep) for key, sweep in found.items()}


def _of_sweep(sweep: Sweep) -> Offer:
    """A sweep's card, with pictures that its middle model draws."""
    trained, count = list(sweep.trained.values()), len(sweep.members)
    return Offer(
        what="Sweep",
        name=f"{sweep.title}, {BODIES[sweep.model.body]}, {sweep.train.epochs} epochs",
        facts=f"K = {sweep.model.latent} · β {sweep.members[0].beta:g} to {sweep.members[-1].beta:g}",
        note=f"{count} models" if len(trained) == count else f"{len(trained)} of {count} models trained",
        group=SWEEPS,
        origin=f"{count} models",
        images=sweep.title,
        pictures=trained[len(trained) // 2].folder if trained else None,
    )


def choose(offers: Mapping[str, Offer], bar: DeltaGenerator) -> str | None:
    """The id that the address names, else what was chosen before, else the first; `bar` gets the button that leads to the others.

    None, with a sentence, where the address names one that is not here: none is opened in its place, and the address stays.
    """
    asked = state.asked(state.KL_SWEEP)
    of_others = state.asked(state.MODEL)  # as the links of other pages say it
    if asked is None and of_others in offers:
        asked = of_others
        state.put(state.KL_SWEEP, of_others)
    elif of_others is not None:
        why = f'"{shown(of_others)}" is not a model for every KL weight.'
        address.leave_out(state.MODEL, of_others, why, "This page shows one that is.")
    if asked is not None and asked not in offers and asked != state.get(state.KL_SWEEP):  # a sweep that was just stopped is no error
        with bar:
            model_cards.button(_CHOOSER, offers, None, help=HELP)
        damaged = damage.listing(cache.models()).get(asked)
        unknown = f'No model for every KL weight and no sweep is called "{shown(asked)}": choose another at the top of this page.'
        refuse(InputError(unknown if damaged is None else damaged.why))
        return None
    state.settle(state.KL_SWEEP, offers)
    chosen: str = state.get(state.KL_SWEEP)
    with bar:
        model_cards.button(_CHOOSER, offers, chosen, help=HELP)
    return chosen
