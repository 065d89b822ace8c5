"""What a face is: its causes, its colours, and the pen that draws it four times as large."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

SIDE = 64
OVERSAMPLING = 4  # drawn this much larger, then averaged down: that is the anti-aliasing
HAIR = ("bald", "short", "spiky", "curly", "bob", "long", "bun", "pigtails")
GLASSES = ("none", "round", "square")


# The quantities and their ranges, in the order of Face.
RANGES = {
    "width": (0.0, 1.0),
    "skin": (0.0, 1.0),
    "hair_colour": (0.0, 1.0),
    "eye_openness": (0.0, 1.0),
    "eye_spacing": (0.0, 1.0),
    "gaze": (-1.0, 1.0),
    "brow_angle": (-1.0, 1.0),
    "smile": (0.0, 1.0),
    "nose": (0.0, 1.0),
    "blush": (0.0, 1.0),
    "background": (0.0, 1.0),
}

Colour = tuple[int, int, int]
Point = tuple[float, float]
SKIN: tuple[Colour, ...] = ((253, 223, 201), (243, 198, 162), (226, 168, 122), (192, 129, 86), (148, 94, 62), (108, 67, 48))
HAIR_COLOURS: tuple[Colour, ...] = ((38, 32, 44), (66, 44, 40), (104, 64, 44), (176, 92, 48), (236, 182, 92), (226, 218, 210))
BACKGROUNDS: tuple[Colour, ...] = ((252, 222, 148), (174, 222, 190), (146, 208, 222), (158, 182, 236), (196, 172, 230), (246, 184, 200))
SHIRTS: tuple[Colour, ...] = ((59, 58, 143), (168, 62, 118), (228, 87, 46), (246, 190, 84), (66, 156, 134), (52, 88, 156))
LINE: Colour = (52, 34, 48)
WHITE: Colour = (255, 253, 248)
IRIS: Colour = (74, 50, 42)
ROSE: Colour = (232, 84, 84)
MOUTH: Colour = (120, 34, 48)
TONGUE: Colour = (230, 110, 110)
FRAME: Colour = (46, 44, 104)
LINE_WIDTH = 1.5  # one weight for mouth, lids, nose and glasses, in pixels of the finished picture
CENTRE = 32.0
FACE_Y, FACE_HEIGHT = 34.5, 20.0  # centre and half-height of the head
EYE_Y, BROW_Y, NOSE_Y, MOUTH_Y, CHEEK_Y = 35.2, 27.6, 40.6, 45.8, 42.6


@dataclass(frozen=True)
class Face:
    """The thirteen causes of one portrait; every one may vary without the others.

    Attributes:
        width: 0 slim to 1 round.
        skin: 0 the lightest tone to 1 the deepest.
        hair: one of HAIR.
        hair_colour: 0 black, through brown, copper and blond, to 1 silver; the brows follow.
        eye_openness: 0 nearly closed to 1 wide open.
        eye_spacing: 0 close together to 1 far apart.
        gaze: -1 to the picture's left, 1 to its right.
        brow_angle: -1 worried (inner ends up) to 1 stern (inner ends down).
        smile: 0 frown, 0.3 a straight mouth, 1 open grin.
        nose: 0 small to 1 large.
        glasses: one of GLASSES.
        blush: 0 none to 1 rosy.
        background: 0 to 1 through a row of pastels; the shirt's colour follows.

    Raises:
        ValueError: a factor is outside its range.
    """

    width: float
    skin: float
    hair: str
    hair_colour: float
    eye_openness: float
    eye_spacing: float
    gaze: float
    brow_angle: float
    smile: float
    nose: float
    glasses: str
    blush: float
    background: float

    def __post_init__(self) -> None:
        for name, (low, high) in RANGES.items():
            if not low <= getattr(self, name) <= high:
                raise ValueError(f"{name} must be {low} to {high}, not {getattr(self, name)}")
        if self.hair not in HAIR or self.glasses not in GLASSES:
            raise ValueError(f"unknown hair {self.hair!r} or glasses {self.glasses!r}")

    @property
    def half_width(self) -> float:
        """Half the width of the head at its widest, in pixels."""
        return 16.0 + 4.0 * self.width

    @property
    def eye_offset(self) -> float:
        """Horizontal distance from the face's axis to an eye's centre, in pixels."""
        return 7.2 + 1.7 * self.eye_spacing

    @property
    def skin_tone(self) -> Colour:
        """The colour of the face; neck, ears and nose are darker shades of it."""
        return along(SKIN, self.skin)

    @property
    def hair_tone(self) -> Colour:
        """The colour of the hair; brows and the hair behind the head are darker shades of it."""
        return along(HAIR_COLOURS, self.hair_colour)


def mix(a: Colour, b: Colour, share: float) -> Colour:
    """Colour `a` with `share` of colour `b` in it."""
    red, green, blue = (round(x + (y - x) * share) for x, y in zip(a, b, strict=True))
    return red, green, blue


def along(palette: Sequence[Colour], position: float) -> Colour:
    """The colour at `position`, 0 to 1, of a row of evenly spaced colours."""
    place = position * (len(palette) - 1)
    before = min(int(place), len(palette) - 2)
    return mix(palette[before], palette[before + 1], place - before)


def curve(start: Point, control: Point, end: Point) -> list[Point]:
    """Nine points on the quadratic Bézier curve from `start` to `end`."""
    points = []
    for step in range(9):
        t = step / 8
        a, b, c = (1 - t) ** 2, 2 * t * (1 - t), t * t
        points.append((a * start[0] + b * control[0] + c * end[0], a * start[1] + b * control[1] + c * end[1]))
    return points


def mirrored(points: Iterable[Point]) -> list[Point]:
    """The points reflected in the face's axis, in reverse order so that an outline can go on with them."""
    return [(2 * CENTRE - x, y) for x, y in points][::-1]


