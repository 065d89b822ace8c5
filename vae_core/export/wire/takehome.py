"""Every record that the page to take home and a static page are given; `typedefs` writes the same as types of JavaScript."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypedDict

from vae_core.export.wire.records import DeckContent, DrawContent, GridContent, MapContent, WeightsSource


class TakehomeWeight(TypedDict):
    """The sliders of a multi-rate model's KL weights."""

    axes: Sequence[Sequence[float]]  # for each slider weights from end to end, ascending
    beta: Sequence[float]  # where they stand at first: [β], or [β_μ, β_σ] of a split model


class TakehomeExample(TypedDict):
    """An image of the map that can be taken to the canvas, or as an end of the walk."""

    place: int  # among the map's points
    name: str  # on screen, such as 7, image 12


class TakehomeData(TypedDict):
    """What the page to take home holds for its parts; the page itself keeps where the user is."""

    model: WeightsSource
    weight: TakehomeWeight | None  # null unless the model is a multi-rate one
    deck: DeckContent
    draw: DrawContent
    examples: Sequence[TakehomeExample]  # empty where there is no map
    map: MapContent | None  # null where neither images nor codes were at hand
    grid: GridContent | None  # null unless the model has two latent dimensions


class SiteData(TypedDict):
    """What a page of a static site holds; its bytes stand in a file beside it."""

    file: str  # address of the model's file, which vae_core/export/site.py writes
    integrity: str  # of that file, as fetch takes it
    page: TakehomeData  # each address in it is "start-end", a part of what the file holds
