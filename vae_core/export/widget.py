"""The deck and the map of a model for a notebook: one module of JavaScript, and what its parts are given."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import NamedTuple

from vae_core.analysis import folding
from vae_core.data import Images
from vae_core.export import live_page
from vae_core.export.live_content import MAX_POINTS, content, shown_codes
from vae_core.export.live_model import live_bundle
from vae_core.export.script import bundle, live_modules, style
from vae_core.export.wire.takehome import TakehomeData
from vae_core.training.checkpoint import Checkpoint

ENTRY = "takehome/widget.js"
_STYLES = (live_page.SHARED_STYLE, "parts/deck/deck", "parts/map/map", "parts/multirate/sliders", "takehome/widget")


class View(NamedTuple):
    """What the parts are given.

    Attributes:
        page: each address in it is "start-end", a part of `content`.
        content: weights, codes and pictures.
        note: what the map shows, or why there is none.
        numbers: what the images on the map are called.
        total: how many images there are.
    """

    page: TakehomeData
    content: bytes
    note: str
    numbers: frozenset[int]
    total: int


def module() -> str:
    """The module of a widget, of which anywidget calls `render`; it imports nothing and fetches nothing from elsewhere."""
    sheet = json.dumps("".join(map(style, _STYLES)))
    return f'{bundle(live_modules(), ENTRY)}\nexport default {{ render: (given) => modules["{ENTRY}"].renderWidget(given, {sheet}) }}\n'


def view(point: Checkpoint, name: str, images: Images | None, dimension_names: Sequence[str] = ()) -> View:
    """What the parts of a model are given; of a multi-rate model the map stays at the KL weight of its card.

    Args:
        point: the model.
        name: what to call it.
        images: to be shown on the map, at most 2,000 of them; None: the codes kept with the model, if there are any.
        dimension_names: what to call the K dimensions, empty for one without a name; none: as the card has them.

    Raises:
        InputError: the browser cannot run this model.
    """
    weights = live_bundle(point.model)
    shown = shown_codes(folding.plain(point), images, MAX_POINTS)
    kept = bytearray()

    def keep(part: bytes, _mime: str) -> str:
        kept.extend(part)
        return f"{len(kept) - len(part)}-{len(kept)}"

    page = content(point, name, weights, shown, keep, dimension_names)
    if shown is None:
        return View(page, bytes(kept), "There is no map: name images of its kind by `show(model, images)`.", frozenset(), 0)
    return View(page, bytes(kept), live_page.map_note(point.card, shown), frozenset(shown.numbers.tolist()), shown.total)