class Pen:
    """Draws on a large canvas in coordinates of the finished picture."""

    def __init__(self, background: Colour) -> None:
        side = SIDE * OVERSAMPLING
        self._image = Image.new("RGB", (side, side), background)
        self._draw = ImageDraw.Draw(self._image)

    def ellipse(self, x: float, y: float, rx: float, ry: float, colour: Colour) -> None:
        """A filled ellipse around (x, y)."""
        left, top, right, bottom = (round(v * OVERSAMPLING) for v in (x - rx, y - ry, x + rx, y + ry))
        if right > left and bottom > top:
            self._draw.ellipse((left, top, right - 1, bottom - 1), fill=colour)

    def polygon(self, points: Sequence[Point], colour: Colour) -> None:
        """A filled outline."""
        self._draw.polygon([(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points], fill=colour)

    def stroke(self, points: Sequence[Point], colour: Colour, width: float = LINE_WIDTH) -> None:
        """A line with round ends and joints."""
        self._draw.line([(x * OVERSAMPLING, y * OVERSAMPLING) for x, y in points], fill=colour, width=round(width * OVERSAMPLING))
        for x, y in points:
            self.ellipse(x, y, width / 2, width / 2, colour)

    def pixels(self) -> NDArray[np.uint8]:
        """The finished picture, uint8 [3, 64, 64]."""
        return np.ascontiguousarray(np.asarray(self._image.reduce(OVERSAMPLING)).transpose(2, 0, 1))


def head_outline(face: Face, start: float, end: float, margin: float = 0.0, steps: int = 32) -> list[Point]:
    """The head's outline, `margin` pixels outside it, from angle `start` to `end` in degrees: 0 is the top, 90 the right ear."""
    points = []
    for step in range(steps + 1):
        angle = math.radians(start + (end - start) * step / steps)
        across, up = math.sin(angle), math.cos(angle)
        jaw = 1 + 0.16 * max(0.0, -up) * across**2  # fuller cheeks than an ellipse has
        points.append((CENTRE + (face.half_width + margin) * across * jaw, FACE_Y - (FACE_HEIGHT + margin) * up))
    return points
