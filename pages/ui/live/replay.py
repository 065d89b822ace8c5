"""How a model came to be: the snapshots of its training under a slider, which the browser moves by itself."""

from __future__ import annotations

import base64
from functools import partial

from pages.ui import cache
from pages.ui.cache import Unfolded
from pages.ui.ground import state
from pages.ui.ground.pictures import picture_address
from pages.ui.ground.refusals import attempt
from pages.ui.live.component import Event, Room, broken, component, number_in, report
from vae_core.base.colours import CLASS_COLOURS
from vae_core.base.display import dimension_name
from vae_core.export.wire.builders import painted_groups
from vae_core.export.wire.records import ReplayData
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
    labels = history.subjects.labels
    painted = None if labels is None else painted_groups(labels, history.subjects.class_names)
    order, plane = unfolding.order, unfolding.plane
    across, up = unfolding.prior.tolist()
    data: ReplayData = {
        "run": run,
        "steps": [snapshot.step for snapshot in history.snapshots],
        "epochs": [snapshot.epoch for snapshot in history.snapshots],
        "places": base64.b64encode(unfolding.places.astype("<f2").tobytes()).decode(),
        "labels": plane.axis_labels,
        "prior": (across, up) if variational else None,
        "groups": None if painted is None else painted.values.astype(int).tolist(),
        "colour": {
            "title": "Class",
            "names": None if painted is None else painted.names,
            "palette": CLASS_COLOURS if painted is None else painted.palette,
        },
        "pictures": {
            "sheet": picture_address(cache.snapshot_sheet(found, tuple(shown))),
            "columns": len(shown),
            "shape": history.subjects.pixels.shape[1:],
        },
        "shown": shown,
        "pictured": pictured,
        "dims": [dimension_name(dimension) for dimension in order.tolist()],
        "amounts": [[round(amount, 4) for amount in snapshot.amounts[order].tolist()] for snapshot in history.snapshots],
        "unit": "KL of each dimension, nats" if variational else "Variance of each dimension",
        "used": unfolding.used.tolist(),
        "errors": unfolding.errors.tolist(),
    }
    _mount(key=key, data=data, on_event=partial(attempt, hear))
