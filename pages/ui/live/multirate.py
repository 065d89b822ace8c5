"""A multi-rate model under its sliders: while a weight is dragged, pictures, codes and figures follow in the browser."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from pages.ui.ground import state
from pages.ui.ground.refusals import attempt, show_refusal
from pages.ui.live.component import Event, Room, broken, component, report, whole_source
from pages.ui.server import multirate_data as addresses
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats, Pixels
from vae_core.analysis.tradeoff import Mark, Tradeoff
from vae_core.base.errors import InputError
from vae_core.export import live_model
from vae_core.export.multirate_content import multirate_data, trained_alone
from vae_core.runs.catalogue import Entry

_mount = component("multirate", "map", room=Room(1100, 1800))


def runs_here(entry: Entry) -> bool:
    """Whether this model is small enough for the browser to draw all its pictures while a slider moves."""
    return live_model.runs_in_browser(entry.card.model)


def multirate_sliders(
    *,
    entry: Entry,
    beta: tuple[float, ...],
    tradeoff: Tradeoff,
    dedicated: Sequence[Mark],
    alone: Sequence[Entry] = (),
    pictures: Pixels,
    pictures_note: str,
    noise: Floats,
    key: str,
    on_beta: Callable[[tuple[float, ...]], None],
    on_place: Callable[[Floats], None],
    place: Floats | None,
) -> bool:
    """The sliders and all that follows them; False where the browser cannot show them, which is said. What it sends is checked.

    Args:
        entry: a multi-rate model for which `runs_here`; its codes are at hand.
        beta: β, or (β_μ, β_σ) for a split model.
        tradeoff: its measured figures.
        alone: the models of one weight, or none, at the lowest `tradeoff.alone` weights.
        dedicated: models of one KL weight to compare it with.
        pictures: images to reconstruct, uint8 [n, C, H, W].
        pictures_note: a sentence that says what they are.
        noise: codes to draw samples from, float32 [m, K].
        key: starts the keys of all widgets inside.
        on_beta: given the weights at which the sliders were let go.
        on_place: given the code, float32 [K], that was chosen on the map.
        place: the code that is chosen.
    """
    scope = state.part(key, entry.id)
    if broken(scope, "The live sliders do not work here."):
        return False

    def take(event: Event) -> None:
        match event.get("kind"):
            case "beta":
                on_beta(check_weights(event.get("beta"), tradeoff))
            case "place":
                on_place(explore.check_code(event.get("z"), entry.card.model.latent))
            case "failed":
                report(scope, event)

    classes = addresses.classes(entry)
    data = multirate_data(
        source=whole_source(entry),
        alone=[{"model": whole_source(other), "words": trained_alone(other.card)} for other in alone],
        beta=beta,
        tradeoff=tradeoff,
        dedicated=dedicated,
        pictures=pictures,
        pictures_note=pictures_note,
        noise=noise,
        codes=addresses.codes_address(entry),
        labels=None if classes is None else addresses.labels_address(entry),
        classes=classes,
        place=place,
    )
    show_refusal()
    _mount(key=key, data=data, on_event=partial(attempt, take))
    return True


def read_weights(text: str) -> list[float]:
    """KL weights as an address says them, "0.5,2".

    Raises:
        InputError: one is no number.
    """
    try:
        return [float(part) for part in text.split(",")]
    except ValueError:
        raise InputError(f"{text[:20]!r} is no list of KL weights, such as 0.5 or 0.5,2.") from None


def check_weights(values: object, tradeoff: Tradeoff) -> tuple[float, ...]:
    """KL weights that a browser sent as a list → the same, one for each axis.

    Raises:
        InputError: not a list of so many numbers, or one that is outside the range.
    """
    axes = tradeoff.axes
    if not isinstance(values, list) or len(values) != len(axes):
        raise InputError(f"This model takes {len(axes)} KL weight{'s' if len(axes) > 1 else ''}, as a list of numbers.")
    for value, axis in zip(values, axes, strict=True):
        # so written because NaN compares false; True is an int to Python
        if isinstance(value, bool) or not isinstance(value, int | float) or not axis[0] <= value <= axis[-1]:
            raise InputError(f"{str(value)[:20]!r} is not a KL weight from {axis[0]:g} to {axis[-1]:g}.")
    return tuple(map(float, values))
