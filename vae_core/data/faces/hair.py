"""The hair of a face, behind the head and on top of it."""

from __future__ import annotations

from collections.abc import Sequence

from vae_core.data.faces.face import CENTRE, FACE_Y, LINE, ROSE, WHITE, Colour, Face, Pen, Point, curve, head_outline, mirrored, mix

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
