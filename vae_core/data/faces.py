"""Cartoon faces with known causes: 64 × 64 RGB portraits, drawn from thirteen independent factors."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from vae_core.data.imageset import GeneratedSet, Images, SetInfo

LICENCE = "Apache-2.0, drawn by this program"
VERSION = 1  # raise it when any pixel changes: cached copies are then drawn again
COUNT = 6_000
SIDE = 64
OVERSAMPLING = 4  # drawn this much larger, then averaged down: that is the anti-aliasing

GLASSES = ("none", "round", "square")
GLASSES_SHARES = (0.5, 0.25, 0.25)

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


def draw(face: Face) -> NDArray[np.uint8]:
    """The portrait of `face`, uint8 [3, 64, 64]. The same face always gives the same pixels."""
    pen = Pen(along(BACKGROUNDS, face.background))
    if face.hair in HAIR_BEHIND:
        HAIR_BEHIND[face.hair](pen, face)
    draw_body(pen, face)
    draw_head(pen, face)
    draw_blush(pen, face)
    draw_nose(pen, face)
    draw_mouth(pen, face)
    for side in (-1, 1):
        draw_eye(pen, face, side)
    HAIR_ON_TOP[face.hair](pen, face)
    for side in (-1, 1):
        draw_brow(pen, face, side)
    draw_glasses(pen, face)
    return pen.pixels()


def draw_body(pen: Pen, face: Face) -> None:
    """Shirt, collar, neck, and the chin's shadow on the neck."""
    shirt = along(SHIRTS, face.background)
    shade = mix(face.skin_tone, LINE, 0.22)
    pen.ellipse(CENTRE, 70.0, 26.0, 14.0, shirt)
    pen.ellipse(CENTRE, 57.4, 8.6, 4.8, mix(shirt, LINE, 0.25))
    pen.ellipse(CENTRE, 56.2, 7.2, 4.6, shade)


def draw_head(pen: Pen, face: Face) -> None:
    """Ears, then the head over them."""
    tone = face.skin_tone
    for side in (-1, 1):
        x = CENTRE + side * (face.half_width - 0.2)
        pen.ellipse(x, 36.5, 3.0, 4.2, tone)
        pen.ellipse(x + side * 0.5, 36.7, 1.4, 2.4, mix(tone, LINE, 0.22))
    pen.polygon(head_outline(face, 0, 360), tone)


def draw_blush(pen: Pen, face: Face) -> None:
    """Two steps of colour on each cheek, so that the edge is soft."""
    for side in (-1, 1):
        x = CENTRE + side * face.half_width * 0.64
        pen.ellipse(x, CHEEK_Y, 4.2, 3.0, mix(face.skin_tone, ROSE, 0.25 * face.blush))
        pen.ellipse(x, CHEEK_Y, 3.0, 2.0, mix(face.skin_tone, ROSE, 0.5 * face.blush))


def draw_nose(pen: Pen, face: Face) -> None:
    """A small curve, as wide as the nose."""
    half, drop = 0.9 + 2.1 * face.nose, 1.2 + 2.4 * face.nose
    tip = curve((CENTRE - half, NOSE_Y), (CENTRE, NOSE_Y + drop), (CENTRE + half, NOSE_Y))
    pen.stroke(tip, mix(face.skin_tone, LINE, 0.4))


def draw_mouth(pen: Pen, face: Face) -> None:
    """A line that bends with the smile; a broad smile opens and shows the teeth."""
    bend = 8.5 * (face.smile - 0.3)
    half = 5.6 + 0.45 * abs(bend)
    corners, middle = MOUTH_Y - bend * 0.35, MOUTH_Y + bend * 0.55
    left, right = (CENTRE - half, corners), (CENTRE + half, corners)
    opening = max(0.0, face.smile - 0.5) * 16.0
    lip = curve(left, (CENTRE, middle), right)
    if opening > 0:
        bottom, tongue, teeth = (curve(right, (CENTRE, middle + opening * share), left) for share in (1.0, 0.75, 0.4))
        pen.polygon(lip + bottom, TONGUE)
        pen.polygon(lip + tongue, MOUTH)
        pen.polygon(lip + teeth, WHITE)
        pen.stroke(bottom, LINE)
    pen.stroke(lip, LINE)


