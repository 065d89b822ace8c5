"""How a model came to be, as a GIF: a frame for each snapshot of its training, with the map, the pictures and the dimensions."""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from vae_core.analysis.unfolding import Unfolding
from vae_core.base.colours import PALETTE
from vae_core.base.display import three_digits
from vae_core.data.images import to_pil
from vae_core.export.wire.builders import painted_groups
from vae_core.training.snapshots import SHOWN, History

FRAME_MILLISECONDS, LAST_MILLISECONDS = 250, 2_000
SIZE = 640, 360
_FINE = 2  # drawn this many times as large, so that edges are smooth
_MARGIN, _MAP, _TILE, _GAP = 12, 312, 34, 2
_FILLED = 0.94  # of the map, by what must be seen
_DOT, _EDGE = 2.5, 0.5  # the radius of a point, and of its edge around it
_NAMED = 12  # dimensions; of more the names have no room
_INK, _FAINT, _GROUND = "#222222", "#bbbbbb", "#ffffff"


def unfolding_gif(history: History, unfolding: Unfolding, *, variational: bool) -> bytes:
    """The snapshots of a run, of a model of this kind, as an endless animation that rests for a while on its last frame.

    All frames share one palette of at most 256 colours, so that nothing flickers.
    """
    colours = _colours(history, len(unfolding.places[0]))
    film = []
    for at, snapshot in enumerate(history.snapshots):
        canvas = _Canvas()
        _draw_map(canvas, history, unfolding, at, colours, variational=variational)
        side = 2 * _MARGIN + _MAP
        low = _MARGIN + 2 * (_TILE + _GAP)
        _draw_bars(canvas, history, unfolding, at, (side, low + 3 * _MARGIN, SIZE[0] - _MARGIN, _MARGIN + _MAP), variational=variational)
        when = f"Step {snapshot.step:,}, epoch {snapshot.epoch:.2f}" if snapshot.step else "Before the first step"
        facts = f"{unfolding.used[at]} of {len(unfolding.order)} dimensions in use, error {100 * unfolding.errors[at]:.1f} %"
        canvas.text((_MARGIN, SIZE[1] - _MARGIN), when, "ls", size=15)
        canvas.text((SIZE[0] - _MARGIN, SIZE[1] - _MARGIN), facts, "rs", size=12)
        frame = canvas.image.resize(SIZE, Image.Resampling.BOX)
        for row, pictures in enumerate((history.subjects.pixels, snapshot.pictures)):
            for place, pixels in enumerate(pictures[:SHOWN]):
                frame.paste(_tile(pixels), (side + place * (_TILE + _GAP), _MARGIN + row * (_TILE + _GAP)))
        film.append(frame)
    return _animated(film)


def _animated(film: list[Image.Image]) -> bytes:
    strip = Image.new("RGB", (SIZE[0], SIZE[1] * len(film)))
    for at, frame in enumerate(film):
        strip.paste(frame, (0, SIZE[1] * at))
    palette = strip.quantize(256, dither=Image.Dither.NONE)
    first, *others = (frame.quantize(palette=palette, dither=Image.Dither.NONE) for frame in film)
    file = io.BytesIO()
    durations = [*[FRAME_MILLISECONDS] * len(others), LAST_MILLISECONDS]
    first.save(file, "GIF", save_all=True, append_images=others, duration=durations, loop=0, palette=bytes(palette.getpalette() or []))
    return file.getvalue()


class _Canvas:
    """A frame while it is drawn, larger than it will be; all places are pixels of the GIF."""

    def __init__(self) -> None:
        self.image = Image.new("RGB", (_FINE * SIZE[0], _FINE * SIZE[1]), _GROUND)
        self._draw = ImageDraw.Draw(self.image)

    def box(self, left: float, top: float, right: float, bottom: float, *, fill: str | None = None, outline: str | None = None) -> None:
        self._draw.rectangle([_FINE * left, _FINE * top, _FINE * right - 1, _FINE * bottom - 1], fill, outline, _FINE)

    def disc(self, x: float, y: float, radius: float, *, fill: str | None = None, outline: str | None = None) -> None:
        corners = [_FINE * (x - radius), _FINE * (y - radius), _FINE * (x + radius), _FINE * (y + radius)]
        self._draw.ellipse(corners, fill, outline, _FINE)

    def text(self, place: tuple[float, float], words: str, anchor: str, *, size: int) -> None:
        x, y = place
        self._draw.text((_FINE * x, _FINE * y), words, _INK, _font(_FINE * size), anchor, stroke_width=2 * _FINE, stroke_fill=_GROUND)


