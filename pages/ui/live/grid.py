"""The manifold grid of a two-dimensional model: decoded pictures at the prior's quantiles, within what the map shows."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from pages.ui.ground.refusals import attempt
from pages.ui.live.component import Event, Room, component, engine_source
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.export.wire.records import GridData
from vae_core.runs.catalogue import Entry

SIDES = (10, 15, 20, 25)
_mount = component("grid", room=Room(440, 150))


def manifold_grid(*, entry: Entry, side: int, pin: Floats, channel: str, key: str, on_pin: Callable[[Floats], None]) -> None:
    """The grid. What the browser sends is checked; why it was refused is in `state.SHARED_REFUSED`.

    Args:
        entry: a model with two latent dimensions.
        side: pictures per row and per column.
        pin: the code, float32 [2], to mark.
        channel: of the map that it follows.
        key: of the component.
        on_pin: given the code, float32 [2], of a picture that was clicked.
    """

    def hear(event: Event) -> None:
        if event.get("kind") == "pin":
            on_pin(explore.check_code(event.get("z"), 2))

    data: GridData = {"channel": channel, "model": engine_source(entry), "side": side, "pin": pin.tolist()}
    _mount(key=key, data=data, on_event=partial(attempt, hear))
