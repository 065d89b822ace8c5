"""The small map: where a code lies among those of the images, as a dot that other parts of the page move too."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from pages.ui.cache import Welcome
from pages.ui.ground import state
from pages.ui.ground.figures import Colouring
from pages.ui.ground.refusals import attempt
from pages.ui.live.component import Event, Room, broken, component, report
from pages.ui.live.map import prior_shown
from pages.ui.server import map_data
from vae_core.analysis import explore
from vae_core.analysis.explore import Floats
from vae_core.export.wire.builders import map_view
from vae_core.export.wire.records import AtlasContent, AtlasData, PathPoints
from vae_core.runs.catalogue import Entry

_mount = component("atlas", room=Room(430, 430))


def atlas(
    *,
    entry: Entry,
    welcome: Welcome,
    z: Floats,
    posterior: tuple[Floats, Floats] | None,
    key: str,
    channel: str,
    on_move: Callable[[Floats], None],
) -> None:
    """The map with its dot at z [K]; `on_move` hears where it was let go.

    Args:
        entry: the model.
        welcome: its codes.
        z: where the user is.
        posterior: μ and σ, each [K], of the image that the start comes from, as ellipses.
        key: of the component.
        channel: the key of the part that shows this code too.
        on_move: given the new code, float32 [K], before the page is drawn again.
    """
    scope = state.part(key, entry.id)
    if broken(scope, "The small map does not work in this browser."):
        return

    def take(event: Event) -> None:
        on_move(explore.check_code(event.get("z"), entry.card.model.latent))

    def heard(event: Event) -> None:
        match event.get("kind"):
            case "move":
                attempt(take, event)
            case "failed":
                report(scope, event)

    data: AtlasData = {
        **atlas_content(entry, welcome),
        "channel": channel,
        "z": z.tolist(),
        "posterior": None if posterior is None else {"mean": posterior[0].tolist(), "std": posterior[1].tolist()},
    }
    _mount(key=key, data=data, on_event=heard)


def atlas_content(entry: Entry, welcome: Welcome) -> AtlasContent:
    """The codes of a model as the map draws them."""
    return {"view": map_view(welcome.plane), "points": _points(welcome), "prior": prior_shown(entry, welcome.plane)}


def _points(welcome: Welcome) -> PathPoints:
    places = welcome.plane.points.astype(np.float64).round(3).ravel().tolist()
    if welcome.labels is None:
        return {"xy": places, "classes": None, "names": [], "palette": []}
    values, names, palette = map_data.painted(Colouring("Class", welcome.labels, welcome.class_names))
    return {"xy": places, "classes": values.astype(int).tolist(), "names": names or [], "palette": palette}
