"""What a page that needs no Python gives its live parts: the page to take home, and each page of a static site."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core import data
from vae_core.analysis import directions as ways
from vae_core.analysis import encoding, explore, projection, tradeoff
from vae_core.analysis.directions import Directions
from vae_core.analysis.explore import Axes
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.projection import Projection
from vae_core.base.display import dimension_name
from vae_core.base.storage import sha256
from vae_core.data import Images
from vae_core.data.framing import ground_of, plain_ground
from vae_core.data.images import sheet_bytes
from vae_core.export.wire.builders import (
    LEAST_SIDE,
    SHOWN_AT_FIRST,
    deck_dimensions,
    deck_directions,
    direction_bytes,
    map_view,
    painted_groups,
    painted_quantity,
    short_name,
    unused_note,
)
from vae_core.export.wire.records import DeckContent, DrawContent, MapColour, MapContent, PicturesOnSheet
from vae_core.export.wire.takehome import TakehomeData, TakehomeExample, TakehomeWeight
from vae_core.training.checkpoint import Card, Checkpoint

MIN_POINTS, MAX_POINTS = 16, 2_000  # the least even where a small model's codes are too long to fit
NUMBERS = "application/octet-stream"
_EXAMPLES = 10  # images to take, at most
_SHEET_PIXELS = 2**22  # of the picture that holds all thumbnails: more would be too much for a telephone
_MAY_BE_PASSED_ON = re.compile(r"(CC0|CC BY|CC BY-SA)( \d\.\d)?|Apache-2\.0|MIT|BSD-[23]-Clause|public domain", re.IGNORECASE)

Keep = Callable[[bytes, str], str]
"""Keeps bytes of a media type for the page, and gives the address by which the page finds them."""


@dataclass(frozen=True)
class Shown:
    """What the map shows of a model's data set: n codes of the `total` there are.

    Attributes:
        numbers: int64 [n], what to call each image.
        labels: int64 [n], an index into `names`; None where there are no classes.
        pixels: uint8 [n, C, H, W]; None where the images may not be passed on or are not at hand.
        ground: what lies behind the images, 0 to 255, [C].
        licence: of the images; where card and data set differ, the stricter.
        plane: where the codes lie on the map.
        directions: the sliders of a wide code, from as many of the images' codes as can be had; None of any other.
        unseen: whether they are test images, not those the model learnt from.
    """

    posterior: Posterior
    numbers: NDArray[np.int64]
    labels: NDArray[np.int64] | None
    names: tuple[str, ...]
    pixels: NDArray[np.uint8] | None
    ground: list[int]
    licence: str
    total: int
    plane: Projection
    directions: Directions | None
    unseen: bool = False


def content(point: Checkpoint, name: str, weights: bytes, shown: Shown | None, keep: Keep, dimension_names: Sequence[str]) -> TakehomeData:
    """What the parts of a model's page are given; arrays, weights and pictures go to `keep`.

    Args:
        point: the model.
        name: what to call it.
        weights: its bundle.
        shown: what `shown_codes` gives of the model at one KL weight.
        keep: takes what the record holds by its address.
        dimension_names: what to call the K dimensions, empty for one without a name; none: as the card has them.
    """
    card = point.card
    if shown is None:
        directions = ways.plain(card.model.code_shape) if card.model.wide else None
        axes = explore.prior_axes(card.model.latent) if directions is None else directions.axes
    else:
        directions = shown.directions
        axes = explore.axes(shown.posterior) if directions is None else directions.axes
    return {
        "model": {"weights": keep(weights, NUMBERS), "hash": sha256(weights), "stream": None, "worker": False},
        "weight": _kl_weight(point),
        "deck": _deck(card, name, axes, dimension_names or card.dimension_names)
        if directions is None
        else _wide_deck(name, directions, keep),
        "draw": _draw(card, shown, None if directions else axes),
        "examples": [] if shown is None else _examples(shown),
        "map": None if shown is None else _map(card, shown, axes, keep, directions),
        "grid": {"side": 12} if card.model.latent == 2 else None,
    }


def may_be_passed_on(licence: str) -> bool:
    """Whether a licence lets others have the images in a page; it is written as its name and, after a comma, the owners."""
    return _MAY_BE_PASSED_ON.fullmatch(licence.partition(",")[0].strip()) is not None


def point_bytes(latent: int) -> int:
    """What a point of the map takes of a page, in bytes, besides its picture: its place, its code, its colour and its number."""
    return 4 * (2 + 2 * latent + 1 + 1)


def shown_codes(point: Checkpoint, images: Images | None, most: int) -> Shown | None:
    """At most `most` codes of a model of one KL weight, each class with its share; None where there are neither images nor codes."""
    card, kept, wide = point.card.data, point.codes, point.card.model.wide
    limit = encoding.affordable(point.card.model, MAX_POINTS)
    most = min(limit, most)
    if images is not None:
        unseen = images.name == data.test_part(card.name, card.images)  # of these we know the licence, whatever the card says
        licence = card.licence if may_be_passed_on(images.licence) and not unseen else images.licence  # else the stricter of the two
        passed_on = may_be_passed_on(licence)
        _, height, width = images.shape
        rows = projection.subsample(len(images), min(most, _SHEET_PIXELS // (height * width)) if passed_on else most, images.labels, seed=0)
        pixels = images.take(rows)
        labels = None if images.labels is None else images.labels[rows]
        codes = explore.encode(point.model, pixels)
        plane, directions = _laid_out(codes, encoding.of_images(point.model, images, limit).posterior if wide else None)
        shared = pixels if passed_on else None
        return Shown(codes, rows, labels, images.class_names, shared, ground_of(pixels), licence, len(images), plane, directions, unseen)
    if kept is None:
        return None
    rows = projection.subsample(len(kept.mean), most, kept.labels, seed=0)
    labels = None if kept.labels is None else kept.labels[rows]
    codes = Posterior(kept.mean, kept.logvar).of(rows)
    plane, directions = _laid_out(codes, Posterior(kept.mean, kept.logvar) if wide else None)
    ground = plain_ground(point.card.model.channels)
    return Shown(codes, rows, labels, card.class_names, None, ground, card.licence, len(kept.mean), plane, directions)


def _laid_out(codes: Posterior, among: Posterior | None) -> tuple[Projection, Directions | None]:
    """Where codes lie on the map: by two dimensions as they are, by more in the plane of their PCA.

    Of a wide code few can be shown, so plane and sliders are those of all the codes that there are, `among` which these lie.
    """
    if among is None:
        return projection.raw(codes.mean) if codes.mean.shape[1] == 2 else projection.pca(codes.mean), None
    plane = projection.pca(among.mean)
    return replace(plane, points=projection.place(plane, among.mean, codes.mean)), ways.principal(among.mean)


def _kl_weight(point: Checkpoint) -> TakehomeWeight | None:
    """The sliders of the KL weights, at those of the card; None for a model of one weight."""
    if point.card.model.beta_range is None:
        return None
    axes, weights = tradeoff.axes_of(point), point.card.train.weights
    pair = weights if isinstance(weights, tuple) else (weights, weights)
    return {"axes": [axis.tolist() for axis in axes], "beta": pair[: len(axes)]}


def _deck(card: Card, name: str, axes: Axes, names: Sequence[str]) -> DeckContent:
    """The sliders of the model."""
    variational = card.model.variational
    return {
        "other": None,
        "name": name,
        "z": np.clip(0, axes.low, axes.high).tolist(),
        "start": None,
        "posterior": None,
        "directions": None,
        "difference": False,
        "side": LEAST_SIDE,
        "dims": deck_dimensions(axes, variational=variational, names=names),
        "shown": SHOWN_AT_FIRST,
        "unused_note": unused_note(variational=variational),
        "compact": False,
        "nameable": False,
        "drawn": None,
    }


def _wide_deck(name: str, directions: Directions, keep: Keep) -> DeckContent:
    """The sliders of a model whose codes have too many numbers for one each."""
    return {
        "other": None,
        "name": name,
        "z": directions.centre.tolist(),
        "start": None,
        "posterior": None,
        "directions": {"url": keep(direction_bytes(directions), NUMBERS), "about": directions.about},
        "difference": False,
        "side": LEAST_SIDE,
        "dims": deck_directions(directions),
        "shown": SHOWN_AT_FIRST,
        "unused_note": "",
        "compact": False,
        "nameable": False,
        "drawn": None,
    }


def _draw(card: Card, shown: Shown | None, axes: Axes | None) -> DrawContent:
    """The canvas to draw on."""
    model = card.model
    return {
        "shape": (model.channels, model.height, model.width),
        "ground": plain_ground(model.channels) if shown is None else shown.ground,
        "order": None if axes is None else axes.order.tolist(),
    }


def _examples(shown: Shown) -> list[TakehomeExample]:
    """The first image of each class, or the first images where there are no classes."""
    labels, names = shown.labels, shown.names
    if labels is None or not names:
        return [{"place": place, "name": f"Image {number}"} for place, number in enumerate(shown.numbers[:_EXAMPLES].tolist())]
    places = np.unique(labels, return_index=True)[1][:_EXAMPLES].tolist()
    return [{"place": place, "name": f"{short_name(names[labels[place]])}, image {shown.numbers[place]}"} for place in places]


def _map(card: Card, shown: Shown, axes: Axes, keep: Keep, directions: Directions | None) -> MapContent:
    """The map of the model's codes."""
    mean = shown.posterior.mean
    return {
        "points": keep(_floats(shown.plane.points), NUMBERS),
        "numbers": keep(shown.numbers.astype("<i4").tobytes(), NUMBERS),
        "codes": keep(_floats(np.concatenate([mean, shown.posterior.std])), NUMBERS),
        "colour": _colour(shown, axes, keep, directions),
        "pictures": None if shown.pixels is None else _sheet(shown.pixels, keep),
        "view": map_view(shown.plane),
        "latent": card.model.latent,
        "prior": card.model.variational,
        "star": None,
        "pinnable": True,
    }


def _colour(shown: Shown, axes: Axes, keep: Keep, directions: Directions | None) -> MapColour:
    """Colours by class, else by the most informative dimension or the widest direction."""
    if (shown.labels is None or not shown.names) and directions is not None:
        title, painted = directions.names[0], painted_quantity(directions.values(shown.posterior.mean)[:, 0])
    elif shown.labels is None or not shown.names:
        first = axes.order[0]
        title, painted = dimension_name(first), painted_quantity(shown.posterior.mean[:, first])
    else:
        title, painted = "Class", painted_groups(shown.labels, shown.names)
    return {"title": title, "url": keep(_floats(painted.values), NUMBERS), "names": painted.names, "palette": painted.palette}


def _sheet(pixels: NDArray[np.uint8], keep: Keep) -> PicturesOnSheet:
    """All thumbnails as the tiles of one PNG, in reading order."""
    (png, columns), (_, channels, height, width) = sheet_bytes(pixels), pixels.shape
    return {"sheet": keep(png, "image/png"), "columns": columns, "shape": (channels, height, width)}


def _floats(values: NDArray[Any]) -> bytes:
    return values.astype("<f4").tobytes()
