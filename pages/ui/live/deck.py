"""The latent deck: one slider per latent dimension, and the picture that follows it while it moves.

`latent_deck` is all that a page knows of it. Where the browser cannot draw, the sliders of `plain` stand in.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from pages.ui import cache
from pages.ui.ground import state
from pages.ui.ground.names import give_name, names_of
from pages.ui.ground.refusals import attempt, show_refusal
from pages.ui.live.component import Event, Room, broken, component, engine_source, report, stand_in
from pages.ui.live.plain import Pictures, plain_deck
from pages.ui.server import map_data
from pages.ui.server.addresses import address
from vae_core.analysis import explore
from vae_core.analysis.directions import Directions
from vae_core.analysis.explore import Axes, Floats
from vae_core.export.wire.builders import LEAST_SIDE, SHOWN_AT_FIRST, deck_dimensions, deck_directions, unused_note
from vae_core.export.wire.records import DeckData, DeckDimension, DeckOther, DeckPosterior
from vae_core.runs.catalogue import Entry

_CAPTION, _SLIDER = 44, 44  # screen pixels of what stands below the picture, and of a slider with its name
_mount = component("deck", room=Room(300, 300))


class Other(NamedTuple):
    """Another model for the deck: `code` is its own, float32 [K], of the start's image; None where it draws the deck's code."""

    entry: Entry
    code: Floats | None


def latent_deck(
    *,
    entry: Entry,
    z: Floats,
    axes: Axes,
    key: str,
    on_move: Callable[[Floats], None],
    on_undo: Callable[[], None] | None = None,
    on_redo: Callable[[], None] | None = None,
    start: Floats | None = None,
    posterior: tuple[Floats, Floats] | None = None,
    difference: bool = False,
    other: Other | None = None,
    most: int | None = None,
    plain: bool = False,
    channel: str | None = None,
    nameable: bool = False,
    directions: Directions | None = None,
) -> None:
    """Sliders at z [K], the most informative dimension first, and the picture they decode to; `on_move` hears where they were let go.

    Args:
        entry: the model that draws.
        z: where the user is.
        axes: the order and ranges of the dimensions.
        key: starts the keys of all widgets inside.
        on_move: given the new code, float32 [K], before the page is drawn again.
        on_undo, on_redo: what Ctrl+Z and Ctrl+Shift+Z on a slider do.
        start: the code that a double-click leads back to, one dimension at a time; zero where there is none.
        posterior: μ and σ, each [K], of the image that the start comes from, as a band on each slider.
        difference: also draw how the picture differs from that of the start.
        other: another model, whose picture stands beside this one.
        most: only so many sliders, the picture at their right: a small deck within a page.
        plain: with Streamlit's own sliders, which move the picture on release only.
        channel: what else on the page shows this code and may move it.
        nameable: with a way to name the dimensions.
        directions: what the sliders move where a code is too wide for a slider a number; `axes` are then theirs.
    """
    scope = state.part(key, entry.id)
    dimensions = axes.order[:most].tolist()
    side = LEAST_SIDE if most is None else 192
    failed = broken(scope, "The live sliders do not work here, so these move the picture only when you let go.")
    if plain or failed:
        beside = None if other is None else (other.entry, z if other.code is None else other.code)
        pictures = Pictures(entry, z, beside, start if difference else None, side)
        plain_deck(pictures, axes=axes, dimensions=dimensions, key=key, on_move=on_move, directions=directions)
        return

    def take(event: Event) -> None:
        on_move(explore.check_code(event.get("z"), entry.card.model.latent))

    def heard(event: Event) -> None:
        match event.get("kind"):
            case "move":
                attempt(take, event)
            case "name":
                attempt(give_name, entry, event.get("index"), event.get("name"))
            case "undo" if on_undo is not None:
                on_undo()
            case "redo" if on_redo is not None:
                on_redo()
            case "failed":
                report(scope, event)

    show_refusal()
    variational = entry.card.model.variational
    nameable = nameable and directions is None
    follows = cache.follows(entry) if nameable else []
    if directions is None:
        dims = deck_dimensions(axes, variational=variational, names=names_of(entry), follows=follows)[:most]
    else:
        dims = deck_directions(directions)[:most]
    if most is not None:  # a small deck has no place to put unused ones aside, nor to explain its nats
        dims = [{**dimension, "note": "", "unused": False} for dimension in dims]
    data: DeckData = {
        "channel": channel or key,
        "model": engine_source(entry),
        "name": entry.name if other is not None else "Drawn from the code alone",
        "other": None if other is None else _other(other),
        "z": z.tolist(),
        "start": None if start is None else {"z": start.tolist()},
        "posterior": None if posterior is None else _band(posterior, directions),
        "directions": None if directions is None else {"url": _address(entry), "about": directions.about},
        "difference": difference,
        "side": side,
        "dims": dims,
        "shown": SHOWN_AT_FIRST,
        "unused_note": unused_note(variational=variational),
        "compact": most is not None,
        "nameable": nameable,
        "drawn": stand_in(entry, z),
    }
    _mount(key=key, data=data, on_event=heard, room=_room(side, dims))


def _band(posterior: tuple[Floats, Floats], directions: Directions | None) -> DeckPosterior:
    mean, std = posterior if directions is None else (directions.values(posterior[0]), directions.spread(posterior[1]))
    return {"mean": mean.tolist(), "std": std.tolist()}


def _address(entry: Entry) -> str:
    return address(f"directions/{entry.id}/{cache.opened(entry.folder).weights_hash}/{map_data.source(entry)}")


def works(entry: Entry, key: str) -> bool:
    """Whether the deck of this key draws in this browser, as far as is known."""
    return state.get(state.part(key, entry.id, state.PART_FAILED)) is None


def _room(side: int, dims: Sequence[DeckDimension]) -> Room:
    """The picture, and on a phone the sliders below it, one in a row; beside the picture they are as high only where there are many."""
    sliders = sum(not dimension["unused"] for dimension in dims[:SHOWN_AT_FIRST])
    return Room(side + _CAPTION, side + _CAPTION + sliders * _SLIDER)


def _other(other: Other) -> DeckOther:
    code = None if other.code is None else other.code.tolist()
    return {"source": engine_source(other.entry), "name": other.entry.name, "z": code}
