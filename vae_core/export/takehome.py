"""One page to take home: a model with its sliders, its map and its card in one HTML file that opens from disk without a network.

The parts are those of the app, the modules of assets/live, joined into one script. Weights, codes and pictures stand in the file
itself. The page's own policy lets it run that script alone, and fetch nothing from any address.
"""

from __future__ import annotations

import base64
import hashlib
import json
import posixpath
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from string import Template
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vae_core import data
from vae_core.analysis import explore, folding, projection, tradeoff
from vae_core.analysis.explore import Axes
from vae_core.analysis.pictures import shown_with
from vae_core.analysis.posterior import Posterior
from vae_core.analysis.projection import Projection
from vae_core.base.display import dimension_name
from vae_core.data import Images
from vae_core.data.framing import ground_of, plain_ground
from vae_core.data.images import sheet_bytes
from vae_core.export import card_words
from vae_core.export.live_model import Precision, live_bundle
from vae_core.export.wire.builders import (
    LEAST_SIDE,
    SHOWN_AT_FIRST,
    deck_dimensions,
    map_view,
    painted_groups,
    painted_quantity,
    short_name,
    unused_note,
)
from vae_core.export.wire.records import (
    DeckContent,
    DrawContent,
    MapColour,
    MapContent,
    PicturesOnSheet,
    TakehomeData,
    TakehomeExample,
    TakehomeWeight,
)
from vae_core.training.checkpoint import Card, Checkpoint