def draw_eye(pen: Pen, face: Face, side: int) -> None:
    """One eye: white, iris cut off by the lids, a point of light, and the upper lid's line."""
    x, rx, ry = CENTRE + side * face.eye_offset, 4.5, 1.3 + 3.3 * face.eye_openness
    pen.ellipse(x, EYE_Y, rx, ry, WHITE)
    iris, shift = 3.25, 1.2 * face.gaze
    outline = []
    for step in range(24):
        angle = math.tau * step / 24
        across, down = shift + iris * math.cos(angle), iris * math.sin(angle)
        limit = ry * math.sqrt(1 - (across / rx) ** 2)
        outline.append((x + across, EYE_Y + max(-limit, min(limit, down))))
    pen.polygon(outline, IRIS)
    seen = min(1.0, ry / iris)
    pen.ellipse(x + shift - 1.0, EYE_Y - 1.1 * seen, 1.1 * seen, 1.1 * seen, WHITE)
    pen.ellipse(x + shift + 1.2, EYE_Y + 1.2 * seen, 0.6 * seen, 0.6 * seen, WHITE)
    lid = [(x + rx * math.cos(a), EYE_Y - ry * math.sin(a)) for a in (math.pi * step / 12 for step in range(13))]
    pen.stroke(lid, LINE)


def draw_brow(pen: Pen, face: Face, side: int) -> None:
    """One brow, `side` -1 for the left of the picture and 1 for the right."""
    x, tilt = CENTRE + side * face.eye_offset, 1.9 * face.brow_angle
    inner, outer = (x - side * 4.0, BROW_Y + tilt), (x + side * 4.4, BROW_Y - tilt * 0.6 + 0.5)
    arch = curve(inner, (x, BROW_Y - 1.3), outer)
    pen.stroke(arch, mix(face.hair_tone, LINE, 0.45), 1.9)


def draw_glasses(pen: Pen, face: Face) -> None:
    """Rims around the eyes, a bridge, and arms that reach to the edge of the head."""
    if face.glasses == "none":
        return
    for side in (-1, 1):
        x = CENTRE + side * face.eye_offset
        if face.glasses == "round":
            rim = [(x + 6.4 * math.cos(a), EYE_Y + 0.2 + 6.4 * math.sin(a)) for a in (math.tau * step / 32 for step in range(33))]
        else:
            rim = rounded_box(x, EYE_Y + 0.4, 6.4, 5.6, 2.0)
        pen.stroke(rim, FRAME)
        pen.stroke([(x + side * 6.4, EYE_Y - 1), (CENTRE + side * max(face.half_width, face.eye_offset + 6.4), EYE_Y - 1.4)], FRAME)
    inner = face.eye_offset - 6.4
    pen.stroke(curve((CENTRE - inner, EYE_Y - 0.6), (CENTRE, EYE_Y - 2.4), (CENTRE + inner, EYE_Y - 0.6)), FRAME)


def rounded_box(x: float, y: float, half_width: float, half_height: float, radius: float) -> list[Point]:
    """A closed outline of a box with round corners."""
    points = []
    for quarter, (sx, sy) in enumerate(((1, 1), (-1, 1), (-1, -1), (1, -1))):
        for step in range(6):
            angle = (quarter + step / 5) * math.pi / 2
            points.append(
                (x + sx * (half_width - radius) + radius * math.cos(angle), y + sy * (half_height - radius) + radius * math.sin(angle))
            )
    return [*points, points[0]]


# Hair: first what lies behind the head and shoulders, then what lies on the head.


def curly_behind(pen: Pen, face: Face) -> None:
    """Curls around the head down to the jaw."""
    for x, y in head_outline(face, -122, 122, margin=1.5)[::2]:
        pen.ellipse(x, y, 5.2, 5.2, mix(face.hair_tone, LINE, 0.1))


def bob_behind(pen: Pen, face: Face) -> None:
    """Hair that ends at the jaw."""
    edge = CENTRE + face.half_width
    side = [
        *head_outline(face, 0, 90, margin=4.0),
        (edge + 5.0, 46.0),
        *curve((edge + 5.5, 49.0), (edge + 4.5, 53.5), (edge - 3.0, 53.5)),
    ]
    pen.polygon(side + mirrored(side), mix(face.hair_tone, LINE, 0.2))


