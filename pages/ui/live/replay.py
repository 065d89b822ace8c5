"""How a model came to be: the snapshots of its training under a slider, which the browser moves by itself."""

from __future__ import annotations

from functools import partial

from pages.ui import cache
from pages.ui.cache import Unfolded
from pages.ui.ground import state
from pages.ui.ground.pictures import picture_address
from pages.ui.ground.refusals import attempt
from pages.ui.live.component import Event, Room, broken, component, number_in, report
from vae_core.export.replay_content import replay_data
from vae_core.training.snapshots import SHOWN

_mount = component("replay", "map", room=Room(410, 765))


def replay(*, run: str, found: Unfolded, variational: bool, key: str) -> None:
    """The slider and all that follows it. A point that is clicked puts its picture first in the row.

    Args:
        run: the run's id.
        found: its snapshots.
        variational: of its model.
        key: of the component.
    """
    history, unfolding = found.history, found.unfolding
    if broken(key, "The snapshots cannot be shown here."):
        return
    picked = state.part(key, state.PART_PICKED, run)
    pictured = len(history.subjects.pixels)

    def hear(event: Event) -> None:
        if event.get("kind") == "choose":
            state.put(picked, number_in(event, range(pictured), refusal="Choose a point on the map whose image has a picture."))
        elif event.get("kind") == "failed":
            report(key, event)

    first: int | None = state.get(picked)
    shown = [index for index in range(min(SHOWN, pictured)) if index != first]
    shown = shown if first is None else [first, *shown][: min(SHOWN, pictured)]
    sheet = picture_address(cache.snapshot_sheet(found, tuple(shown)))
    data = replay_data(run, history, unfolding, variational=variational, shown=shown, sheet=sheet)
    _mount(key=key, data=data, on_event=partial(attempt, hear))