@cache
def _font(size: int) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    return ImageFont.load_default(size)


def _colours(history: History, count: int) -> tuple[list[str], list[tuple[str, NDArray[np.bool_]]]]:
    """The colour of each image, and the names of classes with the images [n] of each."""
    labels = history.subjects.labels
    if labels is None:
        return [PALETTE[0]] * count, []
    groups, names, palette = painted_groups(labels, history.subjects.class_names)
    return [palette[int(group)] for group in groups], [(name, groups == index) for index, name in enumerate(names or [])]


def _draw_map(
    canvas: _Canvas,
    history: History,
    unfolding: Unfolding,
    at: int,
    colours: tuple[list[str], list[tuple[str, NDArray[np.bool_]]]],
    *,
    variational: bool,
) -> None:
    seen = unfolding.places.reshape(-1, 2)
    if variational:
        seen = np.concatenate([seen, unfolding.prior + 2.2 * np.array([[-1, -1], [1, 1]], np.float32)])
    low, high = seen.min(axis=0), seen.max(axis=0)
    scale = _FILLED * _MAP / float((high - low).max() or 1)
    middle = _MARGIN + _MAP / 2

    def on(places: NDArray[np.float32]) -> NDArray[np.float32]:
        placed: NDArray[np.float32] = middle + scale * (places - (low + high) / 2) * np.array([1, -1], np.float32)
        return placed

    if variational:
        for sigmas in (1, 2):
            x, y = on(unfolding.prior).tolist()
            canvas.disc(x, y, sigmas * scale, outline=_FAINT)
    canvas.box(_MARGIN, _MARGIN, _MARGIN + _MAP, _MARGIN + _MAP, outline=_FAINT)
    places = on(unfolding.places[at])
    for (x, y), colour in zip(places.tolist(), colours[0], strict=True):
        canvas.disc(x, y, _DOT + _EDGE, fill=_INK)  # pale colours are seen by their edge
        canvas.disc(x, y, _DOT, fill=colour)
    for name, members in colours[1]:
        x, y = np.median(places[members], axis=0).tolist()
        canvas.text((x, y), name, "mm", size=12)


def _draw_bars(
    canvas: _Canvas, history: History, unfolding: Unfolding, at: int, room: tuple[float, float, float, float], *, variational: bool
) -> None:
    """A bar for each dimension, those that carry most in the last snapshot first, on the scale of the most there ever is."""
    left, top, right, bottom = room
    most = float(max(snapshot.amounts.max() for snapshot in history.snapshots)) or 1.0
    what = "KL of each dimension, nats" if variational else "Variance of each dimension"
    canvas.text((left, top - 6), f"{what}; the line is {three_digits(most)}", "ls", size=12)
    floor = bottom - 16
    canvas.box(left, top, right, top + 0.5, fill=_FAINT)
    canvas.box(left, floor, right, floor + 0.5, fill=_FAINT)
    step = (right - left) / len(unfolding.order)
    for place, dimension in enumerate(unfolding.order.tolist()):
        middle, wide = left + (place + 0.5) * step, min(0.38 * step, 20)
        height = (floor - top) * float(history.snapshots[at].amounts[dimension]) / most
        if height >= 0.5:
            canvas.box(middle - wide, floor - height, middle + wide, floor, fill=PALETTE[0])
        if len(unfolding.order) <= _NAMED:
            canvas.text((middle, bottom), f"z{dimension}", "ms", size=11)  # the font has no small digits


def _tile(pixels: NDArray[np.uint8]) -> Image.Image:
    """A picture [C, H, W] of which each pixel stays a rectangle, as large as its place."""
    picture = to_pil(pixels).convert("RGB")
    shrink = _TILE / max(picture.size)
    return picture.resize((max(1, round(shrink * picture.width)), max(1, round(shrink * picture.height))), Image.Resampling.NEAREST)
