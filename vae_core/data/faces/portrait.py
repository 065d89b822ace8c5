"""One portrait, drawn part by part."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vae_core.data.faces.face import (
    BACKGROUNDS,
    BROW_Y,
    CENTRE,
    CHEEK_Y,
    EYE_Y,
    FRAME,
    IRIS,
    LINE,
    MOUTH,
    MOUTH_Y,
    NOSE_Y,
    ROSE,
    SHIRTS,
    TONGUE,
    WHITE,
    Face,
    Pen,
    Point,
    along,
    curve,
    head_outline,
    mix,
)
from vae_core.data.faces.hair import HAIR_BEHIND, HAIR_ON_TOP


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
