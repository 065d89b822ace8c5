"""White shapes on black with known causes: 32 × 32 grey, one image for every combination of five factors."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from vae_core.data.imageset import GeneratedSet, Images, SetInfo

LICENCE = "Apache-2.0, drawn by this program"
VERSION = 1  # raise it when any pixel changes: cached copies are then drawn again
SIDE = 32
OVERSAMPLING = 4  # samples per pixel and axis
BATCH = 96  # images drawn at once, for the memory's sake

SHAPES = ("square", "ellipse", "heart")
SIZES = (6.0, 8.0, 10.0, 12.0)
ROTATIONS = tuple(-45.0 + 11.25 * step for step in range(8))
POSITIONS = tuple(9.0 + 2.0 * step for step in range(8))
FACTOR_NAMES = ("shape", "size", "x", "y", "rotation")

Samples = NDArray[np.float64]
Inside = NDArray[np.bool_]


def factor_table() -> NDArray[np.float32]:
    """Every combination once, float32 [6144, 5], columns as FACTOR_NAMES, the last column changing fastest.

    shape is an index into SHAPES. size is the square root of the area, x and y are the centre of mass counted from the
    left and upper edge, all in pixels. rotation is in degrees, anticlockwise.

    The rotations cover a quarter turn, from -45 up to but not including 45 degrees: a square repeats itself after that, an
    ellipse after a half turn and a heart after a full one. Hence no two images are the same, and no factor depends on another.
    """
    axes = np.meshgrid(range(len(SHAPES)), SIZES, POSITIONS, POSITIONS, ROTATIONS, indexing="ij")
    return np.stack([axis.ravel() for axis in axes], axis=1).astype(np.float32)


def in_square(across: Samples, up: Samples) -> Inside:
    """Where a square of area 1 around the origin is."""
    return np.maximum(abs(across), abs(up)) <= 0.5


def in_ellipse(across: Samples, up: Samples) -> Inside:
    """Where an ellipse of area 1 around the origin is, 1.6 times as wide as high."""
    ratio = 1.6
    return across**2 / ratio + up**2 * ratio <= 1 / math.pi


def in_heart(across: Samples, up: Samples) -> Inside:
    """Where a heart of area 1 with its centre of mass at the origin is.

    A heart is a square that stands on a corner, with a half-disc on each of its two upper sides. For a side of 1 the area is
    1 + π/4. A half-disc's centre of mass lies 2/(3π) outside the side that it stands on, so the heart's lies
    (π/8 + 1/6) / √2 / (1 + π/4) above the square's centre.
    """
    area = 1 + math.pi / 4
    rise = (math.pi / 8 + 1 / 6) / math.sqrt(2) / area
    across, up = across * math.sqrt(area), up * math.sqrt(area) + rise
    right, left = (up + across) / math.sqrt(2), (up - across) / math.sqrt(2)  # along the square's upper sides
    square = np.maximum(abs(right), abs(left)) <= 0.5
    discs = ((right - 0.5) ** 2 + left**2 <= 0.25) | (right**2 + (left - 0.5) ** 2 <= 0.25)
    return square | discs


INSIDE = (in_square, in_ellipse, in_heart)  # in the order of SHAPES


def draw(factors: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Images, uint8 [N, 1, 32, 32], for rows of factors as in the factor table, float32 [N, 5]; size and position may be any."""
    shape, size, x, y, degrees = (column[:, np.newaxis, np.newaxis] for column in factors.T.astype(np.float64))
    samples = (np.arange(SIDE * OVERSAMPLING) + 0.5) / OVERSAMPLING
    right, up = (samples - x) / size, (y - samples[:, np.newaxis]) / size
    cos, sin = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    across, up = right * cos + up * sin, up * cos - right * sin
    inside = np.empty(across.shape, np.bool_)
    for index, is_inside in enumerate(INSIDE):
        rows = shape[:, 0, 0] == index
        inside[rows] = is_inside(across[rows], up[rows])
    covered: NDArray[np.float64] = inside.reshape(-1, SIDE, OVERSAMPLING, SIDE, OVERSAMPLING).mean(axis=(2, 4))
    return np.rint(covered * 255).astype(np.uint8)[:, np.newaxis]


def generate() -> Images:
    """All 6,144 sprites: pixels uint8 [6144, 1, 32, 32], factors float32 [6144, 5], labels the shapes."""
    factors = factor_table()
    return describe(np.concatenate([draw(factors[start : start + BATCH]) for start in range(0, len(factors), BATCH)]))


def describe(pixels: NDArray[np.uint8]) -> Images:
    """The set of these pixels, those of `generate`, uint8 [6144, 1, 32, 32]."""
    factors = factor_table()
    return Images(
        name="sprites",
        pixels=pixels,
        labels=factors[:, 0].astype(np.int64),
        class_names=SHAPES,
        factors=factors,
        factor_names=FACTOR_NAMES,
        factor_values=(SHAPES, (), (), (), ()),
        licence=LICENCE,
    )


SPRITES = GeneratedSet(
    "sprites",
    SetInfo(
        title="Sprites",
        description="6,144 white shapes on black, 32 × 32, one for every combination of shape, size, x, y and rotation.",
        licence=LICENCE,
        download=False,
    ),
    generate,
    VERSION,
    describe,
)