def long_behind(pen: Pen, face: Face) -> None:
    """Hair down over the shoulders."""
    edge = CENTRE + face.half_width
    side = [*head_outline(face, 0, 90, margin=3.6), *curve((edge + 3.6, FACE_Y), (edge + 3.2, 52.0), (edge + 6.0, 66.0))]
    pen.polygon(side + mirrored(side), mix(face.hair_tone, LINE, 0.2))


def bun_behind(pen: Pen, face: Face) -> None:
    """The bun itself."""
    pen.ellipse(CENTRE, 9.0, 7.2, 6.6, face.hair_tone)


def pigtails_behind(pen: Pen, face: Face) -> None:
    """Two tails beside the face."""
    for side in (-1, 1):
        pen.ellipse(CENTRE + side * (face.half_width + 5.4), 42.5, 4.9, 8.4, face.hair_tone)


def lay(pen: Pen, face: Face, points: Sequence[Point]) -> None:
    """Hair on the head, with the shadow that it throws on the forehead."""
    pen.polygon([(x, y + 0.9) for x, y in points], mix(face.skin_tone, LINE, 0.25))
    pen.polygon(points, face.hair_tone)


def shine(pen: Pen, face: Face, margin: float, colour: Colour) -> None:
    """A soft glint on the upper left of the head."""
    pen.stroke(head_outline(face, -48, -20, margin), mix(colour, WHITE, 0.28), 1.9)


def bald(pen: Pen, face: Face) -> None:
    """A glint and nothing else."""
    shine(pen, face, -4.0, face.skin_tone)


def short(pen: Pen, face: Face) -> None:
    """A side parting and a fringe that sweeps across."""
    left, right = CENTRE - face.half_width, CENTRE + face.half_width
    fringe = [
        *curve((right - 0.6, 33.0), (right - 1.5, 27.0), (right - 4.0, 24.0)),
        *curve((right - 4.0, 24.0), (CENTRE + 1.0, 26.5), (CENTRE - 5.0, 20.0)),
        *curve((CENTRE - 5.0, 20.0), (left + 3.0, 23.0), (left + 0.6, 33.0)),
    ]
    lay(pen, face, head_outline(face, -88, 88, margin=2.0) + fringe)
    shine(pen, face, -0.4, face.hair_tone)


def spiky(pen: Pen, face: Face) -> None:
    """Seven spikes that stand out from the crown, and a fringe of small ones."""
    valleys = head_outline(face, -84, 84, margin=1.2, steps=7)
    tips = head_outline(face, -72, 72, margin=6.5, steps=6)
    crown = [point for pair in zip(valleys, tips, strict=False) for point in pair] + [valleys[-1]]
    reach = face.half_width - 1.2
    fringe = [(CENTRE + reach * (1 - step / 4), 25.5 if step % 2 else 21.5) for step in range(1, 8)]
    lay(pen, face, [*crown, (CENTRE + reach, 32.0), *fringe, (CENTRE - reach, 32.0)])
    shine(pen, face, -0.8, face.hair_tone)


def curly(pen: Pen, face: Face) -> None:
    """A cloud of curls."""
    pen.polygon(head_outline(face, -70, 70, margin=2.0), face.hair_tone)
    for x, y in head_outline(face, -84, 84, margin=1.0)[::4]:
        pen.ellipse(x, y, 5.0, 5.0, face.hair_tone)
    for step in range(-2, 3):
        pen.ellipse(CENTRE + step * face.half_width * 0.31, 20.0 + 0.7 * step * step, 4.0, 4.0, face.hair_tone)
    shine(pen, face, 1.0, face.hair_tone)


def bob(pen: Pen, face: Face) -> None:
    """A full fringe, and sides that end at the jaw."""
    edge = CENTRE + face.half_width
    side = [
        *head_outline(face, 0, 90, margin=3.0),
        *curve((edge + 3.2, FACE_Y), (edge + 5.0, 45.0), (edge + 1.0, 51.5)),
        *curve((edge - 1.5, 50.0), (edge - 2.0, 40.0), (edge - 2.6, 27.5)),
        *curve((edge - 3.0, 26.0), (CENTRE + 0.4 * face.half_width, 24.2), (CENTRE, 24.2)),
    ]
    pen.polygon(side + mirrored(side), face.hair_tone)
    shine(pen, face, -0.6, face.hair_tone)


