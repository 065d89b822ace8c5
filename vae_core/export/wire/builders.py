"""What the app and the page to take home put on the wire alike: the deck's dimensions, the plane of a map, the colours of its points."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from vae_core.analysis.directions import Directions
from vae_core.analysis.disentangle import Follows
from vae_core.analysis.explore import Axes
from vae_core.analysis.projection import Projection
from vae_core.base.colours import CLASS_COLOURS, OTHERS, SCALE
from vae_core.base.display import dimension_name
from vae_core.export.wire.records import DeckDimension, DeckSuggestion, MapView

SHOWN_AT_FIRST = 12
"""Sliders of the deck before the user asks for all."""

LEAST_SIDE = 360
"""Screen pixels of the deck's picture, at least."""

MAX_GROUPS = 20
"""A legend names at most this many groups; where there are more, the smallest share one grey entry."""

_LONGEST = 24  # letters of a name in the legend


def deck_dimensions(
    axes: Axes, *, variational: bool, names: Sequence[str] = (), follows: Sequence[Follows | None] = ()
) -> list[DeckDimension]:
    """The sliders of all dimensions, the most informative first.

    Args:
        axes: order, range and use.
        variational: of the model.
        names: what the user calls each dimension, empty where it has no name; of all K dimensions, or of none.
        follows: which factor each of them follows; of all, or of none.
    """
    return [
        {
            "index": dimension,
            "name": dimension_name(dimension),
            "note": information_note(axes.information[dimension], variational=variational),
            "low": float(axes.low[dimension]),
            "high": float(axes.high[dimension]),
            "unused": bool(axes.unused[dimension]),
            "given": names[dimension] if names else "",
            "suggested": _suggestion(follows[dimension]) if follows else None,
        }
        for dimension in axes.order.tolist()
    ]


def deck_directions(directions: Directions) -> list[DeckDimension]:
    """The sliders of directions, in their order."""
    return [
        {
            "index": index,
            "name": name,
            "note": note,
            "low": float(directions.low[index]),
            "high": float(directions.high[index]),
            "unused": False,
            "given": "",
            "suggested": None,
        }
        for index, (name, note) in enumerate(zip(directions.names, directions.notes, strict=True))
    ]


def direction_bytes(directions: Directions) -> bytes:
    """Directions as the deck reads them: float32 [1 + D, K], the centre and then the steps."""
    return np.concatenate([directions.centre[np.newaxis], directions.steps]).astype("<f4").tobytes()


def _suggestion(follows: Follows | None) -> DeckSuggestion | None:
    if follows is None:
        return None
    letter = "η" if follows.categorical else "r"
    return {"name": follows.factor, "note": f"{letter} = {follows.correlation:.2f}".replace("-", "−")}


def information_note(nats: float, *, variational: bool) -> str:
    """How much a dimension carries, as text; empty where it is NaN, not known. Without a KL term it is the variance of the codes."""
    if np.isnan(nats):
        return ""
    return f"{nats:.2f} nats" if variational else f"variance {nats:.2g}"


def unused_note(*, variational: bool) -> str:
    """A sentence that says what an unused dimension is."""
    limit = "below 0.01 nats" if variational else "without any variance"
    return f"Unused, {limit}: the images leave no trace here, so the picture hardly changes."


def map_view(plane: Projection) -> MapView:
    """The plane as the browser places codes in it."""
    return {
        "method": plane.method,
        "labels": plane.axis_labels,
        "centre": None if plane.centre is None else plane.centre.tolist(),
        "axes": None if plane.axes is None else plane.axes.tolist(),
    }


class Painted(NamedTuple):
    """What colours n points: their values float32 [n], the names that these index (None for a quantity), and the colours."""

    values: NDArray[np.float32]
    names: list[str] | None
    palette: list[str]


def painted_groups(labels: NDArray[Any], names: Sequence[str], wanted: Collection[int] = ()) -> Painted:
    """Colours by group, for labels [n], whole numbers of any type that index `names`; groups without points are left out.

    Of more than `MAX_GROUPS` those `wanted` have a colour, at most one less than that, or where none is the ones with the most points;
    the rest share a grey.
    """
    present, places, counts = np.unique(labels, return_inverse=True, return_counts=True)
    kept = np.arange(len(present))
    chosen = np.flatnonzero(np.isin(present, list(wanted)))
    if len(present) > MAX_GROUPS and len(chosen):
        kept = chosen[: MAX_GROUPS - 1]
    elif len(present) > MAX_GROUPS:
        least = np.sort(counts)[-MAX_GROUPS + 1]
        kept = np.flatnonzero(counts >= least)[: MAX_GROUPS - 1]
    values = np.full(len(present), len(kept), np.float32)
    values[kept] = np.arange(len(kept))
    shown = [short_name(names[int(label)]) for label in present[kept]]
    palette = [CLASS_COLOURS[index % len(CLASS_COLOURS)] for index in range(len(kept))]
    if len(kept) < len(present):
        shown.append(f"{len(present) - len(kept)} others")
        palette.append(OTHERS)
    return Painted(values[places], shown, palette)


def painted_quantity(values: NDArray[Any]) -> Painted:
    """Colours by a quantity [n], from low to high; NaN has none."""
    return Painted(values.astype(np.float32), None, list(SCALE))


def short_name(name: str) -> str:
    """A name as a legend has room for it."""
    return name if len(name) <= _LONGEST else f"{name[: _LONGEST - 1]}…"