LIVE = Path(__file__).parents[2] / "assets" / "live"
ENTRY = "takehome/page.js"
MAX_POINTS = 2_000
_SPARE_BYTES = 240_000  # of the file besides the thumbnails and 1.5 times the weights
_MARKUP_BYTES = 8_000  # of these, besides script and styles, for markup, sentences and names of classes
_DIMENSION_BYTES = 300  # and for each slider, and its part of the map's plane
_MIN_POINTS = 16  # even where a small model's codes are too long to fit
_EXAMPLES = 10  # images to take, at most
_SHEET_PIXELS = 2**22  # of the picture that holds all thumbnails: more would be too much for a telephone
_MAY_BE_PASSED_ON = re.compile(r"(CC0|CC BY|CC BY-SA)( \d\.\d)?|Apache-2\.0|MIT|BSD-[23]-Clause|public domain", re.IGNORECASE)
_IMPORT = re.compile(r'^import \{(\s*\w+(?:,\s*\w+)*,?\s*)\} from "(\.\.?/[\w./]+)"$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function\*?|class|const) (\w+))", re.MULTILINE)
# a comment after code goes only where no quote follows: what looks like one may stand in a text
_COMMENT = re.compile(r"^ *(?://.*|/\*\*?[^*]*(?:\*(?!/)[^*]*)*\*/ *)$| // [^\"'`\n]*$|/\*\* @type [^*]*\*/ ?", re.MULTILINE)


@dataclass(frozen=True)
class _Shown:
    """What the map shows of a model's data set: n codes of the `total` there are.

    Attributes:
        numbers: int64 [n], what to call each image.
        labels: int64 [n], an index into `names`; None where there are no classes.
        pixels: uint8 [n, C, H, W]; None where the images may not be passed on or are not at hand.
        ground: what lies behind the images, 0 to 255, [C].
        licence: of the images; where card and data set differ, the stricter.
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
    unseen: bool = False


def html_page(
    point: Checkpoint, name: str, images: Images | None, *, precision: Precision = "float32", dimension_names: Sequence[str] = ()
) -> str:
    """The page of a model; without the thumbnails it has at most 1.5 times the bytes of its weights and 240 kB.

    The page of a multi-rate model has its KL weight as a slider, or two, and opens at the one of its card; the map's points stay there.

    Args:
        point: the model.
        name: what to call it.
        images: what `images_of` gives, where it gives any; else the map shows the codes kept with the model, if there are any.
        precision: of the weights in the page.
        dimension_names: what to call the K dimensions, empty for one without a name; none: as the card has them.

    Raises:
        InputError: the browser cannot run this model, or its weights are too large for the precision.
    """
    card = point.card
    weights = live_bundle(point.model, precision=precision)
    address = _address(weights)
    modules = (
        live_modules() if card.model.graph is not None else live_modules() | {"engine/graph_layers.js": "export const GRAPH_LAYERS = {}"}
    )
    script = f'\n{bundle(modules, ENTRY)}\nmodules["{ENTRY}"].openPage(document)\n'
    allowed = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    fixed = {
        "page_style": _style("takehome/page"),
        "base_style": _style("kit/base"),
        "deck_style": _style("parts/deck/deck"),
        "draw_style": _style("parts/draw/draw") + _style("takehome/strip"),
        "walk_style": _style("takehome/walk"),
        "map_style": _style("parts/map/map"),
        "grid_style": _style("parts/grid/grid"),
        "weight_style": "" if card.model.beta_range is None else _style("parts/multirate/sliders"),
        "facts": "\n".join(
            f'<tr><th scope="row">{escape(fact)}</th><td>{escape(text)}</td></tr>' for fact, text in card_words.facts(card).items()
        ),
        "script": script,
    }
    used = len("".join([address, *fixed.values()]).encode()) + _MARKUP_BYTES + _DIMENSION_BYTES * card.model.latent
    shown = _shown(folding.plain(point), images, 1.5 * len(weights) + _SPARE_BYTES - used)
    axes = explore.prior_axes(card.model.latent) if shown is None else explore.axes(shown.posterior)
    flat = card.model.latent == 2
    plane = None if shown is None else projection.raw(shown.posterior.mean) if flat else projection.pca(shown.posterior.mean)
    live: TakehomeData = {
        "model": {"weights": address, "hash": hashlib.sha256(weights).hexdigest(), "stream": None, "worker": False},
        "weight": _kl_weight(point),
        "deck": _deck(card, name, axes, dimension_names or card.dimension_names),
        "draw": _draw(card, shown, axes),
        "examples": [] if shown is None else _examples(shown),
        "map": None if shown is None or plane is None else _map(card, shown, axes, plane),
        "grid": {"side": 12} if flat else None,
    }
    return Template((LIVE / "takehome" / "page.html").read_text("utf-8")).substitute(
        policy=f"default-src 'none'; script-src 'sha256-{allowed}'; style-src 'unsafe-inline'; img-src data:; connect-src data:; "
        "base-uri 'none'; form-action 'none'",
        name=escape(name),
        intro=escape(card_words.intro(card)),
        weight_hidden="hidden" if card.model.beta_range is None else "",
        weight_note=escape(card_words.weight_note(card)),
        draw_intro=escape(card_words.draw_intro(card, examples=shown is not None)),
        walk_intro=escape(_walk_intro(shown)),
        map_intro=escape(_map_intro(shown)),
        map_note=escape(_map_note(card, shown, plane)),
        grid_hidden="" if flat else "hidden",
        data=_script_safe(live),
        **fixed,
    )


def images_of(card: Card) -> Images | None:
    """The images a model is shown with: those it learnt from, else test images of the same set; None where neither are at hand.

    Raises:
        InputError: they are damaged.
    """
    return shown_with(card)


def may_be_passed_on(licence: str) -> bool:
    """Whether a licence lets others have the images in a page; it is written as its name and, after a comma, the owners."""
    return _MAY_BE_PASSED_ON.fullmatch(licence.partition(",")[0].strip()) is not None


def live_modules() -> dict[str, str]:
    """The source of each module of assets/live, by its path in there."""
    return {path.relative_to(LIVE).as_posix(): path.read_text("utf-8") for path in LIVE.rglob("*.js")}


def bundle(modules: Mapping[str, str], entry: str) -> str:
    """The module `entry` and all that it imports as one script, in which each module comes after those that it imports.

    The script declares `modules`, the exports of each module by its path; each module is a function with names of its own. Modules
    import by statements such as ``import { a, b } from "./x.js"`` and export by the word before a declaration. Comments, types and
    indents are left out, which saves a third.

    Args:
        modules: source by path.
        entry: a path among them.

    Raises:
        ValueError: a module is missing, lacks what is imported from it, imports itself in the end, or does not keep to this form.
    """
    parts = ["const modules = {}"]
    exports: dict[str, list[str]] = {}
    unfinished: list[str] = []

    def add(file: str) -> None:
        unfinished.append(file)
        source = _COMMENT.sub("", modules[file])

        def taken(found: re.Match[str]) -> str:
            names, other = re.findall(r"\w+", found[1]), posixpath.normpath(posixpath.join(posixpath.dirname(file), found[2]))
            if other not in modules:
                raise ValueError(f"{file} imports {other}, and there is no such module.")
            if other in unfinished:
                raise ValueError(f"{file} imports {other}, which in the end imports {file}.")
            if other not in exports:
                add(other)
            missing = [name for name in names if name not in exports[other]]
            if missing:
                raise ValueError(f"{file} imports {missing[0]} from {other}, which exports no such name.")
            return f'const {{ {", ".join(names)} }} = modules["{other}"]'

        given = [found[1] for found in _EXPORT.finditer(source)]
        source = _EXPORT.sub("", _IMPORT.sub(taken, source))
        for line in source.splitlines():
            if re.match(r"(import|export)\b", line):
                raise ValueError(f"{file} has a line that cannot be joined with other modules: {line}")
            if line.count("`") % 2:
                raise ValueError(f"{file} has a text of several lines, which would lose its indents: {line}")
        body = re.sub(r"^\s+", "", source, flags=re.MULTILINE).rstrip()
        parts.append(f'modules["{file}"] = (() => {{\n{body}\nreturn {{ {", ".join(given)} }}\n}})()')
        exports[file] = given
        unfinished.remove(file)

    add(entry)
    return "\n".join(parts)


def _style(part: str) -> str:
    """A style sheet without its comments."""
    return re.sub(r"^ *|/\*.*?\*/\n?", "", (LIVE / f"{part}.css").read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)


def _shown(point: Checkpoint, images: Images | None, room: float) -> _Shown | None:
    """As many codes as fit into `room` bytes, each class with its share; None where there are neither images nor codes."""
    card, kept = point.card.data, point.codes
    numbers = 2 + 2 * point.card.model.latent + 1 + 1  # its point, its code, its colour, its number
    most = max(_MIN_POINTS, min(MAX_POINTS, int(room / (numbers * 4 * 4 / 3))))
    if images is not None:
        unseen = images.name == data.test_part(card.name, card.images)  # of these we know the licence, whatever the card says
        licence = card.licence if may_be_passed_on(images.licence) and not unseen else images.licence  # else the stricter of the two
        passed_on = may_be_passed_on(licence)
        _, height, width = images.shape
        rows = projection.subsample(len(images), min(most, _SHEET_PIXELS // (height * width)) if passed_on else most, images.labels, seed=0)
        pixels = images.take(rows)
        labels = None if images.labels is None else images.labels[rows]
        posterior = explore.encode(point.model, pixels)
        return _Shown(
            posterior, rows, labels, images.class_names, pixels if passed_on else None, ground_of(pixels), licence, len(images), unseen
        )
    if kept is None:
        return None
    rows = projection.subsample(len(kept.mean), most, kept.labels, seed=0)
    labels = None if kept.labels is None else kept.labels[rows]
    ground = plain_ground(point.card.model.channels)
    return _Shown(Posterior(kept.mean, kept.logvar).of(rows), rows, labels, card.class_names, None, ground, card.licence, len(kept.mean))


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
        "difference": False,
        "side": LEAST_SIDE,
        "dims": deck_dimensions(axes, variational=variational, names=names),
        "shown": SHOWN_AT_FIRST,
        "unused_note": unused_note(variational=variational),
        "compact": False,
        "nameable": False,
        "drawn": None,
    }


def _draw(card: Card, shown: _Shown | None, axes: Axes) -> DrawContent:
    """The canvas to draw on."""
    model = card.model
    return {
        "shape": (model.channels, model.height, model.width),
        "ground": plain_ground(model.channels) if shown is None else shown.ground,
        "order": axes.order.tolist(),
    }


def _examples(shown: _Shown) -> list[TakehomeExample]:
    """The first image of each class, or the first images where there are no classes."""
    labels, names = shown.labels, shown.names
    if labels is None or not names:
        return [{"place": place, "name": f"Image {number}"} for place, number in enumerate(shown.numbers[:_EXAMPLES].tolist())]
    places = np.unique(labels, return_index=True)[1][:_EXAMPLES].tolist()
    return [{"place": place, "name": f"{short_name(names[labels[place]])}, image {shown.numbers[place]}"} for place in places]


def _map(card: Card, shown: _Shown, axes: Axes, plane: Projection) -> MapContent:
    """The map of the model's codes."""
    mean = shown.posterior.mean
    return {
        "points": _address(_floats(plane.points)),
        "numbers": _address(shown.numbers.astype("<i4").tobytes()),
        "codes": _address(_floats(np.concatenate([mean, shown.posterior.std]))),
        "colour": _colour(shown, axes),
        "pictures": None if shown.pixels is None else _sheet(shown.pixels),
        "view": map_view(plane),
        "latent": card.model.latent,
        "prior": card.model.variational,
        "star": None,
        "pinnable": True,
    }


def _colour(shown: _Shown, axes: Axes) -> MapColour:
    """Colours by class, else by the most informative dimension."""
    if shown.labels is None or not shown.names:
        first = axes.order[0]
        title, painted = dimension_name(first), painted_quantity(shown.posterior.mean[:, first])
    else:
        title, painted = "Class", painted_groups(shown.labels, shown.names)
    return {"title": title, "url": _address(_floats(painted.values)), "names": painted.names, "palette": painted.palette}


def _sheet(pixels: NDArray[np.uint8]) -> PicturesOnSheet:
    """All thumbnails as the tiles of one PNG, in reading order."""
    (png, columns), (_, channels, height, width) = sheet_bytes(pixels), pixels.shape
    return {"sheet": _address(png, "image/png"), "columns": columns, "shape": (channels, height, width)}


def _walk_intro(shown: _Shown | None) -> str:
    along = "The sliders go along." if shown is None else "The sliders go along, and so does the pin on the map."
    return f"From the code of A to the code of B: move the slider, or press Play. {along}"


def _map_intro(shown: _Shown | None) -> str:
    if shown is None:
        return "There is no map: neither the images of this model nor their codes were at hand when this page was made."
    return "Every point is an image, at its code."


def _map_note(card: Card, shown: _Shown | None, plane: Projection | None) -> str:
    """What the map shows, what it leaves out, and whose the images are."""
    if shown is None or plane is None:
        return ""
    circles = " The dotted circles, at 1 and 2 σ, hold 39 % and 86 % of what the prior draws." if card.model.variational else ""
    if shown.pixels is not None:
        pictures = f"Images: {shown.licence}."
    elif may_be_passed_on(shown.licence):
        pictures = "The images were not at hand when this page was made: pictures are decoded from the codes."
    else:
        pictures = (
            f"The licence of the images ({shown.licence}) does not clearly let others have them, so this page holds no image: "
            "pictures are decoded from the codes."
        )
    of_what = f"codes of the test images of {card.data.title}, which the model has not seen" if shown.unseen else "codes"
    return f"Showing {len(shown.numbers):,} of {shown.total:,} {of_what}.{circles} {plane.note} {pictures}"


def _floats(values: NDArray[Any]) -> bytes:
    return values.astype("<f4").tobytes()


def _address(content: bytes, mime: str = "application/octet-stream") -> str:
    """A data: address, which a page can fetch without a network."""
    return f"data:{mime};base64,{base64.b64encode(content).decode()}"


def _script_safe(value: object) -> str:
    """JSON, in ASCII, in which no text can end the script element around it or be taken for markup."""
    text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    return re.sub("[<>&]", lambda found: f"\\u{ord(found[0]):04x}", text)