def long(pen: Pen, face: Face) -> None:
    """Two curtains that fall from a middle parting over the shoulders."""
    curtains(pen, face)
    edge = CENTRE + face.half_width
    side = [
        (edge + 2.4, 32.0),
        *curve((edge + 2.8, FACE_Y), (edge + 2.0, 52.0), (edge + 4.0, 66.0)),
        *curve((edge - 1.0, 66.0), (edge - 2.5, 50.0), (edge - 1.5, 32.0)),
    ]
    pen.polygon(side, face.hair_tone)
    pen.polygon(mirrored(side), face.hair_tone)


def bun(pen: Pen, face: Face) -> None:
    """Hair combed back, held by a band under the bun."""
    reach = face.half_width - 0.4
    hairline = curve((CENTRE + reach, 31.5), (CENTRE, 12.5), (CENTRE - reach, 31.5))
    lay(pen, face, head_outline(face, -82, 82, margin=1.6) + hairline)
    pen.stroke(curve((CENTRE - 4.4, 13.6), (CENTRE, 15.2), (CENTRE + 4.4, 13.6)), ROSE, 1.8)
    shine(pen, face, -0.6, face.hair_tone)


def pigtails(pen: Pen, face: Face) -> None:
    """A middle parting, and a tail tied over each ear."""
    curtains(pen, face)
    for side in (-1, 1):
        pen.ellipse(CENTRE + side * (face.half_width + 2.4), 35.0, 1.9, 1.9, ROSE)


def curtains(pen: Pen, face: Face) -> None:
    """Hair that parts in the middle and clears the forehead."""
    edge = CENTRE + face.half_width
    side = [*head_outline(face, 0, 86, margin=2.4), *curve((edge - 0.6, 34.0), (edge - 3.5, 23.5), (CENTRE, 18.6))]
    lay(pen, face, side + mirrored(side))
    shine(pen, face, -0.4, face.hair_tone)


HAIR_BEHIND = {"curly": curly_behind, "bob": bob_behind, "long": long_behind, "bun": bun_behind, "pigtails": pigtails_behind}
HAIR_ON_TOP = {"bald": bald, "short": short, "spiky": spiky, "curly": curly, "bob": bob, "long": long, "bun": bun, "pigtails": pigtails}
HAIR = tuple(HAIR_ON_TOP)


def sample(count: int, seed: int) -> NDArray[np.float32]:
    """Independent factors of `count` faces, float32 [count, 13], columns in the order of Face.

    Quantities are uniform over their ranges, hair styles equally likely, glasses by GLASSES_SHARES.
    A named factor is the index of its value.
    """
    generator = np.random.default_rng(seed)
    columns: dict[str, NDArray[np.float32]] = {
        name: low + (high - low) * generator.random(count, dtype=np.float32) for name, (low, high) in RANGES.items()
    }
    columns["hair"] = generator.integers(len(HAIR), size=count).astype(np.float32)
    columns["glasses"] = generator.choice(len(GLASSES), size=count, p=GLASSES_SHARES).astype(np.float32)
    return np.stack([columns[field.name] for field in fields(Face)], axis=1)


def face_of(factors: NDArray[np.float32]) -> Face:
    """The face that one row of a factor table, float32 [13], stands for."""
    values: dict[str, Any] = dict(zip((field.name for field in fields(Face)), factors.tolist(), strict=True))
    return Face(**values | {"hair": HAIR[int(values["hair"])], "glasses": GLASSES[int(values["glasses"])]})


def generate(count: int = COUNT, seed: int = 0) -> Images:
    """`count` faces with random factors: pixels uint8 [count, 3, 64, 64], factors float32 [count, 13], labels the hair styles."""
    factors = sample(count, seed)
    names = [field.name for field in fields(Face)]
    named = {"hair": HAIR, "glasses": GLASSES}
    return Images(
        name="faces",
        pixels=np.stack([draw(face_of(row)) for row in factors]),
        labels=factors[:, names.index("hair")].astype(np.int64),
        class_names=HAIR,
        factors=factors,
        factor_names=tuple(name.replace("_", " ") for name in names),
        factor_values=tuple(named.get(name, ()) for name in names),
        licence=LICENCE,
    )


FACES = GeneratedSet(
    "faces",
    SetInfo(
        title="Faces",
        description="6,000 cartoon faces in colour, 64 × 64, each drawn from thirteen known causes such as smile, hair and glasses.",
        licence=LICENCE,
        download=False,
    ),
    generate,
    VERSION,
)
