"""What a map shows, by the names that stand in its address: the plane it is drawn in and the colours of its points. No widgets."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Collection
from functools import partial

from pages.ui import cache
from pages.ui.cache import Codes
from pages.ui.ground.figures import Colouring
from vae_core.analysis import projection
from vae_core.analysis.directions import Directions
from vae_core.analysis.projection import Projection
from vae_core.base.display import dimension_name
from vae_core.base.errors import InputError
from vae_core.export.wire.builders import Painted, painted_groups, painted_quantity
from vae_core.runs.catalogue import Entry

PARTS: dict[str, Callable[[Entry], Codes | None]] = {"all": cache.codes, "sample": cache.sample}
"""What a map may draw."""

_MOST_BYTES, _MOST_PICTURES = 1_000_000, 256  # in one answer
_MOST_DIRECTIONS = 8  # that colour a map of wide codes


def source(entry: Entry) -> str:
    """Names what the points of a model's maps are made of, besides its weights: other images have other addresses."""
    shown = cache.images_of(entry)
    origin = "kept" if shown is None else shown.identity
    return hashlib.sha256(f"{origin} {cache.MAX_POINTS} {cache.SAMPLE}".encode()).hexdigest()[:16]


def part(view: str) -> str:
    """Which of `PARTS` a view draws."""
    return "sample" if view == "umap" else "all"


def plane(entry: Entry, view: str) -> Projection | None:
    """The codes of `part(view)` in the plane of a view: "pca", "raw-0-1" for two latent dimensions, or "umap".

    None where the model has no codes, or its UMAP was not drawn yet.

    Raises:
        InputError: there is no such view of this model's codes.
    """
    if view == "umap":
        return cache.kept_umap(entry)
    found = cache.codes(entry)
    if found is None:
        return None
    if view == "pca":
        return cache.wide_plane(entry) if entry.card.model.wide else projection.pca(found.posterior.mean)
    dims = re.fullmatch("raw-(0|[1-9][0-9]{0,3})-(0|[1-9][0-9]{0,3})", view)
    if dims is None:
        raise InputError(f"A map has no view {view[:20]!r}.")
    return projection.raw(found.posterior.mean, (int(dims[1]), int(dims[2])))


def colours(entry: Entry, found: Codes) -> dict[str, Callable[[], Colouring]]:
    """What can colour these codes, by its name; it is computed when called."""
    offered: dict[str, Callable[[], Colouring]] = {}
    images = cache.images_of(entry)
    if found.labels is not None:
        names = entry.card.data.class_names if images is None else images.class_names
        offered["Class"] = partial(Colouring, "Class", found.labels, names)
    if images is not None and images.factors is not None:
        for name, values, texts in zip(images.factor_names, images.factors[found.numbers].T, images.factor_values, strict=True):
            offered[name] = partial(Colouring, name, values, texts)
    if images is not None:
        offered["Reconstruction error"] = lambda: Colouring("Reconstruction error", cache.errors(entry, found))
    if entry.card.model.variational:
        offered["KL per image"] = lambda: Colouring("KL per image, nats", found.posterior.kl().sum(axis=1))
    along = cache.directions(entry)
    if along is not None:
        for place, name in enumerate(along.names[:_MOST_DIRECTIONS]):
            offered[name] = partial(_along, along, place, found)
        return offered
    for dimension in cache.axes(entry).order.tolist():
        name = dimension_name(dimension)
        offered[name] = partial(Colouring, name, found.posterior.mean[:, dimension])
    return offered


def _along(directions: Directions, place: int, found: Codes) -> Colouring:
    return Colouring(directions.names[place], directions.values(found.posterior.mean)[:, place])


def painted(colouring: Colouring, wanted: Collection[int] = ()) -> Painted:
    """The same for the browser; `wanted` are the groups to tell apart where there are too many for all."""
    return painted_groups(colouring.values, colouring.names, wanted) if colouring.names else painted_quantity(colouring.values)


def most_pictures(entry: Entry) -> int:
    """How many pictures the browser may ask for at once."""
    shape = entry.card.model
    return max(1, min(_MOST_PICTURES, _MOST_BYTES // (shape.channels * shape.height * shape.width)))
